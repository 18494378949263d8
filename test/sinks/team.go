package sinks

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// Team is one sink of each kind, all of which one receiver notifies.
type Team struct {
	Webhook, Slack, Telegram, PagerDuty, Mail *Sink
}

// NewTeam starts the sinks.
func NewTeam(t testing.TB) *Team {
	t.Helper()
	return &Team{
		Webhook:   Webhook(t),
		Slack:     HTTP(t, "text/plain", "ok"),
		Telegram:  HTTP(t, "application/json", `{"ok":true,"result":{"message_id":1,"date":1,"chat":{"id":42,"type":"private"}}}`),
		PagerDuty: HTTP(t, "application/json", `{"status":"success"}`),
		Mail:      Mail(t),
	}
}

// All returns the sinks.
func (team *Team) All() []*Sink {
	return []*Sink{team.Webhook, team.Slack, team.Telegram, team.PagerDuty, team.Mail}
}

// Alertmanager returns an alertmanager.yml that notifies all sinks of groups by
// alertname and job, soon.
func (team *Team) Alertmanager() string {
	const title = `'{{ .Status }} {{ len .Alerts }} of {{ .GroupLabels.job }}'`
	return fmt.Sprintf(`
global:
  smtp_smarthost: %q
  smtp_from: alerts@example.org
  smtp_require_tls: false
  pagerduty_url: %s/v2/enqueue
  telegram_api_url: %s
route:
  receiver: team
  group_by: [alertname, job]
  group_wait: 500ms
  group_interval: 500ms
  repeat_interval: 1h
receivers:
- name: team
  webhook_configs: [{url: '%s/hook', send_resolved: true}]
  slack_configs: [{api_url: '%s/services/x', channel: '#alerts', send_resolved: true, title: %s}]
  telegram_configs: [{bot_token: secret, chat_id: 42, parse_mode: ''}]
  pagerduty_configs: [{routing_key: key, description: %s}]
  email_configs: [{to: 'oncall@example.org', send_resolved: true, headers: {Subject: %s}}]
`, team.Mail.URL, team.PagerDuty.URL, team.Telegram.URL, team.Webhook.URL, team.Slack.URL, title, title, title)
}

// Expect waits until each sink has n messages and checks that the last is one
// notification of all instances of the job with the status ("firing" or
// "resolved").
func (team *Team) Expect(t testing.TB, n int, status, job string, instances ...string) {
	t.Helper()
	last := func(s *Sink) Message { return s.Wait(t, n)[n-1] }
	check := func(kind string, m Message, ok bool) {
		t.Helper()
		if !ok {
			t.Errorf("%s, %s: %+v", kind, status, m)
		}
	}
	title := fmt.Sprintf("%s %d of %s", status, len(instances), job)
	hasAll := func(text string) bool {
		for _, instance := range instances {
			if !strings.Contains(text, instance) {
				return false
			}
		}
		return true
	}
	m := last(team.Webhook)
	alerts, _ := Field(t, m.Body, "alerts").([]any)
	check("webhook", m, m.Path == "/hook" && Field(t, m.Body, "status") == status && len(alerts) == len(instances) && hasAll(m.Body))
	m = last(team.Slack)
	check("Slack", m, m.Path == "/services/x" && Field(t, m.Body, "channel") == "#alerts" && strings.Contains(m.Body, title))
	m = last(team.Telegram)
	text, _ := Field(t, m.Body, "text").(string)
	check("Telegram", m, m.Path == "/botsecret/sendMessage" && Field(t, m.Body, "chat_id") == "42" &&
		strings.Contains(strings.ToLower(text), status) && hasAll(text))
	m = last(team.PagerDuty)
	action := map[string]string{"firing": "trigger", "resolved": "resolve"}[status]
	check("PagerDuty", m, m.Path == "/v2/enqueue" && Field(t, m.Body, "event_action") == action &&
		Field(t, m.Body, "routing_key") == "key" && Field(t, m.Body, "payload", "summary") == title &&
		Field(t, m.Body, "dedup_key") == Field(t, team.PagerDuty.Messages()[0].Body, "dedup_key"))
	m = last(team.Mail)
	check("mail", m, strings.Contains(strings.ToLower(m.Path), "oncall@example.org") && strings.Contains(m.Body, "Subject: "+title))
}

// Field returns a value of a JSON object by its path of keys.
func Field(t testing.TB, text string, path ...string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	for _, key := range path {
		m, ok := v.(map[string]any)
		if !ok {
			t.Fatalf("no %v in %s", path, text)
		}
		v = m[key]
	}
	return v
}
