package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/internal/testkit"
)

func noEnv(string) (string, bool) { return "", false }

// write puts files in a folder and returns their paths.
func write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
}

func days(n int) strictyaml.Duration { return strictyaml.Duration(time.Duration(n) * 24 * time.Hour) }

const lokiConfig = `
auth_enabled: false
server: {http_listen_port: 3100}
compactor:
  retention_enabled: true
  delete_request_cancel_period: 2h
limits_config:
  ingestion_rate_mb: 8
  ingestion_burst_size_mb: 0.5
  max_line_size: 4kb
  max_line_size_truncate: true
  max_line_size_truncate_identifier: "..."
  max_label_names_per_series: 20
  reject_old_samples: true
  reject_old_samples_max_age: 168h
  creation_grace_period: 1h
  discover_service_name: [job]
  discover_log_levels: false
  max_global_streams_per_user: 10000
  max_streams_per_user: 300
  per_stream_rate_limit: 3MB
  allow_structured_metadata: false
  max_entries_limit_per_query: 0
  max_query_series: 7
  max_query_length: 0s
  query_timeout: 5m
  max_query_bytes_read: 2GB
  max_concurrent_tail_requests: 3
  deletion_mode: filter-only
  retention_period: 744h
  retention_stream:
    - {selector: '{level="debug"}', priority: 1, period: 24h}
  split_queries_by_interval: 1h
  ruler_max_rules_per_rule_group: 5
runtime_config: {file: overrides.yml}
`

const lokiOverrides = `
overrides:
  acme:
    ingestion_rate_mb: 1
    max_streams_per_user: 0
    max_global_streams_per_user: 50
    retention_period: 30d
    retention_stream: []
    discover_log_levels: true
    max_concurrent_tail_requests: 9
  Not a tenant:
    ingestion_rate_mb: 1
`

func TestLokiConfigIsBelowPharosYml(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"loki.yml": lokiConfig, "overrides.yml": lokiOverrides,
		"pharos.yml": `
logs:
  loki_config: loki.yml
  max_label_names_per_series: 12
  query: {max_query_series: 100}
  tenants:
    acme: {retention: 60d, query: {query_timeout: 7s}, max_line_size_truncate: false}
    corp: {ingestion_rate: 5}
`})
	c, err := Load(filepath.Join(dir, "pharos.yml"), noEnv)
	require.NoError(t, err)
	require.NoError(t, c.Check(noEnv))
	l := c.Logs.Limits
	require.Equal(t, 8<<20, l.IngestionRate)
	require.Equal(t, 512<<10, l.IngestionBurst)
	require.Equal(t, 4<<10, l.MaxLineSize)
	require.True(t, l.MaxLineSizeTruncate)
	require.Equal(t, "...", l.MaxLineSizeTruncateIdentifier)
	require.Equal(t, 12, l.MaxLabelNamesPerSeries, "pharos.yml wins")
	require.Equal(t, 168*time.Hour, l.MaxAge)
	require.Equal(t, time.Hour, l.CreationGracePeriod)
	require.Equal(t, []string{"job"}, l.DiscoverServiceName)
	require.False(t, l.DiscoverLogLevels)
	require.Equal(t, 300, l.MaxStreams, "the smaller of two limits")
	require.Equal(t, 3<<20, l.PerStreamRateLimit)
	require.False(t, l.AllowStructuredMetadata)
	require.Equal(t, ingest.DefaultLimits().MaxLabelValueLength, l.MaxLabelValueLength, "what the file does not say stays")
	q := c.Logs.Query
	require.Greater(t, q.MaxEntries, 1<<30)
	require.Equal(t, 100, q.MaxSeries)
	require.Equal(t, forever, q.MaxLength)
	require.Equal(t, 5*time.Minute, q.Timeout)
	require.EqualValues(t, 2<<30, q.MaxBytes)
	require.Equal(t, 3, c.Logs.Tail.MaxSubscribers)
	require.Equal(t, "filter-only", c.Logs.Deletion.Mode)
	require.Equal(t, 2*time.Hour, c.Logs.Deletion.CancelPeriod)
	require.Equal(t, days(31), c.Logs.Retention)
	require.Equal(t, []StreamRetention{{Selector: `{level="debug"}`, Priority: 1, Period: days(1)}}, c.Logs.RetentionStream)

	require.Len(t, c.Logs.Tenants, 2)
	acme, corp := c.Logs.Tenants["acme"], c.Logs.Tenants["corp"]
	require.Equal(t, 1<<20, acme.Limits.IngestionRate, "of the overrides")
	require.Equal(t, 50, acme.Limits.MaxStreams)
	require.Equal(t, days(60), acme.Retention, "pharos.yml wins over the overrides")
	require.Empty(t, acme.RetentionStream)
	require.True(t, acme.Limits.DiscoverLogLevels)
	require.False(t, acme.Limits.MaxLineSizeTruncate)
	require.Equal(t, 7*time.Second, acme.Query.Timeout)
	require.Equal(t, 100, acme.Query.MaxSeries, "as for everybody")
	require.Equal(t, 12, acme.Limits.MaxLabelNamesPerSeries)
	require.Equal(t, 5, corp.Limits.IngestionRate)
	require.Equal(t, days(31), corp.Retention)
	require.Equal(t, 100, c.Logs.QueryLimits("nobody").MaxSeries)
	require.Equal(t, 7*time.Second, c.Logs.QueryLimits("acme").Timeout)
	require.Equal(t, 60*24*time.Hour, c.Logs.StoreRetention())
	require.Equal(t, 168*time.Hour, c.Logs.Ingest(1).Tenants["corp"].MaxAge)

	var ignored []string
	for _, k := range c.Ignored() {
		ignored = append(ignored, strings.ReplaceAll(k.String(), dir+"/", ""))
	}
	text := strings.Join(ignored, "\n")
	for _, want := range []string{
		"loki.yml:2:1: auth_enabled: ignored: see auth.mode in pharos.yml", "loki.yml:3:1: server: ignored: see listen",
		"loki.yml:33:3: limits_config.split_queries_by_interval: ignored: queries are planned by the store",
		"loki.yml:34:3: limits_config.ruler_max_rules_per_rule_group: ignored: see logs.rules",
		"overrides.yml:10:5: overrides.acme.max_concurrent_tail_requests: ignored: it is for all tenants alike",
		"overrides.yml:11:3: overrides.Not a tenant: ignored: no tenant of Pharos can have this name",
	} {
		require.Contains(t, text, want)
	}
	require.Len(t, ignored, 6, text)
}

