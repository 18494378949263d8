package ruby

import (
	"slices"
	"strconv"
	"strings"
)

type parser struct {
	lex   lexer
	tok   token
	known map[string]bool // variables so far
	depth int
	// args is above 0 within arguments, where a comma ends a value.
	args int
	// script: tests may stand between functions; testing: within one any name may stand.
	script, testing bool
	// defs are the functions that the code defines.
	defs map[string]bool
	// tables are the methods there are.
	tables *methods
}

// newParser knows the functions that the code defines, wherever it does.
func newParser(code string) *parser {
	p := &parser{lex: lexer{src: code, line: 1}, known: map[string]bool{}, tables: newMethods(), defs: map[string]bool{}}
	for line := range strings.Lines(code) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "def "); ok {
			l := lexer{src: strings.TrimSpace(rest)}
			p.defs[l.name()] = true
		}
	}
	return p
}

func (p *parser) program() (n node, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *SyntaxError:
			err = r
		default:
			panic(r)
		}
	}()
	p.advance()
	n = p.statements()
	if p.tok.kind != tEOF {
		p.unexpected()
	}
	return n, nil
}

func (p *parser) advance() { p.tok = p.lex.next() }

func (p *parser) fail(line int, reason string) { panic(&SyntaxError{line, reason}) }

func (p *parser) unexpected() {
	what := strconv.Quote(p.tok.text)
	switch p.tok.kind {
	case tEOF:
		what = "the end of the code"
	case tNewline:
		what = "the end of the line"
	}
	p.fail(p.tok.line, "unexpected "+what)
}

func (p *parser) isOp(ops ...string) bool {
	return p.tok.kind == tOp && slices.Contains(ops, p.tok.text)
}

func (p *parser) isKey(keys ...string) bool {
	return p.tok.kind == tKeyword && slices.Contains(keys, p.tok.text)
}

func (p *parser) takeOp(op string) bool {
	if p.isOp(op) {
		p.advance()
		return true
	}
	return false
}

func (p *parser) takeKey(key string) bool {
	if p.isKey(key) {
		p.advance()
		return true
	}
	return false
}

func (p *parser) expectOp(op string) {
	if !p.takeOp(op) {
		p.fail(p.tok.line, "expected "+op+" before "+strconv.Quote(p.tok.text))
	}
}

func (p *parser) expectKey(key string, from int) {
	if !p.takeKey(key) {
		p.fail(p.tok.line, "expected "+key+" for what begins in line "+strconv.Itoa(from))
	}
}

func (p *parser) newlines() {
	for p.tok.kind == tNewline || p.isOp(";") {
		p.advance()
	}
}

// statements reads up to a keyword or brace that ends them.
func (p *parser) statements() node {
	if p.depth++; p.depth > maxDepth {
		p.fail(p.tok.line, "the code nests too deep")
	}
	args := p.args
	p.args = 0
	defer func() { p.depth--; p.args = args }()
	var of []node
	p.newlines()
	for p.tok.kind != tEOF && !p.isOp("}", ")") && !p.isKey("end", "else", "elsif", "when", "rescue", "ensure") {
		of = append(of, p.statement())
		if p.tok.kind != tNewline && !p.isOp(";") {
			break
		}
		p.newlines()
	}
	if len(of) == 1 {
		return of[0]
	}
	return &body{of}
}

// statement reads an expression with its modifiers.
func (p *parser) statement() node {
	n := p.expressionStatement()
	for p.tok.kind == tKeyword {
		switch p.tok.text {
		case "if":
			p.advance()
			n = &ifElse{p.expressionStatement(), n, nil}
		case "unless":
			p.advance()
			n = &ifElse{p.expressionStatement(), nil, n}
		case "while", "until":
			until := p.tok.text == "until"
			p.advance()
			_, after := n.(*begin)
			n = &loop{p.expressionStatement(), n, until, after}
		case "rescue":
			p.advance()
			n = &begin{body: n, rescues: []rescue{{body: p.expressionStatement()}}}
		default:
			return n
		}
	}
	return n
}

// expressionStatement reads not, and, or: they bind least.
func (p *parser) expressionStatement() node {
	n := p.notExpression()
	for p.isKey("and", "or") {
		op := p.tok.text
		p.advance()
		p.newlines()
		right := p.notExpression()
		if op == "and" {
			n = &and{n, right}
		} else {
			n = &or{n, right}
		}
	}
	return n
}

func (p *parser) notExpression() node {
	if p.takeKey("not") {
		return &not{p.notExpression()}
	}
	return p.expression()
}

// expression reads an assignment or a value.
func (p *parser) expression() node {
	if p.depth++; p.depth > maxDepth {
		p.fail(p.tok.line, "the code nests too deep")
	}
	defer func() { p.depth-- }()
	if p.isOp("*") { // *a, b = list
		return p.multiple(nil)
	}
	left := p.ternary()
	if p.tok.kind != tOp {
		return left
	}
	line := p.tok.line
	switch op := p.tok.text; op {
	case "=":
		p.target(left, line)
		p.advance()
		p.newlines()
		return &assign{left, p.assigned(), line}
	case "||=", "&&=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", "|=", "&=", "^=":
		p.target(left, line)
		p.advance()
		p.newlines()
		return &opAssign{left, op[:len(op)-1], p.assigned(), line}
	case ",":
		if p.assignable(left) && p.manyTargets() {
			return p.multiple(left)
		}
	}
	return left
}

