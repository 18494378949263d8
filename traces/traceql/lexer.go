package traceql

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// tokenKind is what a token is.
type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokWord
	tokField // an attribute or scoped intrinsic; its parts are in token.scopes and text
	tokString
	tokInt
	tokFloat
	tokDuration
	tokOperator // in token.text
)

// token is a word of a query with where it begins, in bytes.
type token struct {
	kind  tokenKind
	at    int
	text  string
	value Value
	// Of a field: its scopes as written, and whether a colon stands before its name.
	scopes    []string
	intrinsic bool
}

func (t token) describe() string {
	switch t.kind {
	case tokEnd:
		return "end of the query"
	case tokString:
		return "text " + strconv.Quote(t.text)
	}
	return strconv.Quote(t.text)
}

// operators, longest first.
var operators = [...]string{
	"&>>", "&<<", "!>>", "!<<",
	"&&", "||", "&>", "&<", "&~", "!>", "!<", "!~", "!=", "=~", ">=", "<=", ">>", "<<",
	"{", "}", "(", ")", ",", "|", "=", ">", "<", "~", "!", "+", "-", "*", "/", "%", "^",
}

// scopes that stand before a dot, and those that stand before a colon.
var (
	attributeScopes = map[string]bool{"span": true, "resource": true, "parent": true, "event": true, "link": true, "instrumentation": true}
	intrinsicScopes = map[string]bool{"span": true, "trace": true, "event": true, "link": true, "instrumentation": true}
)

// endsAttribute says that a character is not part of an attribute's name unless the
// name is quoted.
func endsAttribute(c rune) bool {
	return unicode.IsSpace(c) || strings.ContainsRune("{}()=~!<>&|^,", c)
}

type lexer struct {
	text string
	at   int
}

// fail returns an error about a place in the query.
func (l *lexer) fail(at int, hint, format string, args ...any) error {
	before := l.text[:min(at, len(l.text))]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return &ParseError{Line: line, Column: column, Message: fmt.Sprintf(format, args...), Hint: hint}
}

// tokens splits a query.
func (l *lexer) tokens() ([]token, error) {
	var out []token
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		out = append(out, t)
		if t.kind == tokEnd {
			return out, nil
		}
		if len(out) > maxTokens {
			return nil, l.fail(l.at, "", "the query has more than %d words", maxTokens)
		}
	}
}

func (l *lexer) next() (token, error) {
	l.skipSpace()
	at := l.at
	if at == len(l.text) {
		return token{kind: tokEnd, at: at}, nil
	}
	rest := l.text[at:]
	c, _ := utf8.DecodeRuneInString(rest)
	switch {
	case c == '"' || c == '`':
		return l.quoted()
	case c == '\'':
		return token{}, l.fail(at, `write texts as "..."`, "unexpected '")
	case c >= '0' && c <= '9', c == '.' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9':
		return l.number()
	case c == '.':
		l.at++
		return l.attribute(at, nil)
	case c == '_' || unicode.IsLetter(c):
		return l.word()
	}
	for _, op := range operators {
		if strings.HasPrefix(rest, op) {
			l.at += len(op)
			return token{kind: tokOperator, at: at, text: op}, nil
		}
	}
	return token{}, l.fail(at, "", "unexpected character %q", c)
}

// skipSpace skips white space and comments, which begin with //.
func (l *lexer) skipSpace() {
	for l.at < len(l.text) {
		c, size := utf8.DecodeRuneInString(l.text[l.at:])
		switch {
		case unicode.IsSpace(c):
			l.at += size
		case strings.HasPrefix(l.text[l.at:], "//"):
			end := strings.IndexByte(l.text[l.at:], '\n')
			if end < 0 {
				l.at = len(l.text)
				return
			}
			l.at += end
		default:
			return
		}
	}
}

// quoted reads a text in double quotes or backticks.
func (l *lexer) quoted() (token, error) {
	at := l.at
	literal, err := strconv.QuotedPrefix(l.text[at:])
	if err != nil {
		return token{}, l.fail(at, "close it, and write \\\\ for a backslash", "the text is not valid or does not end")
	}
	s, err := strconv.Unquote(literal)
	if err != nil {
		return token{}, l.fail(at, "", "the text is not valid")
	}
	l.at += len(literal)
	return token{kind: tokString, at: at, text: s, value: stringValue(s)}, nil
}

