package logql

import (
	"fmt"
	"strconv"

	"github.com/grafana/regexp"
)

// precedence of binary operators; all but ^ are left associative.
var precedence = map[string]int{
	"or": 1, "and": 2, "unless": 2,
	"==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3,
	"+": 4, "-": 4, "*": 5, "/": 5, "%": 5, "^": 6,
}

// binary reads operators that bind tighter than above.
func (p *parser) binary(above int) Expr {
	p.enter()
	defer p.leave()
	left := p.primary()
	for {
		prec := precedence[p.tok.text]
		if p.tok.kind != tokSymbol || prec == 0 || prec <= above {
			return left
		}
		op := p.tok.text
		p.advance()
		isBool, m := p.modifier()
		below := prec
		if op == "^" {
			below--
		}
		left = p.newBinary(op, isBool, m, left, p.binary(below))
	}
}

// modifier reads bool, on, ignoring, group_left and group_right.
func (p *parser) modifier() (isBool bool, m Matching) {
	isBool = p.accept("bool")
	switch {
	case p.accept("on"):
		m.On = true
	case p.accept("ignoring"):
	default:
		return isBool, m
	}
	p.expect("(")
	m.Labels = p.labelList(")")
	switch {
	case p.accept("group_left"):
		m.Card = ManyToOne
	case p.accept("group_right"):
		m.Card = OneToMany
	default:
		return isBool, m
	}
	if p.accept("(") {
		m.Include = p.labelList(")")
	}
	return isBool, m
}

// labelList reads names up to the closing parenthesis, which may come at once.
func (p *parser) labelList(end string) []string {
	if p.accept(end) {
		return nil
	}
	names := []string{p.ident(end)}
	for !p.accept(end) {
		if !p.accept(",") {
			p.unexpected(",", end)
		}
		names = append(names, p.ident())
	}
	return names
}

// exprType is how Loki's error messages call the type of an operand.
func exprType(e Expr) string {
	if l, ok := e.(*LogExpr); ok && len(l.Stages) > 0 {
		return "*syntax.PipelineExpr"
	}
	return "*syntax.MatchersExpr"
}

func (p *parser) newBinary(op string, isBool bool, m Matching, l, r Expr) MetricExpr {
	left, ok := l.(MetricExpr)
	if !ok {
		p.fail(parseErrorf("unexpected type for left leg of binary operation (%s): %s", op, exprType(l)))
	}
	right, ok := r.(MetricExpr)
	if !ok {
		p.fail(parseErrorf("unexpected type for right leg of binary operation (%s): %s", op, exprType(r)))
	}
	ll, lok := left.(*Literal)
	rl, rok := right.(*Literal)
	if setOps[op] {
		if lok {
			p.fail(parseErrorf("unexpected literal for left leg of logical/set binary operation (%s): %f", op, ll.Value))
		}
		if rok {
			p.fail(parseErrorf("unexpected literal for right leg of logical/set binary operation (%s): %f", op, rl.Value))
		}
	}
	if lok && rok { // 1 + 1 is 2
		v, _ := arithmetic(op, ll.Value, rl.Value)
		return &Literal{Value: v}
	}
	return &BinaryOp{Op: op, Left: left, Right: right, Bool: isBool, Matching: m}
}

// primary reads an operand.
func (p *parser) primary() Expr {
	switch t := p.tok; {
	case t.is("{"):
		return p.logExpr()
	case t.is("("):
		p.advance()
		e := p.binary(0)
		if !p.accept(")") {
			p.unexpected()
		}
		return e
	case t.kind == tokNumber, t.is("+"), t.is("-"):
		return &Literal{Value: p.literal()}
	case t.is("vector"):
		return p.vectorLiteral()
	case t.is("label_replace"):
		return p.labelReplace()
	case t.kind == tokFunction && rangeOps[t.text]:
		return p.rangeAggregation()
	case t.kind == tokFunction && vectorOps[t.text]:
		return p.vectorAggregation()
	}
	p.unexpected()
	return nil
}

