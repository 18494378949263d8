package traceql

import "slices"

// Parse reads a query. The error is a *ParseError.
func Parse(text string) (*Query, error) {
	p, err := newParser(text)
	if err != nil {
		return nil, err
	}
	q, err := p.query()
	if err != nil {
		return nil, err
	}
	return q, p.end()
}

type parser struct {
	lexer
	list  []token
	pos   int
	depth int
}

func newParser(text string) (*parser, error) {
	p := &parser{lexer: lexer{text: text}}
	if len(text) > maxQuery {
		return nil, p.fail(0, "", "the query is longer than %d bytes", maxQuery)
	}
	var err error
	p.list, err = p.tokens()
	return p, err
}

func (p *parser) peek() token { return p.list[p.pos] }

func (p *parser) peekAfter(n int) token { return p.list[min(p.pos+n, len(p.list)-1)] }

func (p *parser) take() token {
	t := p.list[p.pos]
	if p.pos < len(p.list)-1 {
		p.pos++
	}
	return t
}

// is says whether the next token is one of these operators.
func (p *parser) is(ops ...string) bool {
	t := p.peek()
	return t.kind == tokOperator && slices.Contains(ops, t.text)
}

func (p *parser) isWord(words ...string) bool {
	t := p.peek()
	return t.kind == tokWord && slices.Contains(words, t.text)
}

// accept takes the operator if it is next.
func (p *parser) accept(op string) bool {
	if p.is(op) {
		p.take()
		return true
	}
	return false
}

func (p *parser) expect(op string) error {
	if p.accept(op) {
		return nil
	}
	return p.unexpected(`expected "` + op + `"`)
}

func (p *parser) unexpected(hint string) error {
	t := p.peek()
	return p.fail(t.at, hint, "unexpected %s", t.describe())
}

func (p *parser) end() error {
	if p.peek().kind == tokEnd {
		return nil
	}
	return p.unexpected("expected the end of the query")
}

// enter bounds how deep a query nests; leave undoes it.
func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		return p.fail(p.peek().at, "", "the query nests deeper than %d", maxDepth)
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// query reads a whole query.
func (p *parser) query() (*Query, error) {
	if p.peek().kind == tokEnd {
		return nil, p.fail(0, "a query begins with a filter, such as { status = error }", "the query is empty")
	}
	read := p.pipeline
	if p.hasMath() {
		read = p.calculated
	}
	q, err := read()
	if err != nil {
		return nil, err
	}
	at := p.peek().at
	if q.hints, err = p.hints(); err == nil && q.extrapolates() && q.metric != nil && q.metric.compare != nil {
		return nil, p.fail(at, "", "extrapolate does not work on compare()")
	}
	return q, err
}

// calculated reads arithmetic between metrics with what works on its series.
func (p *parser) calculated() (*Query, error) {
	at := p.peek().at
	c, err := p.math(0)
	if err != nil {
		return nil, err
	}
	if _, number := c.(*constant); number {
		return nil, p.fail(at, "such as ({ } | rate()) * 100", "a query needs a metric")
	}
	q := &Query{math: c}
	q.after, err = p.secondStages(nil)
	return q, err
}

// pipeline reads filters and what follows, up to a metric and its second stages.
func (p *parser) pipeline() (*Query, error) {
	q := &Query{}
	for {
		if t := p.peek(); t.kind == tokWord && metricFunctions[t.text] {
			m, err := p.metric()
			if err != nil {
				return nil, err
			}
			q.metric = m
			if q.after, err = p.secondStages(m); err != nil {
				return nil, err
			}
			break
		}
		s, err := p.stage(len(q.stages) == 0)
		if err != nil {
			return nil, err
		}
		q.stages = append(q.stages, s)
		if !p.accept("|") {
			break
		}
	}
	if len(q.stages) == 0 {
		q.stages = []stage{&spansetFilter{}}
	}
	return q, nil
}

// stage reads a part of the pipeline.
func (p *parser) stage(first bool) (stage, error) {
	t := p.peek()
	switch {
	case p.is("{"):
		return p.spanset(0)
	case p.is("("):
		if p.startsSpanset() {
			return p.spanset(0)
		}
		return p.scalarFilter()
	case t.kind == tokInt, t.kind == tokFloat, t.kind == tokDuration, p.is("-"):
		return p.scalarFilter()
	case t.kind != tokWord:
		if first {
			return nil, p.unexpected("a query begins with a filter, such as { status = error }")
		}
		return nil, p.unexpected("expected a filter or a function")
	}
	switch t.text {
	case "count", "avg", "min", "max", "sum":
		return p.scalarFilter()
	case "by":
		if err := p.open(); err != nil {
			return nil, err
		}
		at := p.peek().at
		e, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		if !hasField(e) {
			return nil, p.fail(at, "such as by(resource.service.name)", "%s is the same for every span", e)
		}
		return &groupBy{e}, p.expect(")")
	case "coalesce":
		if err := p.open(); err != nil {
			return nil, err
		}
		return coalesce{}, p.expect(")")
	case "select":
		if err := p.open(); err != nil {
			return nil, err
		}
		list, err := p.expressions()
		if err != nil {
			return nil, err
		}
		return &selection{list}, p.expect(")")
	case "topk", "bottomk":
		return nil, p.fail(t.at, "write it after a metric, such as | rate() by (name) | topk(10)", "%s works on series", t.text)
	}
	return nil, p.fail(t.at, "functions are count, avg, min, max, sum, by, coalesce, select, rate, count_over_time, min_over_time, max_over_time, avg_over_time, sum_over_time, quantile_over_time, histogram_over_time, compare",
		"unknown function %q", t.text)
}

