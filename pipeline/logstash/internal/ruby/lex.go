package ruby

import (
	"strconv"
	"strings"
)

type tokenKind byte

const (
	tEOF tokenKind = iota
	tNewline
	tIdent // also with ? or ! at its end
	tConst // begins with a capital
	tIvar  // @x
	tKeyword
	tInt
	tFloat
	tString // parts
	tSymbol
	tRegexp // parts, flags
	tWords  // %w[a b]
	tLabel  // a: in a hash
	tMatch  // $1, $~, $&
	tOp
)

type token struct {
	kind   tokenKind
	text   string
	parts  []part
	int    int64
	float  float64
	line   int
	spaced bool // white space in front
	tight  bool // none behind
}

// part is text or code within a text.
type part struct {
	text string
	code string
	line int
	expr bool
}

var keywords = map[string]bool{
	"if": true, "elsif": true, "else": true, "unless": true, "end": true, "while": true, "until": true, "do": true, "then": true,
	"case": true, "when": true, "begin": true, "rescue": true, "ensure": true, "for": true, "in": true, "nil": true, "true": true,
	"false": true, "and": true, "or": true, "not": true, "return": true, "next": true, "break": true, "self": true, "defined?": true,
	"def": true, "class": true, "module": true, "yield": true, "redo": true, "retry": true, "alias": true, "undef": true, "super": true,
}

// Longer operators come first.
var operators = []string{
	"**=", "<=>", "===", "...", "<<=", ">>=", "&&=", "||=", "**", "==", "!=", ">=", "<=", "&&", "||", "<<", ">>", "=~", "!~", "=>",
	"+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", "..", "::", "->", "&.", "+", "-", "*", "/", "%", "=", "<", ">", "!", "&", "|",
	"^", "~", "?", ":", ",", ".", "(", ")", "[", "]", "{", "}", ";",
}

type lexer struct {
	src  string
	pos  int
	line int
	last token
}

func (l *lexer) fail(reason string) { panic(&SyntaxError{l.line, reason}) }

func (l *lexer) peek(n int) byte {
	if l.pos+n < len(l.src) {
		return l.src[l.pos+n]
	}
	return 0
}

// next returns the next token.
func (l *lexer) next() token {
	spaced := l.blank()
	t := l.scan(spaced)
	t.spaced = spaced
	c := l.peek(0)
	t.tight = c != 0 && c != ' ' && c != '\t' && c != '\n' && c != '\r'
	l.last = t
	return t
}

// blank steps over white space, comments and continued lines.
func (l *lexer) blank() bool {
	start := l.pos
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; {
		case c == ' ' || c == '\t' || c == '\r':
			l.pos++
		case c == '\\' && l.peek(1) == '\n':
			l.pos += 2
			l.line++
		case c == '#':
			for l.pos < len(l.src) && l.src[l.pos] != '\n' {
				l.pos++
			}
		case c == '\n' && l.continued():
			l.pos++
			l.line++
		default:
			return l.pos > start
		}
	}
	return l.pos > start
}

// continued: a line that ends in an operator, or whose next begins with .method, goes on.
func (l *lexer) continued() bool {
	if l.last.kind == tOp && !strings.Contains(") ] } ;", l.last.text) || l.last.kind == tEOF || l.last.kind == tNewline ||
		l.last.kind == tKeyword && (l.last.text == "and" || l.last.text == "or" || l.last.text == "not") || l.last.kind == tLabel {
		return true
	}
	rest := strings.TrimLeft(l.src[l.pos:], " \t\r\n")
	for strings.HasPrefix(rest, "#") { // comments between
		i := strings.IndexByte(rest, '\n')
		if i < 0 {
			return false
		}
		rest = strings.TrimLeft(rest[i:], " \t\r\n")
	}
	return strings.HasPrefix(rest, ".") && !strings.HasPrefix(rest, "..") || strings.HasPrefix(rest, "&.")
}

func (l *lexer) scan(spaced bool) token {
	if l.pos >= len(l.src) {
		return token{kind: tEOF, line: l.line}
	}
	t := token{line: l.line}
	c := l.src[l.pos]
	switch {
	case c == '\n':
		l.pos++
		l.line++
		t.kind = tNewline
	case isLetter(c):
		return l.word()
	case c == '@':
		l.pos++
		if l.peek(0) == '@' {
			l.fail("class variables (@@x) are not supported; use @x")
		}
		t.kind, t.text = tIvar, l.name()
	case c == '$' && (isDigit(l.peek(1)) && l.peek(1) != '0' || l.peek(1) == '~' || l.peek(1) == '&'):
		t.kind, t.text = tMatch, l.src[l.pos+1:l.pos+2]
		l.pos += 2
	case c == '$':
		l.fail("global variables ($x) are not supported; use @x")
	case isDigit(c):
		return l.numberToken()
	case c == '\'' || c == '"':
		l.pos++
		t.kind, t.parts = tString, l.quoted(c, c, c == '"')
		if l.peek(0) == ':' && l.peek(1) != ':' && len(t.parts) <= 1 && l.inHash() {
			l.pos++
			t.kind, t.text = tLabel, plainText(t.parts)
			t.parts = nil
		}
	case c == ':' && (isLetter(l.peek(1)) || l.peek(1) == '"' || l.peek(1) == '\''):
		return l.symbol()
	case c == ':' && l.peek(1) != ':' && l.operand(spaced) && strings.IndexByte("+-*/%&|^<=", l.peek(1)) >= 0:
		l.pos++
		t = l.operator()
		t.kind = tSymbol
	case c == '/' && l.operand(spaced):
		l.pos++
		return l.regexp('/', '/')
	case c == '%' && l.operand(spaced) && l.percent(&t):
	case c == '`':
		l.fail("running commands is not supported")
	default:
		return l.operator()
	}
	return t
}

