package traceql

import "math"

var metricFunctions = map[string]bool{
	"rate": true, "count_over_time": true, "min_over_time": true, "max_over_time": true, "avg_over_time": true,
	"sum_over_time": true, "quantile_over_time": true, "histogram_over_time": true, "compare": true,
}

// scalarFilter reads a comparison of numbers of a spanset, such as count() > 2.
func (p *parser) scalarFilter() (stage, error) {
	l, err := p.scalar(0)
	if err != nil {
		return nil, err
	}
	t := p.peek()
	if t.kind != tokOperator || fieldOperators[t.text] != bindCompare || t.text == "=~" || t.text == "!~" {
		if p.is(")") {
			return nil, p.fail(t.at, "compare inside of the parentheses, such as ({ } | count() > 2)", "comparing pipelines with each other is not supported")
		}
		return nil, p.unexpected("compare the number, such as count() > 2")
	}
	p.take()
	r, err := p.scalar(0)
	if err != nil {
		return nil, err
	}
	return &scalarFilter{t.text, l, r}, nil
}

// scalar reads arithmetic of operators that bind stronger than above.
func (p *parser) scalar(above int) (scalar, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	l, err := p.scalarOperand()
	if err != nil {
		return nil, err
	}
	for {
		t := p.peek()
		strength := fieldOperators[t.text]
		if t.kind != tokOperator || strength < bindSum || strength <= above {
			return l, nil
		}
		p.take()
		right := strength
		if t.text == "^" {
			right--
		}
		r, err := p.scalar(right)
		if err != nil {
			return nil, err
		}
		l = &scalarOp{t.text, l, r}
	}
}

func (p *parser) scalarOperand() (scalar, error) {
	if p.accept("(") {
		s, err := p.scalar(0)
		if err != nil {
			return nil, err
		}
		return s, p.expect(")")
	}
	t := p.peek()
	if t.kind == tokWord {
		switch t.text {
		case "count":
			if err := p.open(); err != nil {
				return nil, err
			}
			return &aggregate{name: t.text}, p.expect(")")
		case "avg", "min", "max", "sum":
			if err := p.open(); err != nil {
				return nil, err
			}
			e, err := p.measured(t.text)
			if err != nil {
				return nil, err
			}
			return &aggregate{t.text, e}, p.expect(")")
		}
	}
	at := t.at
	v, err := p.literal()
	if err != nil {
		return nil, err
	}
	if !v.Type.numeric() {
		return nil, p.fail(at, "", "%s is no number", v.literal())
	}
	return &literal{v}, nil
}

// measured reads the field that a function measures.
func (p *parser) measured(function string) (expr, error) {
	at := p.peek().at
	if p.is(")") {
		return nil, p.fail(at, "such as "+function+"(duration)", "%s needs a field", function)
	}
	e, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if t := e.typ(); t != Any && !t.numeric() {
		return nil, p.fail(at, "", "%s needs a number, %s is of type %s", function, e, t)
	}
	if !hasField(e) {
		return nil, p.fail(at, "such as "+function+"(duration)", "%s is the same for every span", e)
	}
	return e, nil
}

// hasField says that an expression reads something of a span.
func hasField(e expr) (found bool) {
	eachField(e, func(Field) { found = true })
	return found
}

