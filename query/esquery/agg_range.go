package esquery

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/valyala/fastjson"

	"github.com/pharosd/pharos/query/esquery/internal/esdate"
)

// rangeAgg is range and date_range.
type rangeAgg struct {
	nesting
	source
	dates  bool
	format *esdate.Format
	loc    *time.Location
	keyed  bool
	ranges []rangeOf
}

type rangeOf struct {
	key            string
	from, to       float64
	hasFrom, hasTo bool
}

func parseRangeAgg(c *compiler, v *fastjson.Value) (aggSpec, error) {
	return parseRanges(c, "range", v)
}

func parseDateRange(c *compiler, v *fastjson.Value) (aggSpec, error) {
	return parseRanges(c, "date_range", v)
}

func parseRanges(c *compiler, kind string, v *fastjson.Value) (aggSpec, error) {
	a := &rangeAgg{dates: kind == "date_range", loc: time.UTC, format: esdate.Default}
	var ranges *fastjson.Value
	err := settings(kind, v, func(key string, m *fastjson.Value) (bool, error) {
		var err error
		switch key {
		case "ranges":
			ranges = m
		case "keyed":
			a.keyed, err = boolOf(m, key)
		case "format":
			if f, ferr := formatOf(m); a.dates || ferr == nil {
				a.format, err = f, ferr
			}
		case "time_zone":
			a.loc, err = zoneOf(m)
		default:
			return a.parameter(kind, key, m)
		}
		return true, err
	})
	if err != nil {
		return nil, err
	}
	if ranges == nil || len(items(ranges)) == 0 {
		return nil, illegalf("No [ranges] specified for the [%s] aggregation", kind)
	}
	for _, item := range items(ranges) {
		r, err := a.parseRange(c, kind, item)
		if err != nil {
			return nil, err
		}
		a.ranges = append(a.ranges, r)
	}
	if len(a.ranges) > 10_000 {
		return nil, illegalf("more than 10000 ranges")
	}
	slices.SortStableFunc(a.ranges, func(x, y rangeOf) int { return cmp.Or(cmp.Compare(x.from, y.from), cmp.Compare(x.to, y.to)) })
	return a, a.check(kind)
}

func (a *rangeAgg) parseRange(c *compiler, kind string, v *fastjson.Value) (rangeOf, error) {
	r := rangeOf{from: math.Inf(-1), to: math.Inf(1)}
	err := settings(kind, v, func(key string, m *fastjson.Value) (bool, error) {
		if m.Type() == fastjson.TypeNull {
			return true, nil
		}
		var err error
		switch key {
		case "key":
			r.key, err = textOf(m, key)
		case "from":
			r.hasFrom = true
			r.from, err = a.bound(c, m)
		case "to":
			r.hasTo = true
			r.to, err = a.bound(c, m)
		default:
			return false, nil
		}
		return true, err
	})
	if r.key == "" {
		text := func(has bool, f float64) string {
			if !has {
				return "*"
			}
			return a.text(f)
		}
		r.key = text(r.hasFrom, r.from) + "-" + text(r.hasTo, r.to)
	}
	return r, err
}

func (a *rangeAgg) bound(c *compiler, v *fastjson.Value) (float64, error) {
	if !a.dates || v.Type() == fastjson.TypeNumber {
		return floatOf(v, "range")
	}
	s, err := textOf(v, "range")
	if err != nil {
		return 0, err
	}
	at, err := a.format.Math(s, false, a.loc, c.now)
	if err != nil {
		return 0, badf("parse_exception", "%s", err)
	}
	return float64(at.UnixMilli()), nil
}

func (a *rangeAgg) text(f float64) string {
	if a.dates {
		return a.format.Text(time.UnixMilli(int64(f)).In(a.loc))
	}
	return string(appendFloat(nil, f))
}

func (a *rangeAgg) collector(r *run) collector {
	c := &rangeCollector{agg: a}
	for range a.ranges {
		c.tallies = append(c.tallies, &tally{subs: a.subs.collectors(r)})
	}
	return c
}

type rangeCollector struct {
	agg     *rangeAgg
	tallies []*tally
	buf     [8]value
}

func (c *rangeCollector) collect(d *document) error {
	vs := c.agg.values(c.buf[:0], d)
	for i := range c.agg.ranges {
		r := &c.agg.ranges[i]
		for k := range vs {
			f, ok := c.number(&vs[k])
			if !ok || f < r.from || f >= r.to && r.hasTo {
				continue
			}
			if err := c.tallies[i].add(d); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

func (c *rangeCollector) number(v *value) (float64, bool) {
	if c.agg.dates {
		ms, ok := v.asMillis(nil)
		return float64(ms), ok
	}
	return v.asNumber()
}

func (c *rangeCollector) merge(other collector) error {
	for i, t := range other.(*rangeCollector).tallies {
		if err := c.tallies[i].merge(t); err != nil {
			return err
		}
	}
	return nil
}

func (c *rangeCollector) result(r *reduction) (result, error) {
	list := make([]*bucket, len(c.tallies))
	for i := range c.agg.ranges {
		one := &c.agg.ranges[i]
		b := &bucket{name: one.key, number: one.from}
		if !c.agg.keyed {
			b.head = append(appendString([]byte(`"key":`), one.key), ',')
		}
		bound := func(name string, f float64) {
			b.head = append(appendFloat(append(b.head, `"`+name+`":`...), f), ',')
			if c.agg.dates {
				b.head = append(appendString(append(b.head, `"`+name+`_as_string":`...), c.agg.text(f)), ',')
			}
		}
		if one.hasFrom {
			bound("from", one.from)
		}
		if one.hasTo {
			bound("to", one.to)
		}
		b.head = b.head[:max(len(b.head)-1, 0)]
		list[i] = b
	}
	list, err := c.agg.finish(r, list, c.tallies)
	kind := "range"
	if c.agg.dates {
		kind = "date_range"
	}
	return &bucketsResult{kind: kind, list: list, keyed: c.agg.keyed}, err
}
