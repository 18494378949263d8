package elastic

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// refusedFixtures are searches from the field that are refused, with what the answer
// says. Everything else must be answered.
var refusedFixtures = map[string]string{
	"terms-significant-1.json": "significant_terms] is not supported by Pharos",
	"terms-significant-2.json": "significant_terms] is not supported by Pharos",
	// Painless over documents.
	"msearch_lucene_trace_list_082.ndjson":                      "script_exception",
	"msearch_lucene_trace_list_083.ndjson":                      "script_exception",
	"msearch_lucene_service_map_080.ndjson":                     "script_exception",
	"msearch_lucene_trace_spans_086.ndjson":                     "script_exception",
	"Sample_Watches__cpu_iowait_hosts__watch.json":              "a stored script",
	"Sample_Watches__lateral_movement_in_user_comm__watch.json": "[script_fields] is not supported by Pharos",
}

// verdict wants an answer, or the refusal that is listed.
func verdict(t *testing.T, name string, status int, got map[string]any) {
	t.Helper()
	b, err := json.Marshal(got)
	require.NoError(t, err)
	text := string(b)
	if why, ok := refusedFixtures[name]; ok {
		require.Contains(t, text, why)
		require.Contains(t, text, `"status":400`)
		return
	}
	require.Equal(t, 200, status, "%.600s", text)
	require.NotContains(t, text, `"error":{`, "%.600s", text)
}

// TestGrafanaQueries asks what Grafana's OpenSearch data source sends.
func TestGrafanaQueries(t *testing.T) {
	dir := testkit.Shared(t, "fixtures", "elasticsearch", "grafana_opensearch")
	s := newSearchServer(t, nil)
	for i := range 200 {
		s.push("opensearch_dashboards_sample_data_flights", fmt.Sprintf(
			`{"timestamp":%q,"AvgTicketPrice":%d.5,"DistanceKilometers":%d,"dayOfWeek":%d,"FlightDelayType":"Carrier Delay","Carrier":"OpenSearch-Air","FlightNum":"A%dM","serviceName":"driver","durationInNanos":%d}`,
			time.UnixMilli(1668422437218+int64(i)*900).UTC().Format("2006-01-02T15:04:05.000Z"), 100+i, i*10, i%7, i, i*1000))
	}
	files, err := filepath.Glob(filepath.Join(dir, "msearch_*.ndjson"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	answers := map[string]map[string]any{}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			b, err := os.ReadFile(f)
			require.NoError(t, err)
			status, got := s.do("POST", "/_msearch?max_concurrent_shard_requests=5", strings.TrimRight(string(b), "\n")+"\n", "Content-Type", "application/x-ndjson")
			verdict(t, filepath.Base(f), status, got)
			answers[filepath.Base(f)] = got
		})
	}
	require.Equal(t, json.Number("200"), at(answers["msearch_lucene_logs_068.ndjson"], "responses.0.hits.total.value"))
	require.Equal(t, "opensearch_dashboards_sample_data_flights", at(answers["msearch_lucene_raw_data_077.ndjson"], "responses.0.hits.hits.0._index"))
	require.Equal(t, "2022-11-14T10:43:36.318000000Z", at(answers["msearch_lucene_raw_data_077.ndjson"], "responses.0.hits.hits.0.fields.timestamp.0"))
	require.Len(t, at(answers["msearch_lucene_metric_069.ndjson"], "responses.0.aggregations.2.buckets"), 10)
	terms := at(answers["msearch_lucene_metric_070.ndjson"], "responses.0.aggregations.3.buckets").([]any)
	require.Len(t, terms, 7)
	require.Equal(t, json.Number("3"), at(terms, "0.key"), "by the median")
	require.Len(t, at(terms, "0.2.buckets"), 38+1)
	sums := at(answers["msearch_lucene_metric_074.ndjson"], "responses.0.aggregations.2.buckets").([]any)
	require.Equal(t, "1668422437200", at(sums, "0.key_as_string"))
	require.Len(t, sums, 1885)
	require.NotNil(t, at(answers["msearch_lucene_metric_075.ndjson"], "responses.0.aggregations.2.buckets.0.1.value"))
}

var dates = regexp.MustCompile(`20\d\d-\d\d-\d\d`)

// TestBig5 asks the queries of the big5 benchmark, moved to these days.
func TestBig5(t *testing.T) {
	dir := testkit.Shared(t, "fixtures", "elasticsearch", "query_dsl", "big5")
	s := newSearchServer(t, nil)
	last := time.Date(2023, 1, 13, 0, 0, 0, 0, time.UTC)
	shift := time.Now().UTC().Truncate(24 * time.Hour).Sub(last)
	moved := func(text string) string {
		return dates.ReplaceAllStringFunc(text, func(d string) string {
			v, err := time.Parse(time.DateOnly, d)
			require.NoError(t, err)
			return v.Add(shift).Format(time.DateOnly)
		})
	}
	var docs []string
	for i := range 1000 {
		docs = append(docs, fmt.Sprintf(`{"@timestamp":%q,"message":"shield carp shark 50-136-239-%d","process":{"name":%q},"cloud":{"region":"eu-%d"},"event":{"id":"e%d"},"host":{"name":"h%d"},
			"aws.cloudwatch":{"log_stream":%q},"log.file.path":"/var/log/messages/%s","metrics":{"size":%d,"tmin":%d},"meta":{"file":"f%d"}}`,
			last.Add(shift).Add(-time.Duration(i)*20*time.Minute).Format(time.RFC3339), i%40, []string{"kernel", "systemd"}[i%2], i%3, i%9, i%17,
			[]string{"indigodagger", "other"}[i%2], []string{"birdknight", "solarshark"}[i%2], i*3-20, i%50, i%30))
	}
	s.push("big5", docs...)
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			b, err := os.ReadFile(f)
			require.NoError(t, err)
			status, got := s.do("POST", "/big5/_search", moved(string(b)))
			verdict(t, filepath.Base(f), status, got)
			if status != 200 {
				return
			}
			hits, _ := at(got, "hits.hits").([]any)
			require.True(t, len(hits) > 0 || got["aggregations"] != nil, "nothing is found")
		})
	}
}

