package esquery

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"github.com/pharosd/pharos/query/esquery/internal/esdate"
)

// histogramAgg is histogram and date_histogram: keys of equal distance, numbers or
// milliseconds.
type histogramAgg struct {
	nesting
	source
	// interval and offset are of numbers; rounding of dates.
	interval, offset float64
	rounding         *esdate.Rounding
	format           *esdate.Format
	minCount         int64
	keyed            bool
	order            []orderKey
	extended, hard   *bounds
}

type bounds struct {
	min, max       float64
	hasMin, hasMax bool
}

func parseHistogram(_ *compiler, v *fastjson.Value) (aggSpec, error) {
	a := &histogramAgg{}
	err := settings("histogram", v, func(key string, m *fastjson.Value) (bool, error) {
		var err error
		switch key {
		case "interval":
			a.interval, err = floatOf(m, key)
			if err == nil && !(a.interval > 0) {
				err = illegalf("[interval] must be >0 for histogram aggregation [histogram]")
			}
		case "offset":
			a.offset, err = floatOf(m, key)
		case "format":
		default:
			return a.parameter("histogram", key, m, numberBound)
		}
		return true, err
	})
	if err == nil && a.interval == 0 {
		err = illegalf("[interval] must be >0 for histogram aggregation [histogram]")
	}
	if err != nil {
		return nil, err
	}
	return a, a.check("histogram")
}

func numberBound(v *fastjson.Value) (float64, error) { return floatOf(v, "bounds") }

// parameter reads what both kinds have.
func (a *histogramAgg) parameter(kind, key string, v *fastjson.Value, bound func(*fastjson.Value) (float64, error)) (bool, error) {
	var err error
	switch key {
	case "min_doc_count":
		var n int
		n, err = intOf(v, key)
		a.minCount = int64(n)
	case "keyed":
		a.keyed, err = boolOf(v, key)
	case "order":
		a.order, err = parseOrder(v)
	case "extended_bounds":
		a.extended, err = parseBounds(v, bound)
	case "hard_bounds":
		a.hard, err = parseBounds(v, bound)
	default:
		return a.source.parameter(kind, key, v)
	}
	return true, err
}

func parseBounds(v *fastjson.Value, bound func(*fastjson.Value) (float64, error)) (*bounds, error) {
	b := &bounds{}
	err := members(v, "bounds", func(key string, m *fastjson.Value) (err error) {
		if m.Type() == fastjson.TypeNull {
			return nil
		}
		switch key {
		case "min":
			b.hasMin = true
			b.min, err = bound(m)
		case "max":
			b.hasMax = true
			b.max, err = bound(m)
		default:
			err = parsingf("[bounds] unknown field [%s]", clip(key))
		}
		return err
	})
	if err == nil && b.hasMin && b.hasMax && b.min > b.max {
		err = illegalf("[bounds].min cannot be greater than [bounds].max")
	}
	return b, err
}

func parseDateHistogram(c *compiler, v *fastjson.Value) (aggSpec, error) {
	a := &histogramAgg{rounding: &esdate.Rounding{Loc: time.UTC}}
	given := ""
	err := settings("date_histogram", v, func(key string, m *fastjson.Value) (bool, error) {
		var err error
		switch key {
		case "fixed_interval", "calendar_interval", "interval":
			if given != "" {
				return true, illegalf("Cannot use [%s] with [%s] configuration option.", key, given)
			}
			given = key
			err = a.setInterval(key, m)
		case "time_zone":
			a.rounding.Loc, err = zoneOf(m)
		case "offset":
			a.rounding.Offset, err = offsetOf(m)
		case "format":
			a.format, err = formatOf(m)
		default:
			return a.parameter("date_histogram", key, m, func(v *fastjson.Value) (float64, error) { return a.dateBound(c, v) })
		}
		return true, err
	})
	if err == nil && given == "" {
		err = illegalf("Invalid interval specified, must be non-null and non-empty")
	}
	if err != nil {
		return nil, err
	}
	if a.format == nil {
		a.format = esdate.Default
	}
	return a, a.check("date_histogram")
}

