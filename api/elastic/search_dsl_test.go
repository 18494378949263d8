package elastic

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// shop are documents with a value of each type.
func shop(s *searchServer) {
	s.push("shop", // ids in order: id-1...
		`{"@timestamp":"`+ago(60)+`","message":"GET /cart took 12ms, user Anna","level":"info","status":200,"took":12.5,"ok":true,"service":{"name":"web"},"tags":["a","b"],"when":"2024-02-29T10:00:00Z"}`,
		`{"@timestamp":"`+ago(50)+`","message":"POST /cart failed: timeout after 3 retries","level":"ERROR","status":500,"took":3000,"ok":false,"service":{"name":"web"},"tags":["b"],"when":"2024-03-01T00:30:00+01:00"}`,
		`{"@timestamp":"`+ago(40)+`","message":"payment timeout","level":"error","status":"504","took":1e3,"service":{"name":"pay-api"},"tags":[],"host":null}`,
		`{"@timestamp":"`+ago(30)+`","message":"caf\u00e9 \"closed\" at path /var/log","level":"warn","status":404,"service.name":"Web","nested":[{"k":1},{"k":2}]}`,
		`{"@timestamp":"`+ago(20)+`","message":"slow query timeout retry","level":"info","status":200,"took":-5,"service":{"name":"db"},"ip":"10.0.0.1"}`)
}

var began = time.Now().Truncate(time.Second)

// ago is so many minutes ago.
func ago(minutes int) string {
	return began.Add(-time.Duration(minutes) * time.Minute).UTC().Format(time.RFC3339Nano)
}

// ids returns the numbers of the hits' ids, sorted.
func ids(v map[string]any) string {
	var out []string
	hits, _ := at(v, "hits.hits").([]any)
	for _, h := range hits {
		out = append(out, strings.TrimPrefix(h.(map[string]any)["_id"].(string), "id-"))
	}
	sort.Strings(out)
	return strings.Join(out, " ")
}

