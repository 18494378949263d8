package alerting

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/notifier"

	"github.com/pharosd/pharos/tenant"
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
	webhook := httpSink(t, "text/plain", "")
	slack := httpSink(t, "text/plain", "ok")
	telegram := httpSink(t, "application/json", `{"ok":true,"result":{"message_id":1,"date":1,"chat":{"id":42,"type":"private"}}}`)
	pagerduty := httpSink(t, "application/json", `{"status":"success"}`)
	mail := mailSink(t)

	dir := t.TempDir()
	name := writeFile(t, filepath.Join(dir, "alertmanager.yml"), fmt.Sprintf(`
global:
  smtp_smarthost: %q
  smtp_from: alerts@example.org
  smtp_require_tls: false
  pagerduty_url: %s/v2/enqueue
  telegram_api_url: %s
route:
  receiver: all
  group_by: [alertname, job]
  group_wait: 300ms
  group_interval: 400ms
  repeat_interval: 1h
templates: ['*.tmpl']
receivers:
- name: all
  webhook_configs: [{url: '%s/hook', send_resolved: true}]
  slack_configs: [{api_url: '%s/services/x', channel: '#alerts', send_resolved: true, title: '{{ template "our.title" . }}'}]
  telegram_configs: [{bot_token: 'secret', chat_id: 42, parse_mode: ''}]
  pagerduty_configs: [{routing_key: 'key', description: '{{ template "our.title" . }}'}]
  email_configs: [{to: 'oncall@example.org', send_resolved: true, headers: {Subject: '{{ template "our.title" . }}'}}]
`, mail.url, pagerduty.url, telegram.url, webhook.url, slack.url))
	writeFile(t, filepath.Join(dir, "ours.tmpl"), `{{ define "our.title" }}{{ .Status }} {{ len .Alerts }} of {{ .GroupLabels.job }}{{ end }}`)

	svc, _ := start(t, withFile(name), filepath.Join(dir, "data"))
	a, b := down("10.0.0.1:80"), down("10.0.0.2:80")
	send(t, svc, tenant.Default, a)
	send(t, svc, tenant.Default, b)
	for _, s := range []*sink{webhook, slack, telegram, pagerduty, mail} {
		s.wait(t, 1)
	}
	// Rules send what fires again and again; nobody hears of it twice.
	send(t, svc, tenant.Default, a, b)
	time.Sleep(time.Second)
	send(t, svc, tenant.Default, resolved(a), resolved(b))

	for i, status := range []string{"firing", "resolved"} {
		title := status + " 2 of api"
		if got := webhook.wait(t, 2)[i]; field(t, got.body, "status") != status || len(field(t, got.body, "alerts").([]any)) != 2 || got.path != "/hook" {
			t.Errorf("webhook %s: %+v", status, got)
		}
		if got := slack.wait(t, 2)[i]; !strings.Contains(got.body, title) || field(t, got.body, "channel") != "#alerts" || got.path != "/services/x" {
			t.Errorf("slack %s: %+v", status, got)
		}
		got := telegram.wait(t, 2)[i]
		text, _ := field(t, got.body, "text").(string)
		if got.path != "/botsecret/sendMessage" || field(t, got.body, "chat_id") != "42" ||
			strings.Count(strings.ToLower(text), status) < 1 || !strings.Contains(text, a.Labels.Get("instance")) || !strings.Contains(text, b.Labels.Get("instance")) {
			t.Errorf("telegram %s: %+v", status, got)
		}
		got = pagerduty.wait(t, 2)[i]
		action := map[string]string{"firing": "trigger", "resolved": "resolve"}[status]
		if got.path != "/v2/enqueue" || field(t, got.body, "event_action") != action || field(t, got.body, "routing_key") != "key" ||
			field(t, got.body, "payload", "summary") != title {
			t.Errorf("pagerduty %s: %+v", status, got)
		}
		got = mail.wait(t, 2)[i]
		if !strings.Contains(got.path, "oncall@example.org") || !strings.Contains(got.body, "Subject: "+title) ||
			!strings.Contains(got.body, "http://pharos.example.org") {
			t.Errorf("mail %s: %+v", status, got)
		}
	}
	// The events of one group are one incident.
	events := pagerduty.messages()
	if first, second := field(t, events[0].body, "dedup_key"), field(t, events[1].body, "dedup_key"); first != second || first == "" {
		t.Errorf("deduplication keys %v and %v", first, second)
	}
	time.Sleep(time.Second)
	for _, s := range []*sink{webhook, slack, telegram, pagerduty, mail} {
		s.wait(t, 2)
	}
}

// webhookConfig writes a configuration with one webhook and quick groups.
func webhookConfig(t *testing.T, dir string, hook *sink, receiver string) string {
	t.Helper()
	if _, err := url.Parse(hook.url); err != nil {
		t.Fatal(err)
	}
	return writeFile(t, filepath.Join(dir, receiver+".yml"), fmt.Sprintf(`
route: {receiver: %s, group_by: [alertname], group_wait: 100ms, group_interval: 300ms, repeat_interval: 1h}
receivers:
- name: %s
  webhook_configs: [{url: '%s/%s', send_resolved: true}]
`, receiver, receiver, hook.url, receiver))
}
