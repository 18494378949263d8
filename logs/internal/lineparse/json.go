package lineparse

import "strings"

// json reads a line that is an object. What follows the object does not count, as
// in the language. It returns false for what is not plain JSON, which the
// language's parser may take all the same.
func (x *Extractor) json() bool {
	x.last = x.jsonTop
	i := skipSpace(x.line, 0)
	return i < len(x.line) && x.line[i] == '{' && x.object(i+1, x.jsonTop, 1) >= 0
}

// object reads the object whose brace is before i and returns the place behind it,
// -1 if it cannot be kept.
func (x *Extractor) object(i int, parent *node, depth int) int {
	i = skipSpace(x.line, i)
	if i < len(x.line) && x.line[i] == '}' {
		return i + 1
	}
	for {
		if i >= len(x.line) || x.line[i] != '"' {
			return -1
		}
		n, at := x.jsonKey(i+1, parent)
		if n == nil {
			return -1
		}
		i = skipSpace(x.line, at)
		if i >= len(x.line) || x.line[i] != ':' {
			return -1
		}
		if i = x.value(skipSpace(x.line, i+1), n, depth); i < 0 {
			return -1
		}
		i = skipSpace(x.line, i)
		if i >= len(x.line) {
			return -1
		}
		switch x.line[i] {
		case '}':
			return i + 1
		case ',':
			i = skipSpace(x.line, i+1)
		default:
			return -1
		}
	}
}

func (x *Extractor) jsonKey(i int, parent *node) (*node, int) {
	if n, end := x.follow(i, parent, '"'); n != nil {
		return n, end
	}
	end, _, _ := stringEnd(x.line, i)
	if end < 0 {
		return nil, i
	}
	return x.of(parent, x.line[i:end]), end + 1
}

// value reads the value at i. Arrays and null are no fields.
func (x *Extractor) value(i int, n *node, depth int) int {
	if i >= len(x.line) {
		return -1
	}
	switch x.line[i] {
	case '"':
		v, end := x.text(i+1, false)
		if end < 0 || !x.add(n, v) {
			return -1
		}
		return end
	case '{':
		if depth >= maxDepth {
			return -1
		}
		return x.object(i+1, n, depth+1)
	case '[':
		return skipArray(x.line, i)
	case 'n':
		return after(x.line, i, "null")
	case 't':
		return x.scalar(i, after(x.line, i, "true"), n)
	case 'f':
		return x.scalar(i, after(x.line, i, "false"), n)
	}
	return x.scalar(i, numberEnd(x.line, i), n)
}

func (x *Extractor) scalar(i, end int, n *node) int {
	if end < 0 || !x.add(n, x.line[i:end]) {
		return -1
	}
	return end
}

func after(line string, i int, literal string) int {
	if strings.HasPrefix(line[i:], literal) {
		return i + len(literal)
	}
	return -1
}

// numberEnd returns the end of what the language takes for a number and has only
// bytes of numbers.
func numberEnd(line string, i int) int {
	if c := line[i]; c != '-' && (c < '0' || c > '9') {
		return -1
	}
	for i++; i < len(line); i++ {
		switch c := line[i]; {
		case c >= '0' && c <= '9', c == '.', c == 'e', c == 'E', c == '-', c == '+':
		default:
			return i
		}
	}
	return -1
}

// skipArray returns the end of the array at i. Brackets must match: the language's
// parser counts those of one kind only.
func skipArray(line string, i int) int {
	var open [maxDepth * 2]byte
	depth := 0
	for i < len(line) {
		switch c := line[i]; c {
		case '"':
			end, _, _ := stringEnd(line, i+1)
			if end < 0 {
				return -1
			}
			i = end
		case '[', '{':
			if depth == len(open) {
				return -1
			}
			open[depth] = c + 2 // what closes it
			depth++
		case ']', '}':
			if open[depth-1] != c {
				return -1
			}
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return -1
}

func skipSpace(line string, i int) int {
	for i < len(line) && isSpace(line[i]) {
		i++
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
