package elastic

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/query/esquery"
)

// many pushes documents of which several share each time and each group.
func many(s *searchServer, n int) {
	var docs []string
	for i := range n {
		docs = append(docs, fmt.Sprintf(`{"@timestamp":%q,"i":%d,"group":"g%d","text":"line %d"}`,
			began.Add(-time.Duration(i/5)*time.Minute).UTC().Format(time.RFC3339), i, i%3, i))
	}
	s.push("many", docs...)
}

// walk pages by what next makes of the last hit and wants each document once.
func walk(t *testing.T, s *searchServer, n int, first string, next func(got map[string]any, last map[string]any) (path, body string)) {
	t.Helper()
	seen := map[any]bool{}
	path, body := "/many/_search", first
	if strings.HasPrefix(first, "/") {
		path, body, _ = strings.Cut(first, " ")
	}
	for page := 0; page < 200; page++ {
		status, got := s.do("POST", path, body)
		require.Equal(t, 200, status, "%v", got)
		hits := at(got, "hits.hits").([]any)
		if len(hits) == 0 {
			break
		}
		var last map[string]any
		for _, h := range hits {
			last = h.(map[string]any)
			require.False(t, seen[last["_id"]], "%v comes twice", last["_id"])
			seen[last["_id"]] = true
		}
		path, body = next(got, last)
	}
	require.Len(t, seen, n)
}

func sortOf(t *testing.T, hit map[string]any) string {
	b, err := json.Marshal(hit["sort"])
	require.NoError(t, err)
	return string(b)
}

// TestPaging reads all documents page by page in every way that there is.
func TestPaging(t *testing.T) {
	s := newSearchServer(t, nil)
	many(s, 500)
	for _, order := range []string{`[{"@timestamp":"desc"},{"_doc":"desc"}]`, `[{"@timestamp":{"order":"asc","format":"strict_date_optional_time"}},{"_doc":"asc"}]`,
		`[{"group":"asc"},{"i":"desc"}]`, `[{"i":"asc"}]`, `["_doc"]`, `[{"missing":"asc"},{"i":"asc"}]`, `[{"_score":"desc"},{"i":"asc"}]`} {
		t.Run("search_after "+order, func(t *testing.T) {
			base := `{"size":37,"sort":` + order + `,"track_total_hits":false`
			walk(t, s, 500, base+"}", func(_, last map[string]any) (string, string) {
				return "/many/_search", base + `,"search_after":` + sortOf(t, last) + "}"
			})
		})
	}
	for _, order := range []string{"", `"sort":["_doc"],`, `"sort":[{"group":"desc"}],`, `"sort":[{"@timestamp":"asc"}],`} {
		t.Run("scroll "+order, func(t *testing.T) {
			walk(t, s, 500, `/many/_search?scroll=1m {`+order+`"size":37}`, func(got, _ map[string]any) (string, string) {
				require.Equal(t, json.Number("500"), at(got, "hits.total.value"))
				return "/_search/scroll", fmt.Sprintf(`{"scroll":"1m","scroll_id":%q}`, got["_scroll_id"])
			})
		})
	}
	t.Run("from", func(t *testing.T) {
		from := 0
		walk(t, s, 500, `{"size":100}`, func(_, _ map[string]any) (string, string) {
			from += 100
			return "/many/_search", fmt.Sprintf(`{"size":100,"from":%d}`, from)
		})
	})
	t.Run("point in time", func(t *testing.T) {
		_, got := s.do("POST", "/many/_pit?keep_alive=1m", "")
		id := got["id"].(string)
		base := fmt.Sprintf(`{"size":37,"pit":{"id":%q,"keep_alive":"1m"},"sort":[{"group":"asc"}]`, id)
		pushed := false
		walk(t, s, 500, "/_search "+base+"}", func(_, last map[string]any) (string, string) {
			require.Len(t, last["sort"], 2, "_shard_doc is added")
			if !pushed { // what comes later is not seen
				s.push("many", fmt.Sprintf(`{"@timestamp":%q,"group":"g0","i":9999}`, time.Now().Add(time.Second).UTC().Format(time.RFC3339Nano)))
				pushed = true
			}
			return "/_search", base + `,"search_after":` + sortOf(t, last) + "}"
		})
		_, got = s.do("POST", "/many/_count", "")
		require.Equal(t, json.Number("501"), got["count"])
		status, got := s.do("DELETE", "/_pit", fmt.Sprintf(`{"id":%q}`, id))
		require.Equal(t, 200, status)
		require.Equal(t, json.Number("1"), got["num_freed"])
		status, got = s.do("POST", "/_search", base+"}")
		require.Equal(t, 404, status)
		require.Equal(t, "search_context_missing_exception", at(got, "error.type"))
	})
}

