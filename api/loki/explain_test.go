package loki

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs/logql"
)

// TestExplain asks for the plan of a query and for none.
func TestExplain(t *testing.T) {
	srv := newServer(t, false)
	now := time.Now()
	line := strconv.FormatInt(now.Add(-time.Minute).UnixNano(), 10)
	resp, err := http.Post(srv.URL+"/loki/api/v1/push", "application/json", strings.NewReader(
		`{"streams":[{"stream":{"app":"web"},"values":[["`+line+`","{\"level\":\"error\"}"]]}]}`))
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, http.StatusNoContent, resp.StatusCode)

	ask := func(path, query, explain string) (int, string) {
		t.Helper()
		resp, err := http.Get(srv.URL + path + "?" + url.Values{"query": {query}, "explain": {explain}, "since": {"1h"}}.Encode())
		require.NoError(t, err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, string(body)
	}
	var answer struct {
		Data struct{ Explain *logql.PlanNode }
	}
	code, body := ask("/loki/api/v1/query_range", `{app="web"} | json | level="error"`, "1")
	require.Equal(t, http.StatusOK, code, body)
	require.NoError(t, json.Unmarshal([]byte(body), &answer))
	plan := answer.Data.Explain
	require.NotNil(t, plan)
	assert.Contains(t, plan.Store, `field level = "error"`)
	assert.Equal(t, `| json | level="error"`, plan.Pipeline)
	assert.EqualValues(t, 1, plan.Children[0].Entries)

	answer.Data.Explain = nil
	code, body = ask("/loki/api/v1/query", `sum by (level) (count_over_time({app="web"} | json [5m]))`, "true")
	require.Equal(t, http.StatusOK, code, body)
	require.NoError(t, json.Unmarshal([]byte(body), &answer))
	require.NotEmpty(t, answer.Data.Explain.Children)
	assert.NotEmpty(t, answer.Data.Explain.Children[0].Children)

	_, body = ask("/loki/api/v1/query", `vector(1)`, "")
	assert.NotContains(t, body, "explain")
	code, body = ask("/loki/api/v1/query", `vector(1)`, "maybe")
	assert.Equal(t, http.StatusBadRequest, code)
	assert.Contains(t, body, "explain")
}
