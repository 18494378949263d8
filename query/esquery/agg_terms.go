package esquery

import (
	"cmp"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/pharosd/pharos/query/esquery/internal/esdate"
	"github.com/pharosd/pharos/query/esquery/internal/lucene"
)

// termsAgg is terms, and multi_terms over several fields.
type termsAgg struct {
	nesting
	sources  []source
	multi    bool
	size     int
	minCount int64
	order    []orderKey
	include  *termFilter
	exclude  *termFilter
	format   *esdate.Format
	// errors adds the error of each count, which is none.
	errors bool
}

// orderKey is one key of the order of buckets.
type orderKey struct {
	path string
	desc bool
}

func parseTermsAgg(_ *compiler, v *fastjson.Value) (aggSpec, error) {
	a := &termsAgg{sources: make([]source, 1), size: 10, minCount: 1}
	err := settings("terms", v, func(key string, m *fastjson.Value) (bool, error) {
		if known, err := a.parameter("terms", key, m); known {
			return true, err
		}
		return a.sources[0].parameter("terms", key, m)
	})
	if err != nil {
		return nil, err
	}
	return a, a.sources[0].check("terms")
}

func parseMultiTerms(_ *compiler, v *fastjson.Value) (aggSpec, error) {
	a := &termsAgg{size: 10, minCount: 1, multi: true}
	err := settings("multi_terms", v, func(key string, m *fastjson.Value) (bool, error) {
		if key != "terms" {
			return a.parameter("multi_terms", key, m)
		}
		for _, item := range items(m) {
			var s source
			err := settings("multi_terms", item, func(k string, mv *fastjson.Value) (bool, error) {
				if k == "format" {
					return true, nil
				}
				return s.parameter("multi_terms", k, mv)
			})
			if err == nil {
				err = s.check("multi_terms")
			}
			if err != nil {
				return true, err
			}
			a.sources = append(a.sources, s)
		}
		return true, nil
	})
	if err == nil && (len(a.sources) < 2 || len(a.sources) > 16) {
		err = illegalf("The [terms] parameter in the aggregation [multi_terms] must be present and have at least 2 fields or scripts.")
	}
	return a, err
}

func (a *termsAgg) parameter(kind, key string, v *fastjson.Value) (bool, error) {
	var err error
	switch key {
	case "size":
		a.size, err = intOf(v, key)
		if err == nil && a.size <= 0 {
			err = illegalf("[size] must be greater than 0. Found [%d] in [%s]", a.size, kind)
		}
	case "min_doc_count":
		var n int
		n, err = intOf(v, key)
		a.minCount = int64(n)
	case "order":
		a.order, err = parseOrder(v)
	case "include":
		a.include, err = parseTermFilter(v)
	case "exclude":
		a.exclude, err = parseTermFilter(v)
	case "format":
		a.format, _ = formatOf(v)
	case "show_term_doc_count_error":
		a.errors, err = boolOf(v, key)
	case "shard_size", "segment_size", "split_size", "shard_min_doc_count", "collect_mode":
		_, err = textOf(v, key)
	default:
		return false, nil
	}
	return true, err
}