// literal reads a number with an optional sign.
func (p *parser) literal() float64 {
	sign := 1.0
	if p.accept("-") {
		sign = -1
	} else {
		p.accept("+")
	}
	return sign * p.number()
}

func (p *parser) number() float64 {
	v, err := strconv.ParseFloat(p.numberText(), 64)
	if err != nil {
		p.fail(parseErrorf("unable to parse literal as a float: %s", err))
	}
	return v
}

func (p *parser) numberText() string {
	if p.tok.kind != tokNumber {
		p.unexpected("NUMBER")
	}
	s := p.tok.text
	p.advance()
	return s
}

func (p *parser) vectorLiteral() Expr {
	p.advance()
	p.expect("(")
	v := p.number()
	p.expect(")")
	return &VectorLiteral{Value: v}
}

func (p *parser) labelReplace() Expr {
	p.advance()
	p.expect("(")
	e := p.metricExpr()
	var args [4]string
	for i := range args {
		p.expect(",")
		args[i] = p.str()
	}
	p.expect(")")
	lr := &LabelReplace{Expr: e, Dst: args[0], Replacement: args[1], Src: args[2], Regex: args[3]}
	if _, err := regexp.Compile(anchored(lr.Regex)); err != nil {
		p.fail(parseErrorf("invalid regex in label_replace: %s", err))
	}
	return lr
}

func anchored(re string) string { return "^(?:" + re + ")$" }

// metricExpr reads an expression that must not be a log query.
func (p *parser) metricExpr() MetricExpr {
	e, ok := p.binary(0).(MetricExpr)
	if !ok {
		p.unexpected()
	}
	return e
}

// grouping reads by (...) or without (...) if it comes next.
func (p *parser) grouping() *Grouping {
	without := p.tok.is("without")
	if !without && !p.tok.is("by") {
		return nil
	}
	p.advance()
	p.expect("(")
	return &Grouping{Without: without, Labels: p.labelList(")")}
}

func (p *parser) vectorAggregation() Expr {
	op := p.tok.text
	p.advance()
	g := p.grouping()
	p.expect("(")
	// The parameter looks like the begin of an expression: 1 in topk(1, x), but
	// also in sum(1 + x).
	var param *string
	var e MetricExpr
	if p.tok.kind == tokNumber {
		text := p.tok.text
		x := p.binary(0)
		if lit, ok := x.(*Literal); ok && p.accept(",") {
			if v, err := strconv.ParseFloat(text, 64); err != nil || v != lit.Value {
				text = fmt.Sprint(lit.Value)
			}
			param = &text
			e = p.metricExpr()
		} else if e, ok = x.(MetricExpr); !ok {
			p.unexpected()
		}
	} else {
		e = p.metricExpr()
	}
	if !p.accept(")") {
		p.unexpected()
	}
	if g == nil {
		g = p.grouping()
	}
	return p.newVectorAggregation(op, g, param, e)
}

func (p *parser) newVectorAggregation(op string, g *Grouping, param *string, e MetricExpr) MetricExpr {
	a := &VectorAggregation{Op: op, Expr: e}
	switch op {
	case opTopK, opBottomK, opApproxTopK:
		if param == nil {
			p.fail(parseErrorf("parameter required for operation %s", op))
		}
		k, err := strconv.Atoi(*param)
		if err != nil {
			p.fail(parseErrorf("invalid parameter %s(%s,", op, *param))
		}
		if k <= 0 {
			p.fail(parseErrorf("invalid parameter (must be greater than 0) %s(%s", op, *param))
		}
		if op == opApproxTopK && g != nil {
			p.fail(parseErrorf("grouping not allowed for %s aggregation", op))
		}
		a.Param = k
	case opSort, opSortDesc:
		if g != nil && len(g.Labels) > 0 {
			p.fail(parseErrorf("sort and sort_desc doesn't allow grouping by "))
		}
		fallthrough
	default:
		if param != nil {
			p.fail(parseErrorf("unsupported parameter for operation %s(%s,", op, *param))
		}
	}
	if g != nil {
		a.Grouping = *g
	}
	return a
}
