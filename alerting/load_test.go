package alerting

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/alertmanager/config"
)

var discard = slog.New(slog.DiscardHandler)

func noEnv(string) (string, bool) { return "", false }

func withFile(name string) Config {
	cfg := DefaultConfig()
	cfg.AlertmanagerConfig = name
	return cfg
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestErrorsNameFileAndLine(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"unknown key": {
			"route:\n  receiver: a\nreceivers:\n- name: a\n  webhok_configs: []\n",
			`am.yml:5:3: webhok_configs: unknown key (did you mean "webhook_configs"?)`,
		},
		"unknown key at the top": {
			"route:\n  receiver: a\nreceivers:\n- name: a\nrouts: 1\n",
			`am.yml:5:1: routs: unknown key (did you mean "route"?)`,
		},
		"unknown key without a near one": {
			"route:\n  receiver: a\n  xyzzy: 1\nreceivers:\n- name: a\n",
			"am.yml:3:3: xyzzy: unknown key\n",
		},
		"unknown keys in inline parts": {
			"route:\n  receiver: a\nreceivers:\n- name: a\n  webhook_configs: [{url: 'http://a', send_resolvd: true, http_config: {proxy_ur: x}}]\n",
			`am.yml:5:39: send_resolvd: unknown key (did you mean "send_resolved"?)`,
		},
		"no yaml": {"route: [\n", "am.yml:1: did not find"},
		"unknown receiver": {
			"route:\n  receiver: a\n  routes:\n  - receiver: nobody\nreceivers:\n- name: a\n",
			`am.yml:4:15: undefined receiver "nobody" used in route`,
		},
		"unknown time interval": {
			"route:\n  receiver: a\n  routes:\n  - mute_time_intervals: [never]\nreceivers:\n- name: a\n",
			`am.yml:4:27: undefined time interval "never" used in route`,
		},
		"no route":  {"receivers:\n- name: a\n", "am.yml: no route"},
		"empty":     {"", "am.yml: no route provided in config"},
		"variable":  {"route:\n  receiver: ${WHO}\n", "am.yml:2:13: environment variable WHO is not set"},
		"duplicate": {"route:\n  receiver: a\nroute: {}\n", "am.yml:3: "},
		"template":  {"route:\n  receiver: a\nreceivers:\n- name: a\ntemplates: ['*.tmpl']\n", "am.yml: parse templates: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, "bad.tmpl"), `{{ define "x" }}{{ nope }}{{ end }}`)
			err := Check(withFile(writeFile(t, filepath.Join(dir, "am.yml"), tt.text)), noEnv)
			if err == nil || !strings.HasPrefix(err.Error()+"\n", filepath.Join(dir, tt.want)) {
				t.Errorf("error %v; want it to begin with %s", err, tt.want)
			}
		})
	}
}

func TestAllFilesAreReportedAtOnce(t *testing.T) {
	dir := t.TempDir()
	cfg := withFile(writeFile(t, filepath.Join(dir, "a.yml"), "routs: 1\n"))
	cfg.Tenants = map[string]TenantConfig{
		"b": {writeFile(t, filepath.Join(dir, "b.yml"), "routs: 1\n")},
		"c": {filepath.Join(dir, "absent.yml")},
	}
	err := Check(cfg, noEnv)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"a.yml:1:1: routs: unknown key", "b.yml:1:1: routs: unknown key", "absent.yml: no such file"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; want %q in it", err, want)
		}
	}
}

func TestValidateReportsEverySetting(t *testing.T) {
	cfg := Config{
		ExternalURL: "pharos.example.org",
		Tenants:     map[string]TenantConfig{"Upper": {"x"}, "default": {"x"}, "empty": {}},
		Cluster:     ClusterConfig{Peers: []string{"a:1"}},
	}
	err := cfg.Validate()
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		"alerting.retention:", "alerting.max_alerts:", "alerting.max_silences:", "alerting.external_url:",
		`alerting.tenants: invalid tenant id: "Upper"`, "alerting.tenants.default:",
		"alerting.tenants.empty.alertmanager_config:", "alerting.cluster.listen_address:",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q:\n%v", want, err)
		}
	}
	if err := DefaultConfig().Validate(); err != nil {
		t.Errorf("defaults: %v", err)
	}
}

func TestNamesOfFilesAreRelativeToTheFile(t *testing.T) {
	dir := t.TempDir()
	name := writeFile(t, filepath.Join(dir, "am.yml"), `
global:
  slack_api_url_file: secrets/slack
  http_config:
    authorization: {credentials_file: secrets/token}
route: {receiver: a}
receivers:
- name: a
  webhook_configs:
  - url_file: secrets/hook
    http_config: {tls_config: {ca_file: /etc/ca.pem}}
  email_configs:
  - {to: a@example.org, from: b@example.org, smarthost: 'localhost:25', auth_username: x, auth_password_file: secrets/mail, tls_config: {cert_file: c.pem, key_file: k.pem}}
  telegram_configs:
  - {bot_token_file: secrets/bot, chat_id: 1}
- name: unused
  pagerduty_configs: [{routing_key_file: secrets/pd}]
templates: ['templates/*.tmpl']
`)
	text, err := readBounded(name)
	if err != nil {
		t.Fatal(err)
	}
	conf, err := config.Load(string(text))
	if err != nil {
		t.Fatal(err)
	}
	resolvePaths(dir, conf)
	resolvePaths(dir, conf) // shared parts are visited more than once
	a := conf.Receivers[0]
	for _, got := range []struct{ path, want string }{
		{conf.Global.SlackAPIURLFile, "secrets/slack"},
		{conf.Global.HTTPConfig.Authorization.CredentialsFile, "secrets/token"},
		{a.WebhookConfigs[0].URLFile, "secrets/hook"},
		{a.EmailConfigs[0].AuthPasswordFile, "secrets/mail"},
		{a.EmailConfigs[0].TLSConfig.CertFile, "c.pem"},
		{a.TelegramConfigs[0].BotTokenFile, "secrets/bot"},
		{conf.Receivers[1].PagerdutyConfigs[0].RoutingKeyFile, "secrets/pd"},
		{conf.Templates[0], "templates/*.tmpl"},
	} {
		if got.path != filepath.Join(dir, got.want) {
			t.Errorf("%s became %s", got.want, got.path)
		}
	}
	if ca := a.WebhookConfigs[0].HTTPConfig.TLSConfig.CAFile; ca != "/etc/ca.pem" {
		t.Errorf("absolute name became %s", ca)
	}
}

func TestFileIsBounded(t *testing.T) {
	name := writeFile(t, filepath.Join(t.TempDir(), "am.yml"), strings.Repeat("#", maxFileSize+1))
	if err := Check(withFile(name), noEnv); err == nil || !strings.Contains(err.Error(), "is larger than") {
		t.Errorf("error %v", err)
	}
}
