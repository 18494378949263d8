package logs

import (
	"unicode"
	"unicode/utf8"
)

// containsFold says whether s has text in it, ignoring case. Bytes that are not
// UTF-8 equal themselves only.
func containsFold(s, text string) bool {
	for {
		if hasPrefixFold(s, text) {
			return true
		}
		if s == "" {
			return false
		}
		_, n := utf8.DecodeRuneInString(s)
		s = s[n:]
	}
}

func hasPrefixFold(s, text string) bool {
	for text != "" {
		if s == "" {
			return false
		}
		a, n := utf8.DecodeRuneInString(s)
		b, m := utf8.DecodeRuneInString(text)
		switch broken := n == 1 && a == utf8.RuneError || m == 1 && b == utf8.RuneError; {
		case broken && (n != m || s[0] != text[0]):
			return false
		case !broken && a != b && !equalFold(a, b):
			return false
		}
		s, text = s[n:], text[m:]
	}
	return true
}

// equalFold is what RE2 compares with (?i).
func equalFold(a, b rune) bool {
	for r := unicode.SimpleFold(a); r != a; r = unicode.SimpleFold(r) {
		if r == b {
			return true
		}
	}
	return false
}