func TestRetentionNeedsTheCompactor(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"loki.yml": "limits_config: {retention_period: 48h, reject_old_samples: false}\n", "pharos.yml": "logs: {loki_config: loki.yml}\n"})
	c, err := Load(filepath.Join(dir, "pharos.yml"), noEnv)
	require.NoError(t, err)
	require.Equal(t, days(30), c.Logs.Retention)
	require.Len(t, c.Ignored(), 1)
	require.Contains(t, c.Ignored()[0].Why, "compactor.retention_enabled is not true")
	require.Equal(t, 30*24*time.Hour, c.Logs.Ingest(1).Limits.MaxAge, "old lines come, within the retention")
}

func TestWrongLokiConfigsAreToldWithTheirPlaces(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"loki.yml": `limit_config: {}
limits_config:
  ingestion_rate: 4
  ingestion_rate_mb: fast
  max_line_size: 4 apples
  discover_log_levels: maybe
  max_query_length: long
  max_query_series: -1
  retention_period: 1h
  retention_stream:
    - {selector: 'level', period: 24h}
    - {period: 2h, why: x}
  deletion_mode: sometimes
compactor: {retention_enabled: true, retention_enable: true}
runtime_config: {file: missing.yml}
`, "pharos.yml": "logs: {loki_config: loki.yml}\n"})
	c, err := Load(filepath.Join(dir, "pharos.yml"), noEnv)
	require.NoError(t, err)
	err = c.Check(noEnv)
	var checked *CheckError
	require.True(t, errors.As(err, &checked))
	text := strings.ReplaceAll(err.Error(), dir+"/", "")
	for _, want := range []string{
		`loki.yml:1:1: limit_config: unknown key: Loki has none of this name (did you mean "limits_config"?)`,
		`loki.yml:3:3: limits_config.ingestion_rate: unknown key: Loki has none of this name (did you mean "ingestion_rate_mb"?)`,
		`loki.yml:4:22: limits_config.ingestion_rate_mb: expected a number of megabytes, found "fast"`,
		`loki.yml:5:18: limits_config.max_line_size: expected a size, found "4 apples" (such as 256KB)`,
		`loki.yml:6:24: limits_config.discover_log_levels: expected true or false, found "maybe"`,
		`loki.yml:7:21: limits_config.max_query_length: expected a duration, found "long"`,
		`loki.yml:8:21: limits_config.max_query_series: expected a whole number, 0 or more, found "-1"`,
		`loki.yml:9:21: limits_config.retention_period: retention period must be >= 24h was 1h`,
		`loki.yml:11:18: limits_config.retention_stream.selector: selector: parse error`,
		`loki.yml:13:18: limits_config.deletion_mode: "sometimes" is none of`,
		`loki.yml:14:38: compactor.retention_enable: unknown key: Loki has none of this name (did you mean "retention_enabled"?)`,
		`loki.yml:15:18: read overrides: open missing.yml: no such file`,
	} {
		require.Contains(t, text, want)
	}
}

