package esquery

import (
	"math"
	"strings"

	"github.com/valyala/fastjson"
)

// aggregation is one named aggregation of a request.
type aggregation struct {
	name string
	spec aggSpec
	meta []byte
}

// aggregations are those of one level: collectors read documents, pipelines what
// collectors found.
type aggregations struct {
	list  []*aggregation
	pipes []*pipeline
	// order are all names as they were given.
	order []string
}

func (a *aggregations) none() bool { return a == nil }

// aggSpec is a kind of aggregation with its settings; it is not changed by its use.
type aggSpec interface {
	collector(r *run) collector
}

// collector gathers what one worker sees. Collectors of one spec are merged.
type collector interface {
	collect(d *document) error
	merge(other collector) error
	result(r *reduction) (result, error)
}

// reduction makes results of collectors; it counts buckets.
type reduction struct {
	run     *run
	buckets int
}

// bucket counts n more buckets of the answer.
func (r *reduction) bucket(n int) error {
	limit := r.run.engine.cfg.MaxBuckets
	if r.buckets += n; r.buckets > limit {
		return &Error{Status: 400, Type: "too_many_buckets_exception",
			Reason: "Trying to create too many buckets. Must be less than or equal to: [" + string(appendWhole(nil, int64(limit))) + "] but was [" +
				string(appendWhole(nil, int64(r.buckets))) + "]. This limit can be set by changing the [search.max_buckets] cluster level setting."}
	}
	return nil
}

// group are the collectors of one level, for one bucket or for the whole request.
type group struct {
	aggs *aggregations
	cs   []collector
}

// collectors starts a level; nil for none.
func (a *aggregations) collectors(r *run) *group {
	if a == nil {
		return nil
	}
	g := &group{aggs: a, cs: make([]collector, len(a.list))}
	for i, one := range a.list {
		g.cs[i] = one.spec.collector(r)
	}
	return g
}

func (g *group) collect(d *document) error {
	if g == nil {
		return nil
	}
	for _, c := range g.cs {
		if err := c.collect(d); err != nil {
			return err
		}
	}
	return nil
}

func (g *group) merge(other *group) error {
	if g == nil {
		return nil
	}
	for i, c := range g.cs {
		if err := c.merge(other.cs[i]); err != nil {
			return err
		}
	}
	return nil
}

// results reduces the level, with the pipelines that look at its aggregations.
func (g *group) results(r *reduction) (*results, error) {
	if g == nil {
		return nil, nil
	}
	out := &results{aggs: g.aggs, byName: map[string]result{}}
	for i, c := range g.cs {
		one, err := c.result(r)
		if err != nil {
			return nil, err
		}
		out.byName[g.aggs.list[i].name] = one
	}
	for _, p := range g.aggs.pipes {
		if sibling, ok := p.spec.(siblingPipeline); ok {
			one, err := sibling.reduce(out)
			if err != nil {
				return nil, err
			}
			out.byName[p.name] = one
		}
	}
	return out, nil
}

// result is what an aggregation found.
type result interface {
	// typeName is what typed_keys puts before the name.
	typeName() string
	// append writes the object.
	append(b []byte, typed bool) []byte
	// metric is a number of it: of a single value by "" or "value", of several by name.
	// ok is false for a name that it has not; a number that is not there is NaN.
	metric(name string) (v float64, ok bool)
}

// results are those of one level.
type results struct {
	aggs   *aggregations
	byName map[string]result
}

func (rs *results) replace(name string, r result) { rs.byName[name] = r }

// get returns a result, nil for none of this name.
func (rs *results) get(name string) result {
	if rs == nil {
		return nil
	}
	return rs.byName[name]
}

// append writes the object that holds the results.
func (rs *results) append(b []byte, typed bool) []byte {
	b = append(b, '{')
	return append(rs.members(b, typed, true), '}')
}

