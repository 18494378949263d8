package esquery

import (
	"hash/maphash"
	"math"
	"slices"
	"strconv"

	"github.com/axiomhq/hyperloglog"
	"github.com/caio/go-tdigest/v4"
	"github.com/valyala/fastjson"
)

// maxExact is how many numbers of a bucket are kept to find percentiles exactly; of
// more a t-digest is made.
const maxExact = 4096

// sample is a set of numbers whose percentiles are wanted.
type sample struct {
	run     *run
	exact   []float64
	digest  *tdigest.TDigest
	maximum float64
	minimum float64
}

const digestSize = 64 << 10

func newSample(r *run) *sample { return &sample{run: r, maximum: math.Inf(-1), minimum: math.Inf(1)} }

func (s *sample) add(f float64) error {
	s.maximum, s.minimum = math.Max(s.maximum, f), math.Min(s.minimum, f)
	if s.digest != nil {
		return s.digest.Add(f)
	}
	if len(s.exact) == cap(s.exact) {
		if err := s.run.keep(8 * max(cap(s.exact), 8)); err != nil {
			return err
		}
	}
	s.exact = append(s.exact, f)
	if len(s.exact) > maxExact {
		return s.compress()
	}
	return nil
}

func (s *sample) compress() (err error) {
	if err := s.run.keep(digestSize); err != nil {
		return err
	}
	if s.digest, err = tdigest.New(tdigest.Compression(200), tdigest.LocalRandomNumberGenerator(1)); err != nil {
		return err
	}
	for _, f := range s.exact {
		if err := s.digest.Add(f); err != nil {
			return err
		}
	}
	s.run.memory.Add(-8 * int64(cap(s.exact)))
	s.exact = nil
	return nil
}

func (s *sample) merge(o *sample) error {
	s.maximum, s.minimum = math.Max(s.maximum, o.maximum), math.Min(s.minimum, o.minimum)
	for _, f := range o.exact {
		if err := s.add(f); err != nil {
			return err
		}
	}
	if o.digest == nil {
		return nil
	}
	if s.digest == nil {
		if err := s.compress(); err != nil {
			return err
		}
	}
	return s.digest.Merge(o.digest)
}

// quantile returns NaN without numbers. Between two numbers it interpolates.
func (s *sample) quantile(q float64) float64 {
	if s.digest != nil {
		return math.Max(s.minimum, math.Min(s.maximum, s.digest.Quantile(q)))
	}
	if len(s.exact) == 0 {
		return math.NaN()
	}
	if !slices.IsSorted(s.exact) {
		slices.Sort(s.exact)
	}
	at := q * float64(len(s.exact)-1)
	i := int(at)
	if i+1 >= len(s.exact) {
		return s.exact[len(s.exact)-1]
	}
	return s.exact[i] + (at-float64(i))*(s.exact[i+1]-s.exact[i])
}

// rank is the share, in percent, of numbers up to f.
func (s *sample) rank(f float64) float64 {
	if s.digest != nil {
		return 100 * s.digest.CDF(f)
	}
	if len(s.exact) == 0 {
		return math.NaN()
	}
	n := 0.0
	for _, x := range s.exact {
		switch {
		case x < f:
			n++
		case x == f:
			n += 0.5
			if len(s.exact) == 1 || f == s.maximum || f == s.minimum {
				n += 0.5
			}
		}
	}
	return 100 * math.Min(n/float64(len(s.exact)), 1)
}

type percentilesAgg struct {
	source
	kind     string // percentiles or percentile_ranks
	percents []float64
	keyed    bool
}

var defaultPercents = []float64{1, 5, 25, 50, 75, 95, 99}

func parsePercentiles(_ *compiler, v *fastjson.Value) (aggSpec, error) {
	return parsePercentilesAs("percentiles", "percents", v)
}

func parsePercentileRanks(_ *compiler, v *fastjson.Value) (aggSpec, error) {
	return parsePercentilesAs("percentile_ranks", "values", v)
}