// assigned reads what is assigned: a value, a list without brackets, with a rescue.
func (p *parser) assigned() node {
	n := p.expression()
	if p.isOp(",") && p.args == 0 { // a = 1, 2
		items := []node{n}
		for p.takeOp(",") {
			items = append(items, p.argument())
		}
		n = &list{items}
	}
	if p.isKey("rescue") {
		p.advance()
		n = &begin{body: n, rescues: []rescue{{body: p.expression()}}}
	}
	return n
}

func (p *parser) assignable(n node) bool {
	switch n := n.(type) {
	case *local, *ivar:
		return true
	case *call:
		return n.name == "[]" || n.recv == nil && len(n.args) == 0 && n.block == nil
	}
	return false
}

// target checks what is assigned to, and makes names known as variables.
func (p *parser) target(n node, line int) {
	switch n := n.(type) {
	case *local:
		p.known[n.name] = true
	case *ivar:
	case *call:
		if n.name == "[]" || n.recv != nil && len(n.args) == 0 && n.block == nil {
			return
		}
		p.fail(line, "this cannot be assigned to")
	case *constant:
		p.fail(line, "constants cannot be set")
	default:
		p.fail(line, "this cannot be assigned to")
	}
}

// manyTargets looks ahead: a, b = is a multiple assignment when = follows on the line.
func (p *parser) manyTargets() bool {
	if p.args > 0 {
		return false
	}
	l := p.lex
	for {
		t := func() (t token) {
			defer func() {
				if recover() != nil {
					t = token{kind: tEOF}
				}
			}()
			return l.next()
		}()
		switch {
		case t.kind == tEOF || t.kind == tNewline || t.kind == tKeyword:
			return false
		case t.kind == tOp && t.text == "=":
			return true
		case t.kind == tOp && (t.text == "{" || t.text == "}" || t.text == "=>" || t.text == ";"):
			return false
		}
	}
}

// multiple reads a, b, *c = value.
func (p *parser) multiple(first node) node {
	m := &multiAssign{}
	add := func(n node, splat bool) {
		p.target(n, p.tok.line)
		name := ""
		if l, ok := n.(*local); ok {
			name = l.name
		}
		m.to = append(m.to, param{name: name, splat: splat})
		m.paths = append(m.paths, n)
	}
	if first != nil {
		add(first, false)
		p.expectOp(",")
	}
	for !p.isOp("=") {
		star := p.takeOp("*")
		add(p.ternary(), star)
		if !p.takeOp(",") {
			break
		}
	}
	p.expectOp("=")
	p.newlines()
	m.value = p.assigned()
	return m
}

func (p *parser) ternary() node {
	test := p.rangeExpression()
	if !p.isOp("?") {
		return test
	}
	p.advance()
	p.newlines()
	then := p.ternaryArm()
	p.newlines()
	if p.tok.kind == tLabel { // x ? "a": b
		p.unexpected()
	}
	p.expectOp(":")
	p.newlines()
	return &ifElse{test, then, p.ternaryArm()}
}

func (p *parser) ternaryArm() node { return p.expression() }

func (p *parser) rangeExpression() node {
	n := p.binaryExpression(0)
	if !p.isOp("..", "...") {
		return n
	}
	r := &rangeOf{from: n, exclusive: p.tok.text == "..."}
	p.advance()
	if !p.isOp(")", "]") && p.tok.kind != tNewline && p.tok.kind != tEOF && !p.isKey("then") {
		r.to = p.binaryExpression(0)
	}
	return r
}

var levels = [][]string{
	{"||"}, {"&&"}, {"<=>", "==", "===", "!=", "=~", "!~"}, {"<", "<=", ">", ">="}, {"|", "^"}, {"&"}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "%"},
}

func (p *parser) binaryExpression(level int) node {
	if level == len(levels) {
		return p.unary()
	}
	if level == 2 && p.isKey("defined?") {
		return p.definedExpression()
	}
	n := p.binaryExpression(level + 1)
	for p.isOp(levels[level]...) {
		op, line := p.tok.text, p.tok.line
		p.advance()
		p.newlines()
		right := p.binaryExpression(level + 1)
		switch op {
		case "||":
			n = &or{n, right}
		case "&&":
			n = &and{n, right}
		case "!=":
			n = &not{&binary{"==", n, right, line}}
		case "!~":
			n = &not{&binary{"=~", n, right, line}}
		default:
			n = &binary{op, n, right, line}
		}
	}
	return n
}

func (p *parser) definedExpression() node {
	p.advance()
	if p.takeOp("(") {
		if p.tok.kind == tIdent && !p.known[p.tok.text] && p.tables.functions[p.tok.text] == nil {
			p.advance()
			p.expectOp(")")
			return p.postfix(&literal{nil})
		}
		n := p.expression()
		p.expectOp(")")
		return p.postfix(&defined{n})
	}
	return &defined{p.unary()}
}

func (p *parser) unary() node {
	line := p.tok.line
	switch {
	case p.isKey("defined?"):
		return p.definedExpression()
	case p.takeOp("!"):
		return &not{p.unary()}
	case p.takeOp("-"):
		n := p.unary()
		if l, ok := n.(*literal); ok {
			switch v := l.value.(type) {
			case int64:
				return &literal{-v}
			case float64:
				return &literal{-v}
			}
		}
		return &call{recv: n, name: "-@", line: line}
	case p.takeOp("+"):
		return p.unary()
	case p.isOp("~"):
		p.fail(line, "the operator ~ is not supported")
	}
	n := p.primary()
	if p.isOp("**") {
		p.advance()
		return &binary{"**", n, p.unary(), line}
	}
	return n
}
