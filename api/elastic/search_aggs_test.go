package elastic

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/query/esquery"
)

// TestAggregations compares answers, written out, with what Elasticsearch answers.
func TestAggregations(t *testing.T) {
	s := newSearchServer(t, nil)
	s.push("a",
		`{"@timestamp":"`+ago(30)+`","host":"web-1","status":200,"ms":10,"ok":true,"day":"2024-01-01T10:00:00Z"}`,
		`{"@timestamp":"`+ago(30)+`","host":"web-1","status":500,"ms":30,"ok":false,"day":"2024-01-01T22:00:00Z"}`,
		`{"@timestamp":"`+ago(20)+`","host":"web-2","status":200,"ms":20,"ok":true,"day":"2024-01-02T10:00:00Z","tags":["x","y","x"]}`,
		`{"@timestamp":"`+ago(10)+`","host":"db","status":200,"ms":40.5,"day":"2024-01-04T00:00:00Z"}`,
		`{"@timestamp":"`+ago(10)+`","status":404,"day":"2024-01-04T01:00:00Z"}`)
	for aggs, want := range map[string]string{
		`{"a":{"terms":{"field":"host"}}}`: `{"a":{"doc_count_error_upper_bound":0,"sum_other_doc_count":0,"buckets":[
			{"key":"web-1","doc_count":2},{"key":"db","doc_count":1},{"key":"web-2","doc_count":1}]}}`,
		`{"a":{"terms":{"field":"host","size":1,"order":{"_key":"asc"}}}}`: `{"a":{"doc_count_error_upper_bound":0,"sum_other_doc_count":3,"buckets":[{"key":"db","doc_count":1}]}}`,
		`{"a":{"terms":{"field":"status","order":[{"m":"desc"}]},"aggs":{"m":{"avg":{"field":"ms"}}}}}`: `{"a":{"doc_count_error_upper_bound":0,"sum_other_doc_count":0,"buckets":[
			{"key":500,"doc_count":1,"m":{"value":30}},{"key":200,"doc_count":3,"m":{"value":23.5}},{"key":404,"doc_count":1,"m":{"value":null}}]}}`,
		`{"a":{"terms":{"field":"ok","missing":"none"}}}`: `{"a":{"doc_count_error_upper_bound":0,"sum_other_doc_count":0,"buckets":[
			{"key":"none","doc_count":2},{"key":1,"key_as_string":"true","doc_count":2},{"key":0,"key_as_string":"false","doc_count":1}]}}`,
		`{"a":{"terms":{"field":"host","include":"web.*","exclude":["web-2"]}}}`: `{"a":{"doc_count_error_upper_bound":0,"sum_other_doc_count":0,"buckets":[{"key":"web-1","doc_count":2}]}}`,
		`{"a":{"terms":{"field":"tags"}}}`:                                       `{"a":{"doc_count_error_upper_bound":0,"sum_other_doc_count":0,"buckets":[{"key":"x","doc_count":1},{"key":"y","doc_count":1}]}}`,
		`{"a":{"multi_terms":{"terms":[{"field":"host"},{"field":"status"}],"order":{"_key":"desc"},"size":1}}}`: `{"a":{"doc_count_error_upper_bound":0,"sum_other_doc_count":3,
			"buckets":[{"key":["web-2",200],"key_as_string":"web-2|200","doc_count":1}]}}`,
		`{"a":{"date_histogram":{"field":"day","calendar_interval":"day","format":"yyyy-MM-dd"}}}`: `{"a":{"buckets":[
			{"key_as_string":"2024-01-01","key":1704067200000,"doc_count":2},{"key_as_string":"2024-01-02","key":1704153600000,"doc_count":1},
			{"key_as_string":"2024-01-03","key":1704240000000,"doc_count":0},{"key_as_string":"2024-01-04","key":1704326400000,"doc_count":2}]}}`,
		`{"a":{"date_histogram":{"field":"day","fixed_interval":"24h","time_zone":"+02:00","min_doc_count":1,"order":{"_count":"desc"}}}}`: `{"a":{"buckets":[
			{"key_as_string":"2024-01-02T00:00:00.000+02:00","key":1704146400000,"doc_count":2},{"key_as_string":"2024-01-04T00:00:00.000+02:00","key":1704319200000,"doc_count":2},
			{"key_as_string":"2024-01-01T00:00:00.000+02:00","key":1704060000000,"doc_count":1}]}}`,
		`{"a":{"date_histogram":{"field":"day","calendar_interval":"month","keyed":true,"format":"epoch_millis"}}}`: `{"a":{"buckets":{"1704067200000":{"key_as_string":"1704067200000","key":1704067200000,"doc_count":5}}}}`,
		`{"a":{"date_histogram":{"field":"nothing","fixed_interval":"1h","extended_bounds":{"min":0,"max":3600000}}}}`: `{"a":{"buckets":[
			{"key_as_string":"1970-01-01T00:00:00.000Z","key":0,"doc_count":0},{"key_as_string":"1970-01-01T01:00:00.000Z","key":3600000,"doc_count":0}]}}`,
		`{"a":{"date_histogram":{"field":"day","fixed_interval":"12h","hard_bounds":{"min":"2024-01-02","max":"2024-01-03"}}}}`: `{"a":{"buckets":[{"key_as_string":"2024-01-02T00:00:00.000Z","key":1704153600000,"doc_count":1}]}}`,
		`{"a":{"auto_date_histogram":{"field":"day","buckets":4,"format":"yyyy-MM-dd HH"}}}`: `{"a":{"buckets":[
			{"key_as_string":"2024-01-01 00","key":1704067200000,"doc_count":2},{"key_as_string":"2024-01-02 00","key":1704153600000,"doc_count":1},
			{"key_as_string":"2024-01-03 00","key":1704240000000,"doc_count":0},{"key_as_string":"2024-01-04 00","key":1704326400000,"doc_count":2}],"interval":"1d"}}`,
		`{"a":{"histogram":{"field":"ms","interval":15,"offset":5}}}`:                                   `{"a":{"buckets":[{"key":5,"doc_count":1},{"key":20,"doc_count":2},{"key":35,"doc_count":1}]}}`,
		`{"a":{"histogram":{"field":"ms","interval":5.5,"min_doc_count":2,"missing":10,"keyed":true}}}`: `{"a":{"buckets":{"5.5":{"key":5.5,"doc_count":2}}}}`,
		`{"a":{"range":{"field":"ms","ranges":[{"to":20},{"key":"mid","from":20,"to":40.5},{"from":40.5}]}}}`: `{"a":{"buckets":[
			{"key":"*-20.0","to":20,"doc_count":1},{"key":"mid","from":20,"to":40.5,"doc_count":2},{"key":"40.5-*","from":40.5,"doc_count":1}]}}`,
		`{"a":{"date_range":{"field":"day","format":"yyyy-MM-dd","keyed":true,"ranges":[{"to":"2024-01-02||/d"},{"key":"rest","from":"2024-01-02"}]}}}`: `{"a":{"buckets":{
			"*-2024-01-02":{"to":1704153600000,"to_as_string":"2024-01-02","doc_count":2},"rest":{"from":1704153600000,"from_as_string":"2024-01-02","doc_count":3}}}}`,
		`{"a":{"filter":{"term":{"status":200}},"aggs":{"m":{"max":{"field":"ms"}}}}}`: `{"a":{"doc_count":3,"m":{"value":40.5}}}`,
		`{"a":{"filters":{"filters":{"good":{"term":{"status":200}},"slow":{"range":{"ms":{"gte":30}}}},"other_bucket":true}}}`: `{"a":{"buckets":{
			"good":{"doc_count":3},"slow":{"doc_count":2},"_other_":{"doc_count":1}}}}`,
		`{"a":{"filters":{"filters":[{"match_all":{}},{"match_none":{}}]}}}`:                                               `{"a":{"buckets":[{"doc_count":5},{"doc_count":0}]}}`,
		`{"a":{"missing":{"field":"host"}}}`:                                                                               `{"a":{"doc_count":1}}`,
		`{"a":{"global":{},"aggs":{"n":{"value_count":{"field":"status"}}}},"b":{"value_count":{"field":"host.keyword"}}}`: `{"a":{"doc_count":5,"n":{"value":5}},"b":{"value":4}}`,
		`{"a":{"stats":{"field":"ms"}}}`:                                                                                   `{"a":{"count":4,"min":10,"max":40.5,"avg":25.125,"sum":100.5}}`,
		`{"a":{"stats":{"field":"none"}}}`:                                                                                 `{"a":{"count":0,"min":null,"max":null,"avg":null,"sum":0}}`,
		`{"a":{"extended_stats":{"field":"ms","sigma":1,"missing":20}}}`: `{"a":{"count":5,"min":10,"max":40.5,"avg":24.1,"sum":120.5,"sum_of_squares":3440.25,"variance":107.24,"variance_population":107.24,
			"variance_sampling":134.05,"std_deviation":10.355674,"std_deviation_population":10.355674,"std_deviation_sampling":11.577996,"std_deviation_bounds":{"upper":34.455674,
			"lower":13.744326,"upper_population":34.455674,"lower_population":13.744326,"upper_sampling":35.677996,"lower_sampling":12.522004}}}`,
		`{"a":{"max":{"field":"day"}}}`:                                                                 `{"a":{"value":1704330000000,"value_as_string":"2024-01-04T01:00:00.000Z"}}`,
		`{"a":{"sum":{"field":"ms","script":"_value * 2 + 1"}}}`:                                        `{"a":{"value":205}}`,
		`{"a":{"max":{"script":{"source":"doc['ms'].value + doc['status'].value","lang":"painless"}}}}`: `{"a":{"value":530}}`,
		`{"a":{"weighted_avg":{"value":{"field":"ms"},"weight":{"field":"status"}}}}`:                   `{"a":{"value":26.454545}}`,
		`{"a":{"median_absolute_deviation":{"field":"ms"}}}`:                                            `{"a":{"value":10}}`,
		`{"a":{"cardinality":{"field":"host"}},"b":{"cardinality":{"field":"ms"}}}`:                     `{"a":{"value":3},"b":{"value":4}}`,
		`{"a":{"percentiles":{"field":"ms","percents":[0,50,"100"]}}}`:                                  `{"a":{"values":{"0.0":10,"50.0":25,"100.0":40.5}}}`,
		`{"a":{"percentiles":{"field":"none","percents":[50],"keyed":false}}}`:                          `{"a":{"values":[{"key":50,"value":null}]}}`,
		`{"a":{"percentile_ranks":{"field":"ms","values":[5,20,50]}}}`:                                  `{"a":{"values":{"5.0":0,"20.0":37.5,"50.0":100}}}`,
		`{"a":{"top_metrics":{"metrics":[{"field":"host"},{"field":"ms"}],"sort":{"ms":"desc"}}}}`:      `{"a":{"top":[{"sort":[40.5],"metrics":{"host":"db","ms":40.5}}]}}`,
		`{"a":{"composite":{"size":2,"sources":[{"h":{"terms":{"field":"host","order":"desc"}}},{"s":{"terms":{"field":"status"}}}]}}}`: `{"a":{"after_key":{"h":"web-1","s":200},"buckets":[
			{"key":{"h":"web-2","s":200},"doc_count":1},{"key":{"h":"web-1","s":200},"doc_count":1}]}}`,
		// Pipelines
		`{"a":{"date_histogram":{"field":"day","calendar_interval":"1d","format":"dd"},"aggs":{"s":{"sum":{"field":"ms"}},"d":{"derivative":{"buckets_path":"s"}},"c":{"cumulative_sum":{"buckets_path":"_count"}},
			"x":{"bucket_script":{"buckets_path":{"v":"s","n":"_count"},"script":"params.v / params.n"}},"f":{"moving_fn":{"buckets_path":"s","window":2,"script":"MovingFunctions.unweightedAvg(values)"}},
			"q":{"serial_diff":{"buckets_path":"s","lag":1}}}},"best":{"max_bucket":{"buckets_path":"a>s"}},"mean":{"avg_bucket":{"buckets_path":"a>s"}}}`: `{"a":{"buckets":[
			{"key_as_string":"01","key":1704067200000,"doc_count":2,"s":{"value":40},"c":{"value":2},"x":{"value":20},"f":{"value":null}},
			{"key_as_string":"02","key":1704153600000,"doc_count":1,"s":{"value":20},"d":{"value":-20},"c":{"value":3},"x":{"value":20},"f":{"value":40},"q":{"value":-20}},
			{"key_as_string":"03","key":1704240000000,"doc_count":0,"s":{"value":0},"d":{"value":null},"c":{"value":3}},
			{"key_as_string":"04","key":1704326400000,"doc_count":2,"s":{"value":40.5},"d":{"value":null},"c":{"value":5},"x":{"value":20.25},"f":{"value":30}}]},
			"best":{"value":40.5,"keys":["04"]},"mean":{"value":33.5}}`,
		`{"a":{"terms":{"field":"status"},"aggs":{"m":{"max":{"field":"ms"}},"keep":{"bucket_selector":{"buckets_path":{"m":"m"},"script":"params.m > 35"}}}}}`: `{"a":{"doc_count_error_upper_bound":0,"sum_other_doc_count":0,
			"buckets":[{"key":200,"doc_count":3,"m":{"value":40.5}}]}}`,
		`{"a":{"terms":{"field":"host"},"aggs":{"m":{"max":{"field":"ms"}},"o":{"bucket_sort":{"sort":[{"m":"desc"}],"size":2}}}}}`: `{"a":{"doc_count_error_upper_bound":0,"sum_other_doc_count":0,
			"buckets":[{"key":"db","doc_count":1,"m":{"value":40.5}},{"key":"web-1","doc_count":2,"m":{"value":30}}]}}`,
		`{"a":{"terms":{"field":"status"},"meta":{"k":[1]},"aggs":{"e":{"filter":{"term":{"ok":false}}},"r":{"bucket_script":{"buckets_path":{"e":"e._count","n":"_count"},"script":"params.e / params.n"}}}}}`: `{"a":{"meta":{"k":[1]},
			"doc_count_error_upper_bound":0,"sum_other_doc_count":0,"buckets":[{"key":200,"doc_count":3,"e":{"doc_count":0},"r":{"value":0}},{"key":404,"doc_count":1,"e":{"doc_count":0},"r":{"value":0}},
			{"key":500,"doc_count":1,"e":{"doc_count":1},"r":{"value":1}}]}}`,
	} {
		t.Run(aggs, func(t *testing.T) {
			status, got := s.do("POST", "/a/_search", `{"size":0,"aggs":`+aggs+`}`)
			require.Equal(t, 200, status, "%v", got)
			var expected map[string]any
			require.NoError(t, json.Unmarshal([]byte(want), &expected), want)
			b, _ := json.Marshal(got["aggregations"])
			require.Empty(t, sameJSON("", expected, got["aggregations"]), "%s", b)
		})
	}
	t.Run("top_hits", func(t *testing.T) {
		_, got := s.do("POST", "/a/_search?typed_keys", `{"size":0,"aggs":{"a":{"terms":{"field":"host"},"aggs":{"t":{"top_hits":{"size":1,"sort":[{"ms":"desc"}],"_source":["ms"]}}}}}}`)
		top := at(got, "aggregations.sterms#a.buckets.0.top_hits#t.hits")
		require.Equal(t, json.Number("2"), at(top, "total.value"))
		require.Equal(t, map[string]any{"ms": json.Number("30")}, at(top, "hits.0._source"))
		require.Equal(t, []any{json.Number("30")}, at(top, "hits.0.sort"))
	})
}

