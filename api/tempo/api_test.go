package tempo

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/test/tracetest"
	"github.com/pharosd/pharos/traces/traceql"
)

// server is Tempo's API over two traces: 0000…0a1 of web and orders, begun at epoch,
// and …b2 of batch, whose root is missing.
type server struct {
	*httptest.Server
	t     *testing.T
	epoch time.Time
}

func start(t *testing.T) *server {
	t.Helper()
	log, store := slog.New(slog.DiscardHandler), tracetest.Store(t)
	s := &server{t: t, epoch: time.Now().Add(-30 * time.Minute).Truncate(time.Minute)}
	require.NoError(t, store.Append(t.Context(), tenant.Default, s.spans()))

	api := New(traceql.NewEngine(store, traceql.DefaultConfig()), store, log)
	s.Server = httptest.NewUnstartedServer(tracetest.Handler(api.PortRoutes()))
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetHTTP1(true)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func (s *server) spans() ptrace.Traces {
	td := ptrace.NewTraces()
	add := func(trace, id, parent byte, service, name string, after, took time.Duration, edit func(ptrace.Span)) {
		out, resource := tracetest.Add(td, tracetest.Span{
			Trace: trace, ID: id, Parent: parent, Service: service, Name: name, Kind: ptrace.SpanKindServer, Start: s.epoch.Add(after), Took: took,
		})
		resource.Attributes().PutStr("cluster", "eu")
		edit(out)
	}
	add(0xa1, 1, 0, "web", "GET /cart", time.Second, 300*time.Millisecond, func(s ptrace.Span) {
		s.Status().SetCode(ptrace.StatusCodeError)
		s.Attributes().PutInt("http.status_code", 500)
		s.Attributes().PutStr("http.method", "GET")
	})
	add(0xa1, 2, 1, "orders", "POST /o", 1100*time.Millisecond, 100*time.Millisecond, func(s ptrace.Span) {
		s.Attributes().PutInt("http.status_code", 200)
	})
	add(0xb2, 3, 9, "batch", "step", 61*time.Second, time.Second, func(s ptrace.Span) {
		s.Attributes().PutBool("retried", true)
		s.Attributes().PutDouble("ratio", 0.5)
	})
	return td
}

// get returns the status, the content type and the body.
func (s *server) get(path, accept string, params ...string) (int, string, []byte) {
	s.t.Helper()
	q := url.Values{}
	for i := 0; i < len(params); i += 2 {
		q.Set(params[i], params[i+1])
	}
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.URL+path, nil)
	require.NoError(s.t, err)
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	resp, err := s.Client().Do(r)
	require.NoError(s.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return resp.StatusCode, resp.Header.Get("Content-Type"), body
}

// read decodes a good answer in JSON.
func (s *server) read(to any, path string, params ...string) {
	s.t.Helper()
	reflect.ValueOf(to).Elem().SetZero()
	status, kind, body := s.get(path, "application/json", params...)
	require.Equal(s.t, http.StatusOK, status, "%s", body)
	require.Contains(s.t, kind, "application/json")
	require.NoError(s.t, json.Unmarshal(body, to), "%s", body)
}

func TestSearch(t *testing.T) {
	s := start(t)
	var found searchResponse
	s.read(&found, "/api/search", "q", `{ status = error }`)
	require.Len(t, found.Traces, 1)
	tr := found.Traces[0]
	require.Equal(t, "a1", tr.TraceID, "without zeros at the begin")
	require.Equal(t, "web", tr.RootServiceName)
	require.Equal(t, "GET /cart", tr.RootTraceName)
	require.Equal(t, strconv.FormatInt(s.epoch.Add(time.Second).UnixNano(), 10), tr.StartTimeUnixNano)
	require.EqualValues(t, 300, tr.DurationMs)
	require.Equal(t, map[string]serviceStats{"web": {1, 1}, "orders": {1, 0}}, tr.ServiceStats)
	require.Len(t, tr.SpanSets, 1)
	require.Equal(t, tr.SpanSets[0], *tr.SpanSet)
	require.Equal(t, 1, tr.SpanSets[0].Matched)
	require.Equal(t, foundSpan{
		SpanID: "0000000000000001", Name: "GET /cart", StartTimeUnixNano: tr.StartTimeUnixNano, DurationNanos: "300000000",
		Attributes: []keyValue{{"status", map[string]any{"stringValue": "error"}}},
	}, tr.SpanSets[0].Spans[0])

	s.read(&found, "/api/search")
	require.Len(t, found.Traces, 2, "without a query, everything")
	require.Equal(t, rootMissing, found.Traces[0].RootServiceName)
	s.read(&found, "/api/search", "limit", "1")
	require.Len(t, found.Traces, 1)
	s.read(&found, "/api/search", "q", "{ }", "spss", "1")
	require.Len(t, found.Traces[1].SpanSets[0].Spans, 1)
	require.Equal(t, 2, found.Traces[1].SpanSets[0].Matched)
	s.read(&found, "/api/search", "start", unix(s.epoch.Add(30*time.Second)), "end", unix(s.epoch.Add(2*time.Minute)))
	require.Len(t, found.Traces, 1)
	require.Equal(t, "b2", found.Traces[0].TraceID)
	s.read(&found, "/api/search", "q", `{ .ratio = 0.5 } | select(.retried)`)
	require.Equal(t, []keyValue{{"ratio", map[string]any{"doubleValue": 0.5}}, {"retried", map[string]any{"boolValue": true}}}, found.Traces[0].SpanSets[0].Spans[0].Attributes)
}

func TestSearchByTags(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		params []string
		want   []string
	}{
		{[]string{"tags", "service.name=WE"}, []string{"a1"}},
		{[]string{"tags", "http.status_code=500"}, []string{"a1"}},
		{[]string{"tags", "http.status_code=500 http.method=get"}, []string{"a1"}},
		{[]string{"tags", "http.status_code=404"}, nil},
		{[]string{"tags", `name="GET /cart"`}, []string{"a1"}},
		{[]string{"tags", "error=true"}, []string{"a1"}},
		{[]string{"tags", "status.code=unset"}, []string{"b2", "a1"}},
		{[]string{"tags", "root.service.name=web"}, []string{"a1"}},
		{[]string{"minDuration", "500ms"}, []string{"b2"}},
		{[]string{"maxDuration", "500ms"}, []string{"a1"}},
	} {
		var found searchResponse
		s.read(&found, "/api/search", c.params...)
		var ids []string
		for _, tr := range found.Traces {
			ids = append(ids, tr.TraceID)
		}
		require.Equal(t, c.want, ids, c.params)
	}
}

