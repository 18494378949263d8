package metrics

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

func load(t *testing.T, text string, env map[string]string) (*Loaded, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "prometheus.yml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return loadFile(path, env)
}

func loadFile(path string, env map[string]string) (*Loaded, error) {
	c := DefaultConfig()
	c.PrometheusConfig = path
	return c.Load(func(name string) (string, bool) { v, ok := env[name]; return v, ok }, promslog.NewNopLogger())
}

func TestLoadDefaults(t *testing.T) {
	c := DefaultConfig()
	require.NoError(t, c.Validate())
	l, err := c.Load(func(string) (string, bool) { return "", false }, promslog.NewNopLogger())
	require.NoError(t, err)
	require.Equal(t, model.Duration(DefaultRetention), l.Prometheus.StorageConfig.TSDBConfig.Retention.Time)
	require.EqualValues(t, DefaultMaxExemplars, l.Prometheus.StorageConfig.ExemplarsConfig.MaxExemplars)
	require.Empty(t, l.Prometheus.ScrapeConfigs)
}

func TestLoadMergesStorage(t *testing.T) {
	text := "storage: {tsdb: {out_of_order_time_window: 30m, retention: {time: 3d}}, exemplars: {max_exemplars: 5}}\n"
	l, err := load(t, text, nil)
	require.NoError(t, err)
	require.Equal(t, 30*time.Minute.Milliseconds(), l.Prometheus.StorageConfig.TSDBConfig.OutOfOrderTimeWindow)
	require.Equal(t, "3d", l.Prometheus.StorageConfig.TSDBConfig.Retention.Time.String())
	require.EqualValues(t, 5, l.Prometheus.StorageConfig.ExemplarsConfig.MaxExemplars)

	// pharos.yml wins.
	c := DefaultConfig()
	c.PrometheusConfig = l.Path
	c.Retention, c.OutOfOrderWindow, c.MaxExemplars = model.Duration(24*time.Hour), model.Duration(time.Minute), -1
	l, err = c.Load(os.LookupEnv, promslog.NewNopLogger())
	require.NoError(t, err)
	require.Equal(t, "1d", l.Prometheus.StorageConfig.TSDBConfig.Retention.Time.String())
	require.Equal(t, time.Minute.Milliseconds(), l.Prometheus.StorageConfig.TSDBConfig.OutOfOrderTimeWindow)
	require.Zero(t, l.Prometheus.StorageConfig.ExemplarsConfig.MaxExemplars)
}

func TestLoadExpandsEnvironment(t *testing.T) {
	dir := t.TempDir()
	main := filepath.Join(dir, "prometheus.yml")
	require.NoError(t, os.WriteFile(main, []byte(`
global: {scrape_interval: 7s}
scrape_config_files: ['more/*.yml']
scrape_configs:
  - job_name: a
    static_configs: [{targets: ['${HOST_A}:1']}]
    relabel_configs: [{source_labels: [x], regex: '(.+)', target_label: y, replacement: '${1}'}]
    basic_auth: {username: u, password_file: secret}
`), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "more"), 0o700))
	more := filepath.Join(dir, "more", "b.yml")
	require.NoError(t, os.WriteFile(more, []byte("scrape_configs: [{job_name: b, static_configs: [{targets: ['${HOST_B}:1']}], authorization: {credentials_file: token}}]\n"), 0o600))

	_, err := loadFile(main, map[string]string{"HOST_A": "h"})
	require.ErrorContains(t, err, more+":1:")
	require.ErrorContains(t, err, "HOST_B is not set")

	l, err := loadFile(main, map[string]string{"HOST_A": "ha", "HOST_B": "hb"})
	require.NoError(t, err)
	jobs, err := l.Prometheus.GetScrapeConfigs()
	require.NoError(t, err)
	require.Len(t, jobs, 2)
	require.Equal(t, "${1}", jobs[0].RelabelConfigs[0].Replacement)
	require.Equal(t, filepath.Join(dir, "secret"), jobs[0].HTTPClientConfig.BasicAuth.PasswordFile)
	require.Equal(t, filepath.Join(dir, "more", "token"), jobs[1].HTTPClientConfig.Authorization.CredentialsFile)
	require.Equal(t, "7s", jobs[1].ScrapeInterval.String(), "globals are the main file's")
}

