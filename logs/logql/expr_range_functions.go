package logql

import (
	"cmp"
	"math"
	"time"
)

// rangeAggregator returns the function that makes a number of the points of a
// window, which are never none, and one if they were accumulated.
func rangeAggregator(e *RangeAggregation, accumulated bool) func(points []point) float64 {
	if accumulated {
		return func(ps []point) float64 { return ps[0].value }
	}
	interval := e.Range.Interval
	seconds := time.Duration(interval).Seconds()
	switch e.Op {
	case opRate, opBytesRate:
		return func(ps []point) float64 { return sum(ps) / seconds }
	case opRateCounter:
		return func(ps []point) float64 { return counterRate(ps, interval) }
	case opCountOverTime, opBytesOverTime, opSumOverTime: // a line counts 1
		return sum
	case opAvgOverTime:
		return average
	case opMaxOverTime:
		return func(ps []point) float64 { return extreme(ps, greater) }
	case opMinOverTime:
		return func(ps []point) float64 { return extreme(ps, less) }
	case opStdvarOverTime:
		return variance
	case opStddevOverTime:
		return func(ps []point) float64 { return math.Sqrt(variance(ps)) }
	case opQuantileOverTime:
		return func(ps []point) float64 { return quantile(*e.Param, ps) }
	case opFirstOverTime:
		return func(ps []point) float64 { return ps[0].value }
	case opLastOverTime:
		return func(ps []point) float64 { return ps[len(ps)-1].value }
	case opAbsentOverTime:
		return func([]point) float64 { return 1 }
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

func greater(a, b float64) bool { return a > b }
func less(a, b float64) bool    { return a < b }

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
	vs := make([]float64, len(ps))
	for i, p := range ps {
		vs[i] = p.value
	}
	return quantileOf(q, vs)
}

// quantileOf is quantile of values, which it moves.
func quantileOf(q float64, vs []float64) float64 {
	switch {
	case q < 0:
		return math.Inf(-1)
	case q > 1:
		return math.Inf(1)
	}
	rank := q * float64(len(vs)-1)
	lower := int(math.Max(0, math.Floor(rank)))
	selectAt(vs, lower) // NaN first
	upper := vs[lower]
	if rest := vs[lower+1:]; len(rest) > 0 {
		upper = rest[0]
		for _, v := range rest {
			if cmp.Less(v, upper) {
				upper = v
			}
		}
	}
	weight := rank - math.Floor(rank)
	return vs[lower]*(1-weight) + upper*weight
}

// counterRate is the increase of a counter by the second, counting resets.
// Loki 3.7 means to extrapolate it to the window as Prometheus does, but mixes
// milliseconds with nanoseconds: what it adds in front is a millionth of the
// window, and nothing behind. Its numbers are kept.
func counterRate(ps []point, interval int64) float64 {
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
	sampled := float64(last.time - first.time)
	between := sampled / float64(len(ps)-1)
	inFront := float64(interval / 1e6)
	if increase > 0 && first.value >= 0 {
		inFront = math.Min(inFront, sampled*(first.value/increase))
	}
	if inFront >= between*1.1 {
		inFront = between / 2
	}
	return increase * ((sampled + inFront) / sampled) / time.Duration(interval).Seconds()
}