func TestMistakesAreNamed(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		path   string
		params []string
		status int
		says   string
	}{
		{"/api/search", []string{"q", "{ status = eror }"}, 400, "invalid TraceQL query: parse error at line 1, col 12"},
		{"/api/search", []string{"q", "{ } | rate()"}, 400, "this is a metrics query"},
		{"/api/search", []string{"q", "{ }", "tags", "a=b"}, 400, "q and tags exclude each other"},
		{"/api/search", []string{"limit", "x"}, 400, "invalid limit"},
		{"/api/search", []string{"start", "x"}, 400, "invalid start"},
		{"/api/search", []string{"start", "20", "end", "10"}, 400, "start is after end"},
		{"/api/search", []string{"minDuration", "5q"}, 400, "invalid minDuration"},
		{"/api/metrics/query_range", []string{"q", "{ }"}, 400, "this is no metrics query"},
		{"/api/metrics/query_range", []string{"q", "{ } | rate()", "since", "1000h", "step", "1s"}, 400, "traces.traceql.max_points"},
		{"/api/traces/xyz", nil, 400, "invalid trace id"},
		{"/api/traces/1234", nil, 404, "trace not found"},
		{"/api/v2/traces/1234", nil, 404, "trace not found"},
		{"/api/v2/traces/a1", []string{"q", "{ } | count() > 1"}, 400, "only a single filter"},
		{"/api/v2/search/tags", []string{"scope", "x"}, 400, "invalid scope"},
		{"/api/v2/search/tag/span:x/values", nil, 400, "unknown intrinsic"},
		{"/api/overrides", nil, 501, "overrides are not supported"},
	} {
		status, kind, body := s.get(c.path, "", c.params...)
		require.Equal(t, c.status, status, "%s %v: %s", c.path, c.params, body)
		require.Contains(t, string(body), c.says, c.path)
		require.Contains(t, kind, "text/plain")
	}
}

func TestTraceByID(t *testing.T) {
	s := start(t)
	var v1 struct {
		Batches []resourceSpans `json:"batches"`
	}
	s.read(&v1, "/api/traces/a1")
	require.Len(t, v1.Batches, 2)
	require.Equal(t, "AAAAAAAAAAAAAAAAAAAAoQ==", v1.Batches[0].ScopeSpans[0].Spans[0].TraceID)
	require.Equal(t, "SPAN_KIND_SERVER", v1.Batches[0].ScopeSpans[0].Spans[0].Kind)
	var v2 struct {
		Trace struct {
			ResourceSpans []resourceSpans `json:"resourceSpans"`
		} `json:"trace"`
	}
	s.read(&v2, "/api/v2/traces/000000000000000000000000000000a1")
	require.Equal(t, v1.Batches, v2.Trace.ResourceSpans)
	s.read(&v2, "/api/v2/traces/a1", "q", `{ resource.service.name = "orders" }`)
	require.Len(t, v2.Trace.ResourceSpans, 2, "with its ancestors")
	s.read(&v2, "/api/v2/traces/a1", "q", `{ resource.service.name = "orders" }`, "keep_hierarchy", "false")
	require.Len(t, v2.Trace.ResourceSpans, 1)

	status, kind, body := s.get("/api/traces/a1", "application/protobuf")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "application/protobuf", kind)
	td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(body)
	require.NoError(t, err)
	require.Equal(t, 2, td.SpanCount())
	_, _, wrapped := s.get("/api/v2/traces/a1", "application/protobuf")
	num, typ, n := protowire.ConsumeTag(wrapped)
	require.Equal(t, protowire.Number(1), num)
	require.Equal(t, protowire.BytesType, typ)
	inner, _ := protowire.ConsumeBytes(wrapped[n:])
	require.Equal(t, body, inner)
}

