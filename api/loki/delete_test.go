package loki

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/logs/retain"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/query/deletion"
	"github.com/pharosd/pharos/query/tail"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// newDeletingServer is newServer with deletion requests; a request with the header
// Narrow has credentials that are narrowed.
func newDeletingServer(t *testing.T) *httptest.Server {
	t.Helper()
	log, reg := slog.New(slog.DiscardHandler), prometheus.NewRegistry()
	cfg := rowstore.DefaultConfig()
	cfg.Path = t.TempDir()
	rows, err := rowstore.Open(cfg, log, reg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rows.Close()) })
	db, err := metastore.Open(t.Context(), t.TempDir(), log)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	deletions, err := deletion.New(t.Context(), deletion.DefaultConfig(), db, cfg.Retention)
	require.NoError(t, err)
	store := logstore.New(rows, rows)
	reader := retain.NewReader(store, deletions)
	hub := tail.New(tail.DefaultConfig(), reg)
	mux := http.NewServeMux()
	routes := append(New(reader, logql.NewEngine(reader, logql.DefaultConfig()), hub, log).Routes(), NewDelete(deletions, log).Routes()...)
	for _, r := range routes {
		mux.Handle(r.Pattern, r.Handler)
	}
	limits := ingest.DefaultConfig()
	limits.Limits.DiscoverServiceName, limits.Limits.DiscoverLogLevels = nil, false
	mux.Handle("POST /loki/api/v1/push", pushHandler(ingest.NewLogs(ingest.NewBudget(limits), store, hub, ingest.NewMetrics(reg))))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := tenant.NewContext(r.Context(), tenant.Default)
		if r.Header.Get("Narrow") != "" {
			ctx = tenant.WithScope(ctx, tenant.NewScope(labels.MustNewMatcher(labels.MatchEqual, "project", "x")))
		}
		mux.ServeHTTP(w, r.WithContext(ctx))
	}))
	t.Cleanup(srv.Close)
	return srv
}

