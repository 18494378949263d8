package drain

import (
	"strings"
	"unicode/utf8"
)

// Wildcard stands for what differs.
const Wildcard = "<_>"

// tokens is a line as words and what stands between them:
//
//	delimiters[0] words[0] delimiters[1] words[1] ... delimiters[n]
//
// Delimiters are runs of characters that no word has; only the first and the last
// may be empty.
type tokens struct {
	words, delimiters []string
}

// delimiter says which bytes separate words. What is common within names, numbers,
// times, addresses and paths does not, nor do < and >, which would look like
// captures.
var delimiter = func() (d [256]bool) {
	for _, c := range []byte(" \t\r\n=,;\"'`()[]{}|&?!*$#^~\\") {
		d[c] = true
	}
	return d
}()

// split reads a line; words and delimiters are parts of it. A colon is part of a
// word ("12:30") unless it touches a delimiter ("status: 200").
func (t *tokens) split(line string) {
	t.words, t.delimiters = t.words[:0], t.delimiters[:0]
	for at := 0; ; {
		begin := at
		at = endOfDelimiters(line, at)
		t.delimiters = append(t.delimiters, line[begin:at])
		if at == len(line) {
			return
		}
		begin = at
		at = endOfWord(line, at)
		t.words = append(t.words, line[begin:at])
		if at == len(line) {
			t.delimiters = append(t.delimiters, "")
			return
		}
	}
}

func endOfDelimiters(line string, at int) int {
	begin := at
	for at < len(line) && (delimiter[line[at]] || line[at] == ':' && at > begin) {
		at++
	}
	// Colons between a word and a delimiter belong to the latter.
	if at == begin && at > 0 && at < len(line) && line[at] == ':' {
		for at < len(line) && (delimiter[line[at]] || line[at] == ':') {
			at++
		}
	}
	return at
}

func endOfWord(line string, at int) int {
	begin := at
	for at < len(line) && !delimiter[line[at]] {
		at++
	}
	if at == len(line) {
		return at // a colon at the end could be found within the word
	}
	end := at
	for end > begin && line[end-1] == ':' {
		end--
	}
	if end == begin {
		return at
	}
	return end
}

// shape identifies lines with the same delimiters.
func (t *tokens) shape() string { return strings.Join(t.delimiters, "\x00") }

// variable says whether a word differs for sure from line to line, or cannot be
// written in a pattern: numbers, what looks like a capture, what is no text.
func variable(word string) bool {
	if strings.ContainsAny(word, "<>") || !utf8.ValidString(word) || strings.ContainsRune(word, utf8.RuneError) {
		return true
	}
	digits := 0
	for i := range len(word) {
		if c := word[i]; c >= '0' && c <= '9' {
			digits++
		}
	}
	return digits > 0 && (digits*2 >= len(word) || len(word) >= 16)
}
