package esquery

import (
	"cmp"
	"container/heap"
	"slices"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/pharosd/pharos/query/esquery/internal/esdate"
)

// compositeAgg pages through all combinations of several sources.
type compositeAgg struct {
	nesting
	size    int
	sources []compositeSource
	after   []term // nil: from the begin
}

type compositeSource struct {
	name string
	source
	desc          bool
	missingBucket bool
	missingOrder  string
	histogram     *histogramAgg
	dates         bool
	format        *esdate.Format
}

// nothing is the kind of a missing value.
const nothing valueKind = 255

func parseComposite(c *compiler, v *fastjson.Value) (aggSpec, error) {
	a := &compositeAgg{size: 10}
	var after *fastjson.Value
	err := settings("composite", v, func(key string, m *fastjson.Value) (bool, error) {
		var err error
		switch key {
		case "size":
			a.size, err = intOf(m, key)
			if err == nil && (a.size <= 0 || a.size > 65_536) {
				err = illegalf("[size] must be greater than 0 and at most 65536, found [%d]", a.size)
			}
		case "after":
			after = m
		case "sources":
			for _, item := range items(m) {
				name, body, err := only(item, "sources")
				if err != nil {
					return true, err
				}
				s, err := parseCompositeSource(c, name, body)
				if err != nil {
					return true, err
				}
				a.sources = append(a.sources, s)
			}
		default:
			return false, nil
		}
		return true, err
	})
	if err == nil && (len(a.sources) == 0 || len(a.sources) > 64) {
		err = illegalf("Composite [sources] cannot be null or empty")
	}
	if err == nil && after != nil {
		err = a.parseAfter(after)
	}
	return a, err
}

func parseCompositeSource(c *compiler, name string, v *fastjson.Value) (compositeSource, error) {
	s := compositeSource{name: name}
	kind, body, err := only(v, "sources")
	if err != nil {
		return s, err
	}
	shape := fastjson.MustParse("{}")
	err = members(body, kind, func(key string, m *fastjson.Value) error {
		var err error
		switch key {
		case "order":
			var text string
			text, err = textOf(m, key)
			s.desc = strings.EqualFold(text, "desc")
		case "missing_bucket":
			s.missingBucket, err = boolOf(m, key)
		case "missing_order":
			s.missingOrder, err = textOf(m, key)
		default:
			shape.Set(key, m)
		}
		return err
	})
	if err != nil {
		return s, err
	}
	switch kind {
	case "terms":
		err = settings(kind, shape, func(key string, m *fastjson.Value) (bool, error) { return s.parameter(kind, key, m) })
		if err == nil {
			err = s.check(kind)
		}
		return s, err
	case "histogram", "date_histogram":
		parse := parseHistogram
		if s.dates = kind == "date_histogram"; s.dates {
			parse = parseDateHistogram
		}
		spec, err := parse(c, shape)
		if err != nil {
			return s, err
		}
		s.histogram = spec.(*histogramAgg)
		s.source = s.histogram.source
		if shape.Get("format") != nil {
			s.format = s.histogram.format
		}
		return s, nil
	}
	return s, unsupportedf("the source [%s] of a composite aggregation", clip(kind))
}

func (a *compositeAgg) parseAfter(v *fastjson.Value) error {
	if v.Type() != fastjson.TypeObject {
		return parsingf("[composite] [after] must be an object")
	}
	for _, s := range a.sources {
		m := v.Get(s.name)
		if m == nil {
			return illegalf("Missing value for [after.%s]", clip(s.name))
		}
		if m.Type() == fastjson.TypeNull {
			a.after = append(a.after, term{kind: nothing})
			continue
		}
		one, err := jsonValue(m)
		if err != nil {
			return err
		}
		if s.dates && m.Type() == fastjson.TypeString {
			format := s.format
			if format == nil {
				format = esdate.Default
			}
			at, err := format.Parse(one.text, false, utc)
			if err != nil {
				return badf("parse_exception", "%s", err)
			}
			one = newDate(at.UnixMilli())
		}
		if s.dates {
			one.kind = dateValue
		}
		t := termOf(&one)
		t.text = strings.Clone(t.text)
		a.after = append(a.after, t)
	}
	return nil
}

func (s *compositeSource) compare(a, b *term) int {
	if a.kind == nothing || b.kind == nothing {
		if a.kind == b.kind {
			return 0
		}
		first := !s.desc
		if s.missingOrder != "" && s.missingOrder != "default" {
			first = s.missingOrder == "first"
		}
		if (a.kind == nothing) == first {
			return -1
		}
		return 1
	}
	c := a.compare(b)
	if s.desc {
		return -c
	}
	return c
}

func (a *compositeAgg) compare(x, y []term) int {
	for i := range a.sources {
		if c := a.sources[i].compare(&x[i], &y[i]); c != 0 {
			return c
		}
	}
	return 0
}

func (a *compositeAgg) collector(r *run) collector {
	return &compositeCollector{agg: a, run: r, buckets: map[string]*termBucket{}}
}

// compositeCollector keeps the first buckets of the order only.
type compositeCollector struct {
	agg     *compositeAgg
	run     *run
	buckets map[string]*termBucket
	last    compositeHeap
	key     []byte
}

