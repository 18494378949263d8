package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// asked is a request as one of Grafana's data sources shapes it, and what it reads of
// the answer.
type asked struct {
	// method and path; "POST form" sends the query as a form.
	method, path string
	body         string
	status       int // 0 is 200
	// wants are paths into the answer, such as data.result.0.value.1, with expressions
	// that the whole text there matches. The path "" is the whole body.
	wants map[string]string
}

// TestGrafanaSources asks the running server what Grafana's own data sources ask: their
// checks on "Save & test", editors, variables, annotations and queries.
func TestGrafanaSources(t *testing.T) {
	s := testkit.Start(t, "", "--auth=off")
	trace := fillSources(t, s, time.Now())
	now := time.Now()
	sources := map[string][]asked{
		"Prometheus":    prometheusAsks(now),
		"Loki":          lokiAsks(now),
		"Tempo":         tempoAsks(now, trace),
		"Jaeger":        jaegerAsks(now, trace),
		"Zipkin":        zipkinAsks(now, trace),
		"Elasticsearch": elasticsearchAsks(now),
		"Alertmanager":  alertmanagerAsks(),
	}
	for name, asks := range sources {
		for _, a := range asks {
			t.Run(name+"/"+a.method+" "+a.path, func(t *testing.T) { a.check(t, s) })
		}
	}
}

// fillSources pushes a line, a document, a trace and an alert, waits until the server
// has scraped itself, and returns the trace's id.
func fillSources(t *testing.T, s *testkit.Server, now time.Time) string {
	t.Helper()
	const trace = "0af7651916cd43dd8448eb211c80319c"
	push := func(path, kind, body string) {
		t.Helper()
		status, answer := s.Do(http.MethodPost, path, []byte(body), "Content-Type: "+kind)
		require.Less(t, status, 300, "%s: %s", path, answer)
	}
	ns := strconv.FormatInt(now.Add(-time.Second).UnixNano(), 10)
	push("/loki/api/v1/push", "application/json", `{"streams":[{"stream":{"app":"web","service_name":"web"},"values":[["`+ns+`","level=error msg=\"it broke\" took=12"]]}]}`)
	push("/elastic/_bulk", "application/x-ndjson", `{"create":{"_index":"orders"}}`+"\n"+
		`{"@timestamp":"`+now.Add(-time.Second).UTC().Format(time.RFC3339Nano)+`","message":"ordered","price":12.5,"shop":{"name":"north"}}`+"\n")
	push("/v1/traces", "application/json", `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"web"}}]},"scopeSpans":[{"spans":[`+
		`{"traceId":"`+trace+`","spanId":"b7ad6b7169203331","name":"get /cart","kind":2,"startTimeUnixNano":"`+ns+`","endTimeUnixNano":"`+strconv.FormatInt(now.UnixNano(), 10)+`",`+
		`"attributes":[{"key":"http.status_code","value":{"intValue":"500"}}],"status":{"code":2}}]}]}]}`)
	push("/api/v2/alerts", "application/json", `[{"labels":{"alertname":"Broken","severity":"page"}}]`)
	require.Eventually(t, func() bool {
		_, body := s.Get("/api/v1/query?query=" + url.QueryEscape("count(up)"))
		return strings.Contains(body, `"value"`)
	}, 60*time.Second, 200*time.Millisecond)
	return trace
}

func (a asked) check(t *testing.T, s *testkit.Server) {
	t.Helper()
	method, path, body, headers := a.method, a.path, a.body, []string(nil)
	switch {
	case method == "POST form":
		var query string
		path, query, _ = strings.Cut(path, "?")
		method, body, headers = http.MethodPost, query, []string{"Content-Type: application/x-www-form-urlencoded"}
	case method == "GET protobuf":
		method, headers = http.MethodGet, []string{"Accept: application/protobuf"}
	case body != "":
		headers = []string{"Content-Type: application/json"}
	}
	status, answer := s.Do(method, path, []byte(body), headers...)
	want := a.status
	if want == 0 {
		want = http.StatusOK
	}
	require.Equal(t, want, status, "%s", answer)
	var v any
	for where, expr := range a.wants {
		if where == "" {
			require.Regexp(t, "(?s)^(?:"+expr+")$", answer)
			continue
		}
		if v == nil {
			require.NoError(t, json.Unmarshal([]byte(answer), &v), "%s", answer)
		}
		found, ok := lookup(v, strings.Split(where, "."))
		require.True(t, ok, "nothing at %s: %s", where, answer)
		require.Regexp(t, regexp.MustCompile("(?s)^(?:"+expr+")$"), fmt.Sprint(found), "%s: %s", where, answer)
	}
}

