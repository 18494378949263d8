package logstash

import (
	"strings"
)

// branch reads if ... else if ... else.
func (p *parser) branch() (Statement, bool) {
	b := &Branch{Pos: p.pos()}
	if !p.arm(b) {
		return nil, false
	}
	return p.otherwise(b)
}

// arm reads if condition { ... }.
func (p *parser) arm(b *Branch) (ok bool) {
	arm := Arm{Pos: p.pos()}
	start := p.i
	p.i += len("if")
	p.space()
	from := p.i
	if arm.Condition, ok = p.condition(); !ok {
		return false
	}
	arm.Text = strings.TrimSpace(p.src[from:p.i])
	p.space()
	if !p.take("{") {
		return p.expected("and, or, xor, nand or { after the condition", operatorHint(p.src[p.i:]))
	}
	arm.Body, ok = p.body(start, "if")
	b.Arms = append(b.Arms, arm)
	return ok
}

// otherwise reads the arms behind the first.
func (p *parser) otherwise(b *Branch) (Statement, bool) {
	for {
		after := p.i
		p.space()
		start := p.i
		if p.peekName() != "else" {
			p.i = after
			return b, true
		}
		p.i += len("else")
		p.space()
		if p.peekName() == "if" {
			if !p.arm(b) {
				return nil, false
			}
			continue
		}
		arm := Arm{Pos: p.text.pos(start)}
		if !p.take("{") {
			return nil, p.expected("if or { after else", "")
		}
		var ok bool
		arm.Body, ok = p.body(start, "else")
		b.Arms = append(b.Arms, arm)
		return b, ok
	}
}

// operatorHint knows what people bring along from other languages.
func operatorHint(s string) string {
	for _, h := range []struct{ sign, hint string }{
		{"&&", "write and"}, {"||", "write or"}, {"=~", "put parentheses around what ! negates"}, {"==", "put parentheses around what ! negates"},
		{"in", "put parentheses around what ! negates"}, {"=", "write == to compare"}, {"is", "write == to compare"}, {"AND", "write and"}, {"OR", "write or"},
	} {
		if strings.HasPrefix(s, h.sign) {
			return h.hint
		}
	}
	return ""
}

var booleanOperators = []string{"and", "or", "xor", "nand"}

// condition reads expressions joined by boolean operators.
func (p *parser) condition() (Expression, bool) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail(p.i, "", "conditions are nested deeper than %d levels", maxDepth)
	}
	defer func() { p.depth-- }()
	at := p.pos()
	x, ok := p.expression()
	if !ok {
		return nil, false
	}
	operands, operators := []Expression{x}, []string(nil)
	for {
		after := p.i
		p.space()
		op := p.takeOne(booleanOperators)
		if op == "" {
			p.i = after
			return p.join(operands, operators, at), true
		}
		p.space()
		if x, ok = p.expression(); !ok {
			return nil, false
		}
		operands, operators = append(operands, x), append(operators, op)
	}
}

func (p *parser) takeOne(of []string) string {
	for _, s := range of {
		if p.take(s) {
			return s
		}
	}
	return ""
}

func (p *parser) expression() (Expression, bool) {
	at := p.pos()
	switch {
	case p.take("("):
		p.space()
		x, ok := p.condition()
		return x, ok && p.closeParenthesis()
	case p.take("!"):
		p.space()
		if p.take("(") {
			p.space()
			x, ok := p.condition()
			return &Not{x, at}, ok && p.closeParenthesis()
		}
		if s, ok := p.selector(); ok {
			return &Not{s, at}, true
		}
		return nil, p.expected("a field or ( after !", "write !([field] == ...)")
	}
	left, ok := p.rvalue()
	if !ok {
		return nil, false
	}
	after := p.i
	p.space()
	switch op := p.takeOne([]string{"=~", "!~", "==", "!=", "<=", ">=", "<", ">", "in", "not "}); op {
	case "":
	case "=~", "!~":
		p.space()
		pattern, ok := p.pattern()
		return &Match{left, pattern, op == "!~", at}, ok
	case "in", "not ":
		p.space()
		if op == "not " && !p.take("in") {
			return nil, p.expected("in after not", "")
		}
		p.space()
		right, ok := p.rvalue()
		if ok {
			p.warnQuotedSelector(right)
		}
		return &In{left, right, op == "not ", at}, ok
	default:
		p.space()
		right, ok := p.rvalue()
		return &Compare{op, left, right, at}, ok
	}
	p.i = after
	return left, true
}

func (p *parser) closeParenthesis() bool {
	p.space()
	if !p.take(")") {
		return p.expected(") or a boolean operator", operatorHint(p.src[p.i:]))
	}
	return true
}

// pattern reads the right side of =~: a regular expression or a string.
func (p *parser) pattern() (string, bool) {
	switch {
	case p.at("/"):
		return p.quoted()
	case p.at(`"`), p.at(`'`):
		return p.str()
	}
	return "", p.expected("a regular expression /.../", "")
}

// rvalue reads a string, number, field, list or regular expression. ["a"] is a field,
// whose name has quotes in it: Logstash's grammar asks for a field first.
func (p *parser) rvalue() (Expression, bool) {
	at := p.pos()
	if p.i >= len(p.src) {
		return nil, p.expected("a field or a value", "")
	}
	switch c := p.src[p.i]; {
	case c == '"' || c == '\'':
		s, ok := p.str()
		return &Literal{s, at}, ok
	case c == '/':
		s, ok := p.quoted()
		return &Literal{s, at}, ok
	case c == '-' || c >= '0' && c <= '9':
		v, ok := p.number()
		return &Literal{v, at}, ok
	case c == '[':
		if s, ok := p.selector(); ok {
			return s, true
		}
		v, ok := p.array()
		return &Literal{v, at}, ok
	}
	return nil, p.expected("a field or a value", rvalueHint(p.peekName()))
}

func rvalueHint(name string) string {
	switch name {
	case "":
		return ""
	case "not":
		return "write ! before a field or parentheses"
	case "true", "false":
		return "conditions know no true and false: write [field] or ![field], or compare with a text"
	}
	return "fields are written [" + name + `], texts "` + name + `"`
}

// selector reads [a][b]; the position stays when there is none.
func (p *parser) selector() (*Selector, bool) {
	start := p.i
	for p.at("[") {
		n := strings.IndexAny(p.src[p.i+1:], "[],")
		if n <= 0 || p.src[p.i+1+n] != ']' {
			break
		}
		p.i += n + 2
	}
	ref, err := ParseRef(p.src[start:p.i])
	if p.i == start || err != nil {
		p.i = start
		return nil, false
	}
	return &Selector{ref, p.text.pos(start)}, true
}

// warnQuotedSelector speaks up when somebody wrote a list of one.
func (p *parser) warnQuotedSelector(x Expression) {
	s, ok := x.(*Selector)
	if !ok || len(s.Ref.path) > 0 || !strings.ContainsAny(s.Ref.key[:1], `"'0123456789`) {
		return
	}
	p.report.warnf(s.Pos, "compare with ==, or write the value twice",
		"Logstash reads [%s] as a field of that name, not as a list of one value", s.Ref.key)
}