// searchBodies finds the bodies of searches in a document.
func searchBodies(v any, found func(map[string]any)) {
	switch x := v.(type) {
	case map[string]any:
		if request, ok := x["request"].(map[string]any); ok {
			if body, ok := request["body"].(map[string]any); ok && request["indices"] != nil {
				found(body)
			}
		}
		for _, m := range x {
			searchBodies(m, found)
		}
	case []any:
		for _, m := range x {
			searchBodies(m, found)
		}
	}
}

var mustache = regexp.MustCompile(`\{\{[#/^]?([^}]*)\}\}`)

// TestWatches asks the searches of watches, with values for their placeholders.
func TestWatches(t *testing.T) {
	dir := testkit.Shared(t, "fixtures", "elasticsearch", "watcher")
	s := newSearchServer(t, nil)
	s.push("logs", `{"message":"x"}`)
	files, err := filepath.Glob(filepath.Join(dir, "*__watch.json"))
	require.NoError(t, err)
	n := 0
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		var v any
		if json.Unmarshal(b, &v) != nil { // a schematic
			continue
		}
		t.Run(filepath.Base(f), func(t *testing.T) {
			refused, asked := false, 0
			searchBodies(v, func(body map[string]any) {
				text, err := json.Marshal(body)
				require.NoError(t, err)
				text = regexp.MustCompile(`now-\{\{[^}]*\}\}s`).ReplaceAll(text, []byte("now-60s"))
				filled := mustache.ReplaceAllStringFunc(string(text), func(m string) string {
					switch {
					case strings.Contains(m, "threshold"), strings.Contains(m, "score"), strings.Contains(m, "size"):
						return "5"
					case strings.Contains(m, "time"), strings.Contains(m, "timestamp"):
						return "30s"
					}
					return "2m"
				})
				filled = strings.NewReplacer(`"gte":"30s"`, `"gte":"now-1h"`, `"lte":"30s"`, `"lte":"now"`, `"timestamp":"30s"`, `"timestamp":"2024-01-01"`).Replace(filled)
				status, got := s.do("POST", "/_search", filled)
				asked++
				n++
				if status == 400 && refusedFixtures[filepath.Base(f)] != "" {
					verdict(t, filepath.Base(f), status, got)
					refused = true
					return
				}
				require.Equal(t, 200, status, "%s: %v", filled, got)
			})
			require.Equal(t, refusedFixtures[filepath.Base(f)] != "", refused || asked == 0 && refusedFixtures[filepath.Base(f)] != "")
		})
	}
	require.Greater(t, n, 10)
}

// TestJaegerQueries asks what Jaeger's storage sends, and filters spans by its nested
// tags.
func TestJaegerQueries(t *testing.T) {
	dir := testkit.Shared(t, "fixtures", "elasticsearch", "jaeger_client")
	s := newSearchServer(t, nil)
	span, err := os.ReadFile(filepath.Join(dir, "v2__elasticsearch__tracestore__fixtures__es_01.json"))
	require.NoError(t, err)
	var compact any
	require.NoError(t, json.Unmarshal(span, &compact))
	line, err := json.Marshal(compact)
	require.NoError(t, err)
	s.push("jaeger-span-read", string(line))
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	require.NoError(t, err)
	n := 0
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		var v map[string]any
		if json.Unmarshal(b, &v) != nil {
			continue
		}
		name := filepath.Base(f)
		path, _ := v["path"].(string)
		var body string
		switch {
		case strings.Contains(name, "__testdata__filter__"):
			path, body = "/jaeger-span-read/_search", `{"query":`+string(b)+`}`
		case strings.HasSuffix(path, "/_search"):
			m, err := json.Marshal(v["body"])
			require.NoError(t, err)
			body, path = string(m), path+"?ignore_unavailable=true&rest_total_hits_as_int=true"
		case path == "/_msearch":
			for _, line := range v["ndjson"].([]any) {
				m, err := json.Marshal(line)
				require.NoError(t, err)
				body += string(m) + "\n"
			}
		default:
			continue
		}
		n++
		t.Run(name, func(t *testing.T) {
			status, got := s.do("POST", path, body)
			verdict(t, name, status, got)
		})
	}
	require.Greater(t, n, 40)
	tags, _ := compact.(map[string]any)["tags"].([]any)
	if len(tags) > 0 {
		tag := tags[0].(map[string]any)
		ask := func(key, value any) any {
			b, err := json.Marshal(map[string]any{"query": map[string]any{"nested": map[string]any{"path": "tags", "query": map[string]any{"bool": map[string]any{"must": []any{
				map[string]any{"match": map[string]any{"tags.key": map[string]any{"query": key}}}, map[string]any{"regexp": map[string]any{"tags.value": map[string]any{"value": value}}}}}}}}})
			require.NoError(t, err)
			_, got := s.do("POST", "/jaeger-span-read/_count", string(b))
			return got["count"]
		}
		require.Equal(t, json.Number("1"), ask(tag["key"], regexp.QuoteMeta(fmt.Sprint(tag["value"]))))
		require.Equal(t, json.Number("0"), ask(tag["key"], "no such value"))
	}
}