// lookup follows a path of keys and numbers; "*" is any one element of a list or
// object, of which the first that has the rest is taken, "#" is the length.
func lookup(v any, path []string) (any, bool) {
	if len(path) == 0 {
		return v, true
	}
	switch v := v.(type) {
	case map[string]any:
		if path[0] == "*" {
			for _, e := range v {
				if found, ok := lookup(e, path[1:]); ok {
					return found, true
				}
			}
			return nil, false
		}
		// Keys may have dots: the longest that there is wins.
		for n := len(path); n > 0; n-- {
			if e, ok := v[strings.Join(path[:n], ".")]; ok {
				return lookup(e, path[n:])
			}
		}
		return nil, false
	case []any:
		if path[0] == "#" {
			return len(v), true
		}
		if path[0] == "*" {
			for _, e := range v {
				if found, ok := lookup(e, path[1:]); ok {
					return found, true
				}
			}
			return nil, false
		}
		if n, err := strconv.Atoi(path[0]); err == nil && n < len(v) {
			return lookup(v[n], path[1:])
		}
	}
	return nil, false
}

func prometheusAsks(now time.Time) []asked {
	window := "start=" + strconv.FormatInt(now.Add(-time.Hour).Unix(), 10) + "&end=" + strconv.FormatInt(now.Add(time.Minute).Unix(), 10)
	ok := map[string]string{"status": "success"}
	return []asked{
		{method: "POST form", path: "/api/v1/query?query=1%2B1&time=4", wants: map[string]string{"data.resultType": "scalar", "data.result.1": "2"}}, // Save & test
		{method: "GET", path: "/api/v1/status/buildinfo", wants: map[string]string{"data.version": `\d+\.\d+\.\d+`}},
		{method: "POST form", path: "/api/v1/query_range?query=up&step=15&" + window, wants: map[string]string{"data.resultType": "matrix", "data.result.0.metric.__name__": "up"}},
		{method: "POST form", path: "/api/v1/query_exemplars?query=up&" + window, wants: ok},
		{method: "POST form", path: "/api/v1/labels?" + window + "&limit=40000", wants: map[string]string{"status": "success", "data": ".*job.*"}},
		{method: "GET", path: "/api/v1/labels?match%5B%5D=up&" + window, wants: map[string]string{"data": ".*instance.*"}},
		{method: "GET", path: "/api/v1/label/__name__/values?" + window + "&limit=40000", wants: map[string]string{"data": ".*up.*"}},
		{method: "GET", path: "/api/v1/label/job/values?match%5B%5D=up&" + window, wants: map[string]string{"data.#": "[1-9].*"}},
		{method: "POST form", path: "/api/v1/series?match%5B%5D=up&" + window, wants: map[string]string{"data.0.__name__": "up"}},
		{method: "GET", path: "/api/v1/metadata?limit=10", wants: map[string]string{"data.*.0.type": ".+"}},
		{method: "GET", path: "/api/v1/rules", wants: ok},
		{method: "GET", path: "/api/v1/alerts", wants: ok},
		{method: "POST form", path: "/api/v1/format_query?query=sum(rate(up%5B5m%5D))", wants: map[string]string{"data": `sum\(rate\(up\[5m\]\)\)`}},
		{method: "POST form", path: "/api/v1/parse_query?query=up", wants: map[string]string{"data.type": "vectorSelector"}},
		{method: "GET", path: "/api/v1/features", wants: ok},
		{method: "POST form", path: "/api/v1/query?query=sum(", status: 400, wants: map[string]string{"errorType": "bad_data", "error": ".*parse error.*"}},
	}
}

