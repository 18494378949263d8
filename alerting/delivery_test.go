package alerting

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/notifier"

	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/test/sinks"
)

// start runs a service over dir until the test ends or the returned function is
// called.
func start(t *testing.T, cfg Config, dir string) (*Service, func()) {
	t.Helper()
	svc, err := New(cfg, testDeps(dir))
	if err != nil {
		t.Fatal(err)
	}
	return svc, runService(t, svc)
}

func testDeps(dir string) Deps {
	return Deps{
		DataDir:     dir,
		ExternalURL: "http://pharos.example.org",
		LookupEnv:   noEnv,
		Logger:      discard,
		Registerer:  prometheus.NewPedanticRegistry(),
	}
}

func runService(t *testing.T, svc *Service) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- svc.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
	t.Cleanup(stop)
	deadline := time.Now().Add(10 * time.Second)
	for svc.Ready() != nil {
		if time.Now().After(deadline) {
			t.Fatalf("not ready: %v", svc.Ready())
		}
		time.Sleep(5 * time.Millisecond)
	}
	return stop
}

func send(t *testing.T, svc *Service, id tenant.ID, alerts ...*notifier.Alert) {
	t.Helper()
	if err := svc.Send(t.Context(), id, alerts...); err != nil {
		t.Fatalf("Send: %v", err)
	}
}

func down(instance string) *notifier.Alert {
	return &notifier.Alert{
		Labels:       labels.FromStrings("alertname", "TargetDown", "job", "api", "instance", instance, "severity", "critical"),
		Annotations:  labels.FromStrings("summary", instance+" cannot be scraped"),
		StartsAt:     time.Now(),
		EndsAt:       time.Now().Add(time.Minute),
		GeneratorURL: "http://pharos.example.org/graph?g0.expr=up",
	}
}

func resolved(a *notifier.Alert) *notifier.Alert {
	r := *a
	r.EndsAt = time.Now()
	return &r
}

// TestDelivery lets two targets go down and come back: each kind of receiver gets
// one notification of both, then one that both are resolved.
func TestDelivery(t *testing.T) {
	team := sinks.NewTeam(t)
	dir := t.TempDir()
	svc, _ := start(t, withFile(writeFile(t, filepath.Join(dir, "alertmanager.yml"), team.Alertmanager())), filepath.Join(dir, "data"))
	a, b := down("10.0.0.1:80"), down("10.0.0.2:80")
	send(t, svc, tenant.Default, a)
	send(t, svc, tenant.Default, b)
	team.Expect(t, 1, "firing", "api", "10.0.0.1:80", "10.0.0.2:80")
	// Rules send what fires again and again; nobody hears of it twice.
	send(t, svc, tenant.Default, a, b)
	time.Sleep(time.Second)
	send(t, svc, tenant.Default, resolved(a), resolved(b))
	team.Expect(t, 2, "resolved", "api", "10.0.0.1:80", "10.0.0.2:80")
	time.Sleep(time.Second)
	for _, s := range team.All() {
		s.Wait(t, 2)
	}
}

// TestTemplatesAndLinks renders a template of the file's own folder and a link to
// this server.
func TestTemplatesAndLinks(t *testing.T) {
	slack := sinks.HTTP(t, "text/plain", "ok")
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "ours.tmpl"), `{{ define "ours" }}{{ .CommonLabels.job }} is {{ .Status }} at {{ .ExternalURL }}{{ end }}`)
	name := writeFile(t, filepath.Join(dir, "am.yml"), fmt.Sprintf(`
route: {receiver: slack, group_wait: 10ms}
templates: ['*.tmpl']
receivers:
- name: slack
  slack_configs: [{api_url: %q, channel: x, text: '{{ template "ours" . }}'}]
`, slack.URL))
	svc, _ := start(t, withFile(name), filepath.Join(dir, "data"))
	send(t, svc, tenant.Default, down("one"))
	if got := slack.Wait(t, 1)[0]; !strings.Contains(got.Body, "api is firing at http://pharos.example.org") {
		t.Errorf("notified %s", got.Body)
	}
}

// webhookConfig writes a configuration with one webhook and quick groups.
func webhookConfig(t *testing.T, dir string, hook *sinks.Sink, receiver string) string {
	t.Helper()
	return writeFile(t, filepath.Join(dir, receiver+".yml"), fmt.Sprintf(`
route: {receiver: %s, group_by: [alertname], group_wait: 100ms, group_interval: 300ms, repeat_interval: 1h}
receivers:
- name: %s
  webhook_configs: [{url: '%s/%s', send_resolved: true}]
`, receiver, receiver, hook.URL, receiver))
}
