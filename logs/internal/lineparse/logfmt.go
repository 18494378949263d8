package lineparse

// minPairs is how many pairs make a line logfmt. A line must begin with one, and
// may not have more words without a value than pairs: the language finds pairs in
// any text, but nobody asks for those of prose.
const minPairs = 2

// logfmt reads a line of key=value pairs. Syntax errors cost the language a pair, no
// more.
func (x *Extractor) logfmt() bool {
	x.last = x.pairTop
	pairs, words := 0, 0
	for i := 0; ; {
		for i < len(x.line) && x.line[i] <= ' ' {
			i++
		}
		if i == len(x.line) {
			return pairs >= minPairs && words <= pairs
		}
		n, at := x.pairKey(i)
		if at < 0 {
			return false
		}
		if i = at; n == nil {
			if words++; pairs == 0 {
				return false
			}
			continue
		}
		v, at := x.pairValue(i)
		if at < 0 || v != "" && !x.add(n, v) {
			return false
		}
		if i = at; v != "" {
			pairs++
		}
	}
}

// pairKey reads a key and its '='. It returns no node for a word without one, and
// -1 for keys that are no plain names.
func (x *Extractor) pairKey(i int) (n *node, behind int) {
	if n, behind = x.follow(i, x.pairTop, '='); n != nil {
		return n, behind
	}
	start, plain := i, isKeyStart(x.line[i])
	for i < len(x.line) && x.line[i] > ' ' && x.line[i] != '=' && x.line[i] != '"' {
		plain = plain && isKeyByte(x.line[i])
		i++
	}
	if i == len(x.line) || x.line[i] <= ' ' {
		return nil, i
	}
	if x.line[i] == '"' || i == start {
		return nil, x.skipWord(i)
	}
	if !plain {
		return nil, -1
	}
	if n = x.of(x.pairTop, x.line[start:i]); n == nil {
		return nil, -1
	}
	return n, i + 1
}

// pairValue reads the value at i, "" if there is none or it is broken. It returns -1
// for text that cannot be kept.
func (x *Extractor) pairValue(i int) (v string, behind int) {
	if i < len(x.line) && x.line[i] == '"' {
		return x.text(i+1, true)
	}
	start, seen := i, byte(0)
	for ; i < len(x.line) && x.line[i] > ' '; i++ {
		c := x.line[i]
		if c == '=' || c == '"' {
			return "", x.skipWord(i)
		}
		seen |= c
	}
	v = x.line[start:i]
	if seen >= 0x80 && !clean(v) {
		return "", -1
	}
	return v, i
}

// skipWord returns the place of the next space.
func (x *Extractor) skipWord(i int) int {
	for i < len(x.line) && x.line[i] > ' ' {
		i++
	}
	return i
}

func isKeyStart(c byte) bool { return isNameByte(c) && (c < '0' || c > '9') }

func isKeyByte(c byte) bool { return isNameByte(c) || c == '.' || c == '-' }
