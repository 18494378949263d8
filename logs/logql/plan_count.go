package logql

import (
	"cmp"
	"context"
	"slices"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
)

// maxBuckets bounds the time buckets that the store is asked to count in.
const maxBuckets = 50_000

// counter lets the store count the entries of a plan's region, in time buckets whose
// entries every window has all or none of. What may have equals, and what lies
// outside of the region, is read and sent through the pipeline.
type counter struct {
	*rangePlan
	grouping logs.Grouping
	names    []string // of labels to group by, sorted
	sources  [][]int  // of each name: places in grouping.By
	known    *labelSources
}

// count is the evaluation by counting. It returns errNeedsLines if the query needs
// more than counts.
func (p *rangePlan) count(ctx context.Context) ([]*rangeSeries, error) {
	c := &counter{rangePlan: p}
	if !c.possible() || !c.buckets() {
		return nil, errNeedsLines
	}
	if err := c.look(ctx); err != nil {
		return nil, err
	}
	return c.run(ctx)
}

// possible says whether counts are all that the query needs.
func (c *counter) possible() bool {
	x := c.x
	switch c.e.Op {
	case opCountOverTime, opRate, opBytesOverTime, opBytesRate, opAbsentOverTime:
		if x.unwrap != nil {
			return false
		}
	case opMinOverTime, opMaxOverTime:
		// The extremes of decimal numbers are the same in any order.
		if x.unwrap.Conversion != "" || c.columns.parser < 0 || unusual(x.value) || len(x.filter) > 0 {
			return false
		}
		if c.grouped(x.value) {
			return false
		}
	default:
		return false
	}
	if c.columns.blocker != "" {
		return false
	}
	if _, exact := c.columns.condition(resolver{sources: anySource}); !exact {
		return false
	}
	if x.single {
		return true
	}
	if x.grouping == nil || x.grouping.Without {
		return false
	}
	c.names = slices.Clone(x.grouping.Labels)
	slices.Sort(c.names)
	c.names = slices.Compact(c.names)
	return !slices.ContainsFunc(c.names, func(n string) bool { return unusual(n) || slices.Contains(c.columns.changed, n) })
}

func (c *counter) grouped(name string) bool {
	return c.x.grouping != nil && slices.Contains(c.x.grouping.Labels, name) != c.x.grouping.Without && !c.x.single ||
		slices.Contains(c.columns.changed, name)
}

