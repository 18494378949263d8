package ruby

import "strconv"

// keyword reads what begins with one.
func (p *parser) keyword() node {
	line, word := p.tok.line, p.tok.text
	p.advance()
	switch word {
	case "nil":
		return &literal{nil}
	case "true":
		return &literal{true}
	case "false":
		return &literal{false}
	case "self":
		return &selfNode{}
	case "if", "unless":
		return p.condition(word == "unless", line)
	case "while", "until":
		l := &loop{test: p.expressionStatement(), until: word == "until"}
		p.takeKey("do")
		l.body = p.statements()
		p.expectKey("end", line)
		return l
	case "def":
		return p.function(line)
	case "for":
		return p.forLoop(line)
	case "case":
		return p.caseExpression(line)
	case "begin":
		n := p.rescued(p.statements())
		p.expectKey("end", line)
		if b, ok := n.(*begin); ok {
			return b
		}
		return &begin{body: n}
	case "return", "next", "break":
		j := &jump{kind: word}
		if p.tok.kind != tNewline && p.tok.kind != tEOF && !p.isOp(";", "}") && !p.isKey("if", "unless", "end") {
			j.value = p.expression()
			if p.isOp(",") {
				items := []node{j.value}
				for p.takeOp(",") {
					items = append(items, p.argument())
				}
				j.value = &list{items}
			}
		}
		return j
	}
	p.fail(line, strconv.Quote(word)+" is not supported here")
	return nil
}

// function reads def name(params) ... end; it sees no variables but its own.
func (p *parser) function(line int) node {
	f := &function{name: p.tok.text}
	if p.tok.kind != tIdent {
		p.unexpected()
	}
	p.advance()
	p.defs[f.name] = true
	outer := p.known
	p.known = map[string]bool{}
	if p.takeOp("(") {
		f.params = p.params(")")
	}
	f.body = p.rescued(p.statements())
	p.known = outer
	p.expectKey("end", line)
	return f
}

func (p *parser) condition(unless bool, line int) node {
	test := p.expressionStatement()
	p.takeKey("then")
	then := p.statements()
	var other node
	switch {
	case p.isKey("elsif"):
		l := p.tok.line
		p.advance()
		other = p.condition(false, l)
		return &ifElse{test, then, other}
	case p.takeKey("else"):
		other = p.statements()
	}
	p.expectKey("end", line)
	if unless {
		then, other = other, then
	}
	return &ifElse{test, then, other}
}

func (p *parser) forLoop(line int) node {
	f := &forIn{}
	for {
		if p.tok.kind != tIdent {
			p.unexpected()
		}
		f.params = append(f.params, param{name: p.tok.text})
		p.known[p.tok.text] = true
		p.advance()
		if !p.takeOp(",") {
			break
		}
	}
	if !p.takeKey("in") {
		p.unexpected()
	}
	f.over = p.expressionStatement()
	p.takeKey("do")
	f.body = p.statements()
	p.expectKey("end", line)
	return f
}

func (p *parser) caseExpression(line int) node {
	c := &caseOf{}
	if p.tok.kind != tNewline && !p.isOp(";") {
		c.value = p.expressionStatement()
	}
	p.newlines()
	for p.takeKey("when") {
		w := when{}
		for {
			p.newlines()
			w.values = append(w.values, p.argument())
			if !p.takeOp(",") {
				break
			}
		}
		p.takeKey("then")
		w.body = p.statements()
		c.whens = append(c.whens, w)
	}
	if p.takeKey("else") {
		c.other = p.statements()
	}
	p.expectKey("end", line)
	return c
}

// rescued reads rescue, else and ensure behind a body.
func (p *parser) rescued(of node) node {
	b := &begin{body: of}
	for p.takeKey("rescue") {
		r := rescue{}
		for p.tok.kind == tConst {
			name := p.tok.text
			p.advance()
			for p.takeOp("::") {
				name += "::" + p.tok.text
				p.advance()
			}
			r.classes = append(r.classes, name)
			if !p.takeOp(",") {
				break
			}
		}
		if p.takeOp("=>") {
			if p.tok.kind != tIdent {
				p.unexpected()
			}
			r.name = p.tok.text
			p.known[r.name] = true
			p.advance()
		}
		p.takeKey("then")
		r.body = p.statements()
		b.rescues = append(b.rescues, r)
	}
	if p.takeKey("else") {
		b.other = p.statements()
	}
	if p.takeKey("ensure") {
		b.ensure = p.statements()
	}
	if b.rescues == nil && b.other == nil && b.ensure == nil {
		return of
	}
	return b
}
