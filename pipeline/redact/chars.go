package redact

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isAlnum(c byte) bool  { return isDigit(c) || isLetter(c) }

// escapeEnd returns where text begins that stands behind a JSON escape sequence: of
// \njohn the n is part of the escape. from is where the text seems to begin.
func escapeEnd(s string, from int) int {
	if from == 0 || s[from-1] != '\\' || from >= len(s) {
		return from
	}
	switch s[from] {
	case 'b', 'f', 'n', 'r', 't':
		return from + 1
	case 'u':
		return min(from+5, len(s))
	}
	return from
}

// boundary reports whether a word may begin at i: behind the begin, what is no letter
// and no digit, or a JSON escape sequence.
func boundary(s string, i int) bool {
	if i == 0 || !isAlnum(s[i-1]) && s[i-1] != '_' {
		return true
	}
	for back := 1; back <= 5 && i-back > 0; back++ {
		if s[i-back-1] == '\\' {
			return escapeEnd(s, i-back) == i
		}
	}
	return false
}
