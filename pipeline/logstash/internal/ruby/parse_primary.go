package ruby

import (
	"strconv"
	"strings"
)

// primary reads a value and what hangs on it: .method, [index], ::Name.
func (p *parser) primary() node { return p.postfix(p.operand()) }

func (p *parser) operand() node {
	t := p.tok
	switch t.kind {
	case tInt:
		p.advance()
		return &literal{t.int}
	case tFloat:
		p.advance()
		return &literal{t.float}
	case tString:
		p.advance()
		for p.tok.kind == tString { // "a" "b"
			t.parts = append(t.parts, p.tok.parts...)
			p.advance()
		}
		return p.text(t.parts)
	case tSymbol:
		p.advance()
		return &literal{Symbol(t.text)}
	case tWords:
		p.advance()
		l := &list{}
		for _, w := range strings.Fields(t.text) {
			if t.int == 1 {
				l.items = append(l.items, &literal{Symbol(w)})
			} else {
				l.items = append(l.items, &literal{w})
			}
		}
		return l
	case tRegexp:
		p.advance()
		return p.pattern(t)
	case tIvar:
		p.advance()
		return &ivar{t.text}
	case tMatch:
		p.advance()
		c := &call{recv: &constant{"Regexp", t.line}, name: "last_match", line: t.line}
		if t.text != "~" {
			n, _ := strconv.ParseInt(t.text, 10, 64) // $& is the whole: 0
			c.args = []node{&literal{n}}
		}
		return c
	case tConst:
		return p.constant()
	case tIdent:
		return p.identifier()
	case tKeyword:
		return p.keyword()
	case tOp:
		return p.bracketed()
	}
	p.unexpected()
	return nil
}

func (p *parser) text(parts []part) node {
	if len(parts) == 1 {
		return &literal{parts[0].text}
	}
	t := &template{}
	for _, x := range parts {
		switch {
		case x.expr:
			t.parts = append(t.parts, p.inner(x))
		case x.text != "":
			t.parts = append(t.parts, &literal{x.text})
		}
	}
	return t
}

// inner reads the code of #{...}.
func (p *parser) inner(x part) node {
	q := parser{lex: lexer{src: x.code, line: x.line}, known: p.known, depth: p.depth + 1, tables: p.tables, defs: p.defs, testing: p.testing}
	if q.depth > maxDepth {
		p.fail(x.line, "the code nests too deep")
	}
	q.advance()
	n := q.statements()
	if q.tok.kind != tEOF {
		q.unexpected()
	}
	return n
}

func (p *parser) pattern(t token) node {
	n := &pattern{text: p.text(t.parts), flags: t.text}
	if l, ok := n.text.(*literal); ok {
		re, err := compileRegexp(l.value.(string), n.flags)
		if err != nil {
			p.fail(t.line, err.Error())
		}
		n.fixed = re
	}
	return n
}

func (p *parser) constant() node {
	t := p.tok
	name := t.text
	p.advance()
	for p.isOp("::") {
		p.advance()
		if p.tok.kind != tConst {
			break
		}
		name += "::" + p.tok.text
		p.advance()
	}
	if (name == "Integer" || name == "Float" || name == "String" || name == "Array" || name == "Hash") && p.isOp("(") && !p.tok.spaced {
		return p.callOf(nil, name, t.line)
	}
	if !p.tables.constant(name) && !p.testing {
		p.fail(t.line, name+" is not supported")
	}
	return &constant{name, t.line}
}

// identifier reads a variable, or a function with its arguments.
func (p *parser) identifier() node {
	t := p.tok
	p.advance()
	if p.known[t.text] && !(p.isOp("(") && !p.tok.spaced) {
		return &local{t.text}
	}
	if p.isOp("=", "||=", "&&=", "+=", "-=", "*=", "/=", "<<=", "|=") || p.isOp(",") && p.manyTargets() {
		return &local{t.text}
	}
	if p.script && t.text == "test" && p.tok.kind == tString {
		p.testing = true
		p.callOf(nil, t.text, t.line)
		p.testing = false
		return &literal{nil}
	}
	if p.tables.functions[t.text] == nil && !p.defs[t.text] && !p.testing {
		p.fail(t.line, strconv.Quote(t.text)+" is no variable and no function that is supported")
	}
	return p.callOf(nil, t.text, t.line)
}

// callOf reads arguments, with parentheses or without, and a block.
func (p *parser) callOf(recv node, name string, line int) node {
	c := &call{recv: recv, name: name, line: line}
	switch {
	case p.isOp("(") && !p.tok.spaced:
		p.advance()
		c.args, c.block = p.arguments(")")
	case p.commandArgument() || p.tok.kind == tConst && strings.HasSuffix(name, "?"): // x.is_a?String
		c.args, c.block = p.arguments("")
	}
	if b := p.block(); b != nil {
		c.block = b
	}
	return c
}

// commandArgument reports whether what follows a method's name is an argument without
// parentheses.
func (p *parser) commandArgument() bool {
	if !p.tok.spaced {
		return false
	}
	switch p.tok.kind {
	case tInt, tFloat, tString, tSymbol, tWords, tRegexp, tIvar, tConst, tIdent, tLabel, tMatch:
		return true
	case tKeyword:
		switch p.tok.text {
		case "nil", "true", "false", "self", "not", "defined?":
			return true
		}
	case tOp:
		switch p.tok.text {
		case "->", "!":
			return true
		case "[", "-", "*", "&", "::":
			return p.tok.tight && p.tok.text != "&" && p.tok.text != "*"
		}
	}
	return false
}