// compositeHeap has the last bucket first.
type compositeHeap struct {
	agg  *compositeAgg
	list []*termBucket
}

func (h *compositeHeap) Len() int { return len(h.list) }
func (h *compositeHeap) Less(i, j int) bool {
	return h.agg.compare(h.list[i].terms, h.list[j].terms) > 0
}
func (h *compositeHeap) Swap(i, j int) { h.list[i], h.list[j] = h.list[j], h.list[i] }
func (h *compositeHeap) Push(x any)    { h.list = append(h.list, x.(*termBucket)) }
func (h *compositeHeap) Pop() any {
	b := h.list[len(h.list)-1]
	h.list = h.list[:len(h.list)-1]
	return b
}

func (c *compositeCollector) collect(d *document) error { return c.combine(d, 0, nil) }

func (c *compositeCollector) combine(d *document, at int, terms []term) error {
	if at == len(c.agg.sources) {
		return c.add(d, terms)
	}
	s := &c.agg.sources[at]
	vs := s.values(nil, d)
	found := false
	for i := range vs {
		t, ok := s.term(&vs[i])
		if !ok {
			continue
		}
		found = true
		if err := c.combine(d, at+1, append(terms[:at:at], t)); err != nil {
			return err
		}
	}
	if found || !s.missingBucket {
		return nil
	}
	return c.combine(d, at+1, append(terms[:at:at], term{kind: nothing}))
}

func (s *compositeSource) term(v *value) (term, bool) {
	if s.histogram == nil {
		return termOf(v), true
	}
	f, ok := s.histogram.number(v)
	if !ok {
		return term{}, false
	}
	key := s.histogram.key(f)
	if s.dates {
		d := newDate(int64(key))
		return termOf(&d), true
	}
	return term{kind: numberValue, number: key, text: strconv.FormatFloat(key, 'g', -1, 64)}, true
}

func keyOf(to []byte, terms []term) []byte {
	for _, t := range terms {
		to = append(to, byte(t.kind))
		to = append(append(strconv.AppendInt(to, int64(len(t.text)), 10), ':'), t.text...)
	}
	return to
}

func (c *compositeCollector) add(d *document, terms []term) error {
	if c.agg.after != nil && c.agg.compare(terms, c.agg.after) <= 0 {
		return nil
	}
	c.last.agg = c.agg
	c.key = keyOf(c.key[:0], terms)
	if b := c.buckets[string(c.key)]; b != nil {
		return b.tally.add(d)
	}
	full := len(c.last.list) >= c.agg.size
	if full && c.agg.compare(terms, c.last.list[0].terms) >= 0 {
		return nil
	}
	t, err := newTally(c.run, c.agg.subs, 2*len(c.key)+64*len(terms))
	if err != nil {
		return err
	}
	b := &termBucket{terms: slices.Clone(terms), tally: t}
	for i := range b.terms {
		b.terms[i].text = strings.Clone(b.terms[i].text)
	}
	if full {
		out := heap.Pop(&c.last).(*termBucket)
		delete(c.buckets, string(keyOf(nil, out.terms)))
		c.run.memory.Add(-tallySize)
	}
	c.buckets[string(c.key)] = b
	heap.Push(&c.last, b)
	return t.add(d)
}

func (c *compositeCollector) merge(other collector) error {
	for key, o := range other.(*compositeCollector).buckets {
		if b := c.buckets[key]; b == nil {
			c.buckets[key] = o
		} else if err := b.tally.merge(o.tally); err != nil {
			return err
		}
	}
	return nil
}

func (c *compositeCollector) result(r *reduction) (result, error) {
	all := make([]*termBucket, 0, len(c.buckets))
	for _, b := range c.buckets {
		all = append(all, b)
	}
	slices.SortFunc(all, func(x, y *termBucket) int {
		return cmp.Or(c.agg.compare(x.terms, y.terms), compareTerms(x.terms, y.terms))
	})
	all = all[:min(len(all), c.agg.size)]
	list, tallies := make([]*bucket, len(all)), make([]*tally, len(all))
	var key []byte
	for i, b := range all {
		key = c.agg.key(b.terms)
		list[i], tallies[i] = &bucket{head: append([]byte(`"key":`), key...), number: b.terms[0].number}, b.tally
	}
	out := &bucketsResult{kind: "composite"}
	if key != nil {
		out.before = append(append([]byte(`"after_key":`), key...), ',')
	}
	var err error
	out.list, err = c.agg.finish(r, list, tallies)
	return out, err
}

func (a *compositeAgg) key(terms []term) []byte {
	b := []byte{'{'}
	for i := range a.sources {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, a.sources[i].name), ':')
		t := &terms[i]
		switch {
		case t.kind == nothing:
			b = append(b, "null"...)
		case t.kind == dateValue && a.sources[i].format != nil:
			b = appendString(b, a.sources[i].format.Text(esdate.FromMillis(t.whole)))
		case t.kind == boolValue:
			b = append(b, t.text...)
		default:
			b = t.value(b)
		}
	}
	return append(b, '}')
}
