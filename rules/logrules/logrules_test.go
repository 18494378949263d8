package logrules

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/notifier"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/metrics/tsdb"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

const wait, tick = 20 * time.Second, 20 * time.Millisecond

// inbox takes alerts with the tenant they came for.
type inbox struct {
	mu     sync.Mutex
	alerts map[tenant.ID][]*notifier.Alert
}

func (b *inbox) Send(_ context.Context, t tenant.ID, alerts ...*notifier.Alert) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.alerts[t] = append(b.alerts[t], alerts...)
}

func (b *inbox) find(t tenant.ID, name string) *notifier.Alert {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.alerts[t] {
		if a.Labels.Get("alertname") == name {
			return a
		}
	}
	return nil
}

// system is what log rules stand between: the log store and the metric store.
type system struct {
	logs    *logstore.Store
	metrics *tsdb.Store
	sink    *inbox
	rules   *Rules
}

func start(t *testing.T, cfg Config) *system {
	t.Helper()
	log := promslog.NewNopLogger()
	rc := rowstore.DefaultConfig()
	rc.Path = filepath.Join(t.TempDir(), "logs")
	rows, err := rowstore.Open(rc, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rows.Close()) })
	s := &system{logs: logstore.New(rows, rows), sink: &inbox{alerts: map[tenant.ID][]*notifier.Alert{}}}
	mc := metrics.DefaultConfig()
	loaded, err := mc.Load(os.LookupEnv, log)
	require.NoError(t, err)
	s.metrics, err = tsdb.New(mc, loaded, tsdb.Deps{Dir: filepath.Join(t.TempDir(), "metrics"), MaxSeries: 1000, Logger: log, Registry: prometheus.NewRegistry()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.metrics.Close()) })
	external, err := url.Parse("http://pharos.example")
	require.NoError(t, err)
	s.rules, err = New(cfg, Deps{
		Engine:  logql.NewEngine(s.logs, logql.DefaultConfig()),
		Metrics: func(id tenant.ID) Metrics { return s.metrics.Tenant(id) },
		Sink:    s.sink, ExternalURL: external, Lookup: func(name string) (string, bool) { return "web", name == "JOB" },
		Logger: log, Registry: prometheus.NewRegistry(),
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() {
		if err := s.rules.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); run.Wait() })
	return s
}

// push stores lines of now.
func (s *system) push(t *testing.T, id tenant.ID, job string, lines ...string) {
	t.Helper()
	st := model.LogStream{Labels: model.NewLabels(model.Label{Name: "job", Value: job})}
	for _, l := range lines {
		st.Entries = append(st.Entries, model.LogEntry{Time: time.Now().UnixNano(), Line: l})
	}
	require.NoError(t, s.logs.Append(t.Context(), id, []model.LogStream{st}))
}