// arguments reads up to the closing parenthesis or bracket; "" is up to the statement's
// end.
func (p *parser) arguments(end string) (args []node, b *block) {
	var named *hashNode
	if end != "" {
		p.newlines()
	}
	for end == "" || !p.isOp(end) {
		if p.takeOp("&") {
			b = p.blockArgument()
		} else if key, value, ok := p.pair(); ok {
			if named == nil {
				named = &hashNode{}
				args = append(args, named)
			}
			named.keys, named.values = append(named.keys, key), append(named.values, value)
		} else if value != nil {
			args = append(args, value)
		}
		if end != "" {
			p.newlines()
		}
		if !p.takeOp(",") {
			break
		}
		p.newlines()
	}
	if end != "" {
		p.expectOp(end)
	}
	return args, b
}

// pair reads key: value or key => value; without one, value is the argument.
func (p *parser) pair() (key, value node, ok bool) {
	if p.tok.kind == tLabel {
		key = &literal{Symbol(p.tok.text)}
		p.advance()
		p.newlines()
		return key, p.argument(), true
	}
	n := p.argument()
	if p.isOp("=>") {
		p.advance()
		p.newlines()
		return n, p.argument(), true
	}
	return nil, n, false
}

func (p *parser) argument() node {
	if p.isOp("*") {
		p.advance()
		return &splat{p.ternary()}
	}
	p.args++
	n := p.notExpression()
	p.args--
	return n
}

func (p *parser) blockArgument() *block {
	if p.tok.kind == tSymbol {
		name := p.tok.text
		if !p.tables.method(name) {
			p.fail(p.tok.line, "the method "+name+" is not supported")
		}
		p.advance()
		return &block{symbol: name}
	}
	return &block{value: p.ternary()}
}

// block reads { |x| ... } or do |x| ... end; nil if there is none.
func (p *parser) block() *block {
	line := p.tok.line
	end := ""
	switch {
	case p.isOp("{"):
		end = "}"
	case p.isKey("do"):
		end = "end"
	default:
		return nil
	}
	p.advance()
	b := &block{}
	outer := p.known
	p.known = map[string]bool{}
	for name := range outer {
		p.known[name] = true
	}
	p.newlines()
	if p.takeOp("|") {
		b.params = p.params("|")
	} else {
		p.takeOp("||")
	}
	b.body = p.statements()
	p.known = outer
	if end == "}" {
		p.expectOp("}")
	} else {
		b.body = p.rescued(b.body)
		p.expectKey("end", line)
	}
	return b
}

// params reads the names between bars or parentheses.
func (p *parser) params(end string) (all []param) {
	for !p.isOp(end) {
		x := param{splat: p.takeOp("*")}
		switch {
		case p.takeOp("("):
			x.nested = p.params(")")
		case p.tok.kind == tIdent:
			x.name = p.tok.text
			p.known[x.name] = true
			p.advance()
			if p.takeOp("=") {
				x.def = p.unary()
			}
		default:
			p.unexpected()
		}
		all = append(all, x)
		if !p.takeOp(",") {
			break
		}
	}
	p.expectOp(end)
	return all
}

func (p *parser) bracketed() node {
	line := p.tok.line
	switch {
	case p.takeOp("("):
		n := p.statements()
		p.newlines()
		p.expectOp(")")
		return n
	case p.takeOp("["):
		items, _ := p.arguments("]")
		return &list{items}
	case p.takeOp("{"):
		return p.hash()
	case p.takeOp("->"):
		b := &block{}
		if p.takeOp("(") {
			b.params = p.params(")")
		}
		inner := p.block()
		if inner == nil {
			p.unexpected()
		}
		inner.params = append(b.params, inner.params...)
		return &lambda{inner}
	case p.takeOp("::"):
		return p.constant()
	case p.takeOp(".."):
		p.fail(line, "a range without a beginning is not supported")
	}
	p.unexpected()
	return nil
}

func (p *parser) hash() node {
	h := &hashNode{}
	p.newlines()
	for !p.isOp("}") {
		key, value, ok := p.pair()
		if !ok {
			p.fail(p.tok.line, "expected => in a hash")
		}
		h.keys, h.values = append(h.keys, key), append(h.values, value)
		p.newlines()
		if !p.takeOp(",") {
			break
		}
		p.newlines()
	}
	p.expectOp("}")
	return h
}

// postfix reads what hangs on a value.
func (p *parser) postfix(n node) node {
	for {
		line := p.tok.line
		switch {
		case p.isOp(".", "&."):
			safe := p.tok.text == "&."
			p.advance()
			n = p.method(n, safe)
		case p.isOp("[") && !p.tok.spaced:
			p.advance()
			args, _ := p.arguments("]")
			n = &call{recv: n, name: "[]", args: args, line: line}
		case p.isOp("::"):
			p.advance()
			n = p.method(n, false)
		default:
			return n
		}
	}
}

func (p *parser) method(recv node, safe bool) node {
	line := p.tok.line
	name := p.tok.text
	switch {
	case p.tok.kind == tIdent || p.tok.kind == tConst || p.tok.kind == tKeyword:
		p.advance()
	case p.isOp("("): // x.(y) is x.call(y)
		name = "call"
	default:
		p.unexpected()
	}
	if !p.tables.method(name) && !p.testing {
		p.fail(line, "the method "+name+" is not supported")
	}
	n := p.callOf(recv, name, line)
	n.(*call).safe = safe
	return n
}