// sameJSON says where two values differ; numbers may by a millionth.
func sameJSON(where string, want, got any) string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || len(g) != len(w) {
			return fmt.Sprintf("%s: %v, want %v", where, got, want)
		}
		for k := range w {
			if p := sameJSON(where+"."+k, w[k], g[k]); p != "" {
				return p
			}
		}
		return ""
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return fmt.Sprintf("%s: %v, want %v", where, got, want)
		}
		for i := range w {
			if p := sameJSON(fmt.Sprintf("%s.%d", where, i), w[i], g[i]); p != "" {
				return p
			}
		}
		return ""
	case float64:
		n, ok := got.(json.Number)
		f, _ := n.Float64()
		if ok && math.Abs(f-w) <= 1e-6*math.Max(1, math.Abs(w)) {
			return ""
		}
	default:
		if want == got {
			return ""
		}
	}
	return fmt.Sprintf("%s: %v, want %v", where, got, want)
}

// TestCompositePages pages through all combinations by after_key, in all directions.
func TestCompositePages(t *testing.T) {
	s := newSearchServer(t, nil)
	var docs []string
	want := map[string]int{}
	for i := range 300 {
		host, n := fmt.Sprintf("h%d", i%7), i%11
		at := began.Add(-time.Duration(i) * 10 * time.Minute)
		name := fmt.Sprintf(`"%s"`, host)
		if i%7 == 0 {
			host, name = "<nil>", "null"
		}
		docs = append(docs, fmt.Sprintf(`{"@timestamp":"%s","host":%s,"n":%d}`, at.UTC().Format(time.RFC3339), name, n))
		want[fmt.Sprintf("%s/%d/%d", host, n/3*3, at.Truncate(time.Hour).UnixMilli())]++
	}
	s.push("c", docs...)
	for _, order := range []string{"asc", "desc"} {
		got, after := map[string]int{}, ""
		for page := 0; page < 100; page++ {
			_, v := s.do("POST", "/c/_search", `{"size":0,"aggs":{"c":{"composite":{"size":37,`+after+`"sources":[{"host":{"terms":{"field":"host","missing_bucket":true,"order":"`+order+`"}}},
				{"n":{"histogram":{"field":"n","interval":3}}},{"at":{"date_histogram":{"field":"@timestamp","fixed_interval":"1h"}}}]}}}}`)
			buckets := at(v, "aggregations.c.buckets").([]any)
			for _, b := range buckets {
				n, _ := at(b, "key.n").(json.Number).Float64()
				key := fmt.Sprintf("%v/%v/%v", at(b, "key.host"), n, at(b, "key.at"))
				require.NotContains(t, got, key)
				c, _ := at(b, "doc_count").(json.Number).Int64()
				got[key] = int(c)
			}
			if len(buckets) == 0 {
				break
			}
			b, err := json.Marshal(at(v, "aggregations.c.after_key"))
			require.NoError(t, err)
			after = `"after":` + string(b) + `,`
		}
		require.Equal(t, want, got)
	}
}