// metric reads a function that makes series, with its by().
func (p *parser) metric() (*metric, error) {
	t := p.peek()
	m := &metric{name: t.text}
	if err := p.open(); err != nil {
		return nil, err
	}
	var err error
	switch t.text {
	case "rate", "count_over_time":
	case "compare":
		if m.compare, err = p.comparison(); err != nil {
			return nil, err
		}
	default:
		if m.of, err = p.measured(t.text); err != nil {
			return nil, err
		}
	}
	if t.text == "quantile_over_time" {
		if m.quantiles, err = p.quantiles(); err != nil {
			return nil, err
		}
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	if !p.isWord("by") || t.text == "compare" {
		return m, nil
	}
	if err := p.open(); err != nil {
		return nil, err
	}
	at := p.peek().at
	if m.by, err = p.expressions(); err != nil {
		return nil, err
	}
	if len(m.by) > maxGroupFields {
		return nil, p.fail(at, "", "by() takes at most %d fields", maxGroupFields)
	}
	return m, p.expect(")")
}

const maxGroupFields = 8

func (p *parser) quantiles() ([]float64, error) {
	var out []float64
	for p.accept(",") {
		at := p.peek().at
		v, err := p.literal()
		if err != nil {
			return nil, err
		}
		q, ok := v.number()
		if !ok || q < 0 || q > 1 || v.Type == Duration {
			return nil, p.fail(at, "such as 0.99", "a quantile is a number from 0 to 1")
		}
		out = append(out, q)
	}
	if len(out) == 0 {
		return nil, p.unexpected("name a quantile, such as quantile_over_time(duration, 0.99)")
	}
	return out, nil
}

// comparison reads the arguments of compare().
func (p *parser) comparison() (*comparison, error) {
	at := p.peek().at
	s, err := p.spansetOperand()
	if err != nil {
		return nil, err
	}
	f, ok := s.(*spansetFilter)
	if !ok {
		return nil, p.fail(at, "such as compare({ status = error })", "compare needs one filter")
	}
	c := &comparison{selection: f, top: 10}
	var numbers []int64
	for p.accept(",") {
		at := p.peek().at
		v, err := p.literal()
		if err != nil {
			return nil, err
		}
		if v.Type != Int || v.Int <= 0 {
			return nil, p.fail(at, "", "expected a number above 0")
		}
		numbers = append(numbers, v.Int)
	}
	switch len(numbers) {
	case 0:
	case 1, 3:
		c.top = int(min(numbers[0], 1000))
		if len(numbers) == 3 {
			c.start, c.end = numbers[1], numbers[2]
		}
	default:
		return nil, p.unexpected("compare takes a filter, how many values to list, and a start and an end in nanoseconds")
	}
	return c, nil
}

// secondStages read what works on the series of a metric, nil for a calculation.
func (p *parser) secondStages(m *metric) ([]secondStage, error) {
	var out []secondStage
	for {
		t := p.peek()
		switch {
		case p.is("|") && (p.peekAfter(1).text == "topk" || p.peekAfter(1).text == "bottomk"):
			p.take()
			t = p.peek()
			if err := p.open(); err != nil {
				return nil, err
			}
			v, err := p.literal()
			if err != nil {
				return nil, err
			}
			if v.Type != Int || v.Int < 1 || v.Int > math.MaxInt32 {
				return nil, p.fail(t.at, "such as "+t.text+"(10)", "%s takes a number above 0", t.text)
			}
			if m != nil && m.compare != nil {
				return nil, p.fail(t.at, "give the number to compare() itself", "%s does not work on compare()", t.text)
			}
			out = append(out, secondStage{t.text, float64(v.Int)})
			if err := p.expect(")"); err != nil {
				return nil, err
			}
		case t.kind == tokOperator && fieldOperators[t.text] == bindCompare && t.text != "=~" && t.text != "!~":
			p.take()
			if m != nil && m.compare != nil {
				return nil, p.fail(t.at, "", "%s does not work on compare()", t.text)
			}
			n, err := p.threshold()
			if err != nil {
				return nil, err
			}
			out = append(out, secondStage{t.text, n})
		case m != nil && t.kind == tokOperator && fieldOperators[t.text] >= bindSum:
			return nil, p.fail(t.at, "such as ({ } | rate()) * 100", "a metric that is calculated with stands in parentheses")
		case p.is("|"):
			p.take()
			return nil, p.unexpected("after a metric only topk(n), bottomk(n) and comparisons are possible")
		default:
			return out, nil
		}
	}
}