// latest returns the newest value of each series of a metric by one label.
func (s *system) latest(t *testing.T, id tenant.ID, metric, by string) map[string]float64 {
	t.Helper()
	q, err := s.metrics.Tenant(id).Querier(0, time.Now().Add(time.Hour).UnixMilli())
	require.NoError(t, err)
	defer q.Close()
	out := map[string]float64{}
	set := q.Select(t.Context(), false, nil, labels.MustNewMatcher(labels.MatchEqual, "__name__", metric))
	for set.Next() {
		it := set.At().Iterator(nil)
		for it.Next() != 0 {
			_, v := it.At()
			out[set.At().Labels().Get(by)] = v
		}
	}
	require.NoError(t, set.Err())
	return out
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// The shipped example: access lines become rates of operations in the metric store.
func TestOperationsOfAWebApplicationAreCounted(t *testing.T) {
	text, err := os.ReadFile("../../deploy/log-rules/web-application.yml")
	require.NoError(t, err)
	fast := string(text)
	s := start(t, Config{Files: []string{write(t, filepath.Join(t.TempDir(), "web.yml"), fast)}})
	line := func(method, status string) string {
		return fmt.Sprintf(`10.0.0.1 - - [21/Nov/2026:10:00:00 +0000] "%s /items/7 HTTP/1.1" %s 512`, method, status)
	}
	require.Eventually(t, func() bool {
		s.push(t, tenant.Default, "web", line("POST", "201"), line("GET", "200"), line("GET", "200"), line("PATCH", "200"), line("DELETE", "204"), "no access line")
		got := s.latest(t, tenant.Default, "web:operations:rate10s", "operation")
		return got["create"] > 0 && got["read"] > got["create"] && got["update"] > 0 && got["delete"] > 0 && len(got) == 4
	}, wait, 200*time.Millisecond)
}

// Each tenant has its own rules, logs, series and alerts.
func TestTenantsHaveTheirOwnRules(t *testing.T) {
	const rule = `
groups:
  - name: errors
    interval: 100ms
    rules:
      - record: errors:count1m
        expr: sum(count_over_time({job="${JOB}"} |= "error" [1m]))
      - alert: Errors
        expr: sum(count_over_time({job="${JOB}"} |= "error" [1m])) > 1
        labels: {severity: page}
        annotations: {summary: "{{ $value }} errors"}
`
	dir := t.TempDir()
	write(t, filepath.Join(dir, "fake", "a.yaml"), rule)
	write(t, filepath.Join(dir, "customer", "b.yml"), rule)
	s := start(t, Config{Directory: dir})
	s.push(t, "customer", "web", "error one", "error two", "error three")
	require.Eventually(t, func() bool { return s.latest(t, "customer", "errors:count1m", "job")[""] == 3 }, wait, tick)
	require.Eventually(t, func() bool { return s.sink.find("customer", "Errors") != nil }, wait, tick)
	a := s.sink.find("customer", "Errors")
	require.Equal(t, "page", a.Labels.Get("severity"))
	require.Equal(t, "3 errors", a.Annotations.Get("summary"))
	require.Nil(t, s.sink.find(tenant.Default, "Errors"))
	require.Empty(t, s.latest(t, tenant.Default, "errors:count1m", "job"))
	require.Len(t, s.rules.Groups("customer"), 1)
	require.Empty(t, s.rules.Groups("other"))
}

// A reload takes files away and brings new ones; a wrong one changes nothing.
func TestReload(t *testing.T) {
	dir := t.TempDir()
	rules := func(name string) string {
		return "groups: [{name: " + name + ", rules: [{record: x, expr: 'count_over_time({job=\"web\"}[1m])'}]}]"
	}
	path := write(t, filepath.Join(dir, "fake", "a.yaml"), rules("first"))
	s := start(t, Config{Directory: dir})
	require.Eventually(t, func() bool { return len(s.rules.Groups(tenant.Default)) == 1 }, wait, tick)
	write(t, path, "groups: [{name: g, rules: [{record: x, expr: '{job=\"web\"}'}]}]")
	require.ErrorContains(t, s.rules.Reload(Config{Directory: dir}), "metric query")
	require.Equal(t, "first", s.rules.Groups(tenant.Default)[0].Name())
	write(t, path, rules("second"))
	require.NoError(t, s.rules.Reload(Config{Directory: dir}))
	require.Equal(t, "second", s.rules.Groups(tenant.Default)[0].Name())
	require.NoError(t, os.Remove(path))
	require.NoError(t, s.rules.Reload(Config{Directory: dir}))
	require.Empty(t, s.rules.Groups(tenant.Default))
}

// Every problem of every file is named with its place.
func TestCheckNamesEveryProblem(t *testing.T) {
	dir := t.TempDir()
	a := write(t, filepath.Join(dir, "fake", "a.yml"), `groups:
  - name: g
    rules:
      - record: x
        expr: sum(count_over_time({job="web"}[1m])
      - alert: y
        expr: '{job="web"}'
`)
	b := write(t, filepath.Join(dir, "fake", "b.yml"), "groups:\n  - nam: g\n")
	err := Check(Config{Directory: dir}, func(string) (string, bool) { return "", false })
	require.ErrorContains(t, err, a+":5:")
	require.ErrorContains(t, err, a+":7:")
	require.ErrorContains(t, err, b+":2:")
	require.ErrorContains(t, Check(Config{Directory: filepath.Join(dir, "none")}, nil), "read directory of log rules")
	write(t, filepath.Join(dir, "Bad Name", "a.yml"), "")
	require.ErrorContains(t, Check(Config{Directory: dir}, nil), "invalid tenant id")
}
