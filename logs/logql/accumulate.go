package logql

import "math"

// accumulator makes one number of the values of a window, which come in the order of
// time: where windows do not overlap only the open one's values need to be kept, and
// not even these for a mean.
type accumulator struct {
	time        int64 // of the first value
	n, mean, m2 float64
	values      []float64 // of quantiles
}

// accumulates says whether an aggregation that needs every value of a window can
// take them one by one: no value is in two windows.
func accumulates(e *RangeAggregation, p Params) bool {
	switch e.Op {
	case opAvgOverTime, opStddevOverTime, opStdvarOverTime, opQuantileOverTime:
		return p.Step == 0 || p.Step >= e.Range.Interval
	}
	return false
}

func (a *accumulator) add(op string, v float64) {
	a.n++
	switch op {
	case opAvgOverTime:
		a.mean = nextMean(a.mean, v, a.n)
	case opQuantileOverTime:
		a.values = append(a.values, v)
	default: // as variance does
		d := v - a.mean
		a.mean += d / a.n
		a.m2 += d * (v - a.mean)
	}
}

// result is the number that the aggregation makes of the values.
func (a *accumulator) result(e *RangeAggregation) float64 {
	switch e.Op {
	case opAvgOverTime:
		return a.mean
	case opStdvarOverTime:
		return a.m2 / a.n
	case opStddevOverTime:
		return math.Sqrt(a.m2 / a.n)
	default:
		return quantileOf(*e.Param, a.values)
	}
}

// accumulate adds sorted points to the open window of a series and makes points of
// those that are over.
func (c *cells) accumulate(s *rangeSeries, fresh []point) {
	for _, p := range fresh {
		begins, ends := c.of(p.time)
		if c.step > 0 && begins <= ends { // between two windows
			continue
		}
		if s.open.n > 0 {
			if b, e := c.of(s.open.time); b != begins || e != ends {
				c.closeWindow(s)
			}
		}
		if s.open.n == 0 {
			s.open.time = p.time
		}
		s.open.add(c.e.Op, p.value)
	}
}

// closeWindow makes a point of the open window.
func (c *cells) closeWindow(s *rangeSeries) {
	if s.open.n > 0 {
		s.points = append(s.points, point{time: s.open.time, value: s.open.result(c.e)})
		s.open = accumulator{values: s.open.values[:0]}
	}
}