// setInterval reads fixed_interval, calendar_interval or the older interval, which is
// of the calendar if it can.
func (a *histogramAgg) setInterval(key string, v *fastjson.Value) error {
	s, err := textOf(v, key)
	if err != nil {
		return err
	}
	if key != "fixed_interval" {
		if unit, ok := esdate.ParseCalendar(s); ok {
			a.rounding.Unit = unit
			return nil
		}
		if key == "calendar_interval" {
			return illegalf("The supplied interval [%s] could not be parsed as a calendar interval.", clip(s))
		}
	}
	if key == "interval" && v.Type() == fastjson.TypeNumber {
		s += "ms"
	}
	d, err := esdate.ParseDuration(s)
	if err != nil || d < time.Millisecond || strings.HasSuffix(s, "w") {
		return illegalf("failed to parse setting [date_histogram.%s] with value [%s] as a time value: unit is missing or unrecognized", key, clip(s))
	}
	a.rounding.Fixed = d.Milliseconds()
	return nil
}

// offsetOf reads milliseconds, or a duration with a sign.
func offsetOf(v *fastjson.Value) (int64, error) {
	if v.Type() == fastjson.TypeNumber {
		n, err := intOf(v, "offset")
		return int64(n), err
	}
	s, err := textOf(v, "offset")
	if err != nil {
		return 0, err
	}
	d, err := esdate.ParseDuration(s)
	if err != nil {
		return 0, illegalf("%s", err)
	}
	return d.Milliseconds(), nil
}

// dateBound reads milliseconds, a date, or date math.
func (a *histogramAgg) dateBound(c *compiler, v *fastjson.Value) (float64, error) {
	s, err := textOf(v, "bounds")
	if err != nil {
		return 0, err
	}
	if v.Type() == fastjson.TypeNumber {
		return floatOf(v, "bounds")
	}
	for _, f := range []*esdate.Format{a.format, esdate.Default} {
		if f == nil {
			continue
		}
		if at, err := f.Math(s, false, utc, c.now); err == nil {
			return float64(at.UnixMilli()), nil
		}
	}
	return 0, badf("parse_exception", "failed to parse date field [%s]", clip(s))
}

func (a *histogramAgg) kind() string {
	if a.rounding != nil {
		return "date_histogram"
	}
	return "histogram"
}

func (a *histogramAgg) collector(r *run) collector {
	return &histogramCollector{agg: a, run: r, buckets: map[float64]*tally{}, from: math.NaN()}
}

type histogramCollector struct {
	agg     *histogramAgg
	run     *run
	buckets map[float64]*tally
	buf     [8]value
	// last is the bucket of the last value, [from, to).
	last     *tally
	from, to float64
}

// number is a value as the histogram counts it.
func (a *histogramAgg) number(v *value) (float64, bool) {
	if a.rounding == nil {
		return v.asNumber()
	}
	ms, ok := v.asMillis(nil)
	return float64(ms), ok && ms > -1<<53 && ms < 1<<53
}

func (a *histogramAgg) key(f float64) float64 {
	if a.rounding != nil {
		return float64(a.rounding.Floor(int64(f)))
	}
	return math.Floor((f-a.offset)/a.interval)*a.interval + a.offset
}

func (a *histogramAgg) next(key float64) float64 {
	if a.rounding != nil {
		return float64(a.rounding.Next(int64(key)))
	}
	return a.key(key + a.interval*1.5)
}

func (b *bounds) outside(f float64) bool {
	return b != nil && (b.hasMin && f < b.min || b.hasMax && f > b.max)
}

func (c *histogramCollector) collect(d *document) error {
	vs := c.agg.values(c.buf[:0], d)
	for i := range vs {
		f, ok := c.agg.number(&vs[i])
		if !ok || c.agg.hard.outside(f) {
			continue
		}
		if f >= c.from && f < c.to {
			if i == 0 {
				if err := c.last.add(d); err != nil {
					return err
				}
				continue
			}
		}
		key := c.agg.key(f)
		if i > 0 && c.seen(vs[:i], key) {
			continue
		}
		if err := c.add(key, d); err != nil {
			return err
		}
	}
	return nil
}

// seen says whether a value before has the same key: a document counts once.
func (c *histogramCollector) seen(vs []value, key float64) bool {
	for i := range vs {
		if f, ok := c.agg.number(&vs[i]); ok && c.agg.key(f) == key {
			return true
		}
	}
	return false
}

func (c *histogramCollector) add(key float64, d *document) error {
	t, err := c.bucket(key)
	if err != nil {
		return err
	}
	c.last, c.from = t, key
	c.to = c.agg.next(key)
	return t.add(d)
}

