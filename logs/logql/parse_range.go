package logql

import (
	"strconv"
	"time"
)

func (p *parser) rangeAggregation() Expr {
	op := p.tok.text
	p.advance()
	p.expect("(")
	var param *string
	if p.tok.kind == tokNumber {
		text := p.numberText()
		param = &text
		p.expect(",")
	}
	r := p.logRange()
	p.expect(")")
	e := &RangeAggregation{Op: op, Range: r, Grouping: p.grouping()}
	switch {
	case param != nil && op != opQuantileOverTime:
		p.fail(parseErrorf("parameter %s not supported for operation %s", *param, op))
	case param == nil && op == opQuantileOverTime:
		p.fail(parseErrorf("parameter required for operation %s", op))
	case param != nil:
		q, err := strconv.ParseFloat(*param, 64)
		if err != nil {
			p.fail(parseErrorf("invalid parameter for operation %s: %s", op, err))
		}
		e.Param = &q
	}
	p.checkRange(e)
	return e
}

// checkRange says which aggregations allow a grouping, which want an unwrap and
// which do not have one.
func (p *parser) checkRange(e *RangeAggregation) {
	if e.Grouping != nil {
		switch e.Op {
		case opAvgOverTime, opStddevOverTime, opStdvarOverTime, opQuantileOverTime, opMaxOverTime, opMinOverTime,
			opFirstOverTime, opLastOverTime:
		default:
			p.fail(parseErrorf("grouping not allowed for %s aggregation", e.Op))
		}
	}
	switch e.Op {
	case opRate, opAbsentOverTime:
	case opBytesOverTime, opBytesRate, opCountOverTime:
		if e.Range.Unwrap != nil {
			p.fail(parseErrorf("invalid aggregation %s with unwrap", e.Op))
		}
	default:
		if e.Range.Unwrap == nil {
			p.fail(parseErrorf("invalid aggregation %s without unwrap", e.Op))
		}
	}
}

// logRange reads a selector with its window. The window may stand behind the
// selector, the pipeline, the unwrap, or a parenthesis around any of them.
func (p *parser) logRange() *LogRange {
	p.enter()
	defer p.leave()
	r := &LogRange{Log: &LogExpr{}}
	if p.accept("(") {
		if p.tok.is("(") {
			r = p.logRange()
			p.expect(")")
			return r
		}
		closed := p.rangeBody(r, true)
		if closed { // ({...} ...)[5m] ...
			if p.tok.kind != tokRange {
				p.unexpected("RANGE")
			}
			p.window(r)
			if len(r.Log.Stages) == 0 && r.Unwrap == nil && p.tok.is("|") {
				p.rangeStages(r)
				if len(r.Log.Stages) > 0 { // only an unwrap may follow
					p.unexpected()
				}
			}
			return r
		}
		p.expect(")")
		return r
	}
	if !p.tok.is("{") {
		p.unexpected("NUMBER", "{", "(")
	}
	p.rangeBody(r, false)
	return r
}

// rangeBody reads {...}, stages and the window. In parentheses the window may be
// missing: then the closing parenthesis is consumed and true returned.
func (p *parser) rangeBody(r *LogRange, parens bool) bool {
	if !p.tok.is("{") {
		p.unexpected("{", "(")
	}
	r.Log.Matchers = p.selector()
	if p.tok.kind != tokRange {
		p.rangeStages(r)
		if parens && p.accept(")") {
			return true
		}
	}
	if p.tok.kind != tokRange {
		p.unexpected()
	}
	p.window(r)
	if len(r.Log.Stages) == 0 && r.Unwrap == nil {
		p.rangeStages(r)
	}
	return false
}

func (p *parser) window(r *LogRange) {
	r.Interval = p.duration()
	if p.accept("offset") {
		if p.tok.kind != tokDuration {
			p.unexpected("DURATION")
		}
		r.Offset = p.duration()
	}
}

// maxDuration keeps sums of times within 64 bits of nanoseconds.
const maxDuration = int64(100 * 365 * 24 * time.Hour)

func (p *parser) duration() int64 {
	d := p.tok.duration
	if d > maxDuration || d < -maxDuration {
		p.fail(&ParseError{Line: p.tok.line, Col: p.tok.col, Msg: "duration out of range"})
	}
	p.advance()
	return d
}

// rangeStages reads a pipeline that may end in an unwrap with filters.
func (p *parser) rangeStages(r *LogRange) {
	r.Log.Stages = append(r.Log.Stages, p.stages(func() bool {
		r.Unwrap = p.unwrap()
		return true
	})...)
}

// unwrap reads what follows "| unwrap".
func (p *parser) unwrap() *Unwrap {
	u := &Unwrap{}
	switch p.tok.text {
	case "bytes", "duration", "duration_seconds":
		if p.tok.kind == tokFunction {
			u.Conversion = p.tok.text
			p.advance()
			p.expect("(")
			u.Label = p.ident()
			p.expect(")")
		}
	}
	if u.Conversion == "" {
		u.Label = p.ident()
	}
	for p.accept("|") {
		u.Filters = append(u.Filters, p.labelFilters(0))
	}
	return u
}
