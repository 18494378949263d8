package logql

import (
	"context"
	"fmt"
	"strings"
)

// stepsTogether is how many steps are cached as one.
const stepsTogether = 64

// maxCachedPoints bounds what a query adds to the cache.
const maxCachedPoints = 200_000

// cachedRange is a range aggregation whose closed steps come from the cache, and go
// there after the query succeeded.
type cachedRange struct {
	q     *query
	cache *Cache
	e     *RangeAggregation
	key   string // of the aggregation with this step and phase
	// next computes the steps that are not cached.
	next   evaluator
	closed int64
	clock  uint64
	found  map[int64]*cachedSteps // by part
	fresh  map[int64]*cachedSteps
	index  map[int64]map[string]int32 // of fresh' series
	points int
}

// newCachedRange returns the evaluator of a range aggregation behind the cache.
func (q *query) newCachedRange(ctx context.Context, e *RangeAggregation, outer *Grouping) (evaluator, error) {
	c := &cachedRange{q: q, cache: q.engine.cache, e: e, key: rangeKey(ctx, q, e, outer),
		found: map[int64]*cachedSteps{}, fresh: map[int64]*cachedSteps{}, index: map[int64]map[string]int32{}}
	c.closed, c.clock = c.cache.begin()
	first, last, missing := c.lookUp(q.plan)
	if missing {
		p := q.params
		p.Start, p.End = first, last
		var err error
		if c.next, err = q.readRange(ctx, e, outer, p); err != nil {
			return nil, err
		}
	}
	q.succeeded = append(q.succeeded, c.store)
	return c, nil
}

// lookUp finds the steps that are cached and returns the first and the last that
// are not.
func (c *cachedRange) lookUp(node *PlanNode) (first, last int64, missing bool) {
	p := c.q.params
	for t := p.Start; ; t += p.Step {
		if c.cached(t).has(t) {
			node.Cached++
		} else {
			node.Computed++
			if !missing {
				first = t
			}
			last, missing = t, true
		}
		if p.Step == 0 || p.End-t < p.Step {
			break
		}
	}
	c.cache.metrics.hits.Add(float64(node.Cached))
	c.cache.metrics.misses.Add(float64(node.Computed))
	return first, last, missing
}

// part is which results are cached with that of a step.
func (c *cachedRange) part(t int64) int64 {
	if c.q.params.Step == 0 {
		return t
	}
	return floorDiv(t, c.q.params.Step*stepsTogether)
}

func (c *cachedRange) partKey(part int64) string { return fmt.Sprintf("%s\xff%d", c.key, part) }

// isClosed says whether the window of a step is, and what is shown of it settled.
func (c *cachedRange) isClosed(t int64) bool {
	end := t - c.e.Range.Offset
	return end < c.closed && c.cache.isSettled(c.q.tenant, end-c.e.Range.Interval+1, end+1)
}

// cached returns the results that that of a step may be in, nil if there are none.
func (c *cachedRange) cached(t int64) *cachedSteps {
	if !c.isClosed(t) {
		return nil
	}
	part := c.part(t)
	s, looked := c.found[part]
	if !looked {
		s = c.cache.get(c.partKey(part))
		c.found[part] = s
	}
	return s
}

func (c *cachedRange) at(t int64) ([]sample, error) {
	if s := c.cached(t); s.has(t) {
		return s.vector(t), nil
	}
	vec, err := c.next.at(t)
	if err == nil && c.isClosed(t) {
		c.add(t, vec)
	}
	return vec, err
}

// add notes the result of a step.
func (c *cachedRange) add(t int64, vec []sample) {
	if c.points += len(vec) + 1; c.points > maxCachedPoints {
		c.fresh = nil
		return
	}
	part := c.part(t)
	s := c.fresh[part]
	if s == nil {
		s = &cachedSteps{tenant: c.q.tenant, key: c.partKey(part), steps: map[int64][]cachedValue{}}
		c.fresh[part], c.index[part] = s, map[string]int32{}
	}
	c.put(s, c.index[part], t, vec)
}

// put adds a vector to s. Sizes are what the structures take, roughly.
func (c *cachedRange) put(s *cachedSteps, index map[string]int32, t int64, vec []sample) {
	r := c.e.Range
	from, to := t-r.Offset-r.Interval+1, t-r.Offset+1
	if len(s.steps) == 0 {
		s.from, s.to, s.bytes = from, to, int64(len(s.key))+300
	}
	s.from, s.to = min(s.from, from), max(s.to, to)
	values := make([]cachedValue, len(vec))
	for i, x := range vec {
		n, ok := index[x.key]
		if !ok {
			n = int32(len(s.series))
			index[x.key] = n
			s.series = append(s.series, cachedSeries{x.labels, x.key})
			s.bytes += int64(100 + 3*len(x.key))
		}
		values[i] = cachedValue{n, x.value}
	}
	s.steps[t] = values
	s.bytes += int64(64 + 16*len(values))
}

// store puts what was computed into the cache, with what is there of the same part.
func (c *cachedRange) store() {
	for part, s := range c.fresh {
		if old := c.found[part]; old != nil {
			for t := range old.steps {
				if !s.has(t) {
					c.put(s, c.index[part], t, old.vector(t))
				}
			}
		}
		c.cache.put(s, c.clock)
	}
}

// rangeKey identifies what the results of a range aggregation depend on, but for the
// time: who asks, the expression, and where its windows begin and end.
func rangeKey(ctx context.Context, q *query, e *RangeAggregation, outer *Grouping) string {
	var b strings.Builder
	writeAsker(ctx, &b, q.tenant)
	fmt.Fprintf(&b, "%s\xff%d\xff%d", e, e.Range.Interval, e.Range.Offset)
	if outer != nil {
		fmt.Fprintf(&b, "\xff%v\xff%q", outer.Without, outer.Labels)
	}
	writeSizes(&b, e.Range.Log.Stages, e.Range.Unwrap)
	step := q.params.Step
	fmt.Fprintf(&b, "\xff%d", step)
	if step > 0 {
		fmt.Fprintf(&b, "\xff%d", q.params.Start-floorDiv(q.params.Start, step)*step)
	}
	return b.String()
}

// writeSizes adds the sizes that filters compare with to a key: the texts of these
// filters are rounded.
func writeSizes(b *strings.Builder, stages []StageExpr, u *Unwrap) {
	var visit func(f labelFilter)
	visit = func(f labelFilter) {
		switch f := f.(type) {
		case *binaryFilter:
			visit(f.left)
			visit(f.right)
		case *bytesFilter:
			fmt.Fprintf(b, "\xff%d", f.value)
		}
	}
	for _, s := range stages {
		if f, ok := s.(*LabelFilterStage); ok {
			visit(f.Filter)
		}
	}
	if u != nil {
		for _, f := range u.Filters {
			visit(f)
		}
	}
}