// buckets sets the time buckets: their borders are the begins and ends of windows.
// A window excludes its begin and includes its end.
func (c *counter) buckets() bool {
	step := c.q.params.Step
	if step == 0 {
		return true // one window
	}
	if step < 0 {
		return false
	}
	c.grouping.Step = gcd(step, c.e.Range.Interval)
	c.grouping.Offset = (c.q.params.Start - c.e.Range.Offset + 1) % c.grouping.Step
	return (c.base.End-c.base.Start)/c.grouping.Step <= maxBuckets
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// names that the plan's conditions and result read.
func (c *counter) readNames() []string {
	names := slices.Clone(c.names)
	for _, f := range c.columns.filters {
		names = append(names, f.names()...)
	}
	if c.x.unwrap != nil {
		names = append(names, c.x.value)
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(n string) bool { return n == errorLabel })
}

// look finds out where labels come from, so that the store needs to look nowhere
// else, and what must be read.
func (c *counter) look(ctx context.Context) error {
	c.known = newLabelSources(c.q, c.base)
	names := c.readNames()
	for _, n := range names {
		if err := c.known.lookAtStreams(ctx, n); err != nil {
			return err
		}
	}
	if c.x.unwrap != nil && !slices.Equal(c.known.sources(c.x.value, true), []logs.FieldKind{logs.Metadata, logs.Parsed}) {
		return errNeedsLines
	}
	odd := logs.Or{logs.MaybeEqual{}, c.outside()}
	if c.columns.parser >= 0 {
		for _, n := range names {
			if c.known.labels[n] != everyStream {
				odd = append(odd, logs.Exists{Field: logs.Field{Kind: logs.Metadata, Name: n}})
			}
		}
	}
	n, err := c.entries(ctx, or(odd...))
	if err != nil || n > 0 {
		c.known.odd = true
		return err
	}
	if c.columns.parser >= 0 {
		c.known.noMetadata = true
	}
	return nil
}

// entries counts entries, equal ones too.
func (c *counter) entries(ctx context.Context, where logs.Filter) (uint64, error) {
	lq := c.base
	lq.Where = and(lq.Where, where)
	groups, err := c.node.count(ctx, c.q, lq, logs.Grouping{}, "look for what cannot be counted")
	if err != nil || len(groups) == 0 {
		return 0, err
	}
	return groups[0].Entries, nil
}

// outside matches what must be sent through the pipeline.
func (c *counter) outside() logs.Filter {
	strict := slices.DeleteFunc(c.x.strictNames(c.columns, c.names), func(n string) bool {
		return !slices.Contains(c.known.sources(n, true), logs.Parsed)
	})
	out := logs.Or{c.columns.outside(strict)}
	if c.x.unwrap != nil { // only numbers of lines are counted
		out = append(out, logs.Exists{Field: logs.Field{Kind: logs.Metadata, Name: c.x.value}})
	}
	for _, f := range c.columns.numbers() {
		name := f.names()[0]
		for _, kind := range c.known.sources(name, f.parsed) {
			out = append(out, stray(logs.Field{Kind: kind, Name: name}))
		}
	}
	return or(out...)
}

func (c *counter) run(ctx context.Context) ([]*rangeSeries, error) {
	g := newGatherer(c.q, c.e)
	region := truth(true)
	condition, _ := c.columns.condition(resolver{sources: c.known.sources})
	if c.known.odd {
		outside := c.outside()
		suspects, err := c.suspects(ctx)
		if err != nil {
			return nil, err
		}
		lines := c.linesPass(and(c.base.Where, or(append(suspects, outside)...)))
		c.node.pass(&lines, c.x)
		if err := g.run(ctx, c.base.Start, c.base.End, []pass{lines}); err != nil {
			return nil, err
		}
		region = and(logs.Not{Filter: outside}, logs.Not{Filter: suspects})
		if len(suspects) == 0 {
			region = logs.Not{Filter: outside}
		}
	}
	where := and(c.base.Where, region, condition)
	if never(where) {
		return g.sorted(), nil
	}
	if err := c.groups(ctx, g, where); err != nil {
		return nil, err
	}
	return g.sorted(), nil
}

// groups adds what the store counts to the points.
func (c *counter) groups(ctx context.Context, g *gatherer, where logs.Filter) error {
	lq := c.base
	lq.Where = where
	c.grouping.Bytes = c.x.bytes
	if c.x.unwrap != nil {
		c.grouping.Number = &logs.Field{Kind: logs.Parsed, Name: c.x.value}
		lq.Where = and(where, logs.Exists{Field: *c.grouping.Number})
	}
	for _, n := range c.names {
		var places []int
		for _, kind := range c.known.sources(n, c.columns.parser >= 0) {
			places = append(places, len(c.grouping.By))
			c.grouping.By = append(c.grouping.By, logs.Field{Kind: kind, Name: n})
		}
		c.sources = append(c.sources, places)
	}
	groups, err := c.node.count(ctx, c.q, lq, c.grouping, "count in the store")
	if err != nil {
		return err
	}
	touched := map[*rangeSeries]bool{}
	for i := range groups {
		s, p, err := c.point(g, &groups[i])
		if err != nil {
			return err
		}
		s.points = append(s.points, p)
		touched[s] = true
		c.q.addMatched(int64(groups[i].Entries))
	}
	for s := range touched {
		slices.SortFunc(s.points, comparePoints)
		points := s.points
		s.points = g.cells.merge(points[:0:0], points)
		if err := c.q.keep(pointSize * cap(s.points)); err != nil {
			return err
		}
	}
	return nil
}

// point is a group as a point of its series. It stands for all entries of its
// bucket: they are in the same windows.
func (c *counter) point(g *gatherer, x *logs.Group) (*rangeSeries, point, error) {
	ls := model.Labels{}
	for i, n := range c.names {
		for _, place := range c.sources[i] {
			if v := x.By[place]; v != "" {
				ls = append(ls, model.Label{Name: n, Value: v})
				break
			}
		}
	}
	p := point{time: max(x.Time, c.base.Start), value: float64(x.Entries)}
	if c.grouping.Step == 0 {
		p.time = c.base.End - 1
	}
	switch {
	case c.x.unwrap != nil:
		if x.Numbers != x.Entries { // the language reads more than decimal numbers
			return nil, p, errNeedsLines
		}
		if p.value = x.Min; c.e.Op == opMaxOverTime {
			p.value = x.Max
		}
	case c.x.bytes:
		p.value = float64(x.Bytes)
	}
	s, err := g.of(ls, labelsKey(ls))
	return s, p, err
}

// suspectParts is in how many parts of the range entries that may be equal are
// looked for.
const suspectParts = 256

// suspects returns the parts of the range in which entries may be equal: there all
// are read, so that equal ones are seen together.
func (c *counter) suspects(ctx context.Context) (logs.Or, error) {
	lq := c.base
	lq.Where = and(lq.Where, logs.MaybeEqual{})
	width := max((lq.End-lq.Start)/suspectParts, minSlice)
	groups, err := c.node.count(ctx, c.q, lq, logs.Grouping{Step: width, Offset: lq.Start % width}, "look for equal entries")
	if err != nil {
		return nil, err
	}
	slices.SortFunc(groups, func(a, b logs.Group) int { return cmp.Compare(a.Time, b.Time) })
	var parts []logs.Within
	for _, x := range groups {
		if n := len(parts); n > 0 && parts[n-1].End == x.Time {
			parts[n-1].End += width
			continue
		}
		parts = append(parts, logs.Within{Start: x.Time, End: x.Time + width})
	}
	out := logs.Or{}
	for _, p := range parts {
		out = append(out, p)
	}
	return out, nil
}