func parsePercentilesAs(kind, list string, v *fastjson.Value) (aggSpec, error) {
	a := &percentilesAgg{kind: kind, keyed: true}
	err := settings(kind, v, func(key string, m *fastjson.Value) (bool, error) {
		var err error
		switch key {
		case list:
			a.percents = []float64{}
			for _, item := range items(m) {
				f, err := floatOf(item, list)
				if err == nil && kind == "percentiles" && (f < 0 || f > 100) {
					err = illegalf("percent must be in [0,100], got [%v]: [%s]", f, kind)
				}
				if err != nil {
					return true, err
				}
				a.percents = append(a.percents, f)
			}
		case "keyed":
			a.keyed, err = boolOf(m, key)
		case "tdigest", "hdr", "format", "compression":
		default:
			return a.parameter(kind, key, m)
		}
		return true, err
	})
	if err != nil {
		return nil, err
	}
	if a.percents == nil {
		a.percents = defaultPercents
		if kind == "percentile_ranks" {
			return nil, illegalf("[values] must not be null: [%s]", kind)
		}
	}
	if len(a.percents) > 1000 {
		return nil, illegalf("more than 1000 %s", list)
	}
	slices.Sort(a.percents)
	return a, a.check(kind)
}

func (a *percentilesAgg) collector(r *run) collector {
	return &percentilesCollector{agg: a, sample: newSample(r)}
}

type percentilesCollector struct {
	agg    *percentilesAgg
	sample *sample
	buf    [4]value
}

