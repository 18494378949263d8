package v1

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/metrics/tsdb"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/query/usage"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// exportServer serves exports of a store with n lines, one each millisecond before now.
func exportServer(t *testing.T, n int) (*httptest.Server, time.Time) {
	t.Helper()
	cfg := rowstore.DefaultConfig()
	cfg.Path, cfg.Distinct = t.TempDir(), true
	log := slog.New(slog.DiscardHandler)
	rows, err := rowstore.Open(cfg, log, prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rows.Close()) })
	store := logstore.New(rows, rows)
	begin := time.Now().Add(-time.Hour).Truncate(time.Second)
	s := model.LogStream{Labels: model.Labels{{Name: "app", Value: "web"}}}
	for i := range n {
		s.Entries = append(s.Entries, model.LogEntry{Time: begin.Add(time.Duration(i) * time.Millisecond).UnixNano(), Line: fmt.Sprintf("line %d, with a comma", i)})
	}
	require.NoError(t, store.Append(t.Context(), tenant.Default, []model.LogStream{s}))
	mux := http.NewServeMux()
	for _, r := range NewLogExport(logql.NewEngine(store, logql.DefaultConfig()), log, prometheus.NewRegistry()).Routes() {
		mux.Handle(r.Pattern, r.Handler)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), tenant.Default)))
	}))
	t.Cleanup(srv.Close)
	return srv, begin
}

func export(t *testing.T, srv *httptest.Server, begin time.Time, params ...string) (*http.Response, string) {
	t.Helper()
	q := url.Values{"query": {`{app="web"}`}, "start": {fmt.Sprint(begin.UnixNano())}, "end": {fmt.Sprint(begin.Add(time.Hour).UnixNano())}}
	for i := 0; i < len(params); i += 2 {
		q.Set(params[i], params[i+1])
	}
	resp, err := http.Get(srv.URL + "/api/pharos/v1/logs/export?" + q.Encode())
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(body)
}

func TestExport(t *testing.T) {
	srv, begin := exportServer(t, 30_000)
	resp, body := export(t, srv, begin, "format", "csv", "direction", "forward", "columns", "line")
	require.Equal(t, "complete; rows=30000", resp.Trailer.Get(ExportTrailer))
	require.Contains(t, resp.Header.Get("Content-Disposition"), ".csv")
	records, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	require.NoError(t, err)
	require.Len(t, records, 30_001)
	require.Equal(t, []string{"line"}, records[0])
	require.Equal(t, "line 29999, with a comma", records[30_000][0])

	resp, body = export(t, srv, begin, "limit", "10500")
	require.True(t, strings.HasPrefix(resp.Trailer.Get(ExportTrailer), `cut; rows=10500; reason="the limit of 10500 rows`), resp.Trailer)
	lines := strings.Split(strings.TrimSpace(body), "\n")
	require.Len(t, lines, 10_501)
	require.Contains(t, lines[0], "line 29999", "newest first")
	require.Contains(t, lines[10_500], `"complete":false`)

	resp, body = export(t, srv, begin, "query", `{app="nobody"}`, "format", "csv")
	require.Equal(t, "time,labels,line\n", body)
	require.Equal(t, "complete; rows=0", resp.Trailer.Get(ExportTrailer))
}

func TestExportRefuses(t *testing.T) {
	srv, begin := exportServer(t, 1)
	for _, params := range [][]string{
		{"query", "{"}, {"query", `rate({app="web"}[5m])`}, {"format", "xml"}, {"start", "now"}, {"end", "1"}, {"limit", "0"},
		{"limit", "10000001"}, {"direction", "up"}, {"start", "0"},
	} {
		resp, body := export(t, srv, begin, params...)
		require.Equal(t, 400, resp.StatusCode, params)
		require.Contains(t, body, `"code"`)
	}
}

// A reader that goes away ends the export, and its slot is free again.
func TestExportIsCancelled(t *testing.T) {
	srv, begin := exportServer(t, 60_000)
	for range maxExports * 2 {
		ctx, cancel := context.WithCancel(t.Context())
		u := fmt.Sprintf("%s/api/pharos/v1/logs/export?query=%s&start=%d&end=%d", srv.URL, url.QueryEscape(`{app="web"}`), begin.UnixNano(), begin.Add(time.Hour).UnixNano())
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.Equal(t, 200, resp.StatusCode)
		_, err = bufio.NewReader(resp.Body).ReadString('\n')
		require.NoError(t, err)
		cancel()
		resp.Body.Close()
	}
	require.Eventually(t, func() bool {
		resp, _ := export(t, srv, begin, "limit", "1")
		return resp.StatusCode == 200
	}, 10*time.Second, 10*time.Millisecond)
}