// TestClauses asks each clause of the DSL; the store filters first, so that each is
// also a test of its prefilter.
func TestClauses(t *testing.T) {
	s := newSearchServer(t, nil)
	shop(s)
	for query, want := range map[string]string{
		`{"match_all":{}}`:  "1 2 3 4 5",
		`{"match_none":{}}`: "",
		// term: an exact value, or a token of a text
		`{"term":{"level":"error"}}`:                                           "2 3",
		`{"term":{"level":"ERROR"}}`:                                           "2",
		`{"term":{"level.keyword":"error"}}`:                                   "3",
		`{"term":{"level.keyword":{"value":"error","case_insensitive":true}}}`: "2 3",
		`{"term":{"level":{"value":"eRRor","case_insensitive":true}}}`:         "2 3",
		`{"term":{"status":500}}`:                                              "2",
		`{"term":{"status":"500.0"}}`:                                          "2",
		`{"term":{"status":504}}`:                                              "3",
		`{"term":{"took":1000}}`:                                               "3",
		`{"term":{"ok":true}}`:                                                 "1",
		`{"term":{"ok":"false"}}`:                                              "2",
		`{"term":{"tags":"b"}}`:                                                "1 2",
		`{"term":{"service.name":"web"}}`:                                      "1 2 4",
		`{"term":{"service.name.keyword":"web"}}`:                              "1 2",
		`{"term":{"nested.k":2}}`:                                              "4",
		`{"term":{"message":"café"}}`:                                          "4",
		`{"term":{"message.keyword":"caf\u00e9 \"closed\" at path /var/log"}}`: "4",
		`{"term":{"when":"2024-02-29T10:00:00Z"}}`:                             "1",
		`{"term":{"_id":"id-3"}}`:                                              "3",
		`{"term":{"_index":"shop"}}`:                                           "1 2 3 4 5",
		`{"term":{"_index":"other"}}`:                                          "",
		`{"terms":{"level":["info","warn"]}}`:                                  "1 4 5",
		`{"terms":{"level.keyword":["info","error"]}}`:                         "1 3 5",
		`{"terms":{"status":[200,404]}}`:                                       "1 4 5",
		`{"terms":{"_id":["id-1","id-5","no"]}}`:                               "1 5",
		`{"terms":{"level":[]}}`:                                               "",
		`{"ids":{"values":["id-2","id-9"]}}`:                                   "2",
		// match
		`{"match":{"message":"timeout"}}`:                                                                                   "2 3 5",
		`{"match":{"message":"TIMEOUT retry"}}`:                                                                             "2 3 5",
		`{"match":{"message":{"query":"timeout retry","operator":"and"}}}`:                                                  "5",
		`{"match":{"message":{"query":"slow retry nothing","minimum_should_match":2}}}`:                                     "5",
		`{"match":{"message":{"query":"timeuot","fuzziness":"AUTO"}}}`:                                                      "2 3 5",
		`{"match":{"status":"500"}}`:                                                                                        "2",
		`{"match":{"ok":true}}`:                                                                                             "1",
		`{"match":{"level.keyword":"ERROR"}}`:                                                                               "2",
		`{"match":{"*":"pay"}}`:                                                                                             "3",
		`{"match_phrase":{"message":"timeout after"}}`:                                                                      "2",
		`{"match_phrase":{"message":"after timeout"}}`:                                                                      "",
		`{"match_phrase":{"message":{"query":"slow timeout","slop":1}}}`:                                                    "5",
		`{"match_phrase":{"message":"café closed"}}`:                                                                        "4",
		`{"match_phrase_prefix":{"message":"payment time"}}`:                                                                "3",
		`{"match_bool_prefix":{"message":{"query":"slow tim","operator":"and"}}}`:                                           "5",
		`{"multi_match":{"query":"anna db","fields":["message","service.*"]}}`:                                              "1 5",
		`{"multi_match":{"query":"payment timeout","type":"phrase","fields":["message^3"]}}`:                                "3",
		`{"multi_match":{"query":"web failed","type":"cross_fields","operator":"and","fields":["message","service.name"]}}`: "2",
		`{"multi_match":{"query":"504"}}`:                                                                                   "3",
		// bool and its like
		`{"bool":{"must":[{"term":{"level":"error"}}],"must_not":{"term":{"status":500}}}}`:                                         "3",
		`{"bool":{"must_not":[{"exists":{"field":"took"}}]}}`:                                                                       "4",
		`{"bool":{"must_not":[{"range":{"@timestamp":{"lt":"now-35m"}}}]}}`:                                                         "4 5",
		`{"bool":{"should":[{"term":{"level":"warn"}},{"term":{"ok":true}}]}}`:                                                      "1 4",
		`{"bool":{"filter":{"match_all":{}},"should":[{"term":{"level":"warn"}}]}}`:                                                 "1 2 3 4 5",
		`{"bool":{"should":[{"term":{"status":200}},{"term":{"level":"info"}},{"term":{"took":-5}}],"minimum_should_match":"75%"}}`: "1 5",
		`{"constant_score":{"filter":{"term":{"level":"warn"}},"boost":2}}`:                                                         "4",
		`{"dis_max":{"queries":[{"term":{"level":"warn"}},{"term":{"took":-5}}]}}`:                                                  "4 5",
		`{"boosting":{"positive":{"term":{"level":"error"}},"negative":{"term":{"status":500}},"negative_boost":0.5}}`:              "2 3",
		`{"nested":{"path":"nested","query":{"term":{"nested.k":2}}}}`:                                                              "4",
		`{"nested":{"path":"nested","query":{"bool":{"must":[{"term":{"nested.k":1}},{"term":{"nested.k":2}}]}}}}`:                  "",
		`{"bool":{"must":[{"term":{"nested.k":1}},{"term":{"nested.k":2}}]}}`:                                                       "4",
		`{"bool":{"must_not":[{"nested":{"path":"nested","query":{"term":{"nested.k":9}}}}]}}`:                                      "1 2 3 4 5",
		`{"nested":{"path":"service","query":{"term":{"service.name":"db"}}}}`:                                                      "5",
		// patterns
		`{"prefix":{"message":"time"}}`:                                              "2 3 5",
		`{"prefix":{"service.name.keyword":"pay"}}`:                                  "3",
		`{"prefix":{"service.name.keyword":{"value":"WE","case_insensitive":true}}}`: "1 2 4",
		`{"wildcard":{"level":"e*r"}}`:                                               "2 3",
		`{"wildcard":{"level.keyword":{"value":"E*R"}}}`:                             "2",
		`{"wildcard":{"message.keyword":{"wildcard":"*/cart*"}}}`:                    "1 2",
		`{"wildcard":{"message":{"value":"caf?"}}}`:                                  "4",
		`{"regexp":{"level":"inf.|war[mn]"}}`:                                        "1 4 5",
		`{"regexp":{"message.keyword":{"value":"GET .*"}}}`:                          "1",
		`{"regexp":{"ip":"10\\.0\\.0\\.<1-9>"}}`:                                     "5",
		`{"fuzzy":{"level":{"value":"worn"}}}`:                                       "4",
		// ranges
		`{"range":{"status":{"gte":404}}}`:                                                "2 3 4",
		`{"range":{"took":{"gt":-5,"lt":3000}}}`:                                          "1 3",
		`{"range":{"took":{"gte":"-5","lte":"12.5"}}}`:                                    "1 5",
		`{"range":{"@timestamp":{"gte":"now-45m","lt":"now-25m"}}}`:                       "3 4",
		`{"range":{"@timestamp":{"gte":"now/d-2d","lte":"now+1h"}}}`:                      "1 2 3 4 5",
		`{"range":{"@timestamp":{"format":"epoch_millis","gte":0,"lte":99999999999999}}}`: "1 2 3 4 5",
		`{"range":{"when":{"lt":"2024-03-01"}}}`:                                          "1 2",
		`{"range":{"when":{"gte":"2024-03-01","time_zone":"+01:00"}}}`:                    "2",
		`{"range":{"when":{"gte":"2024-02-29||/M","lt":"2024-02-29||+1d/d"}}}`:            "1 2",
		`{"range":{"when":{"gte":"01/03/2024","format":"dd/MM/yyyy"}}}`:                   "",
		`{"range":{"level":{"gte":"e","lt":"f"}}}`:                                        "2 3",
		`{"range":{"level.keyword":{"gte":"A","lte":"Z"}}}`:                               "2",
		// exists
		`{"exists":{"field":"host"}}`:       "",
		`{"exists":{"field":"tags"}}`:       "1 2",
		`{"exists":{"field":"service"}}`:    "1 2 3 5",
		`{"exists":{"field":"nested.k"}}`:   "4",
		`{"exists":{"field":"@timestamp"}}`: "1 2 3 4 5",
		// Lucene's syntax
		`{"query_string":{"query":"timeout AND level:error"}}`:                                               "2 3",
		`{"query_string":{"query":"timeout -retry -retries"}}`:                                               "3",
		`{"query_string":{"query":"level:(info OR warn) AND NOT status:404"}}`:                               "1 5",
		`{"query_string":{"query":"status:[400 TO 503}"}}`:                                                   "2 4",
		`{"query_string":{"query":"took:>=1000 AND ok:false"}}`:                                              "2",
		`{"query_string":{"query":"_exists_:ip OR service.name:pay*"}}`:                                      "3 5",
		`{"query_string":{"query":"\"payment timeout\" OR \"slow timeout\"~1"}}`:                             "3 5",
		`{"query_string":{"query":"message:/caf./ OR level:ERR*"}}`:                                          "2 3 4",
		`{"query_string":{"query":"anna 404","default_operator":"AND"}}`:                                     "",
		`{"query_string":{"query":"Anna web","default_operator":"AND","fields":["message","service.name"]}}`: "",
		`{"query_string":{"query":"Anna AND web","fields":["message","service.name"]}}`:                      "1",
		`{"query_string":{"query":"*"}}`:                                                                     "1 2 3 4 5",
		`{"query_string":{"query":"timeut~1"}}`:                                                              "2 3 5",
		`{"query_string":{"query":"path\\:x OR caf\u00e9"}}`:                                                 "4",
		`{"query_string":{"query":"@timestamp:[now-45m TO now-25m]"}}`:                                       "3 4",
		`{"query_string":{"query":"NOT level:info"}}`:                                                        "2 3 4",
		`{"query_string":{"query":"-5"}}`:                                                                    "1 2 3 4 5",
		`{"simple_query_string":{"query":"timeout + (slow | payment)"}}`:                                     "3 5",
		`{"simple_query_string":{"query":"\"slow query\" | caf*","fields":["message"]}}`:                     "4 5",
		`{"simple_query_string":{"query":"timeout -retry","default_operator":"and"}}`:                        "2 3",
	} {
		t.Run(query, func(t *testing.T) {
			status, got := s.do("POST", "/shop/_search", `{"size":10,"query":`+query+`}`)
			require.Equal(t, 200, status, "%v", got)
			require.Equal(t, want, ids(got))
			require.Equal(t, "eq", at(got, "hits.total.relation"))
			require.Equal(t, json.Number(fmt.Sprint(len(strings.Fields(want)))), at(got, "hits.total.value"))
			// The same by counting, whose filter may be the store's alone.
			_, got = s.do("POST", "/shop/_count", `{"query":`+query+`}`)
			require.Equal(t, json.Number(fmt.Sprint(len(strings.Fields(want)))), got["count"])
		})
	}
}