func askDelete(t *testing.T, srv *httptest.Server, method string, q url.Values, header ...string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequest(method, srv.URL+"/loki/api/v1/delete?"+q.Encode(), nil)
	require.NoError(t, err)
	for _, h := range header {
		req.Header.Set(h, "yes")
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, strings.TrimSpace(string(body)), resp.Header
}

// TestDeletionTakesEffectAtOnce deletes lines, sees them in no answer, takes the
// request back and sees them again.
func TestDeletionTakesEffectAtOnce(t *testing.T) {
	srv := newDeletingServer(t)
	now := time.Now().Add(-time.Minute).Truncate(time.Second)
	push(t, srv, fmt.Sprintf(`{"streams":[
		{"stream":{"app":"web"},"values":[["%[1]d","card=4111"],["%[2]d","ok",{"user":"ann"}],["%[3]d","ok",{"user":"bob"}]]},
		{"stream":{"app":"api"},"values":[["%[1]d","card=4111"]]}]}`, now.UnixNano(), now.UnixNano()+1, now.UnixNano()+2))
	rang := url.Values{"query": {`{app=~".+"}`}, "start": {fmt.Sprint(now.Unix())}, "end": {fmt.Sprint(now.Unix() + 30)}}
	shown := func() int {
		code, body := get(t, srv, "/loki/api/v1/query_range", rang)
		require.Equal(t, 200, code, body)
		n := strings.Count(body, `["`+fmt.Sprint(now.Unix()))
		rate := url.Values{"query": {`sum(count_over_time({app=~".+"}[5m]))`}, "time": {fmt.Sprint(now.Unix() + 30)}}
		code, body = get(t, srv, "/loki/api/v1/query", rate)
		require.Equal(t, 200, code, body)
		if n > 0 {
			require.Contains(t, body, fmt.Sprintf(`,"%d"]`, n), "counts agree with lines")
		} else {
			require.Contains(t, body, `"result":[]`)
		}
		return n
	}
	require.Equal(t, 4, shown())
	var ids []string
	remove := func(query string) {
		q := url.Values{"query": {query}, "start": {fmt.Sprint(now.Unix() - 10)}, "end": {now.Add(10 * time.Second).Format(time.RFC3339)}, "max_interval": {"5s"}}
		code, body, header := askDelete(t, srv, []string{"POST", "PUT"}[len(ids)%2], q)
		require.Equal(t, http.StatusNoContent, code, body)
		ids = append(ids, header.Get("X-Delete-Request-ID"))
	}
	remove(`{app="web"} |= "card"`)
	require.Equal(t, 3, shown())
	remove(`{app="web"} | user="bob"`)
	require.Equal(t, 2, shown())
	remove(`{app="api"}`)
	require.Equal(t, 1, shown())
	code, body := get(t, srv, "/loki/api/v1/label/app/values", rang)
	require.Equal(t, 200, code)
	require.JSONEq(t, `{"status":"success","data":["web"]}`, body, "a stream that was deleted whole is not listed")

	code, body, _ = askDelete(t, srv, "GET", nil)
	require.Equal(t, 200, code, body)
	var list []map[string]any
	require.NoError(t, json.Unmarshal([]byte(body), &list))
	require.Len(t, list, 3)
	require.Equal(t, ids[0], list[0]["request_id"])
	require.Equal(t, `{app="web"} |= "card"`, list[0]["query"])
	require.Equal(t, "received", list[0]["status"])
	require.EqualValues(t, now.Unix()-10, list[0]["start_time"])
	require.InDelta(t, time.Now().Unix(), list[0]["created_at"], 60)

	for _, id := range ids {
		code, body, _ := askDelete(t, srv, "DELETE", url.Values{"request_id": {id}})
		require.Equal(t, http.StatusNoContent, code, body)
	}
	require.Equal(t, 4, shown())
}

func TestBadDeletionRequests(t *testing.T) {
	srv := newDeletingServer(t)
	now := time.Now().Unix()
	sec := func(n int64) string { return fmt.Sprint(now + n) }
	for _, c := range []struct {
		method, query, start, end, interval string
		code                                int
		says                                string
	}{
		{"POST", ``, sec(-9), "", "", 400, "query not set"},
		{"POST", `{a="b"}`, "", "", "", 400, "start time not set"},
		{"POST", `{a="b"}`, "yesterday", "", "", 400, "invalid start time: require unix seconds or RFC3339 format"},
		{"POST", `{a="b"}`, "1700000000000000000", "", "", 400, "invalid start time"},
		{"POST", `{a="b"}`, sec(-9), "tomorrow", "", 400, "invalid end time"},
		{"POST", `{a="b"}`, sec(-9), sec(999), "", 400, "deletes in the future are not allowed"},
		{"POST", `{a="b"}`, sec(-9), sec(-9), "", 400, "start time can't be greater than or equal to end time"},
		{"POST", `{a="b"}`, sec(-9), "", "1ms", 400, "invalid max_interval"},
		{"POST", `{a="b"}`, sec(-9), "", "1h", 400, "max_interval can't be greater than the interval to be deleted"},
		{"PUT", `{a="b"`, sec(-9), "", "", 400, "parse error"},
		{"PUT", `{}`, sec(-9), "", "", 400, "queries require at least one"},
		{"PUT", `rate({a="b"}[1m])`, sec(-9), "", "", 400, "only log queries"},
		{"PUT", `{a="b"} | json`, sec(-9), "", "", 400, "deletion by | json"},
		{"DELETE", ``, "", "", "", 404, "could not find delete request with given id"},
	} {
		q := url.Values{"query": {c.query}, "start": {c.start}, "end": {c.end}, "max_interval": {c.interval}, "request_id": {"x"}}
		code, body, _ := askDelete(t, srv, c.method, q)
		require.Equal(t, c.code, code, "%+v: %s", c, body)
		require.Contains(t, body, c.says)
	}
	for _, method := range []string{"GET", "POST", "DELETE"} {
		code, body, _ := askDelete(t, srv, method, url.Values{"query": {`{a="b"}`}, "start": {sec(-9)}}, "Narrow")
		require.Equal(t, 403, code, body)
	}
}