func TestWrongRetentionInPharosYmlIsToldWithItsPlace(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"pharos.yml": `logs:
  retention: 2h
  max_query_serie: 3
  max_streams: -1
  retention_stream:
    - {selector: '{a=b}', period: 30d}
    - {selector: '{a="b"}', period: 1m, priorty: 2}
  deletion: {max_requests: 0}
  query: {query_timeout: 0s}
  tenants:
    acme: {retention: 1m, ingestion_rate: -5}
    Bad Name: {retention: 30d}
`})
	_, err := Load(filepath.Join(dir, "pharos.yml"), noEnv)
	text := strings.ReplaceAll(fmt.Sprint(err), dir+"/", "")
	for _, want := range []string{
		`pharos.yml:2:14: logs.retention: 2h0m0s is less than a day (such as 30d)`,
		`pharos.yml:4:16: logs.max_streams: is -1, want 0 (no limit) or more`,
		`pharos.yml:6:18: logs.retention_stream[0].selector: parse error`,
		`pharos.yml:7:37: logs.retention_stream[1].period: 1m is less than an hour (such as 24h)`,
		`pharos.yml:7:41: logs.retention_stream[1].priorty: unknown key (did you mean "priority"?)`,
		`pharos.yml:8:28: logs.deletion.max_requests: 0, want 1 to 2000`,
		`pharos.yml:9:26: logs.query.query_timeout: must be positive`,
		`pharos.yml:11:23: logs.tenants.acme.retention: 1m0s is less than an hour (such as 30d)`,
		`pharos.yml:11:43: logs.tenants.acme.ingestion_rate: is -5, want 0 (no limit) or more`,
		`pharos.yml:12:15: logs.tenants.Bad Name: invalid tenant id`,
	} {
		require.Contains(t, text, want)
	}
}

// TestSharedLokiConfigsLoad reads the files of real installations.
func TestSharedLokiConfigsLoad(t *testing.T) {
	stack := testkit.Shared(t, "stacks/dante/loki/loki-config.yml")
	f, err := LoadLoki(stack, noEnv)
	require.NoError(t, err)
	l := defaultLogs()
	f.apply(&l)
	require.Equal(t, days(31), l.Retention)
	require.Len(t, l.RetentionStream, 1)
	require.Equal(t, 168*time.Hour, l.Limits.MaxAge)
	require.Equal(t, 8<<20, l.Limits.IngestionRate)
	require.NoError(t, l.Validate())
	for _, name := range []string{"loki.yaml", "loki-levels.yaml"} {
		f, err := LoadLoki(testkit.Shared(t, "oracles/logql/"+name), noEnv)
		require.NoError(t, err)
		l := defaultLogs()
		f.apply(&l)
		require.NoError(t, l.Validate())
		require.Equal(t, 1<<30, l.Limits.IngestionRate)
		require.Equal(t, name == "loki-levels.yaml", l.Limits.DiscoverLogLevels)
		require.Equal(t, l.Limits.DiscoverLogLevels, len(l.Limits.DiscoverServiceName) > 0)
	}
}

func TestLokiSizes(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "17": 17, "4MB": 4 << 20, "256kb": 256 << 10, "1GB": 1 << 30, "5b": 5, "2 MB": 2 << 20, "3m": 3 << 20} {
		got, ok := parseLokiSize(text)
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "MB", "-1", "1.5MB", "99999999999999999999", "9000PB0", "16eb"} {
		_, ok := parseLokiSize(text)
		require.False(t, ok, text)
	}
}

func FuzzLokiConfig(f *testing.F) {
	f.Add(lokiConfig)
	f.Add(lokiOverrides)
	f.Add("a: &a [*a]\nlimits_config: *a\n")
	f.Add("limits_config: {<<: {max_line_size: 1}, retention_stream: [{selector: '{a=\"b\"}'}]}")
	f.Fuzz(func(t *testing.T, text string) {
		root, err := strictyaml.Parse("loki.yml", []byte(text))
		if err != nil || root == nil || strings.Contains(text, "file") || strings.Contains(text, "override_config") {
			return // other files are not read here
		}
		r := &lokiReader{file: "loki.yml", lookupEnv: noEnv, out: &LokiFile{}}
		r.top(root)
		if r.problems() != nil {
			return
		}
		l := defaultLogs()
		r.out.apply(&l)
		for _, s := range l.RetentionStream {
			if err := s.validate(); err != nil {
				t.Fatal(err)
			}
		}
		if l.Retention <= 0 || l.Limits.MaxAge <= 0 || l.Query.Validate() != nil {
			t.Fatalf("%+v", l)
		}
	})
}
