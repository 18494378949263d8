package redact

import "strings"

// jsonScan knows what of a text that seems to be a JSON object or list is outside of
// quotes.
type jsonScan struct {
	text   string
	at     int
	quoted bool
}

func newJSONScan(s string) jsonScan {
	s1 := strings.TrimLeft(s, " \t\r\n")
	if len(s1) > 0 && (s1[0] == '{' || s1[0] == '[') {
		switch inner := strings.TrimLeft(s1[1:], " \t\r\n"); {
		case strings.HasPrefix(inner, `"`), strings.HasPrefix(inner, "{"), strings.HasPrefix(inner, "["):
			return jsonScan{text: s}
		}
	}
	return jsonScan{at: -1}
}

// isBare reports whether the text is JSON and i outside of quotes in it. Each call has
// a larger i.
func (j *jsonScan) isBare(i int) bool {
	if j.at < 0 {
		return false
	}
	for ; j.at < i; j.at++ {
		switch j.text[j.at] {
		case '\\':
			j.at++
		case '"':
			j.quoted = !j.quoted
		}
	}
	return !j.quoted
}