// TestContexts are scrolls of others, too many scrolls and ended ones.
func TestContexts(t *testing.T) {
	s := newSearchServer(t, func(c *esquery.Config) { c.MaxContexts = 3 })
	many(s, 10)
	open := func() (int, map[string]any) {
		return s.do("POST", "/many/_search?scroll=1m", `{"size":2}`)
	}
	_, got := open()
	id := got["_scroll_id"].(string)
	body := fmt.Sprintf(`{"scroll_id":%q,"scroll":"1m"}`, id)
	status, got := s.do("POST", "/_search/scroll", body, "X-Scope-OrgID", "other")
	require.Equal(t, 404, status, "another tenant's scroll")
	require.Equal(t, "search_context_missing_exception", at(got, "error.type"))
	status, _ = s.do("DELETE", "/_search/scroll", body, "X-Scope-OrgID", "other")
	require.Equal(t, 404, status)
	status, _ = s.do("GET", "/_search/scroll/"+id, "")
	require.Equal(t, 200, status)
	_, _ = open()
	_, _ = open()
	status, got = open()
	require.Equal(t, 429, status)
	require.Contains(t, at(got, "error.reason"), "too many scroll contexts")
	status, got = s.do("DELETE", "/_search/scroll/_all", "")
	require.Equal(t, 200, status)
	require.Equal(t, json.Number("3"), got["num_freed"])
	status, _ = s.do("POST", "/_search/scroll", body)
	require.Equal(t, 404, status)
	status, got = s.do("POST", "/many/_search?scroll=48h", `{}`)
	require.Equal(t, 400, status)
	require.Contains(t, at(got, "error.reason"), "too large")
}

// TestHits are the parts of a hit and of an answer.
func TestHits(t *testing.T) {
	s := newSearchServer(t, nil)
	shop(s)
	many(s, 30)
	_, got := s.do("POST", "/shop/_search?version&seq_no_primary_term", `{"size":1,"query":{"term":{"status":500}},"_source":{"includes":["service.*","st*"],"excludes":["status"]},
		"fields":["took","tags","@timestamp",{"field":"when","format":"yyyy"},"service.*","level.keyword"],"docvalue_fields":[{"field":"@timestamp","format":"epoch_millis"}]}`)
	hit := at(got, "hits.hits.0").(map[string]any)
	require.Equal(t, map[string]any{"service": map[string]any{"name": "web"}}, hit["_source"])
	require.Equal(t, map[string]any{
		"took": []any{json.Number("3000")}, "tags": []any{"b"}, "when": []any{"2024"}, "service.name": []any{"web"}, "level.keyword": []any{"ERROR"},
		"@timestamp": []any{began.Add(-50 * time.Minute).UTC().Format("2006-01-02T15:04:05.000Z")},
	}, hit["fields"])
	require.Equal(t, json.Number("1"), hit["_version"])
	require.Equal(t, json.Number("1.0"), hit["_score"])
	require.Equal(t, json.Number("1.0"), at(got, "hits.max_score"))

	for body, want := range map[string]string{
		`{"_source":false}`:                      "<nil>",
		`{"stored_fields":["*"]}`:                "<nil>",
		`{"_source":"level"}`:                    "map[level:info]",
		`{"_source":["level","nothing"]}`:        "map[level:info]",
		`{"stored_fields":[],"_source":"level"}`: "map[level:info]",
		`{"_source":{"excludes":["*"]}}`:         "map[]",
	} {
		_, got = s.do("POST", "/shop/_search?size=1", body)
		require.Equal(t, want, fmt.Sprint(at(got, "hits.hits.0._source")), body)
	}

	// Totals.
	for query, want := range map[string]string{
		"":                               "map[relation:eq value:30]",
		"track_total_hits=10":            "map[relation:gte value:10]",
		"track_total_hits=true":          "map[relation:eq value:30]",
		"track_total_hits=false":         "<nil>",
		"rest_total_hits_as_int=true":    "30",
		"q=text:line&track_total_hits=7": "map[relation:gte value:7]",
		"terminate_after=5&q=text:line":  "map[relation:gte value:5]",
	} {
		_, got = s.do("GET", "/many/_search?size=2&"+query, "")
		require.Equal(t, want, fmt.Sprint(at(got, "hits.total")), query)
		require.Len(t, at(got, "hits.hits"), 2)
		require.Equal(t, strings.HasPrefix(query, "terminate"), got["terminated_early"] == true)
	}
	_, got = s.do("POST", "/many/_search", `{"collapse":{"field":"group"},"sort":[{"i":"desc"}]}`)
	require.Len(t, at(got, "hits.hits"), 3)
	require.Equal(t, json.Number("29"), at(got, "hits.hits.0._source.i"))
	require.Equal(t, json.Number("30"), at(got, "hits.total.value"))
	_, got = s.do("POST", "/many/_search", `{"post_filter":{"term":{"group":"g1"}},"aggs":{"g":{"terms":{"field":"group"}}}}`)
	require.Equal(t, json.Number("10"), at(got, "hits.total.value"))
	require.Len(t, at(got, "aggregations.g.buckets"), 3)
	_, got = s.do("POST", "/many/_search?filter_path=hits.total,aggregations.*.buckets.key", `{"size":1,"aggs":{"g":{"terms":{"field":"group"}}}}`)
	require.Equal(t, "map[aggregations:map[g:map[buckets:[map[key:g0] map[key:g1] map[key:g2]]]] hits:map[total:map[relation:eq value:30]]]", fmt.Sprint(got))
	// Newest first without a sort, and where the time is first.
	_, got = s.do("POST", "/many/_search", `{"size":1}`)
	newest := at(got, "hits.hits.0._source.@timestamp")
	require.Equal(t, began.UTC().Format(time.RFC3339), newest)
}

