package esquery

import (
	"math"

	"github.com/valyala/fastjson"

	"github.com/pharosd/pharos/query/esquery/internal/esdate"
)

// metricAgg are the aggregations of numbers that need a few sums: min, max, avg, sum,
// value_count, stats, extended_stats.
type metricAgg struct {
	source
	kind   string
	sigma  float64
	format *esdate.Format
}

func metricParser(kind string) aggParser {
	return func(_ *compiler, v *fastjson.Value) (aggSpec, error) {
		a := &metricAgg{kind: kind, sigma: 2}
		err := settings(kind, v, func(key string, m *fastjson.Value) (bool, error) {
			var err error
			switch {
			case key == "sigma" && kind == "extended_stats":
				a.sigma, err = floatOf(m, key)
				if err == nil && a.sigma < 0 {
					err = illegalf("[sigma] must be greater than or equal to 0. Found [%v]", a.sigma)
				}
			case key == "format":
				a.format, _ = formatOf(m) // one of numbers changes no number
			default:
				return a.parameter(kind, key, m)
			}
			return true, err
		})
		if err != nil {
			return nil, err
		}
		return a, a.check(kind)
	}
}

func (a *metricAgg) collector(*run) collector {
	return &metricCollector{agg: a, min: math.Inf(1), max: math.Inf(-1)}
}

type metricCollector struct {
	agg       *metricAgg
	count     int64
	sum, lost float64 // Kahan's sum
	squares   float64
	min, max  float64
	dates     bool
	buf       [4]value
}

func (c *metricCollector) collect(d *document) error {
	for _, v := range c.agg.values(c.buf[:0], d) {
		if c.agg.kind == "value_count" {
			c.count++
			continue
		}
		f, ok := v.asNumber()
		if !ok {
			continue
		}
		c.dates = v.kind == dateValue
		c.count++
		c.add(f)
		c.squares += f * f
		c.min, c.max = math.Min(c.min, f), math.Max(c.max, f)
	}
	return nil
}

func (c *metricCollector) add(f float64) {
	y := f - c.lost
	t := c.sum + y
	if math.IsInf(t, 0) {
		c.sum, c.lost = t, 0
		return
	}
	c.lost = (t - c.sum) - y
	c.sum = t
}

func (c *metricCollector) merge(other collector) error {
	o := other.(*metricCollector)
	c.count += o.count
	c.add(o.sum)
	c.squares += o.squares
	c.min, c.max = math.Min(c.min, o.min), math.Max(c.max, o.max)
	c.dates = c.dates || o.dates
	return nil
}

func (c *metricCollector) result(*reduction) (result, error) {
	s := &statsResult{count: c.count, sum: c.sum, squares: c.squares, min: c.min, max: c.max, sigma: c.agg.sigma, extended: c.agg.kind == "extended_stats"}
	if c.dates {
		s.dates = c.agg.format
		if s.dates == nil {
			s.dates = esdate.Default
		}
	}
	avg := math.NaN()
	if c.count > 0 {
		avg = c.sum / float64(c.count)
	}
	single := func(v float64) (result, error) { return &valueResult{kind: c.agg.kind, value: v, dates: s.dates}, nil }
	switch c.agg.kind {
	case "value_count":
		return &valueResult{kind: "value_count", value: float64(c.count), whole: true}, nil
	case "avg":
		return single(avg)
	case "sum":
		return single(c.sum)
	case "min":
		if c.count == 0 {
			return single(math.NaN())
		}
		return single(c.min)
	case "max":
		if c.count == 0 {
			return single(math.NaN())
		}
		return single(c.max)
	}
	return s, nil
}

// valueResult is one number, NaN for none.
type valueResult struct {
	kind  string
	value float64
	whole bool
	dates *esdate.Format
}

func (r *valueResult) typeName() string { return r.kind }

func (r *valueResult) metric(name string) (float64, bool) {
	return r.value, name == "" || name == "value"
}

func (r *valueResult) append(b []byte, _ bool) []byte {
	b = append(b, `{"value":`...)
	b = appendNumber(b, r.value, r.whole)
	if r.dates != nil && !math.IsNaN(r.value) {
		b = appendString(append(b, `,"value_as_string":`...), r.dates.Text(esdate.FromMillis(int64(r.value))))
	}
	return append(b, '}')
}

// appendNumber writes null for what is no number.
func appendNumber(b []byte, f float64, whole bool) []byte {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return append(b, "null"...)
	case whole:
		return appendWhole(b, int64(f))
	}
	return appendFloat(b, f)
}

// statsResult is stats and extended_stats.
type statsResult struct {
	count           int64
	sum, squares    float64
	min, max, sigma float64
	extended        bool
	dates           *esdate.Format
}

