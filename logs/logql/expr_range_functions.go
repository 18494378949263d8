package logql

import (
	"math"
	"slices"
	"time"
)

// rangeAggregator returns the function that makes a number of the points of a
// window, which are never none. end is the end of the window.
func rangeAggregator(e *RangeAggregation) func(points []point, end int64) float64 {
	interval := e.Range.Interval
	seconds := time.Duration(interval).Seconds()
	simple := func(f func([]point) float64) func([]point, int64) float64 {
		return func(ps []point, _ int64) float64 { return f(ps) }
	}
	switch e.Op {
	case opCountOverTime:
		return simple(func(ps []point) float64 { return float64(len(ps)) })
	case opRate, opBytesRate:
		return simple(func(ps []point) float64 { return sum(ps) / seconds })
	case opRateCounter:
		return func(ps []point, end int64) float64 { return counterRate(ps, end-interval, end) }
	case opBytesOverTime, opSumOverTime:
		return simple(sum)
	case opAvgOverTime:
		return simple(average)
	case opMaxOverTime:
		return simple(func(ps []point) float64 { return extreme(ps, func(a, b float64) bool { return a > b }) })
	case opMinOverTime:
		return simple(func(ps []point) float64 { return extreme(ps, func(a, b float64) bool { return a < b }) })
	case opStdvarOverTime:
		return simple(variance)
	case opStddevOverTime:
		return simple(func(ps []point) float64 { return math.Sqrt(variance(ps)) })
	case opQuantileOverTime:
		return simple(func(ps []point) float64 { return quantile(*e.Param, ps) })
	case opFirstOverTime:
		return simple(func(ps []point) float64 { return ps[0].value })
	case opLastOverTime:
		return simple(func(ps []point) float64 { return ps[len(ps)-1].value })
	case opAbsentOverTime:
		return simple(func([]point) float64 { return 1 })
	}
	panic("BUG: unknown range aggregation " + e.Op)
}

func sum(ps []point) float64 {
	var s float64
	for _, p := range ps {
		s += p.value
	}
	return s
}

// average is a running mean, which does not overflow.
func average(ps []point) float64 {
	var mean, n float64
	for _, p := range ps {
		n++
		mean = nextMean(mean, p.value, n)
	}
	return mean
}

// nextMean adds the nth value to a mean. An infinite mean stays as it is, unless
// the value is the other infinity or no number.
func nextMean(mean, v, n float64) float64 {
	if math.IsInf(mean, 0) && !math.IsNaN(v) && (!math.IsInf(v, 0) || (mean > 0) == (v > 0)) {
		return mean
	}
	return mean + v/n - mean/n
}

// extreme is the value that is better than all others; NaN is worse than any.
func extreme(ps []point, better func(a, b float64) bool) float64 {
	best := ps[0].value
	for _, p := range ps {
		if better(p.value, best) || math.IsNaN(best) {
			best = p.value
		}
	}
	return best
}

// variance is the population's, by Welford's method.
func variance(ps []point) float64 {
	var m2, n, mean float64
	for _, p := range ps {
		n++
		d := p.value - mean
		mean += d / n
		m2 += d * (p.value - mean)
	}
	return m2 / n
}

// quantile interpolates linearly between the closest ranks.
func quantile(q float64, ps []point) float64 {
	switch {
	case q < 0:
		return math.Inf(-1)
	case q > 1:
		return math.Inf(1)
	}
	vs := make([]float64, len(ps))
	for i, p := range ps {
		vs[i] = p.value
	}
	slices.Sort(vs) // NaN first
	rank := q * float64(len(vs)-1)
	lower := math.Max(0, math.Floor(rank))
	upper := math.Min(float64(len(vs)-1), lower+1)
	weight := rank - math.Floor(rank)
	return vs[int(lower)]*(1-weight) + vs[int(upper)]*weight
}

// counterRate is Prometheus' rate of a counter: the increase, counting resets,
// extrapolated to the window but not below zero.
func counterRate(ps []point, begin, end int64) float64 {
	if len(ps) < 2 {
		return 0
	}
	first, last := ps[0], ps[len(ps)-1]
	increase := last.value - first.value
	var before float64
	for _, p := range ps {
		if p.value < before {
			increase += before
		}
		before = p.value
	}
	toStart := float64(first.time-begin) / 1e9
	toEnd := float64(end-last.time) / 1e9
	sampled := float64(last.time-first.time) / 1e9
	between := sampled / float64(len(ps)-1)
	threshold := between * 1.1
	if toStart >= threshold {
		toStart = between / 2
	}
	if increase > 0 && first.value >= 0 {
		toStart = math.Min(toStart, sampled*(first.value/increase))
	}
	if toEnd >= threshold {
		toEnd = between / 2
	}
	return increase * ((sampled + toStart + toEnd) / sampled) / (float64(end-begin) / 1e9)
}