// parseOrder reads {"_count": "desc"}, or several in an array.
func parseOrder(v *fastjson.Value) ([]orderKey, error) {
	var out []orderKey
	for _, item := range items(v) {
		err := members(item, "order", func(path string, m *fastjson.Value) error {
			s, err := textOf(m, "order")
			if err != nil {
				return err
			}
			switch strings.ToLower(s) {
			case "asc", "desc":
			default:
				return parsingf("Unknown order direction [%s]", clip(s))
			}
			out = append(out, orderKey{path, strings.EqualFold(s, "desc")})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if len(out) > maxSortKeys {
		return nil, illegalf("more than %d keys of an order", maxSortKeys)
	}
	return out, nil
}

// termFilter is include or exclude.
type termFilter struct {
	pattern *regexp.Regexp
	values  map[string]bool
}

func parseTermFilter(v *fastjson.Value) (*termFilter, error) {
	switch v.Type() {
	case fastjson.TypeArray:
		texts, err := stringsOf(v, "include")
		f := &termFilter{values: map[string]bool{}}
		for _, s := range texts {
			f.values[s] = true
		}
		return f, err
	case fastjson.TypeObject:
		return nil, unsupportedf("[include] by partition")
	}
	s, err := textOf(v, "include")
	if err != nil {
		return nil, err
	}
	re, err := lucene.TranslateRegexp(s, false)
	if err != nil {
		return nil, illegalf("failed to parse [include]: %s", err)
	}
	return &termFilter{pattern: re}, nil
}

func (f *termFilter) has(s string) bool {
	if f.pattern != nil {
		return f.pattern.MatchString(s)
	}
	return f.values[s]
}

// term is a key of a bucket.
type term struct {
	kind   valueKind
	text   string
	number float64
	whole  int64
	// integer says that number is whole.
	integer bool
}

func termOf(v *value) term {
	t := term{kind: v.kind, number: v.number, whole: v.whole, integer: v.integer}
	if !t.integer && v.kind == numberValue && v.number == math.Trunc(v.number) && math.Abs(v.number) < 1<<53 {
		t.integer, t.whole = true, int64(v.number) // 2e2 is 200
	}
	switch {
	case v.kind == textValue || v.kind == boolValue:
		t.text = v.text
	case t.integer:
		t.text = strconv.FormatInt(t.whole, 10)
	default:
		t.text = strconv.FormatFloat(v.number, 'g', -1, 64)
	}
	return t
}

func (t *term) compare(o *term) int {
	if t.kind != textValue && o.kind != textValue {
		return cmp.Compare(t.number, o.number)
	}
	return strings.Compare(t.text, o.text)
}

// append writes the key, and how it reads if that is another text.
func (t *term) append(b []byte, format *esdate.Format) []byte {
	b = t.value(append(b, `"key":`...))
	if as := t.asString(format); as != "" {
		b = appendString(append(b, `,"key_as_string":`...), as)
	}
	return b
}

func (t *term) value(b []byte) []byte {
	switch {
	case t.kind == textValue:
		return appendString(b, t.text)
	case t.integer:
		return appendWhole(b, t.whole)
	}
	return appendFloat(b, t.number)
}

func (t *term) asString(format *esdate.Format) string {
	switch t.kind {
	case dateValue:
		if format == nil {
			format = esdate.Default
		}
		return format.Text(esdate.FromMillis(t.whole))
	case boolValue:
		return t.text
	}
	return ""
}

type termBucket struct {
	terms []term
	tally *tally
}

func (a *termsAgg) collector(r *run) collector {
	return &termsCollector{agg: a, run: r, buckets: map[string]*termBucket{}}
}

type termsCollector struct {
	agg     *termsAgg
	run     *run
	buckets map[string]*termBucket
	buf     [8]value
	key     []byte
}

func (c *termsCollector) collect(d *document) error {
	if c.agg.multi {
		return c.collectMulti(d, 0, nil)
	}
	vs := c.agg.sources[0].values(c.buf[:0], d)
	for i := range vs {
		t := termOf(&vs[i])
		if i > 0 && slices.ContainsFunc(vs[:i], func(v value) bool { o := termOf(&v); return o.text == t.text }) {
			continue
		}
		if c.agg.include != nil && !c.agg.include.has(t.text) || c.agg.exclude != nil && c.agg.exclude.has(t.text) {
			continue
		}
		if err := c.add(t.text, d, t); err != nil {
			return err
		}
	}
	return nil
}

func (c *termsCollector) collectMulti(d *document, at int, terms []term) error {
	if at == len(c.agg.sources) {
		key := c.key[:0]
		for _, t := range terms {
			key = append(append(strconv.AppendInt(key, int64(len(t.text)), 10), ':'), t.text...)
		}
		c.key = key
		return c.add(view(key), d, terms...)
	}
	for _, v := range c.agg.sources[at].values(nil, d) {
		if err := c.collectMulti(d, at+1, append(terms[:at:at], termOf(&v))); err != nil {
			return err
		}
	}
	return nil
}

func (c *termsCollector) add(key string, d *document, terms ...term) error {
	b, err := c.bucket(key, terms...)
	if err != nil {
		return err
	}
	return b.tally.add(d)
}

// bucket returns the bucket of a key, which it makes if there is none.
func (c *termsCollector) bucket(key string, terms ...term) (*termBucket, error) {
	b := c.buckets[key]
	if b != nil {
		if !c.agg.multi && terms[0].kind == textValue {
			b.terms[0].kind = textValue
		}
		return b, nil
	}
	t, err := newTally(c.run, c.agg.subs, 2*len(key)+64*len(terms))
	if err != nil {
		return nil, err
	}
	b = &termBucket{tally: t}
	for _, one := range terms {
		one.text = strings.Clone(one.text)
		b.terms = append(b.terms, one)
	}
	c.buckets[strings.Clone(key)] = b
	return b, nil
}

func (c *termsCollector) merge(other collector) error {
	for key, o := range other.(*termsCollector).buckets {
		b := c.buckets[key]
		if b == nil {
			c.buckets[key] = o
			continue
		}
		if o.terms[0].kind == textValue {
			b.terms[0].kind = textValue
		}
		if err := b.tally.merge(o.tally); err != nil {
			return err
		}
	}
	return nil
}

func compareTerms(a, b []term) int {
	for i := range a {
		if c := a[i].compare(&b[i]); c != 0 {
			return c
		}
	}
	return 0
}

func (c *termsCollector) result(r *reduction) (result, error) {
	all := slices.Collect(maps.Values(c.buckets))
	all = slices.DeleteFunc(all, func(b *termBucket) bool { return b.tally.docs < c.agg.minCount })
	if err := c.agg.sort(r.run, all); err != nil {
		return nil, err
	}
	var others int64
	if len(all) > c.agg.size {
		for _, b := range all[c.agg.size:] {
			others += b.tally.docs
		}
		all = all[:c.agg.size]
	}
	kind := "umterms"
	list, tallies := make([]*bucket, len(all)), make([]*tally, len(all))
	for i, b := range all {
		list[i], tallies[i] = &bucket{head: c.agg.head(b), number: b.terms[0].number, name: b.terms[0].text}, b.tally
		kind = termsKind(kind, &b.terms[0])
	}
	if c.agg.multi {
		kind = "multi_terms"
	}
	list, err := c.agg.finish(r, list, tallies)
	if err != nil {
		return nil, err
	}
	if c.agg.errors {
		for _, b := range list {
			b.head = append(b.head, `,"doc_count_error_upper_bound":0`...)
		}
	}
	before := appendWhole([]byte(`"doc_count_error_upper_bound":0,"sum_other_doc_count":`), others)
	return &bucketsResult{kind: kind, list: list, before: append(before, ',')}, nil
}

// termsKind is the name of the type of terms: of texts, whole numbers or others.
func termsKind(so string, t *term) string {
	switch {
	case t.kind == textValue || so == "sterms":
		return "sterms"
	case !t.integer || so == "dterms":
		return "dterms"
	}
	return "lterms"
}

func (a *termsAgg) head(b *termBucket) []byte {
	if !a.multi {
		return b.terms[0].append(nil, a.format)
	}
	out := []byte(`"key":[`)
	var texts []string
	for i := range b.terms {
		t := &b.terms[i]
		if i > 0 {
			out = append(out, ',')
		}
		as := t.asString(a.format)
		if t.kind == dateValue {
			out = appendString(out, as)
		} else {
			out = t.value(out)
		}
		if as == "" {
			as = string(t.value(nil))
			if t.kind == textValue {
				as = t.text
			}
		}
		texts = append(texts, as)
	}
	return appendString(append(out, `],"key_as_string":`...), strings.Join(texts, "|"))
}

// sort orders buckets as asked; those that are equal by their keys.
func (a *termsAgg) sort(r *run, all []*termBucket) error {
	order := a.order
	if len(order) == 0 {
		order = []orderKey{{path: "_count", desc: true}}
	}
	metrics := make([]map[*termBucket]float64, len(order))
	for i, k := range order {
		if k.path == "_count" || k.path == "_key" || k.path == "_term" {
			continue
		}
		metrics[i] = make(map[*termBucket]float64, len(all))
		for _, b := range all {
			v, err := b.tally.subs.metric(r, k.path)
			if err != nil {
				return err
			}
			metrics[i][b] = v
		}
	}
	slices.SortFunc(all, func(x, y *termBucket) int {
		for i, k := range order {
			var c int
			switch k.path {
			case "_count":
				c = cmp.Compare(x.tally.docs, y.tally.docs)
			case "_key", "_term":
				c = compareTerms(x.terms, y.terms)
			default:
				c = compareMetric(metrics[i][x], metrics[i][y], k.desc)
			}
			if k.desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return compareTerms(x.terms, y.terms)
	})
	return nil
}

// compareMetric puts what is no number last, in both directions.
func compareMetric(a, b float64, desc bool) int {
	switch {
	case math.IsNaN(a) && math.IsNaN(b):
		return 0
	case math.IsNaN(a):
		return map[bool]int{false: 1, true: -1}[desc]
	case math.IsNaN(b):
		return map[bool]int{false: -1, true: 1}[desc]
	}
	return cmp.Compare(a, b)
}