// members writes them after other members.
func (rs *results) members(b []byte, typed, first bool) []byte {
	if rs == nil {
		return b
	}
	for _, name := range rs.aggs.order {
		r := rs.byName[name]
		if r == nil {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		key := name
		if typed {
			key = r.typeName() + "#" + name
		}
		b = append(appendString(b, key), ':')
		at := len(b)
		b = r.append(b, typed)
		if meta := rs.aggs.meta(name); meta != nil {
			object := append([]byte(nil), b[at+1:]...)
			b = append(append(b[:at], `{"meta":`...), meta...)
			if len(object) > 1 {
				b = append(b, ',')
			}
			b = append(b, object...)
		}
	}
	return b
}

func (a *aggregations) meta(name string) []byte {
	for _, one := range a.list {
		if one.name == name {
			return one.meta
		}
	}
	for _, p := range a.pipes {
		if p.name == name {
			return p.meta
		}
	}
	return nil
}

// maxAggDepth bounds nesting; Elasticsearch has no such limit but its stack.
const maxAggDepth = 16

type aggParser func(c *compiler, v *fastjson.Value) (aggSpec, error)

// aggParsers are the kinds of aggregations that read documents. Those of nesting take
// their children through nest.
func aggParsers(kind string) (aggParser, bool) {
	p, ok := map[string]aggParser{
		"terms": parseTermsAgg, "multi_terms": parseMultiTerms, "histogram": parseHistogram, "date_histogram": parseDateHistogram,
		"auto_date_histogram": parseAutoDateHistogram, "range": parseRangeAgg, "date_range": parseDateRange,
		"filter": parseFilterAgg, "filters": parseFiltersAgg, "missing": parseMissingAgg, "global": parseGlobalAgg,
		"composite": parseComposite, "sampler": parseSampler,
		"min": metricParser("min"), "max": metricParser("max"), "avg": metricParser("avg"), "sum": metricParser("sum"),
		"value_count": metricParser("value_count"), "stats": metricParser("stats"), "extended_stats": metricParser("extended_stats"),
		"percentiles": parsePercentiles, "percentile_ranks": parsePercentileRanks, "cardinality": parseCardinality,
		"median_absolute_deviation": parseMedianDeviation, "weighted_avg": parseWeightedAvg, "top_hits": parseTopHits, "top_metrics": parseTopMetrics,
	}[kind]
	return p, ok
}

var refusedAggs = map[string]string{
	"significant_terms": "it compares with the frequency of terms in an index, which there is none of",
	"significant_text":  "it compares with the frequency of terms in an index, which there is none of",
	"scripted_metric":   "there are no scripts",
	"nested":            "there is no mapping, objects in arrays are not indexed one by one",
	"reverse_nested":    "there is no mapping, objects in arrays are not indexed one by one",
	"geo_bounds":        "there are no geographic fields",
	"geo_centroid":      "there are no geographic fields",
	"geohash_grid":      "there are no geographic fields",
	"geotile_grid":      "there are no geographic fields",
	"ip_range":          "use range or filters over the texts",
	"rare_terms":        "use terms ordered by _count",
	"random_sampler":    "all documents are read",
	"rate":              "divide by the width of the bucket with bucket_script",
	"adjacency_matrix":  "use filters",
	"matrix_stats":      "use extended_stats",
}

// nester is a spec that has buckets, which may have aggregations of their own.
type nester interface {
	nest(subs *aggregations) error
}

func parseAggregations(c *compiler, v *fastjson.Value, depth int) (*aggregations, error) {
	if depth > maxAggDepth {
		return nil, illegalf("aggregations are nested deeper than %d", maxAggDepth)
	}
	out := &aggregations{}
	err := members(v, "aggregations", func(name string, m *fastjson.Value) error {
		if name == "" || strings.ContainsAny(name, "[]>") {
			return parsingf("Invalid aggregation name [%s]. Aggregation names can contain any character except '[', ']', and '>'", clip(name))
		}
		for _, other := range out.order {
			if other == name {
				return illegalf("Two sibling aggregations cannot have the same name: [%s]", clip(name))
			}
		}
		if err := c.count(1); err != nil {
			return err
		}
		out.order = append(out.order, name)
		return out.parse(c, name, m, depth)
	})
	if err != nil {
		return nil, err
	}
	if len(out.order) == 0 {
		return nil, nil
	}
	return out, out.sortPipes()
}

// parse reads one aggregation: {"kind": {...}, "aggs": {...}, "meta": {...}}.
func (a *aggregations) parse(c *compiler, name string, v *fastjson.Value, depth int) error {
	var kind string
	var body *fastjson.Value
	var subs *aggregations
	var meta []byte
	err := members(v, name, func(key string, m *fastjson.Value) (err error) {
		switch key {
		case "aggs", "aggregations":
			subs, err = parseAggregations(c, m, depth+1)
		case "meta":
			meta = m.MarshalTo(nil)
		default:
			if body != nil {
				return parsingf("Found two aggregation type definitions in [%s]: [%s] and [%s]", clip(name), kind, clip(key))
			}
			kind, body = key, m
		}
		return err
	})
	if err != nil {
		return err
	}
	if body == nil {
		return parsingf("Missing definition for aggregation [%s]", clip(name))
	}
	if spec, ok, err := parsePipeline(kind, body); ok || err != nil {
		if err == nil && subs != nil {
			err = illegalf("pipeline aggregation [%s] cannot accept sub-aggregations", clip(name))
		}
		a.pipes = append(a.pipes, &pipeline{name: name, spec: spec, meta: meta})
		return err
	}
	spec, err := parseKind(c, kind, body)
	if err != nil {
		return err
	}
	if subs != nil {
		n, ok := spec.(nester)
		if !ok {
			return illegalf("Aggregator [%s] of type [%s] cannot accept sub-aggregations", clip(name), kind)
		}
		if err := n.nest(subs); err != nil {
			return err
		}
	}
	if _, ok := spec.(*globalAgg); ok && depth > 0 {
		return illegalf("Aggregator [%s] of type [global] can only be defined as a top level aggregation", clip(name))
	}
	a.list = append(a.list, &aggregation{name: name, spec: spec, meta: meta})
	return nil
}

func parseKind(c *compiler, kind string, v *fastjson.Value) (aggSpec, error) {
	parse, ok := aggParsers(kind)
	if !ok {
		if why := refusedAggs[kind]; why != "" {
			return nil, illegalf("the aggregation [%s] is not supported by Pharos: %s", kind, why)
		}
		return nil, &Error{Status: 400, Type: "parsing_exception", Reason: "Unknown aggregation type [" + clip(kind) + "]",
			CausedBy: &Error{Type: "named_object_not_found_exception", Reason: "unknown field [" + clip(kind) + "]"}}
	}
	return parse(c, v)
}

// source is where an aggregation takes its values from.
type source struct {
	path    *path
	missing *value
	// script is an expression over _value, and over the first values of fields.
	script expression
	fields []*path
}

// parameter reads what all have in common.
func (s *source) parameter(kind, key string, v *fastjson.Value) (bool, error) {
	var err error
	switch key {
	case "field":
		var name string
		name, err = textOf(v, kind)
		s.path = newPath(name)
		if err == nil && (s.path.kind == anyPath || s.path.kind == patternPath) {
			err = illegalf("[%s] wants one field, not [%s]", kind, clip(name))
		}
	case "missing":
		var m value
		m, err = jsonValue(v)
		s.missing = &m
	case "script":
		var names []string
		s.script, err = parseScript(v, &names)
		for _, name := range names {
			s.fields = append(s.fields, newPath(name))
		}
	case "value_type", "execution_hint":
	default:
		return false, nil
	}
	return true, err
}

func (s *source) check(kind string) error {
	if s.path == nil && len(s.fields) > 0 {
		return nil
	}
	if s.path == nil {
		return illegalf("Required one of fields [field, script], but none were specified. ")
	}
	return nil
}

// values appends a document's values.
func (s *source) values(to []value, d *document) []value {
	n := len(to)
	if s.path == nil {
		if f, ok := s.compute(scope{}, d); ok {
			return append(to, computed(f))
		}
		return to
	}
	to = d.values(to, s.path)
	if len(to) == n && s.missing != nil {
		return append(to, *s.missing)
	}
	if s.script != nil {
		for i := n; i < len(to); i++ {
			if f, ok := to[i].asNumber(); ok {
				out, _ := s.compute(scope{"_value": f}, d)
				to[i] = computed(out)
			}
		}
	}
	return to
}

// compute evaluates the script; false if the document lacks a field that it names.
func (s *source) compute(in scope, d *document) (float64, bool) {
	for _, p := range s.fields {
		vs := d.values(nil, p)
		if len(vs) == 0 {
			return math.NaN(), false
		}
		f, ok := vs[0].asNumber()
		if !ok {
			return math.NaN(), false
		}
		in[docPrefix+p.name] = f
	}
	f := s.script.eval(in)
	return f, !math.IsNaN(f)
}

func computed(f float64) value {
	return value{kind: numberValue, number: f, text: string(appendFloat(nil, f))}
}

// jsonValue reads a value of a request.
func jsonValue(v *fastjson.Value) (value, error) {
	s, err := textOf(v, "missing")
	if err != nil {
		return value{}, err
	}
	switch v.Type() {
	case fastjson.TypeNumber:
		return newNumber(s), nil
	case fastjson.TypeTrue, fastjson.TypeFalse:
		return newBool(s == "true"), nil
	}
	return typed(s), nil
}

// settings reads the members of an aggregation with f, which returns false for one
// that it does not know.
func settings(kind string, v *fastjson.Value, f func(key string, v *fastjson.Value) (bool, error)) error {
	return members(v, kind, func(key string, m *fastjson.Value) error {
		known, err := f(key, m)
		if err == nil && !known {
			err = badf("x_content_parse_exception", "[%s] unknown field [%s]", kind, clip(key))
		}
		return err
	})
}
