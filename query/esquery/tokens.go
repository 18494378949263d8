package esquery

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// maxToken is where Elasticsearch's standard tokenizer cuts a word, in characters.
const maxToken = 255

// eachToken calls f for the words of a text as the standard tokenizer (Unicode's word
// boundaries) finds them, not yet lower-cased, until it returns false.
func eachToken(s string, f func(token string, start int) bool) {
	if isASCII(s) {
		asciiTokens(s, f)
		return
	}
	it := words.FromString(s)
	for it.Next() {
		if token := it.Value(); isWord(token) && !cutToken(token, it.Start(), f) {
			return
		}
	}
}

func cutToken(token string, start int, f func(string, int) bool) bool {
	for len(token) > maxToken {
		n, runes := 0, 0
		for n < len(token) && runes < maxToken {
			_, w := utf8.DecodeRuneInString(token[n:])
			n += w
			runes++
		}
		if n == len(token) {
			break
		}
		if !f(token[:n], start) {
			return false
		}
		token, start = token[n:], start+n
	}
	return f(token, start)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func isWord(s string) bool {
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return true
		}
	}
	return false
}

// Classes of ASCII characters at word boundaries.
const (
	other = iota
	letter
	digit
	joiner    // _
	midLetter // :
	midNumber // , ;
	midBoth   // . '
)

var classes = func() (c [128]uint8) {
	for i := range c {
		switch b := byte(i); {
		case b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z':
			c[i] = letter
		case b >= '0' && b <= '9':
			c[i] = digit
		case b == '_':
			c[i] = joiner
		case b == ':':
			c[i] = midLetter
		case b == ',' || b == ';':
			c[i] = midNumber
		case b == '.' || b == '\'':
			c[i] = midBoth
		}
	}
	return c
}()

// asciiTokens is eachToken for ASCII, where the rules are few.
func asciiTokens(s string, f func(string, int) bool) {
	for i := 0; i < len(s); {
		c := classes[s[i]]
		if c != letter && c != digit && c != joiner {
			i++
			continue
		}
		start, real := i, false
		for ; i < len(s); i++ {
			c = classes[s[i]]
			if c == letter || c == digit {
				real = true
				continue
			}
			if c == joiner {
				continue
			}
			if i > start && i+1 < len(s) && joins(classes[s[i-1]], c, classes[s[i+1]]) {
				continue
			}
			break
		}
		if real && !cutToken(s[start:i], start, f) {
			return
		}
	}
}

func joins(before, mid, after uint8) bool {
	switch mid {
	case midLetter:
		return before == letter && after == letter
	case midNumber:
		return before == digit && after == digit
	case midBoth:
		return before == after && (before == letter || before == digit)
	}
	return false
}

// lower is what the standard analyzer makes of a word. A character whose small one
// folds to another stays: so that words that are equal are equal by folding too,
// which the store's filters do.
func lower(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf {
			return strings.Map(lowerRune, s)
		}
	}
	return s
}

func lowerRune(r rune) rune {
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	l := unicode.ToLower(r)
	if l < utf8.RuneSelf { // the sign of kelvin: no letter beyond ASCII becomes one of it
		return r
	}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		if f == l {
			return l
		}
	}
	return r
}

// isToken says whether the word of a text, lower-cased, is token.
func isToken(word, token string) bool {
	if len(word) == len(token) {
		for i := range len(word) {
			c := word[i]
			if c >= utf8.RuneSelf {
				return lower(word) == token
			}
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			if c != token[i] {
				return false
			}
		}
		return true
	}
	return !isASCII(word) && lower(word) == token
}

// analyse returns the tokens of a text.
func analyse(s string) []string {
	var out []string
	eachToken(s, func(token string, _ int) bool {
		out = append(out, strings.Clone(lower(token)))
		return true
	})
	return out
}

// hasToken says whether a text has a token.
func hasToken(s, token string) bool {
	if isASCII(token) && isASCII(s) && token != "" {
		if sure, has := standsAlone(s, token); sure {
			return has
		}
	}
	found := false
	eachToken(s, func(word string, _ int) bool {
		found = isToken(word, token)
		return !found
	})
	return found
}

// standsAlone looks for an ASCII token in an ASCII text without cutting it into words:
// it is surely there where what is around it is part of no word, and surely not where
// it is not even a part of the text.
func standsAlone(s, token string) (sure, has bool) {
	if len(token) > maxToken {
		return false, false
	}
	sure = true
	for at := 0; ; {
		i := indexFold(s, token, at)
		if i < 0 {
			return sure, false
		}
		end := i + len(token)
		if (i == 0 || classes[s[i-1]] == other) && (end == len(s) || classes[s[end]] == other) && joinsWhole(token) {
			return true, true
		}
		sure, at = false, i+1
	}
}

// joinsWhole says that a token is one word by itself, whatever is around it.
func joinsWhole(token string) bool {
	for i := range len(token) {
		if c := classes[token[i]]; c != letter && c != digit {
			return false
		}
	}
	return true
}