// metricStore has 30 series of http_requests_total and one of unread.
func metricStore(t *testing.T) metrics.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "prometheus.yml")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	cfg := metrics.DefaultConfig()
	cfg.PrometheusConfig = path
	log := promslog.NewNopLogger()
	loaded, err := cfg.Load(os.LookupEnv, log)
	require.NoError(t, err)
	store, err := tsdb.New(cfg, loaded, tsdb.Deps{Dir: t.TempDir(), MaxSeries: 100_000, Logger: log, Registry: prometheus.NewRegistry()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	app := store.Tenant("a").Appender(t.Context())
	for i := range 30 {
		ls := labels.FromStrings(labels.MetricName, "http_requests_total", "job", fmt.Sprint("j", i%3), "pod", fmt.Sprint("p", i))
		_, err := app.Append(0, ls, time.Now().UnixMilli(), 1)
		require.NoError(t, err)
	}
	for _, name := range []string{"unread", "in_rule", "queried"} {
		_, err = app.Append(0, labels.FromStrings(labels.MetricName, name, "job", "j0"), time.Now().UnixMilli(), 1)
		require.NoError(t, err)
	}
	require.NoError(t, app.Commit())
	return store
}

func TestMetricsCostAndUse(t *testing.T) {
	tracker, err := usage.Open(filepath.Join(t.TempDir(), "metrics.json"), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	store := tracker.Store(metricStore(t))
	routes := NewMetrics(MetricsDeps{Store: store, Usage: tracker, References: func(context.Context, tenant.ID) ([]Reference, error) {
		return []Reference{
			{Kind: "rule", Name: "g / r", Texts: []string{`sum(rate(in_rule[5m]))`}, Records: "unread"},
			{Kind: "log rule", Name: "l / unread", Records: "unread"},
			{Kind: "log rule", Name: "l / gone", Records: "no_longer_there"},
			{Kind: "dashboard", Name: "D", UID: "d", Texts: []string{`http_requests_total{job="$job"} broken(`, `http_requests_total`}},
		}, nil
	}}).Routes()

	code, body := call(t, routes, "a", "GET", "/api/pharos/v1/metrics/cardinality?match=http_requests_total&top=2", "")
	require.Equal(t, 200, code, body)
	var cost cardinalityAnswer
	require.NoError(t, json.Unmarshal([]byte(body), &cost))
	require.Equal(t, 30, cost.Series)
	require.False(t, cost.Partial)
	require.Equal(t, []valueCount{{"http_requests_total", 30}}, cost.Metrics)
	require.Equal(t, []labelCost{
		{Name: "pod", Values: 30, Series: 30, Top: []valueCount{{"p0", 1}, {"p1", 1}}},
		{Name: "job", Values: 3, Series: 30, Top: []valueCount{{"j0", 10}, {"j1", 10}}},
	}, cost.Labels)
	_, body = call(t, routes, "b", "GET", "/api/pharos/v1/metrics/cardinality?match=http_requests_total", "")
	require.Contains(t, body, `"series":0`)
	for _, bad := range []string{"match=", "match=up%7B", "match=up&top=0", "match=" + strings.Repeat("a", maxSelectorLength+1)} {
		code, _ = call(t, routes, "a", "GET", "/api/pharos/v1/metrics/cardinality?"+bad, "")
		require.Equal(t, 400, code, bad)
	}

	read := func(ctx context.Context) {
		q, err := store.Tenant("a").Querier(0, time.Now().UnixMilli())
		require.NoError(t, err)
		defer q.Close()
		q.Select(ctx, false, nil, labels.MustNewMatcher(labels.MatchEqual, labels.MetricName, "queried"))
	}
	read(t.Context())
	require.True(t, tracker.Report("a").Since.IsZero(), "what is not marked is not counted, nor is the explorer's own look")
	read(usage.Count(t.Context()))
	code, body = call(t, routes, "a", "GET", "/api/pharos/v1/metrics/usage?days=7", "")
	require.Equal(t, 200, code, body)
	var used usageAnswer
	require.NoError(t, json.Unmarshal([]byte(body), &used))
	require.NotNil(t, used.Since)
	byName := map[string]metricUsage{}
	for _, m := range used.Metrics {
		byName[m.Name] = m
	}
	require.Len(t, byName, 4)
	require.Equal(t, metricUsage{Name: "unread", References: []reference{}, RecordedBy: []reference{{Kind: "rule", Name: "g / r"}, {Kind: "log rule", Name: "l / unread"}}}, byName["unread"])
	require.Equal(t, metricUsage{Name: "in_rule", Read: true, References: []reference{{Kind: "rule", Name: "g / r"}}}, byName["in_rule"])
	require.Equal(t, []reference{{Kind: "dashboard", Name: "D", UID: "d"}}, byName["http_requests_total"].References)
	require.True(t, byName["queried"].Read)
	require.Equal(t, uint64(1), byName["queried"].Reads)
	code, _ = call(t, routes, "a", "GET", "/api/pharos/v1/metrics/usage?days=0", "")
	require.Equal(t, 400, code)
}

func TestExplain(t *testing.T) {
	routes := NewExplain(nil).Routes()
	code, body := call(t, routes, "a", "GET", "/api/pharos/v1/explain?language=promql&query=up", "")
	require.Equal(t, 200, code)
	require.Contains(t, body, `"summary":"Up."`)
	code, body = call(t, routes, "a", "GET", "/api/pharos/v1/explain?language=logql&query=%7B", "")
	require.Equal(t, 200, code)
	require.Contains(t, body, `"error":{`)
	code, _ = call(t, routes, "a", "GET", "/api/pharos/v1/explain?language=sql&query=x", "")
	require.Equal(t, 400, code)
}
