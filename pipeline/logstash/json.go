package logstash

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxJSONDepth bounds how deep values nest.
const maxJSONDepth = 200

var errJSONEnd = errors.New("JSON ends too early")

// DecodeJSON reads one JSON value with nothing behind it, as values of an event: an
// integer that fits is int64, another number float64. Of a key that is there twice the
// last counts. Text that is not UTF-8 is mended.
func DecodeJSON(s string) (any, error) {
	d := jsonDecoder{s: s}
	d.space()
	v, err := d.value(0)
	if err != nil {
		return nil, err
	}
	d.space()
	if d.i < len(d.s) {
		return nil, d.unexpected()
	}
	return v, nil
}

type jsonDecoder struct {
	s string
	i int
}

func (d *jsonDecoder) unexpected() error {
	if d.i >= len(d.s) {
		return errJSONEnd
	}
	r, _ := utf8.DecodeRuneInString(d.s[d.i:])
	return fmt.Errorf("JSON: unexpected %q at byte %d", r, d.i)
}

func (d *jsonDecoder) space() {
	for d.i < len(d.s) {
		switch d.s[d.i] {
		case ' ', '\t', '\n', '\r':
			d.i++
		default:
			return
		}
	}
}

func (d *jsonDecoder) value(depth int) (any, error) {
	if d.i >= len(d.s) {
		return nil, errJSONEnd
	}
	if depth > maxJSONDepth {
		return nil, fmt.Errorf("JSON nests deeper than %d levels", maxJSONDepth)
	}
	switch c := d.s[d.i]; {
	case c == '{':
		return d.object(depth)
	case c == '[':
		return d.array(depth)
	case c == '"':
		return d.str()
	case c == '-' || c >= '0' && c <= '9':
		return d.number()
	}
	switch rest := d.s[d.i:]; {
	case strings.HasPrefix(rest, "true"):
		d.i += 4
		return true, nil
	case strings.HasPrefix(rest, "false"):
		d.i += 5
		return false, nil
	case strings.HasPrefix(rest, "null"):
		d.i += 4
		return nil, nil
	}
	return nil, d.unexpected()
}

func (d *jsonDecoder) object(depth int) (any, error) {
	d.i++
	m := make(map[string]any, d.room(depth))
	d.space()
	if d.i < len(d.s) && d.s[d.i] == '}' {
		d.i++
		return m, nil
	}
	for {
		d.space()
		if d.i >= len(d.s) || d.s[d.i] != '"' {
			return nil, d.unexpected()
		}
		key, err := d.str()
		if err != nil {
			return nil, err
		}
		d.space()
		if d.i >= len(d.s) || d.s[d.i] != ':' {
			return nil, d.unexpected()
		}
		d.i++
		d.space()
		v, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		m[key] = v
		if end, err := d.next('}'); end || err != nil {
			return m, err
		}
	}
}

// room is for how many members a map is made: a document gets fields of filters besides
// its own, and growing the map once costs more than the room.
func (d *jsonDecoder) room(depth int) int {
	const manyBytes, many = 256, 24
	if depth == 0 && len(d.s) > manyBytes {
		return many
	}
	return 0
}

func (d *jsonDecoder) array(depth int) (any, error) {
	d.i++
	list := []any{}
	d.space()
	if d.i < len(d.s) && d.s[d.i] == ']' {
		d.i++
		return list, nil
	}
	for {
		d.space()
		v, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if end, err := d.next(']'); end || err != nil {
			return list, err
		}
	}
}

// next takes a comma, or the closing sign.
func (d *jsonDecoder) next(closing byte) (end bool, err error) {
	d.space()
	if d.i >= len(d.s) {
		return false, errJSONEnd
	}
	switch d.s[d.i] {
	case closing:
		d.i++
		return true, nil
	case ',':
		d.i++
		return false, nil
	}
	return false, d.unexpected()
}

func (d *jsonDecoder) number() (any, error) {
	start := d.i
	digits := func() bool {
		from := d.i
		for d.i < len(d.s) && d.s[d.i] >= '0' && d.s[d.i] <= '9' {
			d.i++
		}
		return d.i > from
	}
	if d.s[d.i] == '-' {
		d.i++
	}
	zero := d.i < len(d.s) && d.s[d.i] == '0'
	from := d.i
	if !digits() || zero && d.i > from+1 {
		return nil, d.unexpected()
	}
	float := false
	if d.i < len(d.s) && d.s[d.i] == '.' {
		float = true
		d.i++
		if !digits() {
			return nil, d.unexpected()
		}
	}
	if d.i < len(d.s) && (d.s[d.i] == 'e' || d.s[d.i] == 'E') {
		float = true
		d.i++
		if d.i < len(d.s) && (d.s[d.i] == '+' || d.s[d.i] == '-') {
			d.i++
		}
		if !digits() {
			return nil, d.unexpected()
		}
	}
	if !float {
		if i, err := strconv.ParseInt(d.s[start:d.i], 10, 64); err == nil {
			return i, nil
		}
	}
	f, err := strconv.ParseFloat(d.s[start:d.i], 64)
	if err != nil || math.IsInf(f, 0) {
		return nil, fmt.Errorf("JSON: the number at byte %d is too large", start)
	}
	return f, nil
}

// str reads a string. One without escapes shares the memory of the text.
func (d *jsonDecoder) str() (string, error) {
	start := d.i + 1
	for i := start; i < len(d.s); i++ {
		switch c := d.s[i]; {
		case c == '"':
			d.i = i + 1
			return valid(d.s[start:i]), nil
		case c == '\\':
			return d.escaped(start, i)
		case c < ' ':
			d.i = i
			return "", d.unexpected()
		}
	}
	d.i = len(d.s)
	return "", errJSONEnd
}

func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

func (d *jsonDecoder) escaped(start, at int) (string, error) {
	b := make([]byte, 0, len(d.s[start:at])+32)
	b = append(b, d.s[start:at]...)
	for d.i = at; d.i < len(d.s); {
		c := d.s[d.i]
		switch {
		case c == '"':
			d.i++
			return valid(string(b)), nil
		case c < ' ':
			return "", d.unexpected()
		case c != '\\':
			b = append(b, c)
			d.i++
			continue
		}
		d.i++
		if d.i >= len(d.s) {
			return "", errJSONEnd
		}
		c = d.s[d.i]
		i := strings.IndexByte(`"\/bfnrt`, c)
		switch {
		case c == 'u':
			r, err := d.unicode()
			if err != nil {
				return "", err
			}
			b = utf8.AppendRune(b, r)
			continue
		case i < 0:
			return "", d.unexpected()
		}
		b = append(b, "\"\\/\b\f\n\r\t"[i])
		d.i++
	}
	return "", errJSONEnd
}

// unicode reads uXXXX, two of them when they are halves of one character.
func (d *jsonDecoder) unicode() (rune, error) {
	one := func() (rune, bool) {
		if d.i+5 > len(d.s) {
			return 0, false
		}
		n, err := strconv.ParseUint(d.s[d.i+1:d.i+5], 16, 16)
		return rune(n), err == nil
	}
	r, ok := one()
	if !ok {
		return 0, d.unexpected()
	}
	d.i += 5
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	if strings.HasPrefix(d.s[d.i:], `\u`) {
		at := d.i
		d.i++
		if low, ok := one(); ok {
			if full := utf16.DecodeRune(r, low); full != utf8.RuneError {
				d.i += 5
				return full, nil
			}
		}
		d.i = at
	}
	return utf8.RuneError, nil
}
