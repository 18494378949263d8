package logql

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// utf16Escape decodes \uXXXX, or two of them that are a surrogate pair, and
// returns the length of what it read, 0 if it is none.
func utf16Escape(s string) (rune, int) {
	r, ok := hexEscape(s)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if low, ok := hexEscape(s[6:]); ok {
		if pair := utf16.DecodeRune(r, low); pair != unicode.ReplacementChar {
			return pair, 12
		}
	}
	return unicode.ReplacementChar, 6
}

func hexEscape(s string) (rune, bool) {
	if len(s) < 6 || !strings.HasPrefix(s, `\u`) {
		return 0, false
	}
	v, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(v), err == nil
}
