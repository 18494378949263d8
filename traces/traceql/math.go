package traceql

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/pharosd/pharos/tenant"
)

// calculation is arithmetic between metrics: *operation, *measurement or *constant.
type calculation interface{ String() string }

type operation struct {
	op    string // + - * /
	l, r  calculation
	after []secondStage
}

// measurement is a metrics query in parentheses.
type measurement struct{ query *Query }

type constant struct{ value Value } // Int or Float

func (o *operation) String() string {
	s := operand(o.l) + " " + o.op + " " + operand(o.r)
	for _, a := range o.after {
		s += " " + a.String()
	}
	return s
}
func (m *measurement) String() string { return "(" + m.query.String() + ")" }
func (c *constant) String() string    { return c.value.literal() }

func operand(c calculation) string {
	if _, ok := c.(*operation); ok {
		return "(" + c.String() + ")"
	}
	return c.String()
}

// calculating evaluates the metrics of a calculation, each once.
type calculating struct {
	engine *Engine
	tenant tenant.ID
	opts   RangeOptions
	known  map[string][]Series
	spans  int
	why    incomplete
}

// calculated evaluates a query that calculates with metrics.
func (e *Engine) calculated(ctx context.Context, t tenant.ID, q *Query, opts RangeOptions) (RangeResult, error) {
	c := &calculating{engine: e, tenant: t, opts: opts, known: map[string][]Series{}}
	series, err := c.eval(ctx, q.math)
	if err != nil {
		return RangeResult{}, err
	}
	slices.SortFunc(series, func(x, y Series) int { return cmp.Compare(x.name(), y.name()) })
	return RangeResult{Series: applyAfter(series, q.after), Incomplete: string(c.why), Spans: c.spans}, nil
}

// eval returns the series of a calculation that is no constant. They are the caller's.
func (c *calculating) eval(ctx context.Context, e calculation) ([]Series, error) {
	switch e := e.(type) {
	case *measurement:
		return c.measure(ctx, e.query)
	case *operation:
		out, err := c.operate(ctx, e)
		return applyAfter(out, e.after), err
	}
	panic("BUG: a constant is no series")
}

func (c *calculating) measure(ctx context.Context, q *Query) ([]Series, error) {
	key := q.String()
	known, ok := c.known[key]
	if !ok {
		found, err := c.engine.measured(ctx, c.tenant, q, c.opts)
		if err != nil {
			return nil, err
		}
		c.spans += found.Spans
		if found.Incomplete != "" {
			c.why.add(found.Incomplete)
		}
		known = found.Series
		c.known[key] = known
	}
	out := slices.Clone(known)
	for i := range out {
		out[i].Points, out[i].Exemplars = slices.Clone(out[i].Points), slices.Clone(out[i].Exemplars)
	}
	return out, nil
}

func (c *calculating) operate(ctx context.Context, o *operation) ([]Series, error) {
	if n, ok := o.l.(*constant); ok {
		x, _ := n.value.number()
		series, err := c.eval(ctx, o.r)
		return scaled(series, func(y float64) float64 { return calculate(o.op, x, y) }), err
	}
	left, err := c.eval(ctx, o.l)
	if err != nil {
		return nil, err
	}
	if n, ok := o.r.(*constant); ok {
		y, _ := n.value.number()
		return scaled(left, func(x float64) float64 { return calculate(o.op, x, y) }), nil
	}
	right, err := c.eval(ctx, o.r)
	if err != nil {
		return nil, err
	}
	return joined(o.op, left, right), nil
}

// calculate is NaN where there is no result.
func calculate(op string, x, y float64) float64 {
	switch op {
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return x * y
	}
	if y == 0 {
		return math.NaN()
	}
	return x / y
}

// scaled calculates each point; those without a result are left out.
func scaled(series []Series, f func(float64) float64) []Series {
	for i := range series {
		s := &series[i]
		s.Points = slices.DeleteFunc(s.Points, func(p Point) bool { return !finite(f(p.Value)) })
		for j := range s.Points {
			s.Points[j].Value = f(s.Points[j].Value)
		}
		s.Exemplars = slices.DeleteFunc(s.Exemplars, func(e Exemplar) bool { return !finite(f(e.Value)) })
		for j := range s.Exemplars {
			s.Exemplars[j].Value = f(s.Exemplars[j].Value)
		}
	}
	return slices.DeleteFunc(series, func(s Series) bool { return len(s.Points) == 0 })
}

func finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

const nameLabel = "__name__"

// matchKey is what series of two metrics match by: their labels but the name.
func (s *Series) matchKey() string {
	parts := make([]string, 0, len(s.Labels))
	for _, l := range s.Labels {
		if l.Key != nameLabel {
			parts = append(parts, l.Key+"\x00"+l.Value.key())
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, "\x01")
}

// joined calculates with series of the same labels; one without labels goes with each of
// the other side. Series and points without a partner are left out, as in Tempo.
func joined(op string, left, right []Series) []Series {
	index := func(list []Series) map[string]*Series {
		out := make(map[string]*Series, len(list))
		for i := range list {
			out[list[i].matchKey()] = &list[i]
		}
		return out
	}
	l, r := index(left), index(right)
	over := left
	if r[""] == nil {
		over = right
	}
	var out []Series
	for i := range over {
		key := over[i].matchKey()
		x, allX := partner(l, key)
		y, allY := partner(r, key)
		if x == nil || y == nil {
			continue
		}
		s := Series{Labels: joinedLabels(op, x, y), Points: joinedPoints(op, x.Points, y.Points)}
		switch {
		case allX == allY:
			s.Exemplars = slices.Concat(x.Exemplars, y.Exemplars)
		case allX:
			s.Exemplars = y.Exemplars
		default:
			s.Exemplars = x.Exemplars
		}
		if len(s.Points) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// partner returns the series of a key, else the one without labels, which all says.
func partner(index map[string]*Series, key string) (s *Series, all bool) {
	if s := index[key]; s != nil {
		return s, false
	}
	return index[""], true
}

func joinedLabels(op string, l, r *Series) []Attr {
	var out []Attr
	names := [2]string{}
	for i, s := range []*Series{l, r} {
		for _, a := range s.Labels {
			switch {
			case a.Key == nameLabel:
				names[i] = a.Value.Text()
			case !slices.ContainsFunc(out, func(o Attr) bool { return o.Key == a.Key }):
				out = append(out, a)
			}
		}
	}
	if names[0] != "" && names[1] != "" {
		out = append(out, Attr{nameLabel, stringValue("(" + names[0] + " " + op + " " + names[1] + ")")})
	}
	return out
}

// joinedPoints calculates where both have a point; both ascend in time.
func joinedPoints(op string, l, r []Point) []Point {
	var out []Point
	for len(l) > 0 && len(r) > 0 {
		switch {
		case l[0].Time < r[0].Time:
			l = l[1:]
		case l[0].Time > r[0].Time:
			r = r[1:]
		default:
			if v := calculate(op, l[0].Value, r[0].Value); finite(v) {
				out = append(out, Point{l[0].Time, v})
			}
			l, r = l[1:], r[1:]
		}
	}
	return out
}
