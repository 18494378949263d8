package logql

import (
	"strings"
	"unicode/utf8"
	"unsafe"
)

// bytesOf returns the bytes of s without a copy; they must not be changed.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// sanitizeName makes a label name of a key: what is no ASCII letter, digit or
// underscore becomes an underscore, and a leading digit gets one in front.
func sanitizeName(key string) string {
	key = strings.TrimSpace(key)
	if key == "" {
		return ""
	}
	if isDigit(key[0]) {
		key = "_" + key
	}
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, key)
}

// spaceInvalid replaces invalid UTF-8 by a space.
func spaceInvalid(s string) string {
	if !strings.ContainsRune(s, utf8.RuneError) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError {
			return ' '
		}
		return r
	}, s)
}

// nameCache keeps the sanitized form of keys; lines repeat them.
type nameCache map[string]string

// maxNames bounds a cache: keys may come from hostile lines.
const maxNames = 1024

func (c nameCache) get(key []byte) string {
	if s, ok := c[string(key)]; ok {
		return s
	}
	k := string(key)
	s := sanitizeName(k)
	if len(c) < maxNames {
		c[k] = s
	}
	return s
}
