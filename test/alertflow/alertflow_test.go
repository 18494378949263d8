// Package alertflow proves the way of an alert from a scraped target to people:
// scrape, storage, rules, Alertmanager, notifications, wired as the process
// wires them.
package alertflow

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/alerting"
	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/metrics/tsdb"
	"github.com/pharosd/pharos/query/promengine"
	"github.com/pharosd/pharos/rules"
	"github.com/pharosd/pharos/scrape"
	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/test/sinks"
)

const prometheusYAML = `
global: {scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 200ms}
rule_files: [rules.yml]
scrape_configs:
- job_name: shop
  static_configs: [{targets: [%q, %q]}]
`

// Both targets' alerts begin and end in one evaluation, so that what a group
// holds does not hang on the moment of each scrape.
const rulesYAML = `
groups:
- name: availability
  rules:
  - alert: TargetDown
    expr: up == 0 and on (job) sum by (job) (up) == 0
    labels: {severity: critical}
    annotations: {summary: '{{ $labels.instance }} of {{ $labels.job }} is down'}
`

// TestTargetGoesDownAndComesBack lets two scraped targets vanish: a webhook,
// Slack, Telegram, PagerDuty and a mail relay get one notification of both, then,
// when the targets are back, one that both are resolved, and nothing else.
func TestTargetGoesDownAndComesBack(t *testing.T) {
	team := sinks.NewTeam(t)
	one, two := newTarget(t), newTarget(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	write("rules.yml", rulesYAML)
	up := run(t, dir, write("prometheus.yml", fmt.Sprintf(prometheusYAML, one.addr, two.addr)),
		write("alertmanager.yml", team.Alertmanager()))
	require.Eventually(t, up, 20*time.Second, 50*time.Millisecond, "the targets are not scraped")

	one.stop()
	two.stop()
	team.Expect(t, 1, "firing", "shop", one.addr, two.addr)
	one.start()
	two.start()
	team.Expect(t, 2, "resolved", "shop", one.addr, two.addr)
	time.Sleep(1500 * time.Millisecond)
	for _, s := range team.All() {
		s.Wait(t, 2)
	}
}

// run starts metrics, rules and alerting. The returned function tells whether
// some target was scraped.
func run(t *testing.T, dir, prometheusFile, alertmanagerFile string) (scraped func() bool) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	reg := prometheus.NewRegistry()
	external, err := url.Parse("http://pharos.example.org")
	require.NoError(t, err)

	alertingCfg := alerting.DefaultConfig()
	alertingCfg.AlertmanagerConfig = alertmanagerFile
	alerts, err := alerting.New(alertingCfg, alerting.Deps{
		DataDir: filepath.Join(dir, "alerting"), ExternalURL: external.String(), LookupEnv: os.LookupEnv, Logger: log, Registerer: reg,
	})
	require.NoError(t, err)

	cfg := metrics.DefaultConfig()
	cfg.PrometheusConfig = prometheusFile
	loaded, err := cfg.Load(os.LookupEnv, log)
	require.NoError(t, err)
	store, err := tsdb.New(cfg, loaded, tsdb.Deps{Dir: filepath.Join(dir, "metrics"), MaxSeries: 10_000, Logger: log, Registry: reg})
	require.NoError(t, err)
	own := store.Tenant(tenant.Default)
	scraper, err := scrape.New(scrape.Deps{Prometheus: loaded.Prometheus, Appendable: own, Logger: log, Registry: reg})
	require.NoError(t, err)
	engine := promengine.New(cfg, promengine.Deps{
		Memory: 64 << 20, SubqueryStep: func() time.Duration { return time.Minute }, Logger: log, Registry: reg,
	})
	ruler, err := rules.New(rules.DefaultConfig(), rules.Deps{
		Tenant: tenant.Default, Prometheus: loaded.Prometheus, Engine: engine, Queryable: own, Local: own, Appendable: own,
		Sink: alerting.Sink{Service: alerts}, ExternalURL: external, IsOwn: func(string) bool { return false },
		Lookup: os.LookupEnv, Logger: log, Registry: reg,
	})
	require.NoError(t, err)

	// What produces ends before what takes.
	for _, layer := range [][]func(context.Context) error{{store.Run, alerts.Run}, {scraper.Run, ruler.Run}} {
		ctx, stop := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		for _, component := range layer {
			wg.Go(func() {
				if err := component(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		t.Cleanup(func() {
			stop()
			wg.Wait()
		})
	}
	require.Eventually(t, func() bool { return alerts.Ready() == nil }, 10*time.Second, 10*time.Millisecond)
	return func() bool {
		for _, targets := range scraper.Manager().TargetsActive() {
			for _, target := range targets {
				if target.Health() == "up" {
					return true
				}
			}
		}
		return false
	}
}

// target is a service that Prometheus scrapes and that can go away.
type target struct {
	t      *testing.T
	addr   string
	server *http.Server
	done   chan struct{}
}

func newTarget(t *testing.T) *target {
	t.Helper()
	x := &target{t: t, addr: "127.0.0.1:0"}
	x.start()
	t.Cleanup(x.stop)
	return x
}

// start listens, on the address of before if there was one.
func (x *target) start() {
	x.t.Helper()
	ln, err := net.Listen("tcp", x.addr)
	require.NoError(x.t, err)
	x.addr = ln.Addr().String()
	x.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = io.WriteString(w, "orders_total 1\n")
	})}
	x.done = make(chan struct{})
	go func() {
		defer close(x.done)
		_ = x.server.Serve(ln)
	}()
}

func (x *target) stop() {
	_ = x.server.Close()
	<-x.done
}