// TestTimeouts answer what was found, and say so.
func TestTimeouts(t *testing.T) {
	s := newSearchServer(t, func(c *esquery.Config) { c.Timeout = time.Nanosecond })
	many(s, 100)
	status, got := s.do("POST", "/many/_search", `{"aggs":{"g":{"terms":{"field":"group"}}}}`)
	require.Equal(t, 200, status)
	require.Equal(t, true, got["timed_out"])
	require.Empty(t, at(got, "aggregations.g.buckets"))
	status, got = s.do("GET", "/many/_count?q=text:line", "")
	require.Equal(t, 503, status)
	require.Equal(t, "timeout_exception", at(got, "error.type"))

	s = newSearchServer(t, func(c *esquery.Config) { c.MaxBytes = 1000 })
	many(s, 100)
	status, got = s.do("POST", "/many/_search", `{"query":{"match":{"text":"line"}}}`)
	require.Equal(t, 429, status)
	require.Contains(t, at(got, "error.reason"), "reads more than its limit of 1000 bytes")
}

// TestHighlight marks what matched.
func TestHighlight(t *testing.T) {
	s := newSearchServer(t, nil)
	shop(s)
	for body, want := range map[string]string{
		`{"query":{"match":{"message":"timeout retry"}},"highlight":{"fields":{"message":{}}}}`:                                                                                            `map[message:[slow query <em>timeout</em> <em>retry</em>]]`,
		`{"query":{"query_string":{"query":"slow AND level:info"}},"highlight":{"pre_tags":["@HIGHLIGHT@"],"post_tags":["@/HIGHLIGHT@"],"fields":{"*":{}},"fragment_size":2147483647}}`:    `map[level:[@HIGHLIGHT@info@/HIGHLIGHT@] message:[@HIGHLIGHT@slow@/HIGHLIGHT@ query timeout retry]]`,
		`{"query":{"match_phrase":{"message":"query timeout"}},"highlight":{"pre_tags":["@kibana-highlighted-field@"],"post_tags":["@/kibana-highlighted-field@"],"fields":{"mess*":{}}}}`: `map[message:[slow @kibana-highlighted-field@query@/kibana-highlighted-field@ @kibana-highlighted-field@timeout@/kibana-highlighted-field@ retry]]`,
		`{"query":{"prefix":{"message":"tim"}},"highlight":{"require_field_match":false,"fields":[{"message":{"number_of_fragments":0}}]}}`:                                                `map[message:[slow query <em>timeout</em> retry]]`,
		`{"query":{"term":{"status":200}},"highlight":{"fields":{"message":{}}}}`:                                                                                                          `<nil>`,
		`{"query":{"match":{"message":"retry"}},"highlight":{"fields":{"message":{"fragment_size":12,"number_of_fragments":1}}}}`:                                                          `map[message:[timeout <em>retry</em>]]`,
	} {
		_, got := s.do("POST", "/shop/_search?size=1", body)
		require.Equal(t, want, fmt.Sprint(at(got, "hits.hits.0.highlight")), body)
	}
}

