package adopt

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/config"
)

// folder writes an archive of "-- name --" sections.
func folder(t *testing.T, archive string) string {
	t.Helper()
	dir := t.TempDir()
	for part := range strings.SplitSeq(archive, "-- ") {
		name, text, ok := strings.Cut(part, " --\n")
		if !ok {
			continue
		}
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	return dir
}

func look(t *testing.T, dir string, change func(*Options)) *Result {
	t.Helper()
	opts := Options{Out: filepath.Join(dir, "pharos.yml"), Host: "127.0.0.1", LookupEnv: func(string) (string, bool) { return "", false }}
	if change != nil {
		change(&opts)
	}
	r, err := Look(dir, opts)
	require.NoError(t, err)
	return r
}

// load reads the result as the server does.
func load(t *testing.T, dir string, r *Result, env map[string]string) *config.Config {
	t.Helper()
	name := filepath.Join(dir, "pharos.yml")
	require.NoError(t, os.WriteFile(name, r.Config, 0o644))
	lookup := func(k string) (string, bool) { v, ok := env[k]; return v, ok }
	cfg, err := config.Load(name, lookup)
	require.NoError(t, err, string(r.Config))
	require.NoError(t, cfg.Check(lookup), string(r.Config))
	return cfg
}

const small = `
-- compose.yaml --
services:
  prom:
    image: docker.io/prom/prometheus:v3.1.0
    command: --config.file=/etc/prometheus/second.yml --storage.tsdb.retention.time=90d --web.enable-lifecycle
    volumes: ["./prom:/etc/prometheus:ro", "data:/prometheus"]
    ports: ["127.0.0.1:19090:9090/tcp"]
  grafana:
    image: grafana/grafana
    volumes:
      - {type: bind, source: ./boards, target: /var/lib/grafana/dashboards}
  web:
    build: .
-- prom/first.yml --
scrape_configs: []
-- prom/second.yml --
global: {scrape_interval: 7s}
rule_files: [near/*.yml, /etc/prometheus/far/*.yml]
alerting: {alertmanagers: [{static_configs: [{targets: ["am:9093"]}]}]}
scrape_configs: [{job_name: a, basic_auth: {username: u, password_file: /run/secrets/p}, static_configs: [{targets: ["${HOST}:1"]}]}]
-- prom/near/a.yml --
groups: [{name: a, rules: [{record: a, expr: sum(up)}]}]
-- prom/far/b.yml --
groups: [{name: b, rules: [{record: b, expr: sum(up)}]}]
-- loki/rules/c.yml --
groups: [{name: c, rules: [{record: c, expr: 'sum(rate({app="x"} |= "y" [1m]))'}]}]
-- alertmanager.yml --
route: {receiver: x}
receivers: [{name: x, slack_configs: [{api_url: "${SLACK}", channel: "#a"}]}]
-- loki.yml --
limits_config: {retention_period: 744h}
-- grafana/provisioning/dashboards/d.yml --
apiVersion: 1
providers: [{name: d, type: file, options: {path: /var/lib/grafana/dashboards}}]
-- boards/one.json --
{"title": "One", "panels": [], "schemaVersion": 36, "uid": "one"}
-- promtail.yml --
clients: [{url: "http://loki:3100/loki/api/v1/push"}]
scrape_configs:
  - job_name: a
    static_configs: [{targets: [localhost], labels: {job: a, __path__: /var/log/*.log}}]
  - job_name: b
    cloudflare: {api_token: x, zone_id: y}
-- logstash.conf --
input { tcp { port => 5000 }
kafka { bootstrap_servers => "broker:9092" topics => ["a"] } } filter { grok { match => { "message" => "%{WORD:a}" } } } output { elasticsearch { } }
-- stray.json --
{"a": 1}
`

func TestLookWritesWhatTheServerRuns(t *testing.T) {
	dir := folder(t, small)
	r := look(t, dir, nil)
	require.Equal(t, []string{"HOST", "SLACK"}, r.Environment)
	cfg := load(t, dir, r, map[string]string{"HOST": "h", "SLACK": "http://127.0.0.1:1/"})

	require.Equal(t, "127.0.0.1:8400", cfg.Listen)
	require.Equal(t, filepath.Join(dir, "prom/second.yml"), cfg.Metrics.PrometheusConfig)
	require.Equal(t, "90d", cfg.Metrics.Retention.String())
	require.Equal(t, []string{filepath.Join(dir, "prom/far/b.yml")}, cfg.Rules.Files)
	require.Equal(t, []string{filepath.Join(dir, "loki/rules/c.yml")}, cfg.Logs.Rules.Files)
	require.Equal(t, map[string]string{"/var/lib/grafana/dashboards": filepath.Join(dir, "boards")}, cfg.Dashboards.Paths)
	require.Equal(t, []string{filepath.Join(dir, "logstash.conf")}, cfg.Pipelines)
	require.Equal(t, []string{"pharos agent --config promtail.yml --server 127.0.0.1:4317"}, r.Commands)
	require.Empty(t, cfg.AlsoListen, "what is replaced may still run")

	report := r.String()
	for _, want := range []string{
		"prom/first.yml: Prometheus: a second configuration",
		"prom/second.yml:3: Prometheus: alerting: alerts go to the Alertmanager inside Pharos",
		"prom/second.yml:4: Prometheus: password_file: /run/secrets/p: this path must exist where Pharos runs",
		"compose.yaml:2: Prometheus: --storage.tsdb.retention.time=90d",
		"boards/one.json: Grafana: a dashboard",
		`logstash.conf:2: Logstash: reads from broker:9092: if it has another address where Pharos runs, say so in pharos.yml: logstash: {hosts: {"broker:9092": ADDRESS}}`,
		"promtail.yml:6: Promtail: scrape_configs[1].cloudflare: ",
		"stray.json: a file: it is no configuration that Pharos knows",
		"compose.yaml:11: compose file: the container web: it is not part of monitoring",
	} {
		require.Contains(t, report, want)
	}
}

func TestCustomaryPorts(t *testing.T) {
	dir := folder(t, small)
	r := look(t, dir, func(o *Options) { o.CustomaryPorts = true })
	cfg := load(t, dir, r, map[string]string{"HOST": "h", "SLACK": "http://127.0.0.1:1/"})
	require.Equal(t, []string{"127.0.0.1:19090", "127.0.0.1:9093", "127.0.0.1:3100", "127.0.0.1:3000"}, cfg.AlsoListen)
}

func TestARefusedFileIsNamedAndLeftOut(t *testing.T) {
	dir := folder(t, `
-- loki.yml --
limits_config: {retention_perod: 1h}
-- prometheus.yml --
scrape_configs: [{job_name: a}]
`)
	r := look(t, dir, nil)
	require.Empty(t, load(t, dir, r, nil).Logs.LokiConfig)
	report := r.String()
	require.Contains(t, report, "loki.yml:1: loki-config.yml: the file is not used: ")
	require.Contains(t, report, "retention_period")
	require.NotContains(t, report, "limits and retention")
	require.Contains(t, string(r.Config), "# logs:\n  # refused, see the report:\n  # loki_config: loki.yml\n")
}

func TestNamesAreRelativeToTheResult(t *testing.T) {
	dir := folder(t, "-- prometheus.yml --\nscrape_configs: []\n")
	out := t.TempDir()
	r := look(t, dir, func(o *Options) { o.Out = filepath.Join(out, "pharos.yml") })
	require.Equal(t, filepath.Join(dir, "prometheus.yml"), load(t, out, r, nil).Metrics.PrometheusConfig)
}

func TestTheResultIsNotTakenForAnInput(t *testing.T) {
	dir := folder(t, "-- prometheus.yml --\nscrape_configs: []\n")
	r := look(t, dir, nil)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "old.yml"), r.Config, 0o644))
	require.Equal(t, r.Items, look(t, dir, nil).Items)
}

func TestAFolderWithoutConfigurations(t *testing.T) {
	_, err := Look(t.TempDir(), Options{Out: "x"})
	require.ErrorContains(t, err, "holds no configuration that Pharos knows")
}

func FuzzKindOfYAML(f *testing.F) {
	for part := range strings.SplitSeq(small, "-- ") {
		f.Add([]byte(part))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		one := &file{path: "a.yml", text: text}
		one.classify()
		if one.kind == kindCompose {
			(&adoption{files: []*file{one}}).readCompose()
		}
		if one.kind == kindRules {
			language(one.root)
		}
	})
}