func lokiAsks(now time.Time) []asked {
	window := "start=" + strconv.FormatInt(now.Add(-time.Hour).UnixNano(), 10) + "&end=" + strconv.FormatInt(now.Add(time.Minute).UnixNano(), 10)
	const selector = "query=%7Bservice_name%3D%60web%60%7D"
	return []asked{
		{method: "GET", path: "/loki/api/v1/query?direction=backward&query=vector%281%29%2Bvector%281%29&time=4000000000", wants: map[string]string{"data.resultType": "vector", "data.result.0.value.1": "2"}}, // Save & test
		{method: "GET", path: "/loki/api/v1/status/buildinfo", wants: map[string]string{"version": `3\..*`}},
		{method: "GET", path: "/loki/api/v1/drilldown-limits", wants: map[string]string{"limits.volume_enabled": "true", "limits.retention_period": ".+", "limits.discover_service_name.#": "[1-9].*", "limits.max_query_series": "[1-9].*", "pattern_ingester_enabled": "true", "version": `3\..*`}},
		{method: "GET", path: "/loki/api/v1/labels?" + window, wants: map[string]string{"data": ".*service_name.*"}},
		{method: "GET", path: "/loki/api/v1/label/service_name/values?" + window, wants: map[string]string{"data": ".*web.*"}},
		{method: "GET", path: "/loki/api/v1/series?match%5B%5D=%7Bapp%3D%22web%22%7D&" + window, wants: map[string]string{"data.0.app": "web"}},
		{method: "GET", path: "/loki/api/v1/query_range?direction=backward&limit=1000&step=2000ms&" + selector + "&" + window, wants: map[string]string{"data.resultType": "streams", "data.result.0.values.0.1": ".*it broke.*", "data.stats.summary.totalLinesProcessed": ".+"}},
		{method: "GET", path: "/loki/api/v1/query_range?direction=backward&step=60000ms&query=sum%20by%20(level)%20(count_over_time(%7Bapp%3D%22web%22%7D%20%7C%20drop%20__error__%5B1m%5D))&" + window, wants: map[string]string{"data.resultType": "matrix", "data.result.#": "[1-9].*"}},
		{method: "GET", path: "/loki/api/v1/index/stats?" + selector + "&" + window, wants: map[string]string{"entries": "1", "streams": "1", "bytes": "[1-9].*"}},
		{method: "GET", path: "/loki/api/v1/index/volume?query=%7Bservice_name%3D~%60.%2B%60%7D&targetLabels=service_name&" + window, wants: map[string]string{"data.result.*.metric.service_name": ".+"}},
		{method: "GET", path: "/loki/api/v1/detected_labels?query=&" + window, wants: map[string]string{"detectedLabels.0.label": ".+"}},
		{method: "GET", path: "/loki/api/v1/detected_fields?limit=1000&line_limit=1000&" + selector + "&" + window, wants: map[string]string{"fields": ".*took.*"}},
		{method: "GET", path: "/loki/api/v1/patterns?" + selector + "&" + window, wants: map[string]string{"status": "success"}},
		{method: "GET", path: "/loki/api/v1/format_query?query=%7Ba%3D%22b%22%7D", wants: map[string]string{"data": `\{a="b"\}`}},
		{method: "GET", path: "/loki/api/v1/query_range?query=%7B&" + window, status: 400, wants: map[string]string{"": ".*parse error.*"}},
	}
}

func tempoAsks(now time.Time, trace string) []asked {
	window := "start=" + strconv.FormatInt(now.Add(-time.Hour).Unix(), 10) + "&end=" + strconv.FormatInt(now.Add(time.Minute).Unix(), 10)
	q := func(text string) string { return "q=" + url.QueryEscape(text) }
	asks := []asked{
		{method: "GET", path: "/tempo/api/echo", wants: map[string]string{"": "echo"}}, // Save & test
		{method: "GET", path: "/tempo/api/status/buildinfo", wants: map[string]string{"version": `2\..*`}},
		{method: "GET", path: "/tempo/api/v2/search/tags?limit=5000", wants: map[string]string{"scopes.*.name": ".+", "scopes": ".*http.status_code.*"}},
		{method: "GET", path: "/tempo/api/v2/search/tag/resource.service.name/values?limit=5000", wants: map[string]string{"tagValues.0.type": "string", "tagValues.0.value": "web"}},
		{method: "GET", path: "/tempo/api/v2/search/tag/span.http.status_code/values?" + q(`{resource.service.name="web" && name=}`), wants: map[string]string{"tagValues.0.type": "int", "tagValues.0.value": "500"}},
		{method: "GET", path: "/tempo/api/search?limit=20&spss=3&" + q(`{resource.service.name="web" && status=error}`) + "&" + window, wants: map[string]string{
			"traces.0.traceID": strings.TrimLeft(trace, "0"), "traces.0.rootServiceName": "web", "traces.0.rootTraceName": "get /cart", "traces.0.durationMs": ".+",
			"traces.0.startTimeUnixNano": `\d+`, "traces.0.spanSets.0.matched": "1", "traces.0.spanSets.0.spans.0.spanID": "b7ad6b7169203331", "traces.0.spanSets.0.spans.0.durationNanos": `\d+`,
		}},
		{method: "GET", path: "/tempo/api/search?limit=200&spss=10&" + q(`{nestedSetParent<0 && true} | select(status, resource.service.name, name)`) + "&" + window, wants: map[string]string{"traces.#": "1"}}, // Traces Drilldown
		{method: "GET", path: "/tempo/api/metrics/query_range?step=60s&exemplars=100&" + q(`{nestedSetParent<0 && true} | rate() by (resource.service.name) with(sample=true)`) + "&" + window, wants: map[string]string{
			"series.0.labels.0.key": "resource.service.name", "series.0.labels.0.value.stringValue": "web", "series.0.samples.0.timestampMs": `\d+`, "series.0.exemplars.0.labels.1.value.stringValue": strings.TrimLeft(trace, "0"),
		}},
		{method: "GET", path: "/tempo/api/metrics/query?" + q(`{true} | compare({status=error}, 10)`) + "&" + window, wants: map[string]string{"series.0.labels.0.key": "__meta_type"}},
		{method: "GET", path: "/tempo/api/search?" + q(`{ status = }`), status: 400, wants: map[string]string{"": "invalid TraceQL query: parse error at line 1, col 12.*"}},
	}
	for _, path := range []string{"/api/traces/", "/tempo/api/traces/", "/tempo/api/v2/traces/"} {
		asks = append(asks, asked{method: "GET protobuf", path: path + trace + "?" + window, wants: map[string]string{"": ".*get /cart.*"}})
	}
	return asks
}