// TestRefusals are requests that cannot be answered, with Elasticsearch's words.
func TestRefusals(t *testing.T) {
	s := newSearchServer(t, nil)
	shop(s)
	for body, want := range map[string][2]string{
		`{"query":{"foo":{}}}`:                                                {"parsing_exception", "unknown query [foo]"},
		`{"query":{"match":{"a":"b","c":"d"}}}`:                               {"parsing_exception", "[match] query doesn't support multiple fields, found [a] and [c]"},
		`{"query":{"term":{"a":{"value":1,"x":2}}}}`:                          {"parsing_exception", "[term] query does not support [x]"},
		`{"query":{"bool":{"mist":[]}}}`:                                      {"parsing_exception", "[bool] query does not support [mist]"},
		`{"query":{}}`:                                                        {"illegal_argument_exception", "query malformed, empty clause found"},
		`{"query":{"percolate":{}}}`:                                          {"illegal_argument_exception", "not supported by Pharos: there are no stored queries"},
		`{"query":{"function_score":{}}}`:                                     {"illegal_argument_exception", "all score 1"},
		`{"query":{"query_string":{"query":"a AND"}}}`:                        {"search_phase_execution_exception", "all shards failed"},
		`{"query":{"regexp":{"a":"~b"}}}`:                                     {"illegal_argument_exception", "not supported in a regular expression"},
		`{"query":{"range":{"@timestamp":{"gte":"yesterday"}}}}`:              {"parse_exception", "failed to parse date field [yesterday]"},
		`{"query":{"range":{"@timestamp":{"gte":"now","time_zone":"Mars"}}}}`: {"illegal_argument_exception", "unknown time-zone ID"},
		`{"bogus":1}`:                            {"parsing_exception", "Unknown key for a VALUE_NUMBER in [bogus]."},
		`{"size":10001}`:                         {"illegal_argument_exception", "Result window is too large"},
		`{"size":-1}`:                            {"illegal_argument_exception", "[size] parameter cannot be negative"},
		`{"query":`:                              {"json_parse_exception", "[1:"},
		`{"script_fields":{"a":{"script":"1"}}}`: {"illegal_argument_exception", "[script_fields] is not supported by Pharos"},
		`{"runtime_mappings":{"a":{}}}`:          {"illegal_argument_exception", "[runtime_mappings] is not supported by Pharos"},
		`{"explain":true}`:                       {"illegal_argument_exception", "[explain] is not supported by Pharos"},
		`{"sort":[{"a":{"order":"up"}}]}`:        {"illegal_argument_exception", "Unknown sort order [up]"},
		`{"search_after":[1]}`:                   {"illegal_argument_exception", "Sort must contain at least one field."},
		`{"aggs":{"a":{"terms":{"field":"x"},"avg":{"field":"y"}}}}`:                     {"parsing_exception", "Found two aggregation type definitions in [a]"},
		`{"aggs":{"a":{"nope":{}}}}`:                                                     {"parsing_exception", "Unknown aggregation type [nope]"},
		`{"aggs":{"a":{"significant_terms":{"field":"x"}}}}`:                             {"illegal_argument_exception", "not supported by Pharos"},
		`{"aggs":{"a":{"avg":{"field":"x"},"aggs":{"b":{"avg":{"field":"x"}}}}}}`:        {"illegal_argument_exception", "cannot accept sub-aggregations"},
		`{"aggs":{"a":{"terms":{"field":"x","size":0}}}}`:                                {"illegal_argument_exception", "[size] must be greater than 0"},
		`{"aggs":{"a":{"date_histogram":{"field":"@timestamp","fixed_interval":"1M"}}}}`: {"illegal_argument_exception", "failed to parse setting"},
		`{"aggs":{"a":{"terms":{"field":"level","order":{"x":"asc"}}}}}`:                 {"illegal_argument_exception", "Invalid aggregation order path [x]"},
		`{"aggs":{"a":{"histogram":{"field":"took","interval":0.00001}}}}`:               {"search_phase_execution_exception", "all shards failed"},
		`{"aggs":{"a":{"max":{"script":"if (x) return 1"}}}}`:                            {"script_exception", "Pharos knows arithmetic"},
	} {
		t.Run(body, func(t *testing.T) {
			status, got := s.do("POST", "/shop/_search", body)
			require.Equal(t, 400, status, "%v", got)
			require.Equal(t, want[0], at(got, "error.type"))
			require.Contains(t, at(got, "error.reason"), want[1])
			require.NotEmpty(t, at(got, "error.root_cause.0.type"))
			require.Equal(t, json.Number("400"), got["status"])
		})
	}
	deep := strings.Repeat(`{"bool":{"must":`, 40) + `{"match_all":{}}` + strings.Repeat(`}}`, 40)
	status, got := s.do("POST", "/_search", `{"query":`+deep+`}`)
	require.Equal(t, 400, status)
	require.Contains(t, at(got, "error.reason"), "nested depth")
	status, got = s.do("POST", "/_search", `{}`, "Content-Type", "text/plain")
	require.Equal(t, 406, status)
	require.Contains(t, at(got, "error.reason"), "Content-Type header [text/plain] is not supported")
	status, got = s.do("GET", "/nowhere/_search", "")
	require.Equal(t, 404, status)
	require.Equal(t, "index_not_found_exception", at(got, "error.root_cause.0.type"))
	require.Equal(t, "nowhere", at(got, "error.index"))
}

