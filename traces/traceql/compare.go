package traceql

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/pharosd/pharos/tenant"
)

// Labels of compare()'s series, which are Tempo's.
const (
	metaType  = "__meta_type"
	metaError = "__meta_error"
)

// maxCompared bounds the different values of all attributes in memory.
const maxCompared = 100_000

// comparing counts the values of every attribute in two groups of spans.
type comparing struct {
	c      *comparison
	grid   grid
	groups [2]map[string]*comparedField // baseline and selection, by the field's text
	values int
	why    incomplete
}

type comparedField struct {
	total  []float64
	values map[string]*comparedValue
}

type comparedValue struct {
	value  Value
	total  float64
	points map[int]float64
}

// compareSpans evaluates compare().
func (e *Engine) compareSpans(ctx context.Context, t tenant.ID, q *Query, opts RangeOptions) (RangeResult, error) {
	c := &comparing{c: q.metric.compare, grid: newGrid(opts.Start, opts.End, opts.Step), groups: [2]map[string]*comparedField{{}, {}}}
	selected := c.c.selection.cond
	spans, err := e.eachSpan(ctx, t, q, opts, wanted{}, selected == nil || local(selected), c.observe, &c.why)
	if err != nil {
		return RangeResult{}, e.explain(ctx, err)
	}
	return RangeResult{Series: c.series(), Incomplete: string(c.why), Spans: spans}, nil
}

func (c *comparing) observe(s *span) {
	group := 0
	if at := s.start(); holds(c.c.selection.cond, s) && (c.c.start == 0 || at >= c.c.start && at < c.c.end) {
		group = 1
	}
	i := c.grid.index(s.start())
	for _, f := range [...]Field{{Intrinsic, false, fieldName}, {Intrinsic, false, fieldKind}, {Intrinsic, false, fieldStatus}, {Intrinsic, false, fieldStatusMessage}} {
		if v := f.value(s); v.Type != String || v.Str != "" {
			c.add(group, i, f.Name, v)
		}
	}
	c.addAll(group, i, ResourceScope, s.resource.Attributes())
	c.addAll(group, i, SpanScope, s.span.Attributes())
}

func (c *comparing) addAll(group, i int, scope Scope, m pcommon.Map) {
	for k, v := range m.All() {
		value := attributeValue(v)
		if value.Type == Nil {
			continue
		}
		if value.Type == List {
			value = stringValue(value.Text())
		}
		c.add(group, i, scope.String()+"."+k, value)
	}
}

func (c *comparing) add(group, i int, field string, v Value) {
	f := c.groups[group][field]
	if f == nil {
		f = &comparedField{total: make([]float64, c.grid.points), values: map[string]*comparedValue{}}
		c.groups[group][field] = f
	}
	f.total[i]++
	key := v.key()
	cv := f.values[key]
	if cv == nil {
		if c.values >= maxCompared {
			c.why.add(fmt.Sprintf("the spans have more than %d different values; narrow the conditions or the time", maxCompared))
			return
		}
		c.values++
		v.Str = strings.Clone(v.Str)
		cv = &comparedValue{value: v, points: map[int]float64{}}
		f.values[key] = cv
	}
	cv.total++
	cv.points[i]++
}

func (c *comparing) series() []Series {
	var out []Series
	line := func(kind, name string, label Attr, value func(i int) float64) {
		s := Series{Labels: []Attr{{name, stringValue(kind)}, label}}
		for i := range c.grid.points {
			s.Points = append(s.Points, Point{c.grid.time(i), value(i)})
		}
		out = append(out, s)
	}
	for group, kind := range [...]string{"baseline", "selection"} {
		for field, f := range c.groups[group] {
			list := make([]*comparedValue, 0, len(f.values))
			for _, v := range f.values {
				list = append(list, v)
			}
			slices.SortFunc(list, func(a, b *comparedValue) int {
				return cmp.Or(cmp.Compare(b.total, a.total), cmp.Compare(a.value.key(), b.value.key()))
			})
			if len(list) > c.c.top {
				list = list[:c.c.top]
				line("__too_many_values__", metaError, Attr{field, Value{}}, func(int) float64 { return 0 })
			}
			for _, v := range list {
				line(kind, metaType, Attr{field, v.value}, func(i int) float64 { return v.points[i] })
			}
			line(kind+"_total", metaType, Attr{field, Value{}}, func(i int) float64 { return f.total[i] })
		}
	}
	slices.SortStableFunc(out, func(a, b Series) int { return cmp.Compare(a.name(), b.name()) })
	return out
}
