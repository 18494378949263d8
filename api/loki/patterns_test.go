package loki

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestPatterns finds patterns and filters by each.
func TestPatterns(t *testing.T) {
	srv := newServer(t, true)
	now := time.Now().Add(-10 * time.Minute).Truncate(time.Minute)
	var values []string
	for i := range 120 {
		at := now.Add(time.Duration(i) * time.Second).UnixNano()
		values = append(values, fmt.Sprintf(`["%d","level=info user=u%d took %dms"]`, at, i, i*7), fmt.Sprintf(`["%d","level=error cannot reach host h%d: timeout"]`, at, i%9))
	}
	push(t, srv, `{"streams":[{"stream":{"app":"web"},"values":[`+strings.Join(values, ",")+`]}]}`)
	q := url.Values{"query": {`{app="web"}`}, "start": {fmt.Sprint(now.Unix())}, "end": {fmt.Sprint(now.Unix() + 180)}, "step": {"60s"}}
	ask := func() (v struct {
		Status   string
		Data     []pattern
		Warnings []string
	}) {
		code, body := get(t, srv, "/loki/api/v1/patterns", q)
		require.Equal(t, 200, code, body)
		require.NoError(t, json.Unmarshal([]byte(body), &v))
		return v
	}
	v := ask()
	require.Equal(t, "success", v.Status)
	require.Empty(t, v.Warnings)
	require.Equal(t, []pattern{
		{"level=error cannot reach host <_>: timeout", "error", [][2]int64{{now.Unix(), 60}, {now.Unix() + 60, 60}}},
		{"level=info user=<_> took <_>", "info", [][2]int64{{now.Unix(), 60}, {now.Unix() + 60, 60}}},
	}, v.Data)
	for _, p := range v.Data {
		filter := url.Values{"query": {fmt.Sprintf("sum(count_over_time({app=\"web\"} |> %q [10m]))", p.Pattern)}, "time": {fmt.Sprint(now.Unix() + 180)}}
		code, body := get(t, srv, "/loki/api/v1/query", filter)
		require.Equal(t, 200, code, body)
		require.Contains(t, body, `"120"]`, p.Pattern)
	}
	q.Set("query", `{app="web"} |= "timeout"`)
	require.Len(t, ask().Data, 1)
	q.Set("line_limit", "64")
	v = ask()
	require.Len(t, v.Data, 1)
	require.Contains(t, v.Warnings[0], "partial: the newest lines of each part of the range were looked at")
	q.Set("query", `{app="none"}`)
	require.Equal(t, []pattern{}, ask().Data)
	for _, bad := range []url.Values{{"query": {`sum(rate({a="b"}[1m]))`}}, {"query": {`{`}}, {"query": {`{a="b"}`}, "step": {"-1"}}, {"query": {`{a="b"}`}, "line_limit": {"0"}}} {
		code, body := get(t, srv, "/loki/api/v1/patterns", bad)
		require.Equal(t, 400, code, body)
	}
}
