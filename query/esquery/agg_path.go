package esquery

import (
	"math"
	"strings"
)

// metric is the number at a path of a level's aggregations, before the level is
// reduced as a whole.
func (g *group) metric(r *run, path string) (float64, error) {
	steps, name := splitPath(path)
	if g != nil {
		for i, a := range g.aggs.list {
			if a.name != steps[0] {
				continue
			}
			uncounted := &reduction{run: r, buckets: math.MinInt / 2}
			one, err := g.cs[i].result(uncounted)
			if err != nil {
				return 0, err
			}
			if v, ok := metricAt(one, steps[1:], name); ok {
				return v, nil
			}
		}
	}
	return 0, illegalf("Invalid aggregation order path [%s]. The provided aggregation [%s] either does not exist, or is a pipeline aggregation and cannot be used to sort the buckets.",
		clip(path), clip(steps[0]))
}

// splitPath cuts "a>b.name" and "a[name]" into the aggregations and the metric's
// name, which is "" if there is none.
func splitPath(path string) (steps []string, name string) {
	steps = strings.Split(path, ">")
	last := steps[len(steps)-1]
	if before, inside, ok := strings.Cut(last, "["); ok {
		steps[len(steps)-1], name = before, strings.Trim(strings.TrimSuffix(inside, "]"), `'"`)
		return steps, name
	}
	if before, after, ok := strings.Cut(last, "."); ok {
		steps[len(steps)-1], name = before, after
	}
	return steps, name
}

// metricAt follows steps below a result.
func metricAt(r result, steps []string, name string) (float64, bool) {
	for len(steps) > 0 {
		single, ok := r.(*singleResult)
		if !ok {
			return 0, false
		}
		if steps[0] == "_count" {
			return float64(single.docs), true
		}
		if r = single.subs.get(steps[0]); r == nil {
			return 0, false
		}
		steps = steps[1:]
	}
	if buckets, ok := r.(*bucketsResult); ok && name == "_bucket_count" {
		return float64(len(buckets.list)), true
	}
	return r.metric(name)
}

// metric is the number at a path below a bucket.
func (b *bucket) metric(path string) (float64, bool) {
	if path == "_count" {
		return float64(b.docs), true
	}
	if path == "_key" {
		return b.number, true
	}
	steps, name := splitPath(path)
	r := b.subs.get(steps[0])
	if r == nil {
		return 0, false
	}
	return metricAt(r, steps[1:], name)
}