func (r *statsResult) typeName() string {
	if r.extended {
		return "extended_stats"
	}
	return "stats"
}

func (r *statsResult) metric(name string) (float64, bool) {
	n := float64(r.count)
	if r.count == 0 {
		n = math.NaN()
	}
	variance := (r.squares - r.sum*r.sum/n) / n
	if variance < 0 {
		variance = 0
	}
	sampling := variance * n / (n - 1)
	none := func(f float64) float64 {
		if r.count == 0 {
			return math.NaN()
		}
		return f
	}
	switch name {
	case "count":
		return float64(r.count), true
	case "min":
		return none(r.min), true
	case "max":
		return none(r.max), true
	case "avg":
		return r.sum / n, true
	case "sum":
		return r.sum, true
	}
	if !r.extended {
		return 0, false
	}
	switch name {
	case "sum_of_squares":
		return none(r.squares), true
	case "variance", "variance_population":
		return variance, true
	case "variance_sampling":
		return sampling, true
	case "std_deviation", "std_deviation_population":
		return math.Sqrt(variance), true
	case "std_deviation_sampling":
		return math.Sqrt(sampling), true
	case "std_upper", "std_upper_population":
		return r.sum/n + r.sigma*math.Sqrt(variance), true
	case "std_lower", "std_lower_population":
		return r.sum/n - r.sigma*math.Sqrt(variance), true
	case "std_upper_sampling":
		return r.sum/n + r.sigma*math.Sqrt(sampling), true
	case "std_lower_sampling":
		return r.sum/n - r.sigma*math.Sqrt(sampling), true
	}
	return 0, false
}

func (r *statsResult) append(b []byte, _ bool) []byte {
	b = appendWhole(append(b, `{"count":`...), r.count)
	put := func(key, name string) {
		v, _ := r.metric(name)
		b = appendNumber(append(append(b, `,"`+key...), '"', ':'), v, false)
	}
	for _, name := range []string{"min", "max", "avg", "sum"} {
		put(name, name)
	}
	if r.dates != nil && r.count > 0 {
		for _, name := range []string{"min", "max", "avg", "sum"} {
			v, _ := r.metric(name)
			b = appendString(append(append(b, `,"`+name...), `_as_string":`...), r.dates.Text(esdate.FromMillis(int64(v))))
		}
	}
	if !r.extended {
		return append(b, '}')
	}
	for _, name := range []string{"sum_of_squares", "variance", "variance_population", "variance_sampling",
		"std_deviation", "std_deviation_population", "std_deviation_sampling"} {
		put(name, name)
	}
	b = append(b, `,"std_deviation_bounds":{`...)
	for i, name := range []string{"upper", "lower", "upper_population", "lower_population", "upper_sampling", "lower_sampling"} {
		v, _ := r.metric("std_" + name)
		if i > 0 {
			b = append(b, ',')
		}
		b = appendNumber(append(b, `"`+name+`":`...), v, false)
	}
	return append(b, '}', '}')
}

// parseWeightedAvg reads {"value": {"field": ...}, "weight": {"field": ...}}.
func parseWeightedAvg(_ *compiler, v *fastjson.Value) (aggSpec, error) {
	a := &weightedAvg{}
	err := settings("weighted_avg", v, func(key string, m *fastjson.Value) (bool, error) {
		var s *source
		switch key {
		case "value":
			s = &a.value
		case "weight":
			s = &a.weight
		case "format", "value_type":
			return true, nil
		default:
			return false, nil
		}
		return true, settings(key, m, func(k string, mv *fastjson.Value) (bool, error) { return s.parameter(key, k, mv) })
	})
	if err != nil {
		return nil, err
	}
	if a.value.path == nil || a.weight.path == nil {
		return nil, illegalf("[weighted_avg] wants the fields of [value] and [weight]")
	}
	return a, nil
}

type weightedAvg struct{ value, weight source }

func (a *weightedAvg) collector(*run) collector { return &weightedCollector{agg: a} }

type weightedCollector struct {
	agg         *weightedAvg
	sum, weight float64
}

func (c *weightedCollector) collect(d *document) error {
	ws := c.agg.weight.values(nil, d)
	if len(ws) == 0 {
		return nil
	}
	w, ok := ws[0].asNumber()
	if !ok {
		return nil
	}
	for _, v := range c.agg.value.values(nil, d) {
		if f, ok := v.asNumber(); ok {
			c.sum += f * w
			c.weight += w
		}
	}
	return nil
}

func (c *weightedCollector) merge(other collector) error {
	o := other.(*weightedCollector)
	c.sum += o.sum
	c.weight += o.weight
	return nil
}

func (c *weightedCollector) result(*reduction) (result, error) {
	return &valueResult{kind: "weighted_avg", value: c.sum / c.weight}, nil
}
