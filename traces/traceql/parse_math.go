package traceql

import "math"

// Arithmetic between metrics: ({ } | rate()) / ({ } | count_over_time()) * 100. Each metric
// stands in parentheses; numbers are folded while they are read.

// hasMath says whether the query calculates with metrics: one of them is in parentheses.
func (p *parser) hasMath() bool {
	depth := 0
	for i, t := range p.list {
		switch {
		case t.kind == tokOperator && t.text == "(":
			depth++
		case t.kind == tokOperator && t.text == ")":
			depth--
		case depth > 0 && t.kind == tokWord && metricFunctions[t.text] && p.list[min(i+1, len(p.list)-1)].text == "(":
			return true
		}
	}
	return false
}

// math reads operations that bind stronger than above.
func (p *parser) math(above int) (calculation, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	l, err := p.mathOperand()
	if err != nil {
		return nil, err
	}
	for {
		t := p.peek()
		strength := fieldOperators[t.text]
		if t.kind != tokOperator || strength < bindSum || strength <= above {
			return l, nil
		}
		switch t.text {
		case "+", "-", "*", "/":
		default:
			return nil, p.fail(t.at, "metrics take + - * /", "%s does not work on metrics", t.text)
		}
		p.take()
		at := p.peek().at
		r, err := p.math(strength)
		if err != nil {
			return nil, err
		}
		if l, err = p.operation(at, t.text, l, r); err != nil {
			return nil, err
		}
	}
}

// operation joins two sides; two numbers are one.
func (p *parser) operation(at int, op string, l, r calculation) (calculation, error) {
	x, okX := l.(*constant)
	y, okY := r.(*constant)
	if !okX || !okY {
		return &operation{op: op, l: l, r: r}, nil
	}
	v, ok := fold(op, x.value, y.value)
	if !ok {
		return nil, p.fail(at, "", "%s %s %s is no number", x, op, y)
	}
	return &constant{v}, nil
}

// fold calculates with constants. Integers stay integers, also divided, as in Tempo.
func fold(op string, x, y Value) (Value, bool) {
	if op == "/" && x.Type == Int && y.Type == Int {
		if y.Int == 0 {
			return Value{}, false
		}
		return intValue(x.Int / y.Int), true
	}
	v := arithmetic(op, x, y)
	n, ok := v.number()
	return v, ok && !math.IsInf(n, 0) && !math.IsNaN(n)
}

func (p *parser) mathOperand() (calculation, error) {
	if !p.is("(") {
		at := p.peek().at
		if p.is("{") {
			return nil, p.fail(at, "such as ({ } | rate()) * 100", "a metric that is calculated with stands in parentheses")
		}
		v, err := p.literal()
		if err != nil {
			return nil, err
		}
		return p.constant(at, v)
	}
	inner := p.metricInside()
	p.take()
	if !inner {
		c, err := p.math(0)
		if err != nil {
			return nil, err
		}
		if o, ok := c.(*operation); ok && !p.is(")") {
			if o.after, err = p.secondStages(nil); err != nil {
				return nil, err
			}
		}
		return c, p.expect(")")
	}
	at := p.peek().at
	q, err := p.pipeline()
	if err != nil {
		return nil, err
	}
	if q.metric == nil {
		return nil, p.unexpected("a metric follows a |, such as ({ } | rate())")
	}
	if q.metric.compare != nil {
		return nil, p.fail(at, "", "compare() cannot be calculated with")
	}
	return &measurement{q}, p.expect(")")
}

// metricInside says whether the parenthesis that comes holds a metric itself, not in
// further parentheses.
func (p *parser) metricInside() bool {
	depth := 0
	for i := 0; ; i++ {
		t := p.peekAfter(i)
		switch {
		case t.kind == tokEnd:
			return false
		case t.kind == tokOperator && t.text == "(":
			depth++
		case t.kind == tokOperator && t.text == ")":
			if depth--; depth == 0 {
				return false
			}
		case depth == 1 && t.kind == tokWord && metricFunctions[t.text] && p.peekAfter(i+1).text == "(":
			return true
		}
	}
}

func (p *parser) constant(at int, v Value) (calculation, error) {
	if v.Type != Int && v.Type != Float {
		return nil, p.fail(at, "take seconds for durations", "%s cannot be calculated with: want a number without unit", v.literal())
	}
	return &constant{v}, nil
}

// threshold reads what series are compared with: a number, a duration or arithmetic of
// numbers.
func (p *parser) threshold() (float64, error) {
	at := p.peek().at
	if p.peek().kind == tokDuration || p.is("-") && p.peekAfter(1).kind == tokDuration {
		v, err := p.literal()
		n, _ := v.number()
		return n / 1e9, err // series of durations are in seconds
	}
	c, err := p.math(0)
	if err != nil {
		return 0, err
	}
	number, ok := c.(*constant)
	if !ok {
		return 0, p.fail(at, "", "series are compared with a number, not with other series")
	}
	n, _ := number.value.number()
	return n, nil
}
