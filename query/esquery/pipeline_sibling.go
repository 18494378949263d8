package esquery

import (
	"math"
	"slices"
	"strings"
)

// siblingPipe are avg_bucket and its kin.
type siblingPipe struct{ pipeOptions }

func (p *siblingPipe) reduce(rs *results) (result, error) {
	path := p.paths()[0]
	first, rest, ok := strings.Cut(path, ">")
	if !ok { // "histogram._count"
		first, rest, ok = strings.Cut(path, ".")
	}
	buckets, isBuckets := rs.get(first).(*bucketsResult)
	if !ok || !isBuckets {
		return nil, illegalf("No aggregation found for path [%s]: [%s] wants the path of buckets and a number in them", clip(path), p.kind)
	}
	s := &statsResult{min: math.Inf(1), max: math.Inf(-1), sigma: p.sigma, extended: p.kind == "extended_stats_bucket"}
	var all []float64
	var smallest, largest []string
	for _, b := range buckets.list {
		v, err := p.value(b, rest)
		if err != nil {
			return nil, err
		}
		if math.IsNaN(v) {
			continue
		}
		if v <= s.min {
			if v < s.min {
				smallest = nil
			}
			smallest = append(smallest, b.name)
		}
		if v >= s.max {
			if v > s.max {
				largest = nil
			}
			largest = append(largest, b.name)
		}
		s.count++
		s.sum += v
		s.squares += v * v
		s.min, s.max = min(s.min, v), max(s.max, v)
		all = append(all, v)
	}
	return p.of(s, all, smallest, largest), nil
}

func (p *siblingPipe) of(s *statsResult, all []float64, smallest, largest []string) result {
	number := func(name string) float64 {
		v, _ := s.metric(name)
		return v
	}
	switch p.kind {
	case "avg_bucket":
		return &valueResult{kind: "simple_value", value: number("avg")}
	case "sum_bucket":
		return &valueResult{kind: "simple_value", value: s.sum}
	case "min_bucket":
		return &extremeResult{valueResult{kind: "bucket_metric_value", value: number("min")}, smallest}
	case "max_bucket":
		return &extremeResult{valueResult{kind: "bucket_metric_value", value: number("max")}, largest}
	case "percentiles_bucket":
		slices.Sort(all)
		r := &percentilesResult{agg: &percentilesAgg{kind: "percentiles", percents: p.percents, keyed: true}}
		for _, q := range p.percents {
			v := math.NaN()
			if len(all) > 0 { // the nearest, without interpolation
				v = all[min(len(all)-1, max(0, int(math.Round(q/100*float64(len(all)-1)))))]
			}
			r.values = append(r.values, v)
		}
		return r
	}
	return s
}

// extremeResult is a number with the keys of the buckets that have it.
type extremeResult struct {
	valueResult
	keys []string
}

func (r *extremeResult) append(b []byte, typed bool) []byte {
	b = r.valueResult.append(b, typed)
	b = append(b[:len(b)-1], `,"keys":[`...)
	for i, k := range r.keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, k)
	}
	return append(b, ']', '}')
}
