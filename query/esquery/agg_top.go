package esquery

import (
	"math"

	"github.com/valyala/fastjson"
)

// topHits shows the first documents of a bucket.
type topHits struct{ request Request }

func parseTopHits(c *compiler, v *fastjson.Value) (aggSpec, error) {
	a := &topHits{Request{query: matchAll{}, size: 3, total: -1}}
	err := members(v, "top_hits", func(key string, m *fastjson.Value) error {
		switch key {
		case "from", "size", "sort", "_source", "fields", "docvalue_fields", "stored_fields", "highlight", "version", "seq_no_primary_term",
			"track_scores", "explain", "script_fields":
			return a.request.member(c, key, m)
		}
		return badf("x_content_parse_exception", "[top_hits] unknown field [%s]", clip(key))
	})
	if n := a.request.from + a.request.size; err == nil && (n > 100 || a.request.from < 0 || a.request.size < 0) {
		err = illegalf("Top hits result window is too large, the top hits aggregator's from + size must be less than or equal to: [100] but was [%d].", n)
	}
	return a, err
}

func (a *topHits) collector(r *run) collector {
	s := &search{Request: &a.request}
	return &topHitsCollector{agg: a, top: top{run: r, keys: s.order(), size: a.request.from + a.request.size}}
}

type topHitsCollector struct {
	agg *topHits
	top
	seen int64
}

func (c *topHitsCollector) collect(d *document) error {
	c.seen++
	return c.offer(d)
}

func (c *topHitsCollector) merge(other collector) error {
	o := other.(*topHitsCollector)
	c.seen += o.seen
	c.hits = merged([]*top{&c.top, &o.top})
	// The hits of a heap whose last is first: in reverse order they are one.
	for i, j := 0, len(c.hits)-1; i < j; i, j = i+1, j-1 {
		c.hits[i], c.hits[j] = c.hits[j], c.hits[i]
	}
	return nil
}

func (c *topHitsCollector) result(*reduction) (result, error) {
	s := &search{Request: &c.agg.request, run: c.top.run, hits: merged([]*top{&c.top})}
	s.found.Store(c.seen)
	b, err := s.renderHits([]byte(`{"hits":`))
	return &rawResult{kind: "top_hits", json: append(b, '}')}, err
}

// rawResult is written already.
type rawResult struct {
	kind string
	json []byte
}

func (r *rawResult) typeName() string               { return r.kind }
func (r *rawResult) append(b []byte, _ bool) []byte { return append(b, r.json...) }
func (r *rawResult) metric(string) (float64, bool)  { return 0, false }

// topMetrics shows values of the first documents.
type topMetrics struct {
	metrics []*path
	keys    []sortKey
	size    int
}

func parseTopMetrics(_ *compiler, v *fastjson.Value) (aggSpec, error) {
	a := &topMetrics{size: 1}
	err := settings("top_metrics", v, func(key string, m *fastjson.Value) (bool, error) {
		var err error
		switch key {
		case "metrics":
			for _, item := range items(m) {
				var s source
				err := settings("top_metrics", item, func(k string, mv *fastjson.Value) (bool, error) { return s.parameter("top_metrics", k, mv) })
				if err == nil && s.path == nil {
					err = illegalf("[top_metrics] wants the [field] of each metric")
				}
				if err != nil {
					return true, err
				}
				a.metrics = append(a.metrics, s.path)
			}
		case "sort":
			a.keys, err = parseSort(m)
		case "size":
			a.size, err = intOf(m, key)
			if err == nil && (a.size < 1 || a.size > 10) {
				err = illegalf("[top_metrics.size] must not be more than [10] but was [%d].", a.size)
			}
		default:
			return false, nil
		}
		return true, err
	})
	if err == nil && (len(a.metrics) == 0 || len(a.keys) == 0) {
		err = illegalf("[top_metrics] wants [metrics] and [sort]")
	}
	return a, err
}

func (a *topMetrics) collector(r *run) collector {
	s := &search{Request: &Request{sort: a.keys}}
	return &topMetricsCollector{agg: a, topHitsCollector: topHitsCollector{top: top{run: r, keys: s.order(), size: a.size}}}
}

type topMetricsCollector struct {
	agg *topMetrics
	topHitsCollector
}

func (c *topMetricsCollector) merge(other collector) error {
	return c.topHitsCollector.merge(&other.(*topMetricsCollector).topHitsCollector)
}

func (c *topMetricsCollector) result(*reduction) (result, error) {
	out := &topMetricsResult{first: map[string]float64{}, json: []byte(`{"top":[`)}
	var r reader
	for i, h := range merged([]*top{&c.top}) {
		d := h.doc.open(&r)
		if i > 0 {
			out.json = append(out.json, ',')
		}
		out.json = append(out.json, `{"sort":[`...)
		for k := range c.agg.keys {
			if k > 0 {
				out.json = append(out.json, ',')
			}
			out.json = c.keys[k].append(out.json, &h.keys[k])
		}
		out.json = append(out.json, `],"metrics":{`...)
		for k, p := range c.agg.metrics {
			if k > 0 {
				out.json = append(out.json, ',')
			}
			out.json = append(appendString(out.json, p.name), ':')
			vs := d.values(nil, p)
			if len(vs) == 0 {
				out.json = append(out.json, "null"...)
				continue
			}
			out.json = (&fieldSpec{}).append(out.json, &vs[0])
			if f, ok := vs[0].asNumber(); ok && i == 0 {
				out.first[p.name] = f
			}
		}
		out.json = append(out.json, '}', '}')
	}
	out.json = append(out.json, ']', '}')
	return out, nil
}

type topMetricsResult struct {
	json  []byte
	first map[string]float64
}

func (r *topMetricsResult) typeName() string               { return "top_metrics" }
func (r *topMetricsResult) append(b []byte, _ bool) []byte { return append(b, r.json...) }

func (r *topMetricsResult) metric(name string) (float64, bool) {
	f, ok := r.first[name]
	if !ok {
		f = math.NaN()
	}
	return f, true
}
