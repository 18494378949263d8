package traceql

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Series is one line of a metrics query's answer.
type Series struct {
	Labels    []Attr
	Points    []Point // ascending in time
	Exemplars []Exemplar
}

// Point is a value at a time, nanoseconds since the Unix epoch.
type Point struct {
	Time  int64
	Value float64
}

// Exemplar is a span that was counted.
type Exemplar struct {
	Time  int64
	Value float64
	Trace pcommon.TraceID
	Span  pcommon.SpanID
}

// name returns the series' labels as text.
func (s *Series) name() string {
	parts := make([]string, len(s.Labels))
	for i, l := range s.Labels {
		parts[i] = fmt.Sprintf("%s=%q", l.Key, l.Value.Text())
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// Name returns the series' labels as Prometheus writes them.
func (s *Series) Name() string { return s.name() }

// grid are the points of a query: point i is at first+(i+1)*step and covers what is
// after first+i*step and not after itself.
type grid struct {
	first, step int64
	points      int
	seconds     float64 // that a point covers, for rates
}

// newGrid aligns points to multiples of the step, as Tempo does, so that refreshing
// keeps them in place. step 0 is one point at the end.
func newGrid(start, end, step int64) grid {
	if step <= 0 {
		return grid{first: start, step: end - start, points: 1, seconds: float64(end-start) / 1e9}
	}
	first := start - start%step
	return grid{first: first, step: step, points: int((end - first + step - 1) / step), seconds: float64(step) / 1e9}
}

func (g grid) index(at int64) int {
	i := int((at - g.first + g.step - 1) / g.step)
	return min(max(i, 1), g.points) - 1
}

func (g grid) time(i int) int64 { return g.first + int64(i+1)*g.step }

// accumulator is one group of spans.
type accumulator struct {
	labels []Attr
	counts []float64
	// sums, least and most are of measured values; nil for counts.
	sums, least, most []float64
	buckets           []map[int32]float64 // of quantiles and histograms
	exemplars         []Exemplar
}

// aggregation collects the groups of a metric.
type aggregation struct {
	metric *metric
	grid   grid
	groups map[string]*accumulator
	most   int // series
	// extrapolate counts spans for those that a sampler did not keep.
	extrapolate bool
	cells       int // of buckets
	// What answers lack, "" for nothing.
	incomplete incomplete
	// exemplars is how many may be kept yet.
	exemplars int
	values    []Value // scratch
}

// Bounds of histograms in memory.
const maxCells = 2_000_000

// Buckets per doubling: of quantiles, whose values come out within 2.2 %, and of
// histograms, which are Tempo's.
const (
	quantileBuckets  = 16
	histogramBuckets = 1
)

// observe counts a span.
func (a *aggregation) observe(s *span) {
	value, ok := a.measure(s)
	if !ok {
		return
	}
	g := a.group(s)
	if g == nil {
		return
	}
	i := a.grid.index(s.start())
	if a.exemplars > 0 && (len(g.exemplars) == 0 || a.grid.index(g.exemplars[len(g.exemplars)-1].Time) != i) {
		a.exemplars--
		shown := value
		if a.metric.of == nil {
			shown = float64(s.duration()) / 1e9
		}
		g.exemplars = append(g.exemplars, Exemplar{s.start(), shown, s.trace, s.span.SpanID()})
	}
	weight := 1.0
	if a.extrapolate {
		weight = weightOf(s.span.TraceState().AsRaw())
	}
	first := g.counts[i] == 0
	g.counts[i] += weight
	switch a.metric.name {
	case "rate", "count_over_time":
	case "quantile_over_time":
		a.addBucket(g, i, value, quantileBuckets, weight)
	case "histogram_over_time":
		a.addBucket(g, i, value, histogramBuckets, weight)
	}
	if g.sums == nil {
		return
	}
	if first {
		g.least[i], g.most[i] = value, value
	}
	g.sums[i] += value * weight
	g.least[i], g.most[i] = min(g.least[i], value), max(g.most[i], value)
}

// measure returns what of a span is measured; durations are seconds.
func (a *aggregation) measure(s *span) (float64, bool) {
	if a.metric.of == nil {
		return 1, true
	}
	v := eval(a.metric.of, s)
	n, ok := v.number()
	if v.Type == Duration {
		n /= 1e9
	}
	return n, ok
}

// group returns the group of a span, nil if there are too many.
func (a *aggregation) group(s *span) *accumulator {
	a.values = a.values[:0]
	var key strings.Builder
	for _, by := range a.metric.by {
		v := eval(by, s)
		a.values = append(a.values, v)
		key.WriteString(v.key())
		key.WriteByte(0)
	}
	if g, ok := a.groups[key.String()]; ok {
		return g
	}
	if len(a.groups) >= a.most {
		a.incomplete.add(fmt.Sprintf("there are more than %d series (traces.traceql.max_series); narrow the conditions or group by less", a.most))
		return nil
	}
	g := &accumulator{counts: make([]float64, a.grid.points)}
	for i, by := range a.metric.by {
		v := a.values[i]
		v.Str = strings.Clone(v.Str)
		if v.Type == List {
			v = stringValue(v.Text())
		}
		g.labels = append(g.labels, Attr{by.String(), v})
	}
	switch {
	case a.metric.of != nil:
		g.sums, g.least, g.most = make([]float64, a.grid.points), make([]float64, a.grid.points), make([]float64, a.grid.points)
		if a.metric.name == "quantile_over_time" || a.metric.name == "histogram_over_time" {
			g.buckets = make([]map[int32]float64, a.grid.points)
		}
	}
	a.groups[key.String()] = g
	return g
}

// zeroBucket is that of numbers that have no logarithm.
const zeroBucket = math.MinInt32

func (a *aggregation) addBucket(g *accumulator, i int, value, perDoubling, weight float64) {
	bucket := int32(zeroBucket)
	if value > 0 {
		bucket = int32(math.Ceil(math.Log2(value)*perDoubling - 1e-9))
		if perDoubling == histogramBuckets && a.metric.of.typ() == Duration { // of nanoseconds
			bucket = int32(math.Ceil(math.Log2(value*1e9) - 1e-9))
		}
	}
	if g.buckets[i] == nil {
		g.buckets[i] = map[int32]float64{}
	}
	if _, ok := g.buckets[i][bucket]; !ok {
		if a.cells >= maxCells {
			a.incomplete.add("the histograms do not fit into memory; narrow the conditions, group by less or take a longer step")
			return
		}
		a.cells++
	}
	g.buckets[i][bucket] += weight
}

// series returns the metric's series, sorted by labels.
func (a *aggregation) series(exemplars int) []Series {
	var out []Series
	total := 0
	for _, g := range a.groups {
		total += len(g.exemplars)
	}
	for _, g := range a.groups {
		list := a.seriesOf(g)
		if total > 0 && len(list) > 0 {
			list[0].Exemplars = thinned(g.exemplars, exemplars, total)
		}
		out = append(out, list...)
	}
	slices.SortFunc(out, func(x, y Series) int { return cmp.Compare(x.name(), y.name()) })
	return out
}

// thinned takes every nth exemplar, so that about most remain of all.
func thinned(list []Exemplar, most, total int) []Exemplar {
	if total <= most {
		return list
	}
	stride := (total + most - 1) / max(most, 1)
	var out []Exemplar
	for i := 0; i < len(list); i += stride {
		out = append(out, list[i])
	}
	return out
}

func (a *aggregation) seriesOf(g *accumulator) []Series {
	switch a.metric.name {
	case "quantile_over_time":
		var out []Series
		for _, q := range a.metric.quantiles {
			labels := append(slices.Clone(g.labels), Attr{"p", floatValue(q)})
			out = append(out, a.present(labels, g, func(i int) float64 { return quantile(g, i, q) }))
		}
		return out
	case "histogram_over_time":
		return a.histogram(g)
	}
	labels := g.labels
	if len(labels) == 0 {
		labels = []Attr{{"__name__", stringValue(a.metric.name)}}
	}
	switch a.metric.name {
	case "rate":
		return []Series{a.each(labels, func(i int) float64 { return g.counts[i] / a.grid.seconds })}
	case "count_over_time":
		return []Series{a.each(labels, func(i int) float64 { return g.counts[i] })}
	case "min_over_time":
		return []Series{a.present(labels, g, func(i int) float64 { return g.least[i] })}
	case "max_over_time":
		return []Series{a.present(labels, g, func(i int) float64 { return g.most[i] })}
	case "sum_over_time":
		return []Series{a.present(labels, g, func(i int) float64 { return g.sums[i] })}
	}
	return []Series{a.present(labels, g, func(i int) float64 { return g.sums[i] / g.counts[i] })}
}

// each returns a series with every point.
func (a *aggregation) each(labels []Attr, value func(i int) float64) Series {
	s := Series{Labels: labels, Points: make([]Point, a.grid.points)}
	for i := range s.Points {
		s.Points[i] = Point{a.grid.time(i), value(i)}
	}
	return s
}

// present returns a series with the points that have spans.
func (a *aggregation) present(labels []Attr, g *accumulator, value func(i int) float64) Series {
	s := Series{Labels: labels}
	for i, n := range g.counts {
		if n > 0 {
			s.Points = append(s.Points, Point{a.grid.time(i), value(i)})
		}
	}
	return s
}

func (a *aggregation) histogram(g *accumulator) []Series {
	all := map[int32]bool{}
	for _, b := range g.buckets {
		for k := range b {
			all[k] = true
		}
	}
	var out []Series
	for k := range all {
		upper := math.Exp2(float64(k))
		if a.metric.of.typ() == Duration {
			upper /= 1e9
		}
		if k == zeroBucket {
			upper = 0
		}
		labels := append(slices.Clone(g.labels), Attr{"__bucket", floatValue(upper)})
		out = append(out, a.each(labels, func(i int) float64 { return g.buckets[i][k] }))
	}
	return out
}

// quantile interpolates within a bucket and stays within what was measured.
func quantile(g *accumulator, i int, q float64) float64 {
	b := g.buckets[i]
	order := make([]int32, 0, len(b))
	total := 0.0
	for k, n := range b {
		order = append(order, k)
		total += n
	}
	slices.Sort(order)
	rank, below := q*total, 0.0
	for _, k := range order {
		if n := b[k]; below+n >= rank {
			if k == zeroBucket {
				return g.least[i]
			}
			lower := math.Exp2(float64(k-1) / quantileBuckets)
			upper := math.Exp2(float64(k) / quantileBuckets)
			at := lower * math.Pow(upper/lower, (rank-below)/n)
			return min(max(at, g.least[i]), g.most[i])
		}
		below += b[k]
	}
	return g.most[i]
}

// applyAfter runs topk, bottomk and comparisons.
func applyAfter(series []Series, after []secondStage) []Series {
	for _, st := range after {
		if st.name == "topk" || st.name == "bottomk" {
			keepTop(series, int(st.n), st.name == "topk")
		} else {
			for i := range series {
				series[i].Points = slices.DeleteFunc(series[i].Points, func(p Point) bool {
					return !compares(st.name, floatValue(p.Value), floatValue(st.n))
				})
			}
		}
		series = slices.DeleteFunc(series, func(s Series) bool { return len(s.Points) == 0 })
	}
	return series
}

// keepTop keeps the n greatest (or least) points of each time.
func keepTop(series []Series, n int, greatest bool) {
	at := map[int64][]float64{}
	for _, s := range series {
		for _, p := range s.Points {
			at[p.Time] = append(at[p.Time], p.Value)
		}
	}
	type bound struct {
		value float64
		equal int // how many of this value are kept
	}
	bounds := make(map[int64]*bound, len(at))
	for t, values := range at {
		slices.Sort(values)
		if greatest {
			slices.Reverse(values)
		}
		kept := values[:min(n, len(values))]
		b := &bound{value: kept[len(kept)-1]}
		for _, v := range kept {
			if v == b.value {
				b.equal++
			}
		}
		bounds[t] = b
	}
	for i := range series {
		series[i].Points = slices.DeleteFunc(series[i].Points, func(p Point) bool {
			b := bounds[p.Time]
			if p.Value == b.value && b.equal > 0 {
				b.equal--
				return false
			}
			return greatest != (p.Value > b.value) || p.Value == b.value
		})
	}
}