// TestFieldCaps says which fields there are.
func TestFieldCaps(t *testing.T) {
	s := newSearchServer(t, nil)
	shop(s)
	s.push("other", `{"took":"fast","mixed":1}`, `{"mixed":1.5}`)
	_, got := s.do("GET", "/shop,other/_field_caps?fields=*", "")
	types := map[string]string{}
	for name, v := range got["fields"].(map[string]any) {
		for kind := range v.(map[string]any) {
			types[name] += kind + " "
		}
	}
	require.Equal(t, []any{"other", "shop"}, got["indices"])
	for name, want := range map[string]string{
		"message": "text ", "message.keyword": "keyword ", "ok": "boolean ", "when": "date ", "@timestamp": "date ", "service": "object ",
		"service.name": "text ", "nested.k": "long ", "mixed": "double ", "_id": "_id ", "ip": "text ",
	} {
		require.Equal(t, want, types[name], name)
	}
	require.Len(t, at(got, "fields.took"), 2)
	require.Equal(t, []any{"other"}, at(got, "fields.took.text.indices"))
	require.Equal(t, true, at(got, "fields.mixed.double.aggregatable"))
	_, got = s.do("POST", "/shop/_field_caps?fields=t*", `{"index_filter":{"term":{"status":404}}}`)
	require.Empty(t, got["fields"])
	_, got = s.do("GET", "/shop/_mapping", "")
	require.Equal(t, "text", at(got, "shop.mappings.properties.service.properties.name.type"))
	require.Equal(t, "keyword", at(got, "shop.mappings.properties.level.fields.keyword.type"))
	require.Equal(t, "double", at(got, "shop.mappings.properties.took.type"))
	_, got = s.do("GET", "/shop/_mapping/field/ok,took", "")
	require.Len(t, at(got, "shop.mappings"), 2)
	_, got = s.do("POST", "/shop/_terms_enum", `{"field":"service.name","string":"w","case_insensitive":true}`)
	require.Equal(t, []any{"Web", "web"}, got["terms"])
	_, got = s.do("GET", "/_resolve/index/*", "")
	require.Len(t, got["indices"], 2)
	_, got = s.do("POST", "/shop/_validate/query?explain", `{"query":{"query_string":{"query":"a AND"}}}`)
	require.Equal(t, false, got["valid"])
	_, got = s.do("POST", "/_async_search", `{"size":0,"track_total_hits":true}`)
	require.Equal(t, false, got["is_running"])
	require.Equal(t, json.Number("7"), at(got, "response.hits.total.value"))
}

func TestMediaTypes(t *testing.T) {
	s := newSearchServer(t, nil)
	shop(s)
	for _, c := range [][2]string{
		{"", "application/json"}, {"application/json", "application/json"}, {"application/vnd.elasticsearch+json; compatible-with=8", "application/vnd.elasticsearch+json;compatible-with=8"},
	} {
		status, _ := s.do("POST", "/elastic/shop/_search", `{"size":0}`, "Content-Type", "application/vnd.elasticsearch+json;compatible-with=8", "Accept", c[0])
		require.Equal(t, 200, status)
	}
}

// TestDateMathIndex names an index by today's date.
func TestDateMathIndex(t *testing.T) {
	s := newSearchServer(t, nil)
	s.push("logs-app-"+time.Now().UTC().Format("2006.01.02"), `{"a":1}`)
	status, got := s.do("GET", "/%3Clogs-app-%7Bnow%2Fd%7D%3E/_count", "")
	require.Equal(t, 200, status)
	require.Equal(t, json.Number("1"), got["count"])
	status, _ = s.do("GET", "/%3Clogs-app-%7Bnow%2Fd-1d%7Byyyy.MM.dd%7D%7D%3E/_count", "")
	require.Equal(t, 404, status)
	status, _ = s.do("GET", "/%3Clogs-%7Bnow/_count", "")
	require.Contains(t, []int{400, 404}, status)
}
