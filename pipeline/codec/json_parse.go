package codec

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep a document may nest.
const maxDepth = 100

// ParseJSON reads one JSON value (RFC 8259) that is the whole of text: texts, booleans,
// int64 (float64 for what does not fit), float64, nil, []any and map[string]any, in
// which the last of equal names wins. Texts share text's memory.
func ParseJSON(text string) (any, error) {
	p := jsonParser{s: text}
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.at != len(p.s) {
		return nil, p.fail("there is more after the value's end")
	}
	return v, nil
}

type jsonParser struct {
	s  string
	at int
}

func (p *jsonParser) fail(what string) error { return fmt.Errorf("byte %d: %s", p.at+1, what) }

func (p *jsonParser) space() {
	for p.at < len(p.s) {
		switch p.s[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

func (p *jsonParser) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, p.fail("nested too deep")
	}
	p.space()
	if p.at == len(p.s) {
		return nil, p.fail("unexpected end")
	}
	switch c := p.s[p.at]; {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.list(depth)
	case c == '"':
		return p.text()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for _, w := range [...]struct {
		word  string
		value any
	}{{"true", true}, {"false", false}, {"null", nil}} {
		if strings.HasPrefix(p.s[p.at:], w.word) {
			p.at += len(w.word)
			return w.value, nil
		}
	}
	return nil, p.fail("unexpected character")
}

func (p *jsonParser) has(c byte) bool { return p.at < len(p.s) && p.s[p.at] == c }

func (p *jsonParser) object(depth int) (any, error) {
	m := make(map[string]any, 8)
	p.at++
	if p.space(); p.has('}') {
		p.at++
		return m, nil
	}
	for {
		p.space()
		if !p.has('"') {
			return nil, p.fail("want a name in quotes")
		}
		key, err := p.text()
		if err != nil {
			return nil, err
		}
		if p.space(); !p.has(':') {
			return nil, p.fail("want a colon")
		}
		p.at++
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		m[key] = v
		if done, err := p.next('}'); done || err != nil {
			return m, err
		}
	}
}

func (p *jsonParser) list(depth int) (any, error) {
	out := []any{}
	p.at++
	if p.space(); p.has(']') {
		p.at++
		return out, nil
	}
	for {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		if done, err := p.next(']'); done || err != nil {
			return out, err
		}
	}
}

// next goes on after a comma, or says that the end is here.
func (p *jsonParser) next(end byte) (bool, error) {
	p.space()
	if p.has(end) {
		p.at++
		return true, nil
	}
	if !p.has(',') {
		return false, p.fail("want a comma or the end")
	}
	p.at++
	return false, nil
}

func (p *jsonParser) text() (string, error) {
	p.at++
	begin := p.at
	for p.at < len(p.s) {
		switch c := p.s[p.at]; {
		case c == '"':
			p.at++
			return p.s[begin : p.at-1], nil
		case c == '\\':
			return p.escaped(begin)
		case c < ' ':
			return "", p.fail("control characters must be escaped")
		}
		p.at++
	}
	return "", errors.New("unexpected end of a text")
}

// escaped reads the rest of a text that has escapes.
func (p *jsonParser) escaped(begin int) (string, error) {
	out := append(make([]byte, 0, p.at-begin+32), p.s[begin:p.at]...)
	for p.at < len(p.s) {
		switch c := p.s[p.at]; {
		case c == '"':
			p.at++
			return string(out), nil
		case c < ' ':
			return "", p.fail("control characters must be escaped")
		case c != '\\':
			out = append(out, c)
			p.at++
			continue
		}
		r, ok := p.escape()
		if !ok {
			return "", p.fail("invalid escape")
		}
		out = utf8.AppendRune(out, r)
	}
	return "", errors.New("unexpected end of a text")
}

func (p *jsonParser) escape() (rune, bool) {
	if p.at+1 >= len(p.s) {
		return 0, false
	}
	c := p.s[p.at+1]
	if c == 'u' {
		r, ok := p.unicode()
		if !ok || !utf16.IsSurrogate(r) {
			return r, ok
		}
		before := p.at
		if strings.HasPrefix(p.s[p.at:], `\u`) {
			if low, ok := p.unicode(); ok {
				if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
					return both, true
				}
			}
		}
		p.at = before
		return utf8.RuneError, true
	}
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 {
		p.at += 2
		return rune("\"\\/\b\f\n\r\t"[i]), true
	}
	return 0, false
}

// unicode reads \uXXXX.
func (p *jsonParser) unicode() (rune, bool) {
	if p.at+6 > len(p.s) {
		return 0, false
	}
	n, err := strconv.ParseUint(p.s[p.at+2:p.at+6], 16, 16)
	if err != nil {
		return 0, false
	}
	p.at += 6
	return rune(n), true
}

func (p *jsonParser) digits() bool {
	begin := p.at
	for p.at < len(p.s) && p.s[p.at] >= '0' && p.s[p.at] <= '9' {
		p.at++
	}
	return p.at > begin
}

func (p *jsonParser) number() (any, error) {
	begin, whole := p.at, true
	if p.has('-') {
		p.at++
	}
	ok := true
	if p.has('0') {
		p.at++
	} else {
		ok = p.digits()
	}
	if ok && p.has('.') {
		p.at++
		whole, ok = false, p.digits()
	}
	if ok && (p.has('e') || p.has('E')) {
		if p.at++; p.has('+') || p.has('-') {
			p.at++
		}
		whole, ok = false, p.digits()
	}
	if !ok {
		return nil, p.fail("invalid number")
	}
	text := p.s[begin:p.at]
	if whole {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if math.IsInf(f, 0) {
		return nil, p.fail("the number is too large")
	}
	return f, err
}