// TestAgainstNaive compares nested aggregations over random documents, read by several
// workers, with sums made here.
func TestAgainstNaive(t *testing.T) {
	s := newSearchServer(t, nil)
	rnd := rand.New(rand.NewPCG(1, 2))
	type doc struct {
		host string
		n    float64
		at   time.Time
	}
	var docs []doc
	var lines []string
	for range 5000 {
		d := doc{fmt.Sprintf("h%d", rnd.IntN(40)), math.Round(rnd.NormFloat64()*1000) / 10, began.Add(-time.Duration(rnd.IntN(6*3600)) * time.Second)}
		docs = append(docs, d)
		lines = append(lines, fmt.Sprintf(`{"@timestamp":%q,"host":%q,"n":%v}`, d.at.UTC().Format(time.RFC3339), d.host, d.n))
	}
	s.push("r", lines...)
	_, got := s.do("POST", "/r/_search", `{"size":0,"query":{"range":{"n":{"gte":-100,"lt":150}}},"aggs":{"h":{"terms":{"field":"host","size":100},"aggs":{
		"t":{"date_histogram":{"field":"@timestamp","fixed_interval":"1h","min_doc_count":1},"aggs":{"s":{"sum":{"field":"n"}},"p":{"percentiles":{"field":"n","percents":[90]}}}}}}}}`)
	byHost := map[string]map[int64][]float64{}
	for _, d := range docs {
		if d.n < -100 || d.n >= 150 {
			continue
		}
		if byHost[d.host] == nil {
			byHost[d.host] = map[int64][]float64{}
		}
		key := d.at.Truncate(time.Hour).UnixMilli()
		byHost[d.host][key] = append(byHost[d.host][key], d.n)
	}
	hosts := at(got, "aggregations.h.buckets").([]any)
	require.Len(t, hosts, len(byHost))
	for _, h := range hosts {
		hours := byHost[at(h, "key").(string)]
		buckets := at(h, "t.buckets").([]any)
		require.Len(t, buckets, len(hours))
		for _, b := range buckets {
			key, _ := at(b, "key").(json.Number).Int64()
			ns := hours[key]
			require.Equal(t, json.Number(fmt.Sprint(len(ns))), at(b, "doc_count"))
			sum := 0.0
			for _, n := range ns {
				sum += n
			}
			f, _ := at(b, "s.value").(json.Number).Float64()
			require.InDelta(t, sum, f, 1e-6)
			sort.Float64s(ns)
			at90 := 0.9 * float64(len(ns)-1)
			i := int(at90)
			p := ns[i]
			if i+1 < len(ns) {
				p += (at90 - float64(i)) * (ns[i+1] - ns[i])
			}
			values := at(b, "p.values").(map[string]any)
			f, _ = values["90.0"].(json.Number).Float64()
			require.InDelta(t, p, f, 1e-6)
		}
	}
}

