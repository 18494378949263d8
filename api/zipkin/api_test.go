package zipkin

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/test/tracetest"
	"github.com/pharosd/pharos/traces/traceql"
)

// start serves two traces: a1 of web, which calls orders and fails, and b2 of batch,
// a minute later.
func start(t *testing.T) func(path string) (int, []byte) {
	t.Helper()
	log, store := slog.New(slog.DiscardHandler), tracetest.Store(t)
	begin := time.Now().Add(-10 * time.Minute)
	td := ptrace.NewTraces()
	add := func(trace, id, parent byte, service, name string, kind ptrace.SpanKind, after, took time.Duration) ptrace.Span {
		out, _ := tracetest.Add(td, tracetest.Span{Trace: trace, ID: id, Parent: parent, Service: service, Name: name, Kind: kind, Start: begin.Add(after), Took: took})
		return out
	}
	web := add(0xa1, 1, 0, "web", "get /cart", ptrace.SpanKindServer, 0, 300*time.Millisecond)
	web.Attributes().PutInt("http.status_code", 500)
	web.Attributes().PutStr("http.method", "GET")
	web.Status().SetCode(ptrace.StatusCodeError)
	event := web.Events().AppendEmpty()
	event.SetName("cache.miss")
	event.SetTimestamp(web.StartTimestamp())
	add(0xa1, 2, 1, "orders", "post /o", ptrace.SpanKindServer, time.Millisecond, 100*time.Millisecond)
	add(0xb2, 3, 0, "batch", "nightly", ptrace.SpanKindInternal, time.Minute, 2*time.Second)
	require.NoError(t, store.Append(t.Context(), tenant.Default, td))

	srv := httptest.NewServer(tracetest.Handler(New(traceql.NewEngine(store, traceql.DefaultConfig()), store, log).Routes()))
	t.Cleanup(srv.Close)
	return func(path string) (int, []byte) {
		resp, err := srv.Client().Get(srv.URL + path)
		require.NoError(t, err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, body
	}
}

// zipkinSpan is what clients read of a span.
type zipkinSpan struct {
	TraceID       string `json:"traceId"`
	ParentID      string `json:"parentId"`
	ID            string `json:"id"`
	Kind          string `json:"kind"`
	Name          string `json:"name"`
	Timestamp     int64  `json:"timestamp"`
	Duration      int64  `json:"duration"`
	LocalEndpoint struct {
		ServiceName string `json:"serviceName"`
	} `json:"localEndpoint"`
	Annotations []struct {
		Timestamp int64  `json:"timestamp"`
		Value     string `json:"value"`
	} `json:"annotations"`
	Tags map[string]string `json:"tags"`
}

func TestLists(t *testing.T) {
	get := start(t)
	for path, want := range map[string]string{
		"/api/v2/services":                                                       `["batch","orders","web"]`,
		"/api/v2/spans?serviceName=web":                                          `["get /cart"]`,
		"/api/v2/spans?serviceName=none":                                         `[]`,
		"/api/v2/remoteServices?serviceName=web":                                 `["orders"]`,
		"/api/v2/autocompleteKeys":                                               `[]`,
		"/api/v2/autocompleteValues?key=env":                                     `[]`,
		"/api/v2/dependencies?endTs=" + millis(time.Now()) + "&lookback=3600000": `[{"parent":"web","child":"orders","callCount":1}]`,
		"/api/v2/dependencies?endTs=" + millis(time.Now()) + "&lookback=60000":   `[]`,
	} {
		status, body := get(path)
		require.Equal(t, http.StatusOK, status, "%s: %s", path, body)
		require.JSONEq(t, want, string(body), path)
	}
}

func TestTrace(t *testing.T) {
	get := start(t)
	status, body := get("/api/v2/trace/a1")
	require.Equal(t, http.StatusOK, status, "%s", body)
	var spans []zipkinSpan
	require.NoError(t, json.Unmarshal(body, &spans))
	require.Len(t, spans, 2)
	web := spans[0]
	require.Equal(t, "000000000000000000000000000000a1", pad(web.TraceID))
	require.Equal(t, "0000000000000001", web.ID)
	require.Equal(t, "SERVER", web.Kind)
	require.Equal(t, "get /cart", web.Name)
	require.EqualValues(t, 300_000, web.Duration)
	require.Equal(t, "web", web.LocalEndpoint.ServiceName)
	require.Equal(t, "GET", web.Tags["http.method"])
	require.Equal(t, "500", web.Tags["http.status_code"])
	require.Contains(t, web.Tags, "error")
	require.Len(t, web.Annotations, 1)
	require.Contains(t, web.Annotations[0].Value, "cache.miss")
	require.Equal(t, web.ID, spans[1].ParentID)
	status, body = get("/api/v2/traceMany?traceIds=a1,b2")
	require.Equal(t, http.StatusOK, status)
	var many [][]zipkinSpan
	require.NoError(t, json.Unmarshal(body, &many))
	require.Len(t, many, 2)
}

func pad(id string) string {
	for len(id) < 32 {
		id = "0" + id
	}
	return id
}

func TestSearch(t *testing.T) {
	get := start(t)
	for query, want := range map[string][]string{
		"":                                     {"b2", "a1"},
		"limit=1":                              {"b2"},
		"serviceName=web":                      {"a1"},
		"serviceName=web&spanName=get%20/cart": {"a1"},
		"serviceName=all&spanName=all":         {"b2", "a1"},
		"serviceName=orders&spanName=nightly":  {},
		"minDuration=1000000":                  {"b2"},
		"minDuration=1&maxDuration=300000":     {"a1"},
		"annotationQuery=http.method%3DGET":    {"a1"},
		"annotationQuery=http.status_code%3D500%20and%20error":           {"a1"},
		"annotationQuery=cache.miss":                                     {"a1"},
		"annotationQuery=http.method":                                    {"a1"},
		"annotationQuery=nothing":                                        {},
		"endTs=" + millis(time.Now().Add(-9*time.Minute-30*time.Second)): {"a1"},
		"lookback=570000":                                                {"b2"},
	} {
		status, body := get("/api/v2/traces?" + query)
		require.Equal(t, http.StatusOK, status, "%s: %s", query, body)
		var found [][]zipkinSpan
		require.NoError(t, json.Unmarshal(body, &found), "%s: %s", query, body)
		ids := []string{}
		for _, spans := range found {
			ids = append(ids, spans[0].TraceID[len(spans[0].TraceID)-2:])
		}
		require.Equal(t, want, ids, query)
	}
}

func TestMistakesAreNamed(t *testing.T) {
	get := start(t)
	for path, want := range map[string]int{
		"/api/v2/spans":                              400,
		"/api/v2/dependencies":                       400,
		"/api/v2/traces?limit=x":                     400,
		"/api/v2/traces?maxDuration=5":               400,
		"/api/v2/traces?minDuration=6&maxDuration=5": 400,
		"/api/v2/traces?endTs=-1":                    400,
		"/api/v2/trace/xyz":                          400,
		"/api/v2/trace/ffff":                         404,
		"/api/v2/traceMany?traceIds=a1":              400,
		"/api/v2/traceMany?traceIds=a1,a1":           400,
	} {
		status, body := get(path)
		require.Equal(t, want, status, "%s: %s", path, body)
		require.NotEmpty(t, body)
	}
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
