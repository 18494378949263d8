package lineparse

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// stringEnd returns the place of the quote that ends the string which begins at i,
// -1 if there is none, and whether the string has escapes or bytes that are not
// ASCII.
func stringEnd(line string, i int) (end int, escaped, wide bool) {
	var seen byte
	for ; i < len(line); i++ {
		switch c := line[i]; c {
		case '"':
			return i, escaped, seen >= utf8.RuneSelf
		case '\\':
			escaped = true
			i++
		default:
			seen |= c
		}
	}
	return -1, escaped, false
}

// text reads the string that begins at i. It returns -1 for text that the language
// changes or refuses: bytes that are not UTF-8, unknown escapes.
func (x *Extractor) text(i int, logfmt bool) (value string, behind int) {
	end, escaped, wide := stringEnd(x.line, i)
	if end < 0 {
		return "", -1
	}
	v := x.line[i:end]
	if wide && !clean(v) {
		return "", -1
	}
	if !escaped {
		return v, end + 1
	}
	if len(v) > 6*maxValue {
		return "", -1
	}
	first := len(x.arena)
	b, ok := appendUnescaped(x.arena, v, logfmt)
	if !ok {
		return "", -1
	}
	x.arena = b
	return textOf(b[first:]), end + 1
}

// textOf returns b as text without a copy. Bytes of the arena are not changed while
// they are used.
func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// clean says whether the language leaves the text as it is.
func clean(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsRune(s, utf8.RuneError)
}

// escapes are what a backslash and the byte stand for.
var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// appendUnescaped undoes the escapes of s, those of JSON and in logfmt \' too.
func appendUnescaped(to []byte, s string, logfmt bool) ([]byte, bool) {
	for {
		n := strings.IndexByte(s, '\\')
		if n < 0 {
			return append(to, s...), true
		}
		to = append(to, s[:n]...)
		s = s[n:]
		if len(s) < 2 {
			return to, false
		}
		switch c := escapes[s[1]]; {
		case c != 0:
			to = append(to, c)
			s = s[2:]
		case s[1] == '\'' && logfmt:
			to = append(to, '\'')
			s = s[2:]
		case s[1] == 'u':
			r, size := runeEscape(s)
			if size == 0 {
				return to, false
			}
			to = utf8.AppendRune(to, r)
			s = s[size:]
		default:
			return to, false
		}
	}
}

// runeEscape decodes \uXXXX or a surrogate pair of them. size is 0 for broken ones
// and the replacement character, with which languages differ.
func runeEscape(s string) (r rune, size int) {
	r, ok := hex4(s)
	if !ok || r == utf8.RuneError {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	low, ok := hex4(s[6:])
	if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
		return 0, 0
	}
	return r, 12
}

// hex4 reads \uXXXX.
func hex4(s string) (r rune, ok bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	for _, c := range []byte(s[2:6]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