// open takes a function's name and its opening parenthesis.
func (p *parser) open() error {
	p.take()
	return p.expect("(")
}

// startsSpanset says whether what is in the parentheses that come begins with a filter.
func (p *parser) startsSpanset() bool {
	for i := 0; ; i++ {
		t := p.peekAfter(i)
		if t.kind == tokOperator && t.text == "(" {
			continue
		}
		return t.kind == tokOperator && t.text == "{" || t.kind == tokWord && (t.text == "by" || t.text == "select" || t.text == "coalesce")
	}
}

// spansetOperators are the operators between spansets with how strong they bind.
var spansetOperators = map[string]int{
	"&&": 1, "||": 1,
	">": 2, ">>": 2, "<": 2, "<<": 2, "~": 2,
	"!>": 2, "!>>": 2, "!<": 2, "!<<": 2, "!~": 2,
	"&>": 2, "&>>": 2, "&<": 2, "&<<": 2, "&~": 2,
}

// spanset reads an expression of operators that bind stronger than above.
func (p *parser) spanset(above int) (spansetExpr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	l, err := p.spansetOperand()
	if err != nil {
		return nil, err
	}
	for {
		t := p.peek()
		strength := spansetOperators[t.text]
		if t.kind != tokOperator || strength <= above {
			return l, nil
		}
		p.take()
		r, err := p.spanset(strength)
		if err != nil {
			return nil, err
		}
		l = &spansetOp{t.text, l, r}
	}
}

func (p *parser) spansetOperand() (spansetExpr, error) {
	if p.accept("(") {
		return p.pipelineInside()
	}
	at := p.peek().at
	if err := p.expect("{"); err != nil {
		return nil, err
	}
	if p.accept("}") {
		return &spansetFilter{}, nil
	}
	cond, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if err := p.expect("}"); err != nil {
		return nil, err
	}
	if t := cond.typ(); t != Bool && t != Any {
		return nil, p.fail(at, "compare it, such as { duration > 1s }", "a filter must be a condition, %s is of type %s", cond, t)
	}
	return &spansetFilter{cond}, nil
}

// pipelineInside reads what is in parentheses: an expression or a pipeline.
func (p *parser) pipelineInside() (spansetExpr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	var stages []stage
	for {
		if t := p.peek(); t.kind == tokWord && metricFunctions[t.text] {
			return nil, p.fail(t.at, "write the metric at the end of the query", "%s cannot stand in parentheses", t.text)
		}
		s, err := p.stage(len(stages) == 0)
		if err != nil {
			return nil, err
		}
		stages = append(stages, s)
		if p.accept(")") {
			break
		}
		if err := p.expect("|"); err != nil {
			return nil, err
		}
	}
	if len(stages) == 1 {
		switch s := stages[0].(type) {
		case *spansetFilter, *spansetOp, *subPipeline:
			return s, nil
		}
	}
	return &subPipeline{stages}, nil
}

// hints reads with(name=value, ...).
func (p *parser) hints() (map[string]Value, error) {
	if !p.isWord("with") {
		return nil, nil
	}
	if err := p.open(); err != nil {
		return nil, err
	}
	out := map[string]Value{}
	for {
		t := p.peek()
		if t.kind != tokWord {
			return nil, p.unexpected("hints are written as with(most_recent=true)")
		}
		p.take()
		if err := p.expect("="); err != nil {
			return nil, err
		}
		v, err := p.literal()
		if err != nil {
			return nil, err
		}
		switch t.text {
		case "most_recent", "exemplars", "sample", "span_sample", "trace_sample":
			// Answers are the most recent and are not sampled, whatever these say.
			out[t.text] = v
		case hintExtrapolate:
			if v.Type != Bool {
				return nil, p.fail(t.at, "such as with(extrapolate=true)", "extrapolate is true or false")
			}
			out[t.text] = v
		default:
			return nil, p.fail(t.at, "hints are most_recent, exemplars, sample, span_sample, trace_sample and extrapolate", "the hint %s is not supported", t.text)
		}
		if p.accept(")") {
			return out, nil
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
}
