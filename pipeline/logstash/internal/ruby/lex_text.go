package ruby

import (
	"strconv"
	"strings"
)

// percent reads %w[], %i[], %q(), %Q() and %r{}; ok is false for the operator.
func (l *lexer) percent(t *token) bool {
	kind, open := l.peek(1), l.peek(2)
	size := 3
	if kind != 0 && !isLetter(kind) && !isDigit(kind) && kind != ' ' && kind != '=' {
		kind, open, size = 'Q', kind, 2
	}
	if strings.IndexByte("wWiqQr", kind) < 0 || open == 0 || isLetter(open) || isDigit(open) || open == ' ' {
		return false
	}
	closing := open
	if i := strings.IndexByte("([{<", open); i >= 0 {
		closing = ")]}>"[i]
	}
	l.pos += size
	switch kind {
	case 'r':
		*t = l.regexp(open, closing)
	case 'q', 'Q':
		t.kind, t.parts = tString, l.quoted(open, closing, kind == 'Q')
	default:
		t.kind, t.text = tWords, plainText(l.quoted(open, closing, false))
		if kind == 'i' {
			t.int = 1
		}
	}
	return true
}

// quoted reads up to the closing character; with code it knows escapes and #{...}.
func (l *lexer) quoted(open, closing byte, code bool) (parts []part) {
	line := l.line
	var b strings.Builder
	depth := 0
	for {
		if l.pos >= len(l.src) {
			l.line = line
			l.fail("a text without its end")
		}
		c := l.src[l.pos]
		l.pos++
		switch {
		case c == closing && depth == 0:
			return append(parts, part{text: b.String()})
		case open != closing && c == open:
			depth++
			b.WriteByte(c)
		case open != closing && c == closing:
			depth--
			b.WriteByte(c)
		case c == '\\':
			l.escape(&b, open, closing, code)
		case c == '#' && code && l.peek(0) == '{':
			parts = append(parts, part{text: b.String()}, l.interpolation())
			b.Reset()
		default:
			if c == '\n' {
				l.line++
			}
			b.WriteByte(c)
		}
	}
}

func (l *lexer) escape(b *strings.Builder, open, closing byte, code bool) {
	c := l.peek(0)
	l.pos++
	if !code {
		if c != closing && c != open && c != '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
		return
	}
	switch c {
	case 'n':
		b.WriteByte('\n')
	case 't':
		b.WriteByte('\t')
	case 'r':
		b.WriteByte('\r')
	case 's':
		b.WriteByte(' ')
	case 'e':
		b.WriteByte(27)
	case '0':
		b.WriteByte(0)
	case 'u', 'x':
		l.codePoint(b, c)
	case '\n':
		l.line++
	default:
		b.WriteByte(c)
	}
}

func (l *lexer) codePoint(b *strings.Builder, kind byte) {
	start := l.pos
	most := 4
	if kind == 'x' {
		most = 2
	}
	digits := ""
	if kind == 'u' && l.peek(0) == '{' {
		end := strings.IndexByte(l.src[l.pos:], '}')
		if end < 0 {
			l.fail("\\u{ without its end")
		}
		digits = l.src[l.pos+1 : l.pos+end]
		l.pos += end + 1
	} else {
		for l.pos < len(l.src) && l.pos < start+most && isHex(l.src[l.pos]) {
			l.pos++
		}
		digits = l.src[start:l.pos]
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil {
		l.fail("an escape that is no character")
	}
	if kind == 'x' {
		b.WriteByte(byte(n))
		return
	}
	b.WriteRune(rune(n))
}

func isHex(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

// interpolation reads {...} behind a #; braces and texts within are balanced.
func (l *lexer) interpolation() part {
	p := part{expr: true, line: l.line}
	l.pos++
	start, depth := l.pos, 0
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; c {
		case '{':
			depth++
		case '}':
			if depth == 0 {
				p.code = l.src[start:l.pos]
				l.pos++
				return p
			}
			depth--
		case '"', '\'':
			end := l.pos + 1
			for end < len(l.src) && l.src[end] != c {
				if l.src[end] == '\\' {
					end++
				}
				end++
			}
			l.pos = min(end, len(l.src)-1)
		case '\n':
			l.line++
		}
		l.pos++
	}
	l.fail("#{ without its }")
	return p
}

// regexp reads an expression's text as it is, but for #{...}, and its flags.
func (l *lexer) regexp(open, closing byte) token {
	t := token{kind: tRegexp, line: l.line}
	var b strings.Builder
	depth := 0
	for {
		if l.pos >= len(l.src) {
			l.fail("a regular expression without its end")
		}
		c := l.src[l.pos]
		l.pos++
		switch {
		case c == closing && depth == 0:
			t.parts = append(t.parts, part{text: b.String()})
			start := l.pos
			for l.pos < len(l.src) && strings.IndexByte("imxounse", l.src[l.pos]) >= 0 {
				l.pos++
			}
			t.text = l.src[start:l.pos]
			return t
		case open != closing && c == open:
			depth++
			b.WriteByte(c)
		case open != closing && c == closing:
			depth--
			b.WriteByte(c)
		case c == '\\' && l.pos < len(l.src):
			if next := l.src[l.pos]; next != '/' {
				b.WriteByte('\\')
			}
			b.WriteByte(l.src[l.pos])
			l.pos++
		case c == '#' && l.peek(0) == '{':
			t.parts = append(t.parts, part{text: b.String()}, l.interpolation())
			b.Reset()
		default:
			if c == '\n' {
				l.line++
			}
			b.WriteByte(c)
		}
	}
}