// inHash: "key": is a label where an operand may stand behind { or , only.
func (l *lexer) inHash() bool {
	return l.last.kind == tOp && (l.last.text == "{" || l.last.text == "," || l.last.text == "(") || l.last.kind == tNewline
}

func plainText(parts []part) string {
	if len(parts) == 0 {
		return ""
	}
	return parts[0].text
}

// operand says that a value is expected, so that / begins an expression and % a text.
func (l *lexer) operand(spaced bool) bool {
	switch l.last.kind {
	case tInt, tFloat, tString, tConst, tIvar, tSymbol, tRegexp, tWords, tMatch:
		return false
	case tIdent:
		return spaced && l.peek(1) != ' ' && l.peek(1) != '=' // a command's argument
	case tOp:
		return l.last.text != ")" && l.last.text != "]" && l.last.text != "}"
	case tKeyword:
		return l.last.text != "end" && l.last.text != "self" && l.last.text != "nil" && l.last.text != "true" && l.last.text != "false"
	}
	return true
}

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func (l *lexer) name() string {
	start := l.pos
	for l.pos < len(l.src) && (isLetter(l.src[l.pos]) || isDigit(l.src[l.pos])) {
		l.pos++
	}
	return l.src[start:l.pos]
}

func (l *lexer) word() token {
	t := token{kind: tIdent, line: l.line, text: l.name()}
	if c := l.peek(0); (c == '?' || c == '!') && l.peek(1) != '=' {
		if !(c == '?' && l.peek(1) == ':') {
			l.pos++
			t.text += string(c)
		}
	}
	switch {
	case l.peek(0) == ':' && l.peek(1) != ':' && !(l.last.kind == tOp && (l.last.text == "." || l.last.text == "?" || l.last.text == "&.")) && l.label():
		l.pos++
		t.kind = tLabel
	case l.last.kind == tOp && (l.last.text == "." || l.last.text == "&."):
	case keywords[t.text]:
		t.kind = tKeyword
	case t.text[0] >= 'A' && t.text[0] <= 'Z':
		t.kind = tConst
	}
	return t
}

// label: name: is one where white space follows, so that a ? b :c and a ?b:c are not.
func (l *lexer) label() bool {
	c := l.peek(1)
	return (c == ' ' || c == '\t' || c == '\n' || c == '"' || c == '\'') && l.inHash()
}

func (l *lexer) symbol() token {
	t := token{kind: tSymbol, line: l.line}
	l.pos++
	if c := l.peek(0); c == '"' || c == '\'' {
		l.pos++
		t.text = plainText(l.quoted(c, c, false))
		return t
	}
	t.text = l.name()
	if c := l.peek(0); (c == '?' || c == '!') && l.peek(1) != '=' {
		l.pos++
		t.text += string(c)
	}
	return t
}

func (l *lexer) numberToken() token {
	t := token{kind: tInt, line: l.line}
	start := l.pos
	for l.pos < len(l.src) && (isDigit(l.src[l.pos]) || isLetter(l.src[l.pos]) || l.src[l.pos] == '.' && isDigit(l.peek(1))) {
		if c := l.src[l.pos]; (c == 'e' || c == 'E') && !strings.HasPrefix(l.src[start:], "0x") && (l.peek(1) == '-' || l.peek(1) == '+') {
			l.pos++
		}
		l.pos++
	}
	text := strings.ReplaceAll(l.src[start:l.pos], "_", "")
	if n, err := strconv.ParseInt(text, 0, 64); err == nil {
		t.int = n
		return t
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		l.fail("the number " + text + " is not understood")
	}
	t.kind, t.float = tFloat, f
	return t
}

func (l *lexer) operator() token {
	for _, op := range operators {
		if strings.HasPrefix(l.src[l.pos:], op) {
			l.pos += len(op)
			return token{kind: tOp, text: op, line: l.line}
		}
	}
	l.fail("unexpected " + strconv.Quote(l.src[l.pos:l.pos+1]))
	return token{}
}
