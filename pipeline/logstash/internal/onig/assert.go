package onig

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

func (m *Matcher) before(s *set, pos int) bool {
	if pos == 0 {
		return false
	}
	if c := m.in[pos-1]; c < 0x80 {
		return s.ascii[c]
	}
	r, _ := utf8.DecodeLastRuneInString(m.in[:pos])
	return s.high || s.some.has(r)
}

func (m *Matcher) back(i *inst, pos int) (int, bool) {
	for k := len(i.groups) - 1; k >= 0; k-- {
		s, ok := m.Text(i.groups[k])
		if !ok {
			continue
		}
		if len(m.in)-pos < len(s) {
			return 0, false
		}
		got := m.in[pos : pos+len(s)]
		return pos + len(s), got == s || i.fold && strings.EqualFold(got, s)
	}
	return 0, false
}

func (m *Matcher) holds(k anchorKind, pos int) bool {
	in := m.in
	switch k {
	case lineStart:
		return pos == 0 || in[pos-1] == '\n' && pos < len(in)
	case lineEnd:
		return pos == len(in) || in[pos] == '\n'
	case textStart:
		return pos == 0
	case textEnd:
		return pos == len(in)
	case textEndLine:
		return pos == len(in) || pos == len(in)-1 && in[pos] == '\n'
	case wordEdge:
		return m.wordBefore(pos) != m.wordAfter(pos)
	case notWordEdge:
		return m.wordBefore(pos) == m.wordAfter(pos)
	case searchStart:
		return pos == m.from
	}
	return false
}

// isWordByte: \b is of Unicode in Ruby, unlike \w.
func isWordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}

func isWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || unicode.Is(unicode.Pc, r)
}

func (m *Matcher) wordBefore(pos int) bool {
	if pos == 0 {
		return false
	}
	if c := m.in[pos-1]; c < 0x80 {
		return isWordByte(c)
	}
	r, _ := utf8.DecodeLastRuneInString(m.in[:pos])
	return isWord(r)
}

func (m *Matcher) wordAfter(pos int) bool {
	if pos == len(m.in) {
		return false
	}
	if c := m.in[pos]; c < 0x80 {
		return isWordByte(c)
	}
	r, _ := utf8.DecodeRuneInString(m.in[pos:])
	return isWord(r)
}