// TestCountIsSame compares a histogram that the store counts with the same one read
// from documents (a sub-aggregation makes it so).
func TestCountIsSame(t *testing.T) {
	s := newSearchServer(t, nil)
	var docs []string
	for i := range 2000 {
		docs = append(docs, fmt.Sprintf(`{"@timestamp":%q,"i":%d}`, began.Add(-time.Duration(i*7)*time.Second).UTC().Format(time.RFC3339), i))
	}
	s.push("n", docs...)
	for _, shape := range []string{`"fixed_interval":"10m"`, `"fixed_interval":"7m","offset":"-3m"`, `"calendar_interval":"hour","min_doc_count":1`,
		`"fixed_interval":"30m","extended_bounds":{"min":"now-12h","max":"now"}`} {
		ask := func(subs string) any {
			_, got := s.do("POST", "/n/_search", `{"size":0,"query":{"bool":{"filter":[{"range":{"@timestamp":{"gte":"now-2h"}}},{"query_string":{"query":"*"}}]}},
				"aggs":{"a":{"date_histogram":{"field":"@timestamp",`+shape+`}`+subs+`}}}`)
			return at(got, "aggregations.a.buckets")
		}
		counted, read := ask(""), ask(`,"aggs":{"m":{"max":{"field":"none"}}}`)
		require.NotEmpty(t, counted)
		for _, b := range read.([]any) {
			delete(b.(map[string]any), "m")
		}
		if strings.Contains(shape, "extended") { // "now" moves
			require.InDelta(t, len(read.([]any)), len(counted.([]any)), 1)
			continue
		}
		require.Equal(t, read, counted, shape)
	}
}