func jaegerAsks(now time.Time, trace string) []asked {
	micros := func(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 10) }
	return []asked{
		{method: "GET", path: "/api/services", wants: map[string]string{"data.0": "web"}}, // Save & test
		{method: "GET", path: "/api/services/web/operations", wants: map[string]string{"data.0": "get /cart"}},
		{method: "GET", path: "/api/traces?service=web&operation=get%20%2Fcart&tags=%7B%22http.status_code%22%3A%22500%22%7D&limit=20&lookback=custom&start=" + micros(now.Add(-time.Hour)) + "&end=" + micros(now.Add(time.Minute)), wants: map[string]string{"data.0.traceID": trace, "data.0.spans.0.operationName": "get /cart"}},
		{method: "GET", path: "/api/traces/" + trace, wants: map[string]string{"data.0.traceID": trace, "data.0.processes.*.serviceName": "web"}},
		{method: "GET", path: "/api/dependencies?endTs=" + strconv.FormatInt(now.UnixMilli(), 10) + "&lookback=3600000", wants: map[string]string{"data.#": "0"}},
		{method: "GET", path: "/api/traces/1234", status: 404, wants: map[string]string{"errors.0.msg": "trace not found"}},
	}
}

func zipkinAsks(now time.Time, trace string) []asked {
	return []asked{
		{method: "GET", path: "/api/v2/services", wants: map[string]string{"0": "web"}}, // Save & test
		{method: "GET", path: "/api/v2/spans?serviceName=web", wants: map[string]string{"0": "get /cart"}},
		{method: "GET", path: "/api/v2/traces?serviceName=web&spanName=get%20%2Fcart&limit=10&lookback=3600000&endTs=" + strconv.FormatInt(now.Add(time.Minute).UnixMilli(), 10), wants: map[string]string{"0.0.traceId": trace}},
		{method: "GET", path: "/api/v2/trace/" + trace, wants: map[string]string{"0.traceId": trace, "0.id": "b7ad6b7169203331", "0.name": "get /cart", "0.localEndpoint.serviceName": "web", "0.timestamp": ".+", "0.duration": ".+", "0.tags.http.status_code": "500"}},
		{method: "GET", path: "/api/v2/trace/1234", status: 404},
	}
}