type resourceSpans struct {
	ScopeSpans []struct {
		Spans []struct {
			TraceID string `json:"traceId"`
			Kind    string `json:"kind"`
		} `json:"spans"`
	} `json:"scopeSpans"`
}

func TestTags(t *testing.T) {
	s := start(t)
	var names tagsResponse
	s.read(&names, "/api/search/tags")
	require.Equal(t, []string{"cluster", "http.method", "http.status_code", "ratio", "retried", "service.name"}, names.TagNames)
	s.read(&names, "/api/search/tags", "scope", "resource")
	require.Equal(t, []string{"cluster", "service.name"}, names.TagNames)
	var scopes tagsV2Response
	s.read(&scopes, "/api/v2/search/tags", "limit", "5000")
	require.Equal(t, []string{"span", "resource", "intrinsic"}, []string{scopes.Scopes[0].Name, scopes.Scopes[1].Name, scopes.Scopes[2].Name})
	require.Contains(t, scopes.Scopes[2].Tags, "trace:rootService")
	s.read(&scopes, "/api/v2/search/tags", "scope", "span", "q", `{ status = error && name = }`)
	require.Equal(t, []tagScope{{"span", []string{"http.method", "http.status_code"}}}, scopes.Scopes)

	var values tagValuesResponse
	s.read(&values, "/api/search/tag/service.name/values")
	require.Equal(t, []string{"batch", "orders", "web"}, values.TagValues)
	s.read(&values, "/api/search/tag/http.status_code/values")
	require.Equal(t, []string{"200", "500"}, values.TagValues)
	var typed tagValuesV2Response
	s.read(&typed, "/api/v2/search/tag/.http.status_code/values")
	require.Equal(t, []tagValue{{"int", "200"}, {"int", "500"}}, typed.TagValues)
	s.read(&typed, "/api/v2/search/tag/resource.service.name/values", "q", `{ span.http.status_code = 500 && resource.cluster = }`)
	require.Equal(t, []tagValue{{"string", "web"}}, typed.TagValues)
	s.read(&typed, "/api/v2/search/tag/status/values")
	require.Equal(t, []tagValue{{"keyword", "unset"}, {"keyword", "ok"}, {"keyword", "error"}}, typed.TagValues)
	s.read(&typed, "/api/v2/search/tag/"+url.PathEscape(url.PathEscape("span:name"))+"/values")
	require.Len(t, typed.TagValues, 3)
	s.read(&typed, "/api/v2/search/tag/rootName/values", "start", unix(s.epoch), "end", unix(time.Now()))
	require.Equal(t, []tagValue{{"string", "GET /cart"}}, typed.TagValues)
}

func TestMetrics(t *testing.T) {
	s := start(t)
	var ranged rangeResponse
	s.read(&ranged, "/api/metrics/query_range", "q", `{ } | count_over_time() by (resource.service.name)`,
		"start", unix(s.epoch), "end", unix(s.epoch.Add(2*time.Minute)), "step", "60s", "exemplars", "10")
	require.Len(t, ranged.Series, 3)
	batch := ranged.Series[0]
	require.Equal(t, []keyValue{{"resource.service.name", map[string]any{"stringValue": "batch"}}}, batch.Labels)
	require.Equal(t, []sample{{millis(s.epoch.Add(time.Minute).UnixNano()), 0}, {millis(s.epoch.Add(2 * time.Minute).UnixNano()), 1}}, batch.Samples)
	require.Len(t, batch.Exemplars, 1)
	require.Equal(t, "b2", batch.Exemplars[0].Labels[1].Value["stringValue"])
	s.read(&ranged, "/api/metrics/query_range", "q", `{ } | rate()`, "since", "1h")
	require.Len(t, ranged.Series, 1)
	require.Equal(t, `{__name__="rate"}`, ranged.Series[0].PromLabels)
	var instant instantResponse
	s.read(&instant, "/api/metrics/query", "q", `{ status = error } | count_over_time() by (name)`, "since", "1h")
	require.Equal(t, []instantSeries{{[]keyValue{{"name", map[string]any{"stringValue": "GET /cart"}}}, 1}}, instant.Series)
	_, _, body := s.get("/api/metrics/query", "", "q", `{ } | rate()`, "since", "1h")
	require.NotContains(t, string(body), "promLabels", "which the data source of Tempo 2.9 and later refuses")
}

func TestHealth(t *testing.T) {
	s := start(t)
	for path, want := range map[string]string{"/api/echo": "echo", "/ready": "ready\n"} {
		status, _, body := s.get(path, "")
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, want, string(body))
	}
	var info map[string]string
	s.read(&info, "/api/status/buildinfo")
	require.True(t, strings.HasPrefix(info["version"], "2."), info)
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
