package mcp_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	door "github.com/pharosd/pharos/api/mcp"
)

// asked is what the process' routes were asked.
type asked struct {
	path          string
	query         url.Values
	authorization string
}

// bearer adds a token, as an assistant's client does.
type bearer struct{ token string }

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Authorization", "Bearer "+b.token)
	return http.DefaultTransport.RoundTrip(r)
}

// connect returns the official client on a door in front of routes.
func connect(t *testing.T, routes http.HandlerFunc) *mcp.ClientSession {
	t.Helper()
	d := door.New("test", slog.New(slog.DiscardHandler))
	d.Open(routes)
	mux := http.NewServeMux()
	for _, r := range d.Routes() {
		mux.Handle(r.Pattern, r.Handler)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{
		Endpoint: server.URL + door.Path, HTTPClient: &http.Client{Transport: bearer{"secret"}}, DisableStandaloneSSE: true,
	}, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = session.Close() })
	return session
}

func call(t *testing.T, s *mcp.ClientSession, tool string, arguments map[string]any) (text string, failed bool) {
	t.Helper()
	r, err := s.CallTool(context.Background(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
	require.NoError(t, err)
	require.Len(t, r.Content, 1)
	return r.Content[0].(*mcp.TextContent).Text, r.IsError
}

func TestToolsAskAsTheCaller(t *testing.T) {
	var last asked
	s := connect(t, func(w http.ResponseWriter, r *http.Request) {
		last = asked{r.URL.Path, r.URL.Query(), r.Header.Get("Authorization")}
		_, _ = w.Write([]byte(`{"status":"success"}`))
	})
	tools, err := s.ListTools(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, tools.Tools, 16)
	for _, tool := range tools.Tools {
		require.True(t, tool.Annotations.ReadOnlyHint, tool.Name)
	}
	for _, c := range []struct {
		tool      string
		arguments map[string]any
		path      string
		query     string
	}{
		{"query_metrics", map[string]any{"query": "up", "end": "100"}, "/api/v1/query", "query=up&time=100.000"},
		{"query_metrics", map[string]any{"query": "up", "start": "1970-01-01T00:00:00Z", "end": "6000"}, "/api/v1/query_range", "end=6000.000&query=up&start=0.000&step=100"},
		{"query_logs", map[string]any{"query": `{a="b"}`, "start": "1", "end": "2"}, "/loki/api/v1/query_range", "end=2.000&limit=100&query=%7Ba%3D%22b%22%7D&start=1.000"},
		{"list_labels", map[string]any{"signal": "logs", "label": "a/b", "start": "1", "end": "2"}, "/loki/api/v1/label/a/b/values", "end=2.000&start=1.000"},
		{"search_traces", map[string]any{"service": "s", "start": "1", "end": "2"}, "/api/traces", "end=2000000&limit=20&service=s&start=1000000"},
		{"query_traces", map[string]any{"query": "{ }", "start": "1", "end": "2"}, "/tempo/api/search", "end=2&limit=20&q=%7B+%7D&start=1"},
		{"query_traces", map[string]any{"query": "{ } | rate()", "start": "1", "end": "2", "step": "60s"}, "/tempo/api/metrics/query_range", "end=2&q=%7B+%7D+%7C+rate%28%29&start=1&step=60s"},
		{"list_errors", map[string]any{"service": "a\"b", "start": "1", "end": "2"}, "/loki/api/v1/patterns", "end=2.000&query=%7Bservice_name%3D%22a%5C%22b%22%7D+%7C+detected_level%3D~%22error%7Ccritical%7Cfatal%22&start=1.000"},
		{"get_trace", map[string]any{"id": "abc"}, "/api/traces/abc", ""},
		{"list_alerts", nil, "/api/v2/alerts", ""},
	} {
		text, failed := call(t, s, c.tool, c.arguments)
		require.False(t, failed, text)
		require.JSONEq(t, `{"status":"success"}`, text)
		require.Equal(t, c.path, last.path)
		require.Equal(t, c.query, last.query.Encode())
		require.Equal(t, "Bearer secret", last.authorization)
	}
}

func TestFailuresAreResults(t *testing.T) {
	s := connect(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("query") == "large" {
			for range 100 {
				if _, err := w.Write([]byte(strings.Repeat("x", 10_000))); err != nil {
					return
				}
			}
			return
		}
		http.Error(w, "parse error at char 3", http.StatusBadRequest)
	})
	text, failed := call(t, s, "query_metrics", map[string]any{"query": "(("})
	require.True(t, failed)
	require.Contains(t, text, "refused with status 400: parse error at char 3")
	text, failed = call(t, s, "query_metrics", map[string]any{"query": "large"})
	require.True(t, failed)
	require.Contains(t, text, "larger than 256 KiB")
	text, failed = call(t, s, "query_logs", map[string]any{"query": "{}", "start": "yesterday"})
	require.True(t, failed)
	require.Contains(t, text, `"yesterday" is no time`)
}