// elasticsearchAsks are those of the OpenSearch data source too.
func elasticsearchAsks(now time.Time) []asked {
	from, to := now.Add(-time.Hour).UnixMilli(), now.Add(time.Minute).UnixMilli()
	filter := fmt.Sprintf(`{"bool":{"filter":[{"range":{"@timestamp":{"format":"epoch_millis","gte":%d,"lte":%d}}},{"query_string":{"analyze_wildcard":true,"query":"*"}}]}}`, from, to)
	msearch := func(body string) string {
		return `{"ignore_unavailable":true,"index":"orders","search_type":"query_then_fetch"}` + "\n" + body + "\n"
	}
	histogram := fmt.Sprintf(`"date_histogram":{"field":"@timestamp","fixed_interval":"60000ms","min_doc_count":0,"extended_bounds":{"min":%d,"max":%d},"format":"epoch_millis"}`, from, to)
	search := func(aggs string, wants map[string]string) asked {
		return asked{method: "POST", path: "/elastic/_msearch?max_concurrent_shard_requests=5", body: msearch(`{"query":` + filter + `,"size":0,"aggs":{"2":{` + aggs + `}}}`), wants: wants}
	}
	return []asked{
		{method: "GET", path: "/elastic/", wants: map[string]string{"version.number": `\d+\.\d+\.\d+`}},
		{method: "GET", path: "/elastic/_cluster/health?wait_for_status=yellow", wants: map[string]string{"status": "green|yellow"}}, // Save & test
		{method: "GET", path: "/elastic/orders/_field_caps?fields=@timestamp", wants: map[string]string{"fields.@timestamp.date.type": "date"}},
		{method: "GET", path: "/elastic/orders/_mapping/field/@timestamp", wants: map[string]string{"orders.mappings.@timestamp.mapping.@timestamp.type": "date"}}, // OpenSearch's Save & test
		{method: "GET", path: "/elastic/orders/_mapping", wants: map[string]string{"orders.mappings.properties.price.type": "double|float", "orders.mappings.properties.shop.properties.name.type": "text"}},
		{method: "GET", path: "/elastic/_mapping", wants: map[string]string{"orders.mappings.properties.@timestamp.type": "date"}},
		search(histogram+`,"aggs":{"1":{"avg":{"field":"price"}}}`, map[string]string{"responses.0.aggregations.2.buckets.#": `\d{2,}`, "responses.0.status": "200"}),
		search(`"terms":{"field":"shop.name.keyword","size":500,"order":{"_key":"asc"},"min_doc_count":1},"aggs":{"3":{`+histogram+`,"aggs":{"1":{"percentiles":{"field":"price","percents":["50","99"]}}}}}`,
			map[string]string{"responses.0.aggregations.2.buckets.0.key": "north", "responses.0.aggregations.2.buckets.0.3.buckets.*.1.values.99.0": "12.5|<nil>"}),
		search(`"filters":{"filters":{"all":{"query_string":{"query":"*","analyze_wildcard":true}}}},"aggs":{"1":{"extended_stats":{"field":"price","sigma":2}}}`, map[string]string{"responses.0.aggregations.2.buckets.all.1.max": "12.5"}),
		search(`"histogram":{"field":"price","interval":10,"min_doc_count":1},"aggs":{"1":{"cardinality":{"field":"shop.name.keyword"}}}`, map[string]string{"responses.0.aggregations.2.buckets.0.key": "10", "responses.0.aggregations.2.buckets.0.1.value": "1"}),
		{method: "POST", path: "/elastic/_msearch?max_concurrent_shard_requests=5", // logs
			body:  msearch(`{"query":` + filter + `,"size":500,"sort":[{"@timestamp":{"order":"desc","unmapped_type":"boolean"}},{"_doc":{"order":"desc"}}],"script_fields":{},"fields":[{"field":"@timestamp","format":"strict_date_optional_time_nanos"}],"highlight":{"fields":{"*":{}},"pre_tags":["@HIGHLIGHT@"],"post_tags":["@/HIGHLIGHT@"],"fragment_size":2147483647}}`),
			wants: map[string]string{"responses.0.hits.hits.0._source.message": "ordered", "responses.0.hits.hits.0.sort.#": "2"}},
		{method: "POST", path: "/elastic/_msearch?max_concurrent_shard_requests=5", // a variable: {"find":"terms"}
			body:  msearch(`{"size":0,"query":` + filter + `,"aggs":{"1":{"terms":{"field":"shop.name.keyword","size":500,"order":{"_key":"asc"}}}}}`),
			wants: map[string]string{"responses.0.aggregations.1.buckets.0.key": "north"}},
	}
}

func alertmanagerAsks() []asked {
	return []asked{
		{method: "GET", path: "/alertmanager/api/v2/status", status: 404},                                                                                   // which would be Mimir's
		{method: "GET", path: "/api/v2/status", wants: map[string]string{"versionInfo.version": ".*", "config.original": "(?s).+", "cluster.status": ".+"}}, // Save & test
		{method: "GET", path: "/api/v2/alerts/groups", wants: map[string]string{"0.alerts.0.labels.alertname": "Broken", "0.receiver.name": ".+"}},
		{method: "GET", path: "/api/v2/alerts?silenced=true&inhibited=true&active=true", wants: map[string]string{"0.labels.alertname": "Broken", "0.status.state": ".+"}},
		{method: "GET", path: "/api/v2/silences", wants: map[string]string{"#": "0"}},
		{method: "GET", path: "/api/v2/receivers", wants: map[string]string{"0.name": ".+"}},
	}
}
