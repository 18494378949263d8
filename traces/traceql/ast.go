package traceql

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Query is a parsed query.
type Query struct {
	stages []stage     // of the pipeline on spansets
	metric *metric     // nil for searches
	math   calculation // between metrics; then there are neither stages nor metric
	after  []secondStage
	hints  map[string]Value
}

// IsMetrics says that the answer is series rather than traces.
func (q *Query) IsMetrics() bool { return q.metric != nil || q.math != nil }

// expr is a field expression: *binary, *unary, *literal or *reference.
type expr interface {
	typ() Type
	String() string
}

type literal struct{ value Value }

type reference struct{ field Field }

type unary struct {
	op string // "-" or "!"
	x  expr
}

type binary struct {
	op   string
	l, r expr
	re   *regexp.Regexp // of =~ and !~, anchored
}

func (l *literal) typ() Type   { return l.value.Type }
func (r *reference) typ() Type { return r.field.typ() }
func (u *unary) typ() Type {
	if u.op == "!" {
		return Bool
	}
	return u.x.typ()
}

func (b *binary) typ() Type {
	switch b.op {
	case "+", "-", "*", "/", "%", "^":
		l, r := b.l.typ(), b.r.typ()
		switch {
		case l == Any || r == Any:
			return Any
		case l == Duration || r == Duration:
			return Duration
		case l == Float || r == Float || b.op == "/" || b.op == "^":
			return Float
		}
		return Int
	}
	return Bool
}

func (l *literal) String() string   { return l.value.literal() }
func (r *reference) String() string { return r.field.String() }
func (u *unary) String() string     { return u.op + inner(u.x) }
func (b *binary) String() string    { return inner(b.l) + " " + b.op + " " + inner(b.r) }

func inner(e expr) string {
	if _, ok := e.(*binary); ok {
		return "(" + e.String() + ")"
	}
	return e.String()
}

// stage is a part of the pipeline: spansetExpr, *scalarFilter, *groupBy, coalesce or
// *selection.
type stage interface{ String() string }

// spansetExpr is an expression whose value on a trace is a set of spans:
// *spansetFilter, *spansetOp or *subPipeline.
type spansetExpr interface{ String() string }

type spansetFilter struct{ cond expr } // nil: all spans

type spansetOp struct {
	op   string // && || > >> < << ~, with ! or & before structural ones
	l, r spansetExpr
}

// subPipeline is a pipeline in parentheses.
type subPipeline struct{ stages []stage }

type scalarFilter struct {
	op   string
	l, r scalar
}

type groupBy struct{ by expr }

type coalesce struct{}

type selection struct{ fields []expr }

func (f *spansetFilter) String() string {
	if f.cond == nil {
		return "{ }"
	}
	return "{ " + f.cond.String() + " }"
}
func (o *spansetOp) String() string {
	return "(" + o.l.String() + " " + o.op + " " + o.r.String() + ")"
}
func (s *subPipeline) String() string  { return "(" + joinStages(s.stages) + ")" }
func (f *scalarFilter) String() string { return f.l.String() + " " + f.op + " " + f.r.String() }
func (g *groupBy) String() string      { return "by(" + g.by.String() + ")" }
func (coalesce) String() string        { return "coalesce()" }
func (s *selection) String() string    { return "select(" + joinExprs(s.fields) + ")" }

// scalar is a number of a spanset: *scalarOp, *aggregate or *literal.
type scalar interface{ String() string }

type scalarOp struct {
	op   string
	l, r scalar
}

type aggregate struct {
	name string // count, avg, min, max, sum
	of   expr   // nil for count
}

func (o *scalarOp) String() string { return "(" + o.l.String() + " " + o.op + " " + o.r.String() + ")" }
func (a *aggregate) String() string {
	if a.of == nil {
		return a.name + "()"
	}
	return a.name + "(" + a.of.String() + ")"
}

// metric turns spans into series.
type metric struct {
	name      string // rate, count_over_time, ...
	of        expr   // what is measured, nil for counts
	quantiles []float64
	by        []expr
	compare   *comparison // of compare()
}

// comparison are the arguments of compare().
type comparison struct {
	selection  *spansetFilter
	top        int
	start, end int64 // nanoseconds, 0 for none
}

func (m *metric) String() string {
	var args []string
	if m.of != nil {
		args = append(args, m.of.String())
	}
	for _, q := range m.quantiles {
		args = append(args, strconv.FormatFloat(q, 'g', -1, 64))
	}
	if c := m.compare; c != nil {
		args = append(args, c.selection.String(), strconv.Itoa(c.top))
		if c.start != 0 {
			args = append(args, strconv.FormatInt(c.start, 10), strconv.FormatInt(c.end, 10))
		}
	}
	s := m.name + "(" + strings.Join(args, ", ") + ")"
	if len(m.by) > 0 {
		s += " by (" + joinExprs(m.by) + ")"
	}
	return s
}

// secondStage works on series: topk(n), bottomk(n) or a comparison with a number.
type secondStage struct {
	name string // topk, bottomk or an operator
	n    float64
}

func (s secondStage) String() string {
	if s.name == "topk" || s.name == "bottomk" {
		return fmt.Sprintf("| %s(%g)", s.name, s.n)
	}
	return fmt.Sprintf("%s %g", s.name, s.n)
}

// String returns the query in its canonical form.
func (q *Query) String() string {
	s := joinStages(q.stages)
	if q.metric != nil {
		s += " | " + q.metric.String()
	}
	if q.math != nil {
		s = q.math.String()
	}
	for _, a := range q.after {
		s += " " + a.String()
	}
	return s
}

func joinStages(stages []stage) string {
	parts := make([]string, len(stages))
	for i, s := range stages {
		parts[i] = s.String()
	}
	return strings.Join(parts, " | ")
}

func joinExprs(list []expr) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = e.String()
	}
	return strings.Join(parts, ", ")
}
