package esquery

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/valyala/fastjson"

	"github.com/pharosd/pharos/query/esquery/internal/esdate"
)

// autoStep is one width that auto_date_histogram may take.
type autoStep struct {
	unit  esdate.Unit
	times int
	name  string
}

// autoSteps are Elasticsearch's, from narrow to wide.
var autoSteps = func() (out []autoStep) {
	for _, u := range []struct {
		unit   esdate.Unit
		letter string
		times  []int
	}{
		{esdate.Second, "s", []int{1, 5, 10, 30}}, {esdate.Minute, "m", []int{1, 5, 10, 30}}, {esdate.Hour, "h", []int{1, 3, 12}},
		{esdate.Day, "d", []int{1, 7}}, {esdate.Month, "M", []int{1, 3}}, {esdate.Year, "y", []int{1, 5, 10, 20, 50, 100}},
	} {
		for _, n := range u.times {
			out = append(out, autoStep{u.unit, n, strconv.Itoa(n) + u.letter})
		}
	}
	return out
}()

// autoAgg is auto_date_histogram: as many buckets as fit into a number.
type autoAgg struct {
	nesting
	source
	buckets int
	loc     *time.Location
	format  *esdate.Format
	least   int // the first step that may be taken
}

func parseAutoDateHistogram(_ *compiler, v *fastjson.Value) (aggSpec, error) {
	a := &autoAgg{buckets: 10, loc: time.UTC, format: esdate.Default}
	err := settings("auto_date_histogram", v, func(key string, m *fastjson.Value) (bool, error) {
		var err error
		switch key {
		case "buckets":
			a.buckets, err = intOf(m, key)
			if err == nil && (a.buckets <= 0 || a.buckets > 21_845) {
				err = illegalf("buckets must be greater than 0 and less than 21845 for [auto_date_histogram]")
			}
		case "time_zone":
			a.loc, err = zoneOf(m)
		case "format":
			a.format, err = formatOf(m)
		case "minimum_interval":
			var s string
			s, err = textOf(m, key)
			unit, ok := esdate.ParseCalendar(s)
			if err == nil && !ok {
				err = illegalf("Cannot set [minimum_interval] to [%s]", clip(s))
			}
			a.least = max(0, slices.IndexFunc(autoSteps, func(st autoStep) bool { return st.unit == unit }))
		default:
			return a.parameter("auto_date_histogram", key, m)
		}
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return a, a.check("auto_date_histogram")
}

func (a *autoAgg) collector(r *run) collector {
	return &autoCollector{agg: a, run: r, step: a.least, tallies: map[int64]*tally{}}
}

// autoCollector gathers in units that get wider when there are too many.
type autoCollector struct {
	agg     *autoAgg
	run     *run
	step    int
	tallies map[int64]*tally
	buf     [8]value
}

func (c *autoCollector) rounding() esdate.Rounding {
	return esdate.Rounding{Unit: autoSteps[c.step].unit, Loc: c.agg.loc}
}

func (c *autoCollector) collect(d *document) error {
	seen := int64(-1 << 62)
	vs := c.agg.values(c.buf[:0], d)
	for i := range vs {
		ms, ok := vs[i].asMillis(nil)
		if !ok {
			continue
		}
		key := c.rounding().Floor(ms)
		if key == seen {
			continue
		}
		seen = key
		t := c.tallies[key]
		if t == nil {
			var err error
			if t, err = newTally(c.run, c.agg.subs, 16); err != nil {
				return err
			}
			c.tallies[key] = t
		}
		if err := t.add(d); err != nil {
			return err
		}
	}
	return c.widen(40*c.agg.buckets + 1000)
}

// widen takes the next unit while there are more buckets than that.
func (c *autoCollector) widen(most int) error {
	for len(c.tallies) > most && c.step < len(autoSteps)-1 {
		unit := autoSteps[c.step].unit
		for c.step < len(autoSteps)-1 && autoSteps[c.step].unit == unit {
			c.step++
		}
		if autoSteps[c.step].unit == unit {
			return nil
		}
		if err := c.rekey(); err != nil {
			return err
		}
	}
	return nil
}

func (c *autoCollector) rekey() error {
	old := c.tallies
	c.tallies = map[int64]*tally{}
	for _, key := range slices.Sorted(maps.Keys(old)) {
		to := c.rounding().Floor(key)
		if t := c.tallies[to]; t != nil {
			if err := t.merge(old[key]); err != nil {
				return err
			}
			continue
		}
		c.tallies[to] = old[key]
	}
	return nil
}

func (c *autoCollector) merge(other collector) error {
	o := other.(*autoCollector)
	if c.step < o.step {
		c.step = o.step
		if err := c.rekey(); err != nil {
			return err
		}
	}
	if o.step < c.step {
		o.step = c.step
		if err := o.rekey(); err != nil {
			return err
		}
	}
	for key, t := range o.tallies {
		if mine := c.tallies[key]; mine == nil {
			c.tallies[key] = t
		} else if err := mine.merge(t); err != nil {
			return err
		}
	}
	return nil
}

func (c *autoCollector) result(r *reduction) (result, error) {
	a := c.agg
	if len(c.tallies) == 0 {
		return &bucketsResult{kind: "auto_date_histogram", behind: []byte(`,"interval":"` + autoSteps[a.least].name + `"`)}, nil
	}
	starts := c.fit()
	keys := slices.Sorted(maps.Keys(c.tallies))
	list, tallies := make([]*bucket, len(starts)), make([]*tally, len(starts))
	shape := &histogramAgg{rounding: &esdate.Rounding{Loc: a.loc}, format: a.format}
	for i, start := range starts {
		list[i] = shape.bucket(float64(start))
		for len(keys) > 0 && (i+1 == len(starts) || keys[0] < starts[i+1]) {
			if tallies[i] == nil {
				tallies[i] = c.tallies[keys[0]]
			} else if err := tallies[i].merge(c.tallies[keys[0]]); err != nil {
				return nil, err
			}
			keys = keys[1:]
		}
	}
	list, err := a.finish(r, list, tallies)
	return &bucketsResult{kind: "auto_date_histogram", list: list, behind: []byte(`,"interval":"` + autoSteps[c.step].name + `"`)}, err
}

// fit finds the narrowest step whose buckets are few enough, and their begins.
func (c *autoCollector) fit() []int64 {
	for ; ; c.step++ {
		rounding := c.rounding()
		keys := slices.Sorted(maps.Keys(c.tallies))
		first, last := rounding.Floor(keys[0]), rounding.Floor(keys[len(keys)-1])
		end := c.step == len(autoSteps)-1
		if (last-first)/rounding.Width()/int64(autoSteps[c.step].times) > 4*int64(c.agg.buckets)+4 && !end {
			continue
		}
		var starts []int64
		for key, n := first, 0; key <= last && len(starts) <= 100_000; key, n = rounding.Next(key), n+1 {
			if n%autoSteps[c.step].times == 0 {
				starts = append(starts, key)
			}
		}
		if len(starts) <= c.agg.buckets || end {
			return starts
		}
	}
}