// TestForeignEntries are those that came by other ways.
func TestForeignEntries(t *testing.T) {
	s := newSearchServer(t, nil)
	shop(s)
	label := func(kv ...string) model.Labels {
		var ls []model.Label
		for i := 0; i < len(kv); i += 2 {
			ls = append(ls, model.Label{Name: kv[i], Value: kv[i+1]})
		}
		return model.NewLabels(ls...)
	}
	now := time.Now().Add(-time.Minute)
	require.NoError(t, s.store.Append(t.Context(), tenant.Default, []model.LogStream{
		{Labels: label("service_name", "nginx", "env", "prod"), Entries: []model.LogEntry{
			{Time: now.UnixNano(), Line: "GET /health \"200\"\ttimeout", Metadata: label("trace_id", "4bf92f3577b34da6")},
			{Time: now.UnixNano() + 1e6, Line: `{"level":"error","user":{"name":"Bo"},"n":7,"message":"inner"}`}}},
		{Labels: label("app", "x"), Entries: []model.LogEntry{{Time: now.UnixNano() + 2e6, Line: "no service"}}},
	}))
	total := func(path, query string) string {
		_, got := s.do("POST", path+"/_search", `{"query":`+query+`}`)
		return fmt.Sprint(at(got, "hits.total.value"))
	}
	require.Equal(t, "8", total("", `{"match_all":{}}`))
	require.Equal(t, "2", total("/logs-nginx", `{"match_all":{}}`))
	require.Equal(t, "1", total("/logs", `{"match_all":{}}`))
	require.Equal(t, "3", total("/logs*", `{"match_all":{}}`))
	require.Equal(t, "1", total("/logs*,-logs-*", `{"match_all":{}}`))
	require.Equal(t, "1", total("/logs-nginx", `{"match":{"message":"timeout"}}`))
	require.Equal(t, "4", total("", `{"query_string":{"query":"timeout"}}`))
	require.Equal(t, "2", total("", `{"term":{"env":"prod"}}`))
	require.Equal(t, "1", total("", `{"term":{"trace_id.keyword":"4bf92f3577b34da6"}}`))
	require.Equal(t, "1", total("", `{"term":{"user.name":"bo"}}`))
	require.Equal(t, "1", total("/logs-nginx", `{"range":{"n":{"gte":7}}}`))
	require.Equal(t, "2", total("", `{"exists":{"field":"env"}}`))
	require.Equal(t, "3", total("", `{"term":{"level":"error"}}`))

	_, got := s.do("POST", "/logs-nginx/_search", `{"sort":[{"@timestamp":"asc"}]}`)
	require.Equal(t, "GET /health \"200\"\ttimeout", at(got, "hits.hits.0._source.message"))
	require.Equal(t, "4bf92f3577b34da6", at(got, "hits.hits.0._source.trace_id"))
	require.Equal(t, "nginx", at(got, "hits.hits.1._source.service_name"))
	require.Equal(t, "Bo", at(got, "hits.hits.1._source.user.name"))
	require.Equal(t, `{"level":"error","user":{"name":"Bo"},"n":7,"message":"inner"}`, at(got, "hits.hits.1._source.message"))
	id := at(got, "hits.hits.1._id").(string)
	require.Equal(t, "1", total("", `{"ids":{"values":["`+id+`"]}}`))
	_, got = s.do("POST", "/_search", `{"size":0,"aggs":{"i":{"terms":{"field":"_index"}},"s":{"terms":{"field":"service_name"}}}}`)
	require.Equal(t, "shop", at(got, "aggregations.i.buckets.0.key"))
	require.Equal(t, json.Number("2"), at(got, "aggregations.s.buckets.0.doc_count"))
}
