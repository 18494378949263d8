package logql

import (
	"strconv"
	"strings"
	"text/scanner"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dustin/go-humanize"
	"github.com/prometheus/common/model"
)

// maxQueryLength bounds the text of a query in bytes, as in Loki.
const maxQueryLength = 131072

// lexer splits a query into lexemes. Literals, identifiers, white space and
// comments are Go's (text/scanner), as in Loki, and so are positions: where a
// token is read past the scanner its line is 0.
type lexer struct {
	in  string
	s   scanner.Scanner
	err *ParseError // the first one
}

func newLexer(in string) *lexer {
	l := &lexer{in: in}
	l.s.Init(strings.NewReader(in))
	l.s.Error = func(_ *scanner.Scanner, msg string) { l.fail(msg) }
	return l
}

// fail keeps the first error with the position of the current token.
func (l *lexer) fail(msg string) {
	if l.err == nil {
		l.err = &ParseError{Line: l.s.Line, Col: l.s.Column, Msg: msg}
	}
}

// rest is the text behind the current token.
func (l *lexer) rest() string {
	if off := l.s.Pos().Offset; off < len(l.in) {
		return l.in[off:]
	}
	return ""
}

// skip reads n bytes of the text behind the current token.
func (l *lexer) skip(n int) {
	for end := l.s.Pos().Offset + n; l.s.Pos().Offset < end; {
		l.s.Next()
	}
}

// next returns the next lexeme; after an error it is the end.
func (l *lexer) next() lexeme {
	r := l.s.Scan()
	for r == '#' { // a comment reaches to the end of the line
		n := strings.IndexByte(l.rest(), '\n')
		if n < 0 {
			n = len(l.rest())
		}
		l.skip(n)
		r = l.s.Scan()
	}
	x := l.scan(r)
	x.line, x.col = l.s.Line, l.s.Column
	return x
}

func (l *lexer) scan(r rune) lexeme {
	text := l.s.TokenText()
	switch r {
	case scanner.EOF:
		return lexeme{kind: tokEOF}
	case scanner.Int, scanner.Float:
		if d, ok := l.duration(text); ok {
			return lexeme{kind: tokDuration, text: text, duration: d}
		}
		if b, ok := l.bytes(text); ok {
			return lexeme{kind: tokBytes, text: text, bytes: b}
		}
		return lexeme{kind: tokNumber, text: text}
	case '-':
		if flag, ok := l.flag(); ok {
			return lexeme{kind: tokFlag, text: flag}
		}
		if d, ok := l.duration(text); ok {
			return lexeme{kind: tokDuration, text: text, duration: d}
		}
	case scanner.String, scanner.RawString:
		return l.str(text)
	case '[':
		return l.rangeOf()
	}
	return l.word(text)
}

func (l *lexer) str(text string) lexeme {
	if !utf8.ValidString(text) {
		l.fail("invalid UTF-8 rune")
		return lexeme{kind: tokEOF}
	}
	s, err := strconv.Unquote(text)
	if err != nil {
		l.fail(err.Error())
		return lexeme{kind: tokEOF}
	}
	return lexeme{kind: tokString, text: s}
}

// rangeOf reads a duration in brackets.
func (l *lexer) rangeOf() lexeme {
	rest := l.rest()
	n := strings.IndexByte(rest, ']')
	if n < 0 {
		l.skip(len(rest))
		l.fail("missing closing ']' in duration")
		return lexeme{kind: tokEOF}
	}
	l.skip(n + 1)
	d, err := model.ParseDuration(rest[:n])
	if err != nil {
		l.fail(err.Error())
		return lexeme{kind: tokEOF}
	}
	return lexeme{kind: tokRange, text: rest[:n], duration: int64(d)}
}

// word is punctuation of one or two characters or a word.
func (l *lexer) word(text string) lexeme {
	lower := strings.ToLower(text)
	if functionTokens[lower] != "" {
		if callFollows(l.rest()) {
			return lexeme{kind: tokFunction, text: lower}
		}
		return lexeme{kind: tokIdent, text: text}
	}
	if r, n := utf8.DecodeRuneInString(l.rest()); n > 0 {
		if two := lower + string(unicode.ToLower(r)); symbols[two] {
			l.skip(n)
			return lexeme{kind: tokSymbol, text: two}
		}
	}
	if symbols[lower] {
		return lexeme{kind: tokSymbol, text: lower}
	}
	if r, _ := utf8.DecodeRuneInString(text); r != '_' && !unicode.IsLetter(r) {
		return lexeme{kind: tokOther, text: text}
	}
	return lexeme{kind: tokIdent, text: text}
}

// callFollows says whether an argument list or a grouping comes next, which
// makes a word a function.
func callFollows(rest string) bool {
	rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
	if strings.HasPrefix(rest, "(") {
		return true
	}
	for _, g := range []string{"by", "without"} {
		if len(rest) > len(g) && strings.EqualFold(rest[:len(g)], g) {
			return strings.HasPrefix(strings.TrimLeftFunc(rest[len(g):], unicode.IsSpace), "(")
		}
	}
	return false
}

// flag reads --strict or --keep-empty behind a minus.
func (l *lexer) flag() (string, bool) {
	rest := l.rest()
	if !strings.HasPrefix(rest, "-") {
		return "", false
	}
	n := strings.IndexFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' })
	if n < 0 {
		n = len(rest)
	}
	switch flag := "-" + rest[:n]; flag {
	case flagStrict, flagKeepEmpty:
		l.skip(n)
		return flag, true
	}
	return "", false
}

// duration reads a duration that begins with the number (or minus) already read.
func (l *lexer) duration(begin string) (int64, bool) {
	unit := l.unit("nuµmshdwy")
	if unit == "" {
		return 0, false
	}
	d, err := parseDuration(begin + unit)
	if err != nil {
		return 0, false
	}
	l.skip(len(unit))
	return d, true
}

// bytes reads a size that begins with the number already read. Exa and more are
// no units: they would not fit.
func (l *lexer) bytes(begin string) (uint64, bool) {
	unit := l.unit("BikKMGTP")
	if unit == "" {
		return 0, false
	}
	b, err := humanize.ParseBytes(begin + unit)
	if err != nil {
		return 0, false
	}
	l.skip(len(unit))
	return b, true
}

// unit returns the run of digits, points and the given letters that follows.
func (l *lexer) unit(letters string) string {
	rest := l.rest()
	n := strings.IndexFunc(rest, func(r rune) bool {
		return !unicode.IsNumber(r) && r != '.' && !strings.ContainsRune(letters, r)
	})
	if n < 0 {
		return rest
	}
	return rest[:n]
}

// parseDuration reads Prometheus' notation (1d2h), else Go's (1.5h), in
// nanoseconds.
func parseDuration(s string) (int64, error) {
	if d, err := model.ParseDuration(s); err == nil {
		return int64(d), nil
	}
	d, err := time.ParseDuration(s)
	return int64(d), err
}
