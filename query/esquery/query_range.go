package esquery

import (
	"math"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/query/esquery/internal/esdate"
)

// rangeTest compares with bounds: as numbers, as dates or as texts, whichever the
// value and the bounds are.
type rangeTest struct {
	low, high         string // "" where hasLow, hasHigh is false
	hasLow, hasHigh   bool
	openLow, openHigh bool

	// min and max are the bounds as numbers, closed; numeric says that they are some.
	min, max float64
	numeric  bool
	// start and end are the bounds as dates in milliseconds, end exclusive.
	start, end int64
	dated      bool
	// format is for values that are texts, if the query names one.
	format  *esdate.Format
	dateErr error
}

type rangeOptions struct {
	format *esdate.Format
	loc    *time.Location
	now    time.Time
}

func (t *rangeTest) compile(o rangeOptions) {
	t.min, t.max, t.numeric = math.Inf(-1), math.Inf(1), true
	if t.hasLow {
		f, ok := logs.ParseNumber(t.low)
		t.min, t.numeric = f, ok
		if t.openLow {
			t.min = math.Nextafter(f, math.Inf(1))
		}
	}
	if t.hasHigh {
		f, ok := logs.ParseNumber(t.high)
		t.max, t.numeric = f, t.numeric && ok
		if t.openHigh {
			t.max = math.Nextafter(f, math.Inf(-1))
		}
	}
	t.format = o.format
	read := o.format
	if read == nil {
		read = esdate.Default
	}
	t.start, t.end, t.dated = math.MinInt64/2, math.MaxInt64/2, true
	if t.hasLow {
		at, err := read.Math(t.low, t.openLow, o.loc, o.now)
		t.dated, t.dateErr = err == nil, err
		t.start = at.UnixMilli()
		if t.openLow {
			t.start++
		}
	}
	if t.hasHigh {
		at, err := read.Math(t.high, !t.openHigh, o.loc, o.now)
		if err != nil {
			t.dated, t.dateErr = false, err
		}
		t.end = at.UnixMilli()
		if !t.openHigh {
			t.end++
		}
	}
}

func (t *rangeTest) value(v *value, keyword bool) bool {
	if keyword {
		return t.text(v.string())
	}
	switch v.kind {
	case numberValue:
		if t.numeric {
			return v.number >= t.min && v.number <= t.max
		}
		return t.dated && v.whole >= t.start && v.whole < t.end
	case dateValue:
		return t.dated && v.whole >= t.start && v.whole < t.end
	case boolValue:
		return t.text(v.text)
	}
	if t.format != nil {
		if ms, ok := v.asMillis(t.format); ok {
			return t.dated && ms >= t.start && ms < t.end
		}
	}
	if t.numeric {
		if f, ok := logs.ParseNumber(v.text); ok {
			return f >= t.min && f <= t.max
		}
	}
	return t.folded(v.text)
}

func (t *rangeTest) text(s string) bool { return t.between(s, t.low, t.high) }

func (t *rangeTest) folded(s string) bool { return t.between(lower(s), lower(t.low), lower(t.high)) }

func (t *rangeTest) between(s, low, high string) bool {
	if t.hasLow && (s < low || t.openLow && s == low) {
		return false
	}
	return !t.hasHigh || s < high || !t.openHigh && s == high
}

func (t *rangeTest) prefilter(p *path) prefilter {
	switch {
	case p.kind == timestampPath:
		if !t.dated {
			return none
		}
		return within(t.start, t.end)
	case p.kind != plainPath:
		return everything
	}
	return existsOn(p)
}

func (t *rangeTest) spans(to []span, _ string) []span { return to }

func parseRange(c *compiler, v *fastjson.Value) (query, error) {
	var field string
	t := &rangeTest{}
	o := rangeOptions{loc: time.UTC, now: c.now}
	err := parameters(v, "range", func(name string, m *fastjson.Value) (bool, error) {
		if field != "" {
			return true, parsingf("[range] query doesn't support multiple fields, found [%s] and [%s]", field, name)
		}
		field = name
		if m.Type() != fastjson.TypeObject {
			return true, parsingf("[range] query does not support [%s]", name)
		}
		return true, parameters(m, "range", func(key string, m *fastjson.Value) (bool, error) {
			return t.parameter(key, m, &o)
		})
	})
	if err != nil {
		return nil, err
	}
	if field == "" {
		return nil, illegalf("field name is null or empty")
	}
	return t.on(newPath(field), o)
}

// on compiles the test for a field.
func (t *rangeTest) on(p *path, o rangeOptions) (query, error) {
	t.compile(o)
	if !t.dated && (p.kind == timestampPath || o.format != nil || strings.HasPrefix(t.low, "now") || strings.HasPrefix(t.high, "now")) {
		return nil, badf("parse_exception", "%s", t.dateErr)
	}
	return &fieldQuery{p, t}, nil
}

func (t *rangeTest) parameter(key string, v *fastjson.Value, o *rangeOptions) (bool, error) {
	var err error
	low, high := func(open bool) { t.openLow = open }, func(open bool) { t.openHigh = open }
	bound := func(text *string, has *bool, open func(bool), isOpen bool) {
		if v.Type() == fastjson.TypeNull {
			return
		}
		open(isOpen)
		*has = true
		*text, err = textOf(v, "range")
	}
	switch key {
	case "gte":
		bound(&t.low, &t.hasLow, low, false)
	case "gt":
		bound(&t.low, &t.hasLow, low, true)
	case "lte":
		bound(&t.high, &t.hasHigh, high, false)
	case "lt":
		bound(&t.high, &t.hasHigh, high, true)
	case "from":
		bound(&t.low, &t.hasLow, func(bool) {}, false)
	case "to":
		bound(&t.high, &t.hasHigh, func(bool) {}, false)
	case "include_lower":
		var in bool
		in, err = boolOf(v, key)
		t.openLow = !in
	case "include_upper":
		var in bool
		in, err = boolOf(v, key)
		t.openHigh = !in
	case "format":
		o.format, err = formatOf(v)
	case "time_zone":
		o.loc, err = zoneOf(v)
	case "relation":
		_, err = textOf(v, key)
	default:
		return false, nil
	}
	return true, err
}

func formatOf(v *fastjson.Value) (*esdate.Format, error) {
	s, err := textOf(v, "format")
	if err != nil {
		return nil, err
	}
	f, err := esdate.ParseFormat(s)
	if err != nil {
		return nil, illegalf("%s", err)
	}
	return f, nil
}

func zoneOf(v *fastjson.Value) (*time.Location, error) {
	s, err := textOf(v, "time_zone")
	if err != nil {
		return nil, err
	}
	loc, err := esdate.ParseZone(s)
	if err != nil {
		return nil, illegalf("%s", err)
	}
	return loc, nil
}
