package esquery

import "github.com/valyala/fastjson"

// singleAgg are the aggregations of one bucket: filter, missing, sampler.
type singleAgg struct {
	nesting
	kind string
	test query // nil: all documents
}

func parseFilterAgg(c *compiler, v *fastjson.Value) (aggSpec, error) {
	if v.Type() == fastjson.TypeObject && v.GetObject().Len() == 0 {
		return &singleAgg{kind: "filter"}, nil
	}
	q, err := c.compile(v)
	return &singleAgg{kind: "filter", test: q}, err
}

func parseMissingAgg(_ *compiler, v *fastjson.Value) (aggSpec, error) {
	var s source
	err := settings("missing", v, func(key string, m *fastjson.Value) (bool, error) { return s.parameter("missing", key, m) })
	if err == nil && s.path == nil {
		err = illegalf("[missing] wants a [field]")
	}
	if err != nil {
		return nil, err
	}
	return &singleAgg{kind: "missing", test: &boolQuery{mustNot: []query{&existsQuery{s.path}}}}, nil
}

// parseSampler takes all documents: none is better than another.
func parseSampler(_ *compiler, v *fastjson.Value) (aggSpec, error) {
	return &singleAgg{kind: "sampler"}, settings("sampler", v, func(key string, _ *fastjson.Value) (bool, error) { return key == "shard_size", nil })
}

func (a *singleAgg) collector(r *run) collector { return a.start(r) }

func (a *singleAgg) start(r *run) *singleCollector {
	return &singleCollector{agg: a, tally: tally{subs: a.subs.collectors(r)}}
}

type singleCollector struct {
	agg *singleAgg
	tally
}

func (c *singleCollector) collect(d *document) error {
	if c.agg.test != nil && !c.agg.test.match(d) {
		return nil
	}
	return c.add(d)
}

func (c *singleCollector) merge(other collector) error {
	return c.tally.merge(&other.(*singleCollector).tally)
}

func (c *singleCollector) result(r *reduction) (result, error) {
	if err := r.bucket(1); err != nil {
		return nil, err
	}
	subs, err := c.subs.results(r)
	return &singleResult{kind: c.agg.kind, docs: c.docs, subs: subs}, err
}

// globalAgg is one bucket of everything, whatever the query; it is filled by a reading
// of its own.
type globalAgg struct{ singleAgg }

func parseGlobalAgg(_ *compiler, v *fastjson.Value) (aggSpec, error) {
	return &globalAgg{singleAgg{kind: "global"}}, settings("global", v, func(string, *fastjson.Value) (bool, error) { return false, nil })
}

func (a *globalAgg) collector(r *run) collector { return &idle{a.start(r)} }

// idle collects nothing.
type idle struct{ *singleCollector }

func (idle) collect(*document) error { return nil }
func (idle) merge(collector) error   { return nil }

// filtersAgg are several filters, by name or in order.
type filtersAgg struct {
	nesting
	names   []string
	tests   []query
	keyed   bool
	named   bool
	other   bool
	otherBy string
}

func parseFiltersAgg(c *compiler, v *fastjson.Value) (aggSpec, error) {
	a := &filtersAgg{keyed: true, otherBy: "_other_"}
	err := settings("filters", v, func(key string, m *fastjson.Value) (bool, error) {
		var err error
		switch key {
		case "filters":
			err = a.filters(c, m)
		case "other_bucket":
			a.other, err = boolOf(m, key)
		case "other_bucket_key":
			a.other = true
			a.otherBy, err = textOf(m, key)
		case "keyed":
			a.keyed, err = boolOf(m, key)
		default:
			return false, nil
		}
		return true, err
	})
	if err == nil && len(a.tests) == 0 {
		err = illegalf("[filters] cannot be empty.")
	}
	a.keyed = a.keyed && a.named
	return a, err
}

func (a *filtersAgg) filters(c *compiler, v *fastjson.Value) error {
	add := func(name string, m *fastjson.Value) error {
		q, err := c.compile(m)
		a.names, a.tests = append(a.names, name), append(a.tests, q)
		return err
	}
	if v.Type() == fastjson.TypeArray {
		for _, item := range v.GetArray() {
			if err := add("", item); err != nil {
				return err
			}
		}
		return nil
	}
	a.named = true
	return members(v, "filters", add)
}

func (a *filtersAgg) collector(r *run) collector {
	c := &filtersCollector{agg: a}
	for range len(a.tests) + 1 {
		c.tallies = append(c.tallies, &tally{subs: a.subs.collectors(r)})
	}
	return c
}

type filtersCollector struct {
	agg     *filtersAgg
	tallies []*tally // the last is of the others
}

func (c *filtersCollector) collect(d *document) error {
	any := false
	for i, q := range c.agg.tests {
		if !q.match(d) {
			continue
		}
		any = true
		if err := c.tallies[i].add(d); err != nil {
			return err
		}
	}
	if any || !c.agg.other {
		return nil
	}
	return c.tallies[len(c.agg.tests)].add(d)
}

func (c *filtersCollector) merge(other collector) error {
	for i, t := range other.(*filtersCollector).tallies {
		if err := c.tallies[i].merge(t); err != nil {
			return err
		}
	}
	return nil
}

func (c *filtersCollector) result(r *reduction) (result, error) {
	names, tallies := c.agg.names, c.tallies[:len(c.agg.tests)]
	if c.agg.other {
		names, tallies = append(names[:len(names):len(names)], c.agg.otherBy), c.tallies
	}
	list := make([]*bucket, len(tallies))
	for i, name := range names {
		list[i] = &bucket{name: name}
		if c.agg.named && !c.agg.keyed {
			list[i].head = appendString([]byte(`"key":`), name)
		}
	}
	list, err := c.agg.finish(r, list, tallies)
	return &bucketsResult{kind: "filters", list: list, keyed: c.agg.keyed}, err
}