// Every problem has its place, and all are told at once.
func TestLoadErrors(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown keys": {`
global:
  scrape_intervall: 1s
rule_files: [a]
foo: 1
`, "prometheus.yml:3:3: scrape_intervall: unknown key (did you mean \"scrape_interval\"?)\nprometheus.yml:5:1: foo: unknown key"},
		"unknown keys in jobs": {`
scrape_configs:
  - {job_name: a, relabel_configs: [{source_label: [a]}]}
  - {job_name: b, kubernets_sd_configs: [], tls_config: {ca_fle: a}}
`, "prometheus.yml:3:38: source_label: unknown key (did you mean \"source_labels\"?)\n" +
			"prometheus.yml:4:19: kubernets_sd_configs: unknown key (did you mean \"kubernetes_sd_configs\"?)\n" +
			"prometheus.yml:4:58: ca_fle: unknown key (did you mean \"ca_file\"?)"},
		"no YAML": {"global: [\n", "prometheus.yml:1: did not find expected node content"},
		"discovery that is not built in": {`
scrape_configs:
  - job_name: a
    azure_sd_configs: [{subscription_id: x}]
  - job_name: b
    gce_sd_configs: [{project: x}]
`, "prometheus.yml:4:5: azure_sd_configs is not supported: Pharos has the discoveries static, aws, consul, dns, docker, dockerswarm, ec2, ecs, elasticache, file, http, kubernetes, lightsail, msk, rds\n" +
			"prometheus.yml:6:5: gce_sd_configs is not supported: Pharos has the discoveries static, aws, consul, dns, docker, dockerswarm, ec2, ecs, elasticache, file, http, kubernetes, lightsail, msk, rds"},
		"problems of several jobs": {`
global: {scrape_interval: 15s}
scrape_configs:
  - job_name: good
    static_configs: [{targets: ['x:1']}]
  - job_name: relabelled
    relabel_configs:
      - {source_labels: [a], target_label: b}
      - source_labels: [a]
        action: kep
  - job_name: slow
    scrape_interval: 5s
    scrape_timeout: 6s
  - job_name: good
`, "prometheus.yml:10:9: unknown relabel action \"kep\"\n" +
			"prometheus.yml:12:5: scrape timeout greater than scrape interval for scrape config with job name \"slow\"\n" +
			"prometheus.yml:14:5: found multiple scrape configs with job name \"good\""},
		"bad regular expression": {`
scrape_configs:
  - job_name: a
    metric_relabel_configs:
      - regex: 'a(b'
        action: drop
`, "prometheus.yml:5:9: error parsing regexp: missing closing ): `^(?s:a(b)$`"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, c.text, nil)
			require.Error(t, err)
			var lines []string
			for _, line := range strings.Split(err.Error(), "\n") {
				lines = append(lines, line[strings.Index(line, "prometheus.yml"):])
			}
			require.Equal(t, c.want, strings.Join(lines, "\n"))
		})
	}
}

func TestValidate(t *testing.T) {
	c := DefaultConfig()
	c.Retention, c.Query.Concurrency, c.WALSyncInterval = model.Duration(time.Minute), 0, 0
	require.EqualError(t, c.Validate(), "metrics.retention: 1m is less than 2h\n"+
		"metrics.wal_sync_interval: 0s is less than 10ms\nmetrics.query.concurrency: 0 is less than 1")
}

func TestStacksLoadUnchanged(t *testing.T) {
	for _, file := range []string{"steel/prometheus.yml", "dante/prometheus/prometheus.yml"} {
		l, err := loadFile(testkit.Shared(t, "stacks", file), nil)
		require.NoError(t, err, file)
		require.NotEmpty(t, l.Prometheus.ScrapeConfigs)
	}
}

// Prometheus' own test files: the good ones load, the bad ones do not. Those of
// discoveries that are not built in say so.
func TestFixtures(t *testing.T) {
	dir := testkit.Shared(t, "fixtures", "prometheus")
	var files []string
	for _, pattern := range []string{"config_testdata/*.yml", "examples/prometheus*.yml", "real/*.yml"} {
		matches, err := filepath.Glob(filepath.Join(dir, pattern))
		require.NoError(t, err)
		files = append(files, matches...)
	}
	require.NotEmpty(t, files)
	for _, file := range files {
		_, err := loadFile(file, map[string]string{"TEST": "t"})
		name := filepath.Base(file)
		switch {
		case err != nil && strings.Contains(err.Error(), "_sd_configs is not supported"):
			require.Regexp(t, `:\d+:\d+: `, err.Error(), name)
		case strings.Contains(name, ".bad.") || strings.Contains(name, "incompatible"):
			require.Error(t, err, name)
			t.Logf("%s", strings.ReplaceAll(err.Error(), filepath.Dir(file)+"/", ""))
		case strings.Contains(name, ".good."):
			require.NoError(t, err, name)
		default:
			if err != nil {
				t.Logf("%s: %v", name, err)
			}
		}
	}
}
