package rules

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/notifier"
	"github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/metrics/tsdb"
	"github.com/pharosd/pharos/query/promengine"
	"github.com/pharosd/pharos/tenant"
)

const wait, tick = 20 * time.Second, 20 * time.Millisecond

// inbox takes alerts, in process and as an alertmanager over HTTP.
type inbox struct {
	mu     sync.Mutex
	alerts []map[string]string
}

func (b *inbox) add(ls map[string]string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.alerts = append(b.alerts, ls)
}

func (b *inbox) Send(_ context.Context, _ tenant.ID, alerts ...*notifier.Alert) {
	for _, a := range alerts {
		ls := a.Labels.Map()
		if a.Resolved() {
			ls["resolved"] = "yes"
		}
		ls["generator"] = a.GeneratorURL
		b.add(ls)
	}
}

func (b *inbox) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	var posted []struct{ Labels map[string]string }
	if json.NewDecoder(r.Body).Decode(&posted) == nil {
		for _, a := range posted {
			b.add(a.Labels)
		}
	}
}

func (b *inbox) find(name string, also ...string) map[string]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.alerts {
		if a["alertname"] == name && (len(also) == 0 || a[also[0]] == also[1]) {
			return a
		}
	}
	return nil
}

type env struct {
	t     *testing.T
	dir   string
	own   metrics.Tenant
	sink  *inbox
	rules *Rules
	prom  *config.Config
	stop  func()
}

// start evaluates the rules of files over a store in dir.
func start(t *testing.T, dir, prometheusYAML string, ownHost string, files map[string]string) *env {
	t.Helper()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	e := &env{t: t, dir: dir, sink: &inbox{}}
	cfg := metrics.DefaultConfig()
	log := promslog.NewNopLogger()
	e.prom = e.load(prometheusYAML)
	reg := prometheus.NewRegistry()
	store, err := tsdb.New(cfg, &metrics.Loaded{Prometheus: e.prom}, tsdb.Deps{Dir: filepath.Join(dir, "data"), MaxSeries: 1000, Logger: log, Registry: reg})
	require.NoError(t, err)
	e.own = store.Tenant(tenant.Default)
	external, err := url.Parse("http://pharos.example")
	require.NoError(t, err)
	e.rules, err = New(Config{Files: []string{filepath.Join(dir, "more*.yml")}}, Deps{
		Tenant: tenant.Default, Prometheus: e.prom,
		Engine:    promengine.New(cfg, promengine.Deps{Memory: 1 << 20, SubqueryStep: func() time.Duration { return time.Minute }, Logger: log, Registry: reg}),
		Queryable: e.own, Local: e.own, Appendable: e.own, Sink: e.sink, ExternalURL: external,
		IsOwn:  func(host string) bool { return host == ownHost },
		Lookup: lookup, Logger: log, Registry: reg,
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	var run sync.WaitGroup
	run.Go(func() {
		if err := e.rules.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	e.stop = sync.OnceFunc(func() {
		cancel()
		run.Wait()
		require.NoError(t, store.Close())
	})
	t.Cleanup(e.stop)
	return e
}

func lookup(name string) (string, bool) { return "from-env", name == "TEAM" }

func (e *env) load(prometheusYAML string) *config.Config {
	e.t.Helper()
	path := filepath.Join(e.dir, "prometheus.yml")
	require.NoError(e.t, os.WriteFile(path, []byte(prometheusYAML), 0o600))
	cfg := metrics.DefaultConfig()
	cfg.PrometheusConfig = path
	loaded, err := cfg.Load(lookup, promslog.NewNopLogger())
	require.NoError(e.t, err)
	return loaded.Prometheus
}

// put stores a sample of now.
func (e *env) put(name string, v float64) {
	e.t.Helper()
	app := e.own.AppenderV2(e.t.Context())
	_, err := app.Append(0, labels.FromStrings("__name__", name, "job", "shop"), 0, time.Now().UnixMilli(), v, nil, nil, storage.AOptions{})
	require.NoError(e.t, err)
	require.NoError(e.t, app.Commit())
}

const alertRule = `
groups:
  - name: g
    rules:
      - {alert: Broken, expr: 'broken > 0', labels: {team: '${TEAM}', drop: me}}
`

// An alert goes to the sink and to the alertmanagers of prometheus.yml, relabelled
// and with external labels; the one that is this process gets nothing over HTTP.
func TestAlertsReachSinkAndAlertmanagers(t *testing.T) {
	far, self := &inbox{}, &inbox{}
	farServer, selfServer := httptest.NewServer(far), httptest.NewServer(self)
	defer farServer.Close()
	defer selfServer.Close()
	host := func(s *httptest.Server) string { return strings.TrimPrefix(s.URL, "http://") }
	e := start(t, t.TempDir(), `
global: {evaluation_interval: 100ms, external_labels: {cluster: c1, team: never}}
alerting:
  alert_relabel_configs: [{action: labeldrop, regex: drop}]
  alertmanagers: [{static_configs: [{targets: ['`+host(farServer)+`', '`+host(selfServer)+`', 'nobody.invalid:9093']}]}]
rule_files: ['rules.yml', 'none-such/*.yml']
`, host(selfServer), map[string]string{
		"rules.yml": alertRule,
		"more1.yml": "groups: [{name: m, rules: [{record: copied, expr: broken}]}]\n",
	})
	// What fires before the targets are found is sent again a minute later only.
	require.Eventually(t, func() bool { return len(e.rules.Alertmanagers().Alertmanagers()) >= 2 }, wait, tick)
	e.put("broken", 1)
	require.Eventually(t, func() bool { return e.sink.find("Broken") != nil }, wait, tick)
	got := e.sink.find("Broken")
	require.Contains(t, got["generator"], "http://pharos.example/graph?g0.expr=broken+%3E+0")
	delete(got, "generator")
	require.Equal(t, map[string]string{"alertname": "Broken", "job": "shop", "team": "from-env", "cluster": "c1"}, got)
	require.Len(t, e.rules.Manager().RuleGroups(), 2, "rule files of pharos.yml beside those of prometheus.yml")

	e.put("broken", 0)
	require.Eventually(t, func() bool { return e.sink.find("Broken", "resolved", "yes") != nil }, wait, tick)
	require.Eventually(t, func() bool { return far.find("Broken", "cluster", "c1") != nil }, wait, tick)
	require.Nil(t, self.find("Broken"), "the sink has it already")
	require.NoError(t, e.rules.Ready())
}

// After an error a reload leaves the old rules running.
func TestReload(t *testing.T) {
	yaml := "global: {evaluation_interval: 100ms}\nrule_files: ['rules.yml']\n"
	e := start(t, t.TempDir(), yaml, "", map[string]string{"rules.yml": alertRule})
	require.Eventually(t, func() bool { return len(e.rules.Manager().RuleGroups()) == 1 }, wait, tick)
	file := filepath.Join(e.dir, "rules.yml")
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(alertRule, "broken > 0", "sum(", 1)), 0o600))
	err := e.rules.Reload(e.load(yaml))
	require.ErrorContains(t, err, file+":5:")
	require.ErrorContains(t, err, "unclosed left parenthesis")
	e.put("broken", 1)
	require.Eventually(t, func() bool { return e.sink.find("Broken") != nil }, wait, tick)

	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(alertRule, "Broken", "Renamed")), 0o600))
	require.NoError(t, e.rules.Reload(e.load(yaml)))
	require.Eventually(t, func() bool { return e.sink.find("Renamed") != nil }, wait, tick)
}

