package lucene

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

type kind uint8

const (
	end kind = iota
	and
	or
	not // NOT and !
	plus
	minus
	open
	closing
	colon
	carat
	fuzzy // ~ and what number follows
	quote
	word     // without wildcards
	pattern  // with wildcards
	regex    // /.../
	rangeTok // [a TO b}
	compare  // >= > <= <
)

type token struct {
	kind kind
	at   int
	// text is the word with its escapes resolved; of a pattern with those of
	// wildcards kept.
	text string
	// raw is as it was written.
	raw string
	rng Range
}

type lexer struct {
	s  string
	at int
}

func (l *lexer) fail(at int, reason string) error { return &SyntaxError{l.s, at, reason} }

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func (l *lexer) space() {
	for l.at < len(l.s) {
		if isSpace(l.s[l.at]) {
			l.at++
		} else if strings.HasPrefix(l.s[l.at:], "\u3000") {
			l.at += 3
		} else {
			return
		}
	}
}

// all reads all tokens.
func (l *lexer) all() ([]token, error) {
	var out []token
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		out = append(out, t)
		if t.kind == end {
			return out, nil
		}
	}
}

var single = map[byte]kind{'+': plus, '-': minus, '!': not, '(': open, ')': closing, ':': colon, '^': carat}

func (l *lexer) next() (token, error) {
	l.space()
	at := l.at
	if at == len(l.s) {
		return token{kind: end, at: at}, nil
	}
	rest, c := l.s[at:], l.s[at]
	switch {
	case strings.HasPrefix(rest, "&&"):
		l.at += 2
		return token{kind: and, at: at}, nil
	case strings.HasPrefix(rest, "||"):
		l.at += 2
		return token{kind: or, at: at}, nil
	case c == '"':
		return l.quoted(at)
	case c == '/':
		return l.regexp(at)
	case c == '[' || c == '{':
		return l.bounds(at)
	case c == '~':
		l.at++
		return token{kind: fuzzy, at: at, text: l.digits()}, nil
	case c == '>' || c == '<':
		n := 1
		if strings.HasPrefix(rest[1:], "=") {
			n = 2
		}
		l.at += n
		return token{kind: compare, at: at, text: rest[:n]}, nil
	case c == ']' || c == '}':
		return token{}, l.fail(at, "Encountered \" \""+string(c)+"\"")
	}
	if k, ok := single[c]; ok {
		l.at++
		return token{kind: k, at: at}, nil
	}
	return l.word(at)
}

func (l *lexer) digits() string {
	start := l.at
	for l.at < len(l.s) && (l.s[l.at] >= '0' && l.s[l.at] <= '9' || l.s[l.at] == '.') {
		l.at++
	}
	return l.s[start:l.at]
}

func (l *lexer) quoted(at int) (token, error) {
	var b strings.Builder
	for i := at + 1; i < len(l.s); {
		switch l.s[i] {
		case '"':
			l.at = i + 1
			return token{kind: quote, at: at, text: b.String(), raw: l.s[at:l.at]}, nil
		case '\\':
			r, n := unescape(l.s[i:])
			if n == 0 {
				return token{}, l.fail(i, "Term can not end with escape character.")
			}
			b.WriteRune(r)
			i += n
		default:
			b.WriteByte(l.s[i])
			i++
		}
	}
	return token{}, l.fail(at, "Lexical error. Encountered: <EOF> after : \"\\\"\" (unclosed quote)")
}

func (l *lexer) regexp(at int) (token, error) {
	for i := at + 1; i < len(l.s); i++ {
		switch l.s[i] {
		case '\\':
			i++
		case '/':
			l.at = i + 1
			return token{kind: regex, at: at, text: strings.ReplaceAll(l.s[at+1:i], `\/`, "/")}, nil
		}
	}
	return token{}, l.fail(at, "Lexical error. Encountered: <EOF> (unclosed regular expression; a slash in a word must be escaped)")
}

// bounds reads [a TO b}.
func (l *lexer) bounds(at int) (token, error) {
	t := token{kind: rangeTok, at: at}
	t.rng.OpenLow = l.s[at] == '{'
	l.at++
	var ok bool
	if t.rng.Low, ok = l.bound(); !ok {
		return token{}, l.fail(l.at, "a range has no lower bound")
	}
	l.space()
	if !strings.HasPrefix(l.s[l.at:], "TO") {
		return token{}, l.fail(l.at, "a range wants TO between its bounds")
	}
	l.at += 2
	if t.rng.High, ok = l.bound(); !ok {
		return token{}, l.fail(l.at, "a range has no upper bound")
	}
	l.space()
	if l.at == len(l.s) || l.s[l.at] != ']' && l.s[l.at] != '}' {
		return token{}, l.fail(l.at, "a range is not closed")
	}
	t.rng.OpenHigh = l.s[l.at] == '}'
	l.at++
	return t, nil
}

func (l *lexer) bound() (string, bool) {
	l.space()
	if l.at < len(l.s) && l.s[l.at] == '"' {
		t, err := l.quoted(l.at)
		return t.text, err == nil
	}
	var b strings.Builder
	start := l.at
	for l.at < len(l.s) && !isSpace(l.s[l.at]) && l.s[l.at] != ']' && l.s[l.at] != '}' {
		if l.s[l.at] == '\\' {
			r, n := unescape(l.s[l.at:])
			if n == 0 {
				return "", false
			}
			b.WriteRune(r)
			l.at += n
			continue
		}
		b.WriteByte(l.s[l.at])
		l.at++
	}
	return b.String(), l.at > start
}

// unescape reads what a backslash is before: any character, or uXXXX.
func unescape(s string) (r rune, n int) {
	if len(s) < 2 {
		return 0, 0
	}
	if s[1] == 'u' && len(s) >= 6 {
		if v, err := strconv.ParseUint(s[2:6], 16, 16); err == nil {
			return rune(v), 6
		}
	}
	r, n = utf8.DecodeRuneInString(s[1:])
	return r, n + 1
}

// endsWord are the characters that a word cannot have without a backslash. (A slash
// within a word is taken for itself.)
const endsWord = "!(){}[]^\"~:\\"

func (l *lexer) word(at int) (token, error) {
	var plain, pat strings.Builder
	wild := false
	i := at
	for i < len(l.s) {
		c := l.s[i]
		if c == '\\' {
			r, n := unescape(l.s[i:])
			if n == 0 {
				return token{}, l.fail(i, "Term can not end with escape character.")
			}
			plain.WriteRune(r)
			if r == '*' || r == '?' || r == '\\' {
				pat.WriteByte('\\')
			}
			pat.WriteRune(r)
			i += n
			continue
		}
		if isSpace(c) || strings.IndexByte(endsWord, c) >= 0 || strings.HasPrefix(l.s[i:], "\u3000") {
			break
		}
		wild = wild || c == '*' || c == '?'
		plain.WriteByte(c)
		pat.WriteByte(c)
		i++
	}
	l.at = i
	t := token{kind: word, at: at, text: plain.String(), raw: l.s[at:i]}
	switch {
	case wild:
		t.kind, t.text = pattern, pat.String()
	case t.raw == "AND":
		t.kind = and
	case t.raw == "OR":
		t.kind = or
	case t.raw == "NOT":
		t.kind = not
	}
	return t, nil
}
