package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/test/sinks"
)

const scrapeTwo = `
global: {scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 200ms}
rule_files: [rules.yml]
scrape_configs:
- job_name: shop
  static_configs: [{targets: [%q, %q]}]
`

// Both targets' alerts begin and end in one evaluation, so that what a group
// holds does not hang on the moment of each scrape.
const targetDown = `
groups:
- name: availability
  rules:
  - alert: TargetDown
    expr: up == 0 and on (job) sum by (job) (up) == 0
    labels: {severity: critical}
    annotations: {summary: '{{ $labels.instance }} of {{ $labels.job }} is down'}
`

// TestTargetGoesDownAndComesBack lets two scraped targets vanish: a webhook,
// Slack, Telegram, PagerDuty and a mail relay get one notification of both, also
// when the process crashes meanwhile, then, when the targets are back, one that
// both are resolved, and nothing else.
func TestTargetGoesDownAndComesBack(t *testing.T) {
	t.Parallel()
	team := sinks.NewTeam(t)
	one, two := newTarget(t), newTarget(t)
	s := testkit.New(t, "metrics: {prometheus_config: prometheus.yml}\nalerting: {alertmanager_config: alertmanager.yml}\n", "--auth=off")
	s.Write("rules.yml", targetDown)
	s.Write("prometheus.yml", fmt.Sprintf(scrapeTwo, one.addr, two.addr))
	s.Write("alertmanager.yml", team.Alertmanager())
	s.Run()
	require.Eventually(t, func() bool {
		_, body := s.Get("/api/v1/query?query=sum(up)")
		return strings.Contains(body, `"2"`)
	}, 20*time.Second, 50*time.Millisecond, "the targets are not scraped")

	one.stop()
	two.stop()
	team.Expect(t, 1, "firing", "shop", one.addr, two.addr)
	_, body := s.Get("/api/v2/alerts")
	require.Contains(t, body, `"summary":"`+one.addr+` of shop is down"`)

	time.Sleep(1500 * time.Millisecond) // the notification log is written within a second
	s.Kill()
	s.Run()
	require.Eventually(t, func() bool {
		_, body := s.Get("/api/v2/alerts")
		return strings.Count(body, `"alertname":"TargetDown"`) == 2
	}, 20*time.Second, 50*time.Millisecond, "the alerts do not fire after the crash")
	time.Sleep(1500 * time.Millisecond) // a group's wait and more
	team.Expect(t, 1, "firing", "shop", one.addr, two.addr)

	one.start()
	two.start()
	team.Expect(t, 2, "resolved", "shop", one.addr, two.addr)
	time.Sleep(1500 * time.Millisecond)
	for _, sink := range team.All() {
		sink.Wait(t, 2)
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