func (c *percentilesCollector) collect(d *document) error {
	for _, v := range c.agg.values(c.buf[:0], d) {
		if f, ok := v.asNumber(); ok {
			if err := c.sample.add(f); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *percentilesCollector) merge(other collector) error {
	return c.sample.merge(other.(*percentilesCollector).sample)
}

func (c *percentilesCollector) result(*reduction) (result, error) {
	r := &percentilesResult{agg: c.agg}
	for _, p := range c.agg.percents {
		if c.agg.kind == "percentiles" {
			r.values = append(r.values, c.sample.quantile(p/100))
		} else {
			r.values = append(r.values, c.sample.rank(p))
		}
	}
	return r, nil
}

type percentilesResult struct {
	agg    *percentilesAgg
	values []float64
}

func (r *percentilesResult) typeName() string { return "tdigest_" + r.agg.kind }

func (r *percentilesResult) metric(name string) (float64, bool) {
	want, err := strconv.ParseFloat(name, 64)
	for i, p := range r.agg.percents {
		if err == nil && p == want {
			return r.values[i], true
		}
	}
	return 0, false
}

func (r *percentilesResult) append(b []byte, _ bool) []byte {
	open, closing := byte('{'), byte('}')
	if !r.agg.keyed {
		open, closing = '[', ']'
	}
	b = append(append(b, `{"values":`...), open)
	for i, p := range r.agg.percents {
		if i > 0 {
			b = append(b, ',')
		}
		if r.agg.keyed {
			b = append(appendFloat(append(b, '"'), p), '"', ':')
			b = appendNumber(b, r.values[i], false)
			continue
		}
		b = appendFloat(append(b, `{"key":`...), p)
		b = append(appendNumber(append(b, `,"value":`...), r.values[i], false), '}')
	}
	return append(b, closing, '}')
}

// medianDeviation is median_absolute_deviation; of very many numbers about.
type medianDeviation struct{ source }

func parseMedianDeviation(_ *compiler, v *fastjson.Value) (aggSpec, error) {
	a := &medianDeviation{}
	err := settings("median_absolute_deviation", v, func(key string, m *fastjson.Value) (bool, error) {
		if key == "compression" || key == "format" {
			return true, nil
		}
		return a.parameter("median_absolute_deviation", key, m)
	})
	if err != nil {
		return nil, err
	}
	return a, a.check("median_absolute_deviation")
}

func (a *medianDeviation) collector(r *run) collector {
	return &deviationCollector{percentilesCollector{agg: &percentilesAgg{source: a.source}, sample: newSample(r)}}
}

type deviationCollector struct{ percentilesCollector }

func (c *deviationCollector) merge(other collector) error {
	return c.sample.merge(other.(*deviationCollector).sample)
}

func (c *deviationCollector) result(*reduction) (result, error) {
	median := c.sample.quantile(0.5)
	away := newSample(c.sample.run)
	if c.sample.digest != nil {
		digest, err := tdigest.New(tdigest.Compression(200))
		if err != nil {
			return nil, err
		}
		c.sample.digest.ForEachCentroid(func(mean float64, count uint64) bool {
			err = digest.AddWeighted(math.Abs(mean-median), count)
			return err == nil
		})
		if err != nil {
			return nil, err
		}
		away.digest, away.minimum, away.maximum = digest, 0, math.Inf(1)
	}
	for _, f := range c.sample.exact {
		if err := away.add(math.Abs(f - median)); err != nil {
			return nil, err
		}
	}
	return &valueResult{kind: "median_absolute_deviation", value: away.quantile(0.5)}, nil
}

// cardinalityAgg counts distinct values: exactly up to a threshold, about beyond.
type cardinalityAgg struct {
	source
	threshold int
}

// maxThreshold is Elasticsearch's maximum of precision_threshold.
const maxThreshold = 40_000

func parseCardinality(_ *compiler, v *fastjson.Value) (aggSpec, error) {
	a := &cardinalityAgg{threshold: 3000}
	err := settings("cardinality", v, func(key string, m *fastjson.Value) (bool, error) {
		var err error
		switch key {
		case "precision_threshold":
			a.threshold, err = intOf(m, key)
			if err == nil && a.threshold < 0 {
				err = illegalf("[precisionThreshold] must be greater than or equal to 0. Found [%d] in [cardinality]", a.threshold)
			}
			a.threshold = min(a.threshold, maxThreshold)
		case "rehash":
		default:
			return a.parameter("cardinality", key, m)
		}
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return a, a.check("cardinality")
}

func (a *cardinalityAgg) collector(r *run) collector {
	return &cardinalityCollector{agg: a, run: r, exact: map[uint64]struct{}{}}
}

type cardinalityCollector struct {
	agg    *cardinalityAgg
	run    *run
	exact  map[uint64]struct{}
	sketch *hyperloglog.Sketch
	buf    [4]value
}

func (c *cardinalityCollector) collect(d *document) error {
	for _, v := range c.agg.values(c.buf[:0], d) {
		var h uint64
		if v.kind == textValue {
			h = maphash.String(seed, v.text)
		} else {
			h = maphash.Comparable(seed, v.number)
		}
		if err := c.add(h); err != nil {
			return err
		}
	}
	return nil
}

func (c *cardinalityCollector) add(h uint64) error {
	if c.sketch != nil {
		c.sketch.InsertHash(h)
		return nil
	}
	if _, ok := c.exact[h]; ok {
		return nil
	}
	c.exact[h] = struct{}{}
	if err := c.run.keep(24); err != nil {
		return err
	}
	if len(c.exact) > c.agg.threshold {
		return c.compress()
	}
	return nil
}

func (c *cardinalityCollector) compress() error {
	c.sketch = hyperloglog.New14()
	for h := range c.exact {
		c.sketch.InsertHash(h)
	}
	freed := 24 * len(c.exact)
	c.exact = nil
	return c.run.keep(16<<10 - freed)
}

func (c *cardinalityCollector) merge(other collector) error {
	o := other.(*cardinalityCollector)
	if o.sketch != nil && c.sketch == nil {
		if err := c.compress(); err != nil {
			return err
		}
	}
	for h := range o.exact {
		if err := c.add(h); err != nil {
			return err
		}
	}
	if o.sketch != nil {
		return c.sketch.Merge(o.sketch)
	}
	return nil
}

func (c *cardinalityCollector) result(*reduction) (result, error) {
	n := uint64(len(c.exact))
	if c.sketch != nil {
		n = c.sketch.Estimate()
	}
	return &valueResult{kind: "cardinality", value: float64(n), whole: true}, nil
}