// TestMemoryIsBounded asks for what would not fit and is told so.
func TestMemoryIsBounded(t *testing.T) {
	s := newSearchServer(t, func(c *esquery.Config) { c.MaxMemory, c.MaxBuckets = 2<<20, 1000 })
	var docs []string
	for i := range 20_000 {
		docs = append(docs, fmt.Sprintf(`{"id":"unique-%d","n":%d,"pad":"%s"}`, i, i, strings.Repeat("x", 200)))
	}
	s.push("big", docs...)
	for body, want := range map[string][2]string{
		`{"size":0,"aggs":{"a":{"terms":{"field":"id"}}}}`:                                                                                            {"circuit_breaking_exception", "Data too large"},
		`{"size":0,"aggs":{"a":{"composite":{"size":60000,"sources":[{"i":{"terms":{"field":"id"}}}]}}}}`:                                             {"circuit_breaking_exception", "Data too large"},
		`{"size":0,"aggs":{"a":{"cardinality":{"field":"id","precision_threshold":40000}},"b":{"terms":{"field":"n"},"aggs":{"c":{"top_hits":{}}}}}}`: {"circuit_breaking_exception", "Data too large"},
		`{"size":10000}`: {"circuit_breaking_exception", "Data too large"},
		`{"size":0,"aggs":{"a":{"histogram":{"field":"n","interval":1}}}}`:                                                             {"", ""},
		`{"size":0,"aggs":{"a":{"date_histogram":{"field":"n","fixed_interval":"1ms","extended_bounds":{"min":0,"max":9999999999}}}}}`: {"", ""},
	} {
		status, got := s.do("POST", "/big/_search", body)
		if want[0] == "" {
			require.Contains(t, []int{400, 429}, status, body)
			require.Contains(t, []any{"circuit_breaking_exception", "search_phase_execution_exception"}, at(got, "error.type"))
			continue
		}
		require.Equal(t, 429, status, "%s: %v", body, got)
		require.Equal(t, want[0], at(got, "error.type"))
		require.Contains(t, at(got, "error.reason"), want[1])
	}
	_, got := s.do("POST", "/big/_search", `{"size":0,"aggs":{"a":{"histogram":{"field":"n","interval":10}}}}`)
	require.Equal(t, "too_many_buckets_exception", at(got, "error.root_cause.0.type"))
	status, got := s.do("POST", "/big/_search", `{"size":0,"aggs":{"a":{"cardinality":{"field":"id","precision_threshold":100}},"p":{"percentiles":{"field":"n","percents":[50]}}}}`)
	require.Equal(t, 200, status)
	n, _ := at(got, "aggregations.a.value").(json.Number).Float64()
	require.InEpsilon(t, 20_000, n, 0.05)
	p, _ := at(got, "aggregations.p.values").(map[string]any)["50.0"].(json.Number).Float64()
	require.InEpsilon(t, 10_000, p, 0.02)
}