// number reads an integer, a float or a duration such as 1h30m or 1.5s.
func (l *lexer) number() (token, error) {
	at := l.at
	end := at
	for end < len(l.text) && (isDigit(l.text[end]) || l.text[end] == '.') {
		end++
	}
	digits := end
	if e := end; e < len(l.text) && (l.text[e] == 'e' || l.text[e] == 'E') { // an exponent
		e++
		if e < len(l.text) && (l.text[e] == '+' || l.text[e] == '-') {
			e++
		}
		if e < len(l.text) && isDigit(l.text[e]) {
			for e < len(l.text) && isDigit(l.text[e]) {
				e++
			}
			end, digits = e, e
		}
	}
	for end < len(l.text) && (isDigit(l.text[end]) || l.text[end] == '.' || isUnit(l.text[end:])) {
		_, size := utf8.DecodeRuneInString(l.text[end:])
		end += size
	}
	text := l.text[at:end]
	l.at = end
	t := token{at: at, text: text}
	if end > digits {
		d, err := parseDuration(text)
		if err != nil {
			return token{}, l.fail(at, "durations are written as 100ms, 1.5s or 1h30m", "%q is no number and no duration", text)
		}
		t.kind, t.value = tokDuration, durationValue(int64(d))
		return t, nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		t.kind, t.value = tokInt, intValue(n)
		return t, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return token{}, l.fail(at, "", "%q is no number", text)
	}
	t.kind, t.value = tokFloat, floatValue(f)
	return t, nil
}

// parseDuration is time.ParseDuration with days and weeks.
func parseDuration(s string) (time.Duration, error) {
	for unit, hours := range map[string]float64{"d": 24, "w": 7 * 24} {
		if n, ok := strings.CutSuffix(s, unit); ok {
			f, err := strconv.ParseFloat(n, 64)
			if err != nil || f*hours > 200*365*24 {
				return 0, fmt.Errorf("invalid duration %q", s)
			}
			return time.Duration(f * hours * float64(time.Hour)), nil
		}
	}
	return time.ParseDuration(s)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isUnit(s string) bool {
	c, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(c)
}

// word reads a keyword, or a field that begins with a scope.
func (l *lexer) word() (token, error) {
	at := l.at
	name := l.identifier()
	var scopes []string
	for l.at < len(l.text) {
		switch {
		case l.text[l.at] == ':' && intrinsicScopes[name]:
			l.at++
			inner := l.identifier()
			return token{kind: tokField, at: at, text: inner, scopes: append(scopes, name), intrinsic: true}, nil
		case l.text[l.at] == '.' && attributeScopes[name]:
			l.at++
			scopes = append(scopes, name)
			start := l.at
			if name == "parent" { // parent.span.x
				if next := l.identifier(); (next == "span" || next == "resource") && l.at < len(l.text) && l.text[l.at] == '.' {
					name = next
					continue
				}
				l.at = start
			}
			return l.attribute(at, scopes)
		default:
			return token{kind: tokWord, at: at, text: name}, nil
		}
	}
	return token{kind: tokWord, at: at, text: name}, nil
}

func (l *lexer) identifier() string {
	at := l.at
	for l.at < len(l.text) {
		c, size := utf8.DecodeRuneInString(l.text[l.at:])
		if c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			break
		}
		l.at += size
	}
	return l.text[at:l.at]
}

// attribute reads the name of an attribute; parts of it may be quoted.
func (l *lexer) attribute(at int, scopes []string) (token, error) {
	var name strings.Builder
	for l.at < len(l.text) {
		if l.text[l.at] == '"' {
			t, err := l.quoted()
			if err != nil {
				return token{}, err
			}
			name.WriteString(t.text)
			continue
		}
		c, size := utf8.DecodeRuneInString(l.text[l.at:])
		if endsAttribute(c) {
			break
		}
		name.WriteString(l.text[l.at : l.at+size])
		l.at += size
	}
	if name.Len() == 0 {
		return token{}, l.fail(l.at, "name the attribute, such as .http.method", "expected the name of an attribute")
	}
	return token{kind: tokField, at: at, text: name.String(), scopes: scopes}, nil
}

// Bounds of a query.
const (
	maxQuery  = 128 << 10 // bytes
	maxTokens = 20_000
	maxDepth  = 100 // of parentheses and operators
)