// An alert that waits for its `for` goes on waiting after a restart, not anew.
func TestForIsRestored(t *testing.T) {
	dir := t.TempDir()
	yaml := "global: {evaluation_interval: 100ms}\nrule_files: ['rules.yml']\n"
	rule := map[string]string{"rules.yml": "groups: [{name: g, rules: [{alert: Slow, expr: 'slow > 0', for: 1h}]}]\n"}
	e := start(t, dir, yaml, "", rule)
	e.put("slow", 1)
	active := func(e *env) time.Time {
		for _, r := range e.rules.Manager().AlertingRules() {
			for _, a := range r.ActiveAlerts() {
				return a.ActiveAt
			}
		}
		return time.Time{}
	}
	require.Eventually(t, func() bool { return !active(e).IsZero() }, wait, tick)
	since := active(e)
	time.Sleep(2 * time.Second) // more than the resolution of what is stored
	e.stop()
	restart := time.Now()
	e = start(t, dir, yaml, "", rule)
	e.put("slow", 1)
	// The time that it was down does not count.
	require.Eventually(t, func() bool { at := active(e); return !at.IsZero() && at.Before(restart) }, wait, tick)
	require.WithinDuration(t, since, active(e), 1500*time.Millisecond)
	require.Nil(t, e.sink.find("Slow"))
}

func TestCheckTellsAllProblems(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.yml": "groups:\n  - name: g\n    rules:\n      - {alert: A, expr: 'sum('}\n      - {record: 'r', expr: '1', for: 1m}\n",
		"b.yml": "groups: [{name: g, rulez: []}]\n",
		"c.yml": "groups: [{name: g, rules: [{alert: A, expr: '1', labels: {a: '${NOT_SET}'}}]}]\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	err := Check(Config{Files: []string{filepath.Join(dir, "*.yml")}}, &config.DefaultConfig, lookup)
	require.ErrorContains(t, err, "a.yml:4:")
	require.ErrorContains(t, err, "a.yml:5:")
	require.ErrorContains(t, err, "b.yml:1: field rulez not found")
	require.ErrorContains(t, err, "c.yml:1:63: environment variable NOT_SET is not set")
	require.NoError(t, Check(Config{Files: []string{"/none/such/*.yml"}}, &config.DefaultConfig, lookup))
}
