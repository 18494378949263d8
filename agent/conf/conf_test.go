package conf

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

func parse(t *testing.T, text string) (*Config, error) {
	t.Helper()
	env := map[string]string{"HOST": "web-1", "EMPTY": ""}
	return Parse("promtail.yml", []byte(text), Options{ExpandEnv: true, LookupEnv: func(k string) (string, bool) { v, ok := env[k]; return v, ok }})
}

func TestWholeFile(t *testing.T) {
	cfg, err := parse(t, `
server: {http_listen_port: 9080, grpc_listen_port: 0, log_level: debug}
client: {url: http://localhost:3100/loki/api/v1/push, external_labels: {host: "${HOST}"}}
clients:
  - url: grpc://127.0.0.1:4317
    tenant_id: ${TENANT:-acme}
    backoff_config: {min_period: 1s, max_period: 5s, max_retries: 3}
positions: {filename: /tmp/p.yaml, sync_period: 3s}
target_config: {sync_period: 5s}
limits_config: {max_line_size: 256kb, readline_rate_enabled: true}
global: {file_watch_config: {min_poll_frequency: 1s, max_poll_frequency: 2s}}
tracing: {enabled: true}
scrape_configs:
  - job_name: files
    encoding: utf-16le
    pipeline_stages:
      - output: {source: x}
    static_configs:
      - labels: {__path__: /var/log/*.log, app: a}
    relabel_configs:
      - {source_labels: [app], target_label: b, replacement: 'x-$${1}'}
    syslog: {listen_address: 127.0.0.1:1514}
  - job_name: pods
    kubernetes_sd_configs: [{role: pod}]
  - job_name: flare
    cloudflare: {api_token: x, zone_id: y}
`)
	require.NoError(t, err)
	require.Len(t, cfg.Jobs, 2)
	require.Equal(t, 1, cfg.LeftOut)
	require.Equal(t, "web-1", cfg.Clients[0].ExternalLabels["host"])
	require.Equal(t, "acme", cfg.Clients[1].TenantID)
	require.Equal(t, 5*time.Second, cfg.Clients[1].Backoff.MaxPeriod)
	require.Equal(t, byteSize(256<<10), cfg.Limits.MaxLineSize)
	require.Equal(t, "x-${1}", cfg.Jobs[0].Relabel[0].Replacement)
	require.Equal(t, "/var/log/*.log", string(cfg.Jobs[0].Static[0].Labels["__path__"]))
	require.Len(t, cfg.Jobs[1].Discovery, 1)
	var notes []string
	for _, n := range cfg.Notes {
		notes = append(notes, n.String())
	}
	text := strings.Join(notes, "\n")
	require.Contains(t, text, "promtail.yml:12:")
	require.Contains(t, text, "tracing")
	require.Contains(t, text, "promtail.yml:22:13: scrape_configs[0].syslog: is not read: the job reads files")
	require.Contains(t, text, "promtail.yml:26:17: scrape_configs[2].cloudflare: Cloudflare's log API is not supported")
	require.NotContains(t, text, "grpc_listen_port", "it stands in every example")
}

func TestEveryProblemAtOnceWithItsPlace(t *testing.T) {
	_, err := parse(t, `
clients:
  - url: ftp://x
    batchwat: 1s
scrape_configs:
  - job_name: a
    static_configs: [{labels: {__path__: /x}}]
    pipeline_stages:
      - regex: {expression: '('}
    relabel_configs:
      - action: replase
  - job_name: a
    journal: {max_age: long}
  - job_name: c
    encoding: klingon
    kafka: {topics: [x]}
positions: {sync_period: 0s}
`)
	require.Error(t, err)
	for _, want := range []string{
		"promtail.yml:3:10: clients[0].url",
		"promtail.yml:4:5: clients[0].batchwat: unknown key",
		`"batchwait"`,
		"scrape_configs[0].pipeline_stages[0].regex",
		"promtail.yml:11:9: scrape_configs[0].relabel_configs[0]: unknown relabel action \"replase\"",
		`"a" is also the name of scrape_configs[0]`,
		"journal.max_age",
		"promtail.yml:15:15: scrape_configs[2].encoding",
		"scrape_configs[2].kafka.brokers",
		"positions.sync_period",
	} {
		require.Contains(t, err.Error(), want)
	}
}

func TestExpand(t *testing.T) {
	env := map[string]string{"A": "value", "EMPTY": ""}
	lookup := func(k string) (string, bool) { v, ok := env[k]; return v, ok }
	for in, want := range map[string]string{
		"${A}-${NONE}.":                  "value-.",
		"${NONE:-d} ${EMPTY:-d} ${A:-d}": "d d value",
		"${EMPTY=d}${NONE=d}":            "d",
		"${NONE:-${A}}":                  "value",
		"$${1} $1 $A":                    "${1} $1 $A",
		"${A^^} ${A^} ${A,,}":            "VALUE Value value",
	} {
		got, err := expand("f", []byte(in), lookup)
		require.NoError(t, err, in)
		require.Equal(t, want, string(got), in)
	}
	_, err := expand("f.yml", []byte("a: b\nc: x${A\nd: ${A%x}\n"), lookup)
	require.ErrorContains(t, err, "f.yml:2:5")
	require.ErrorContains(t, err, "f.yml:3:4")
}

// TestFilesOfTheField reads each file that people wrote for Promtail. Those that are
// refused must be wrong, and say where.
func TestFilesOfTheField(t *testing.T) {
	root := testkit.Shared(t, "fixtures", "promtail")
	const noJMESPath = "is no JMESPath"
	wrong := map[string]string{
		"bad_config.yaml": "unknown key", "syslog_invalid.yaml": "syslog", "azure_unknown_auth.yaml": "",
		// A converter's tests, with stages that nobody ran: JMESPath needs quotes around
		// thumbs-up, in Promtail too.
		"kafka.yaml": noJMESPath, "docker_relabel.yaml": noJMESPath, "mixed_pipeline.yaml": noJMESPath, "sd_pipeline_example.yaml": noJMESPath,
		"source_pipeline_example.yaml": noJMESPath, "static_pipeline_example.yaml": noJMESPath, "pipeline_stages_part1.yaml": noJMESPath, "pipeline_stages_drop.yaml": "1.21GigaWatts",
		"pipeline_stages_match_nested.yaml": "beginning of a stream selector", "pipeline_stages_part2.yaml": "GeoLite2-City.mmdb",
	}
	files := 0
	for _, dir := range []string{"alloy_convert_testdata", "loki_clients", "real"} {
		paths, err := filepath.Glob(filepath.Join(root, dir, "*.y*ml"))
		require.NoError(t, err)
		for _, path := range paths {
			name := filepath.Base(path)
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			if !strings.Contains(string(text), "scrape_configs") {
				continue
			}
			files++
			cfg, err := Parse(name, text, Options{ExpandEnv: strings.Contains(string(text), "${"), LookupEnv: func(string) (string, bool) { return "http://x", true }})
			if err != nil {
				t.Logf("%s:\n%v", name, err)
				assert.Contains(t, wrong, name)
				assert.ErrorContains(t, err, wrong[name])
				require.Regexp(t, name+`:\d+:\d+: `, err.Error())
				continue
			}
			require.Positive(t, len(cfg.Jobs)+cfg.LeftOut, name)
		}
	}
	require.Greater(t, files, 30)
}
