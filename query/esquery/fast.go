package esquery

import (
	"context"

	"github.com/pharosd/pharos/logs"
)

// aggregateByCount answers aggregations from the store's grouped counts, without
// reading a document, if that is exact: histograms of @timestamp of a fixed width
// and nothing else, of a query that the store can do whole. It returns false if it is
// not.
func (s *search) aggregateByCount(ctx context.Context, pre prefilter) (bool, error) {
	if s.aggs.none() || !pre.exact || s.terminateAfter > 0 {
		return false, nil
	}
	for _, a := range s.aggs.list {
		h, ok := a.spec.(*histogramAgg)
		if !ok || !h.countable() {
			return false, nil
		}
	}
	g := s.aggs.collectors(s.run)
	for _, c := range g.cs {
		if err := s.countHistogram(ctx, pre.filter, c.(*histogramCollector)); err != nil {
			return false, err
		}
	}
	var err error
	s.results, err = g.results(&reduction{run: s.run})
	return true, err
}

// countable says whether the buckets are those of the store: other aggregations in
// them may only be pipelines.
func (a *histogramAgg) countable() bool {
	return a.rounding != nil && a.rounding.Step() != 0 && a.path != nil && a.path.kind == timestampPath && a.script == nil && a.hard == nil &&
		(a.subs == nil || len(a.subs.list) == 0)
}

func (s *search) countHistogram(ctx context.Context, where logs.Filter, c *histogramCollector) error {
	start, end := timeRange(where)
	if start >= end {
		return nil
	}
	r := c.agg.rounding
	groups, err := s.engine.reader.Count(ctx, s.tenant, logs.Query{Start: start, End: end, Where: where},
		logs.Grouping{Step: r.Step() * 1e6, Offset: mod(r.Offset, r.Step()) * 1e6})
	if err != nil {
		return err
	}
	for _, g := range groups {
		t, err := newTally(s.run, c.agg.subs, 16)
		if err != nil {
			return err
		}
		t.docs = int64(g.Entries)
		c.buckets[float64(floorDiv(g.Time, 1e6))] = t
	}
	return nil
}

func mod(a, b int64) int64 {
	m := a % b
	if m < 0 {
		m += b
	}
	return m
}