// bucket returns the bucket of a key, which it makes if there is none.
func (c *histogramCollector) bucket(key float64) (*tally, error) {
	t := c.buckets[key]
	if t != nil {
		return t, nil
	}
	t, err := newTally(c.run, c.agg.subs, 16)
	if err == nil {
		c.buckets[key] = t
	}
	return t, err
}

func (c *histogramCollector) merge(other collector) error {
	for key, o := range other.(*histogramCollector).buckets {
		t := c.buckets[key]
		if t == nil {
			c.buckets[key] = o
			continue
		}
		if err := t.merge(o); err != nil {
			return err
		}
	}
	return nil
}

func (c *histogramCollector) result(r *reduction) (result, error) {
	keys, err := c.keys(r)
	if err != nil {
		return nil, err
	}
	list, tallies := make([]*bucket, 0, len(keys)), make([]*tally, 0, len(keys))
	for _, key := range keys {
		t := c.buckets[key]
		if t == nil && c.agg.minCount > 0 || t != nil && t.docs < c.agg.minCount {
			continue
		}
		list, tallies = append(list, c.agg.bucket(key)), append(tallies, t)
	}
	if list, err = c.agg.finish(r, list, tallies); err != nil {
		return nil, err
	}
	if err := sortBuckets(list, c.agg.order); err != nil {
		return nil, err
	}
	return &bucketsResult{kind: c.agg.kind(), list: list, keyed: c.agg.keyed}, nil
}

// keys are those of the answer: with min_doc_count 0 also of the empty buckets
// between the first and the last, and within the bounds.
func (c *histogramCollector) keys(r *reduction) ([]float64, error) {
	keys := slices.Sorted(maps.Keys(c.buckets))
	if c.agg.minCount > 0 {
		return keys, nil
	}
	first, last := math.Inf(1), math.Inf(-1)
	if len(keys) > 0 {
		first, last = keys[0], keys[len(keys)-1]
	}
	if b := c.agg.extended; b != nil {
		if b.hasMin {
			first = math.Min(first, c.agg.key(b.min))
		}
		if b.hasMax {
			last = math.Max(last, c.agg.key(b.max))
		}
		if len(keys) == 0 && !(b.hasMin && b.hasMax) {
			return nil, nil
		}
	}
	width := c.agg.interval
	if c.agg.rounding != nil {
		width = float64(c.agg.rounding.Width())
	}
	if n := (last - first) / width; n > float64(r.run.engine.cfg.MaxBuckets) {
		return nil, (&reduction{run: r.run, buckets: int(math.Min(n, 1e15))}).bucket(0)
	}
	keys = keys[:0]
	for key := first; key <= last; {
		keys = append(keys, key)
		next := c.agg.next(key)
		if next <= key {
			break
		}
		key = next
	}
	// Keys of numbers are computed in two ways; those that were found win.
	for key := range c.buckets {
		if i, ok := slices.BinarySearch(keys, key); !ok {
			keys = slices.Insert(keys, i, key)
		}
	}
	return keys, nil
}

func (a *histogramAgg) bucket(key float64) *bucket {
	b := &bucket{number: key}
	if a.rounding == nil {
		b.head = appendFloat([]byte(`"key":`), key)
		b.name = string(appendFloat(nil, key))
		return b
	}
	b.name = a.format.Text(time.UnixMilli(int64(key)).In(a.rounding.Loc))
	b.head = appendWhole(append(appendString([]byte(`"key_as_string":`), b.name), `,"key":`...), int64(key))
	return b
}

// sortBuckets orders the buckets of a histogram, which come by their keys.
func sortBuckets(list []*bucket, order []orderKey) error {
	if len(order) == 0 {
		return nil
	}
	k := order[0]
	values := make(map[*bucket]float64, len(list))
	for _, b := range list {
		switch k.path {
		case "_count":
			values[b] = float64(b.docs)
		case "_key":
			values[b] = b.number
		default:
			v, ok := b.metric(k.path)
			if !ok {
				return illegalf("Invalid aggregation order path [%s]", clip(k.path))
			}
			values[b] = v
		}
	}
	slices.SortStableFunc(list, func(x, y *bucket) int {
		c := compareMetric(values[x], values[y], k.desc)
		if k.desc {
			return -c
		}
		return c
	})
	return nil
}
