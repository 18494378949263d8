package acceptance

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// checkConfig runs `pharos check` on a pharos.yml with the given text.
func checkConfig(t *testing.T, yaml string, env ...string) (string, int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pharos.yml")
	require.NoError(t, os.WriteFile(file, []byte(yaml), 0o644))
	cmd := exec.Command(testkit.Binary(t), "check", "--config", file)
	cmd.Env = append(os.Environ(), env...)
	out, _ := cmd.CombinedOutput()
	return string(out), cmd.ProcessState.ExitCode()
}

func TestSteelLoadsUnchanged(t *testing.T) {
	dir := testkit.Shared(t, "stacks", "steel")
	yaml := fmt.Sprintf(`metrics: {prometheus_config: %[1]s/prometheus.yml}
rules: {files: ["%[1]s/alerts/*.yml"]}
alerting: {alertmanager_config: %[1]s/alertmanager.yml}
traces: {collector_config: %[1]s/jaeger-collector-config.yml}
`, dir)
	out, code := checkConfig(t, yaml, "SLACK_WEBHOOK_URL=http://127.0.0.1:1/slack", "PAGERDUTY_SERVICE_KEY=abc")
	require.Zero(t, code, out)

	out, code = checkConfig(t, yaml)
	require.Equal(t, 2, code, out)
	require.Contains(t, out, "alertmanager.yml:3:19: environment variable SLACK_WEBHOOK_URL is not set")
	require.Contains(t, out, "PAGERDUTY_SERVICE_KEY is not set")
}

func TestDanteRunsUnchanged(t *testing.T) {
	dir := testkit.Shared(t, "stacks", "dante")
	t.Setenv("PAGERDUTY_SERVICE_KEY", "abc")
	s := testkit.Start(t, fmt.Sprintf(`metrics: {prometheus_config: %[1]s/prometheus/prometheus.yml}
alerting: {alertmanager_config: %[1]s/alertmanager/alertmanager.yml}
dashboards: {provisioning: %[1]s/grafana/provisioning}
logs: {loki_config: %[1]s/loki/loki-config.yml}
`, dir), "--auth=off")
	status, body := s.Get("/api/v1/rules")
	require.Equal(t, http.StatusOK, status)
	for _, rule := range []string{"service:http_requests:rate5m", "HostDown", "HighCPU", "JobQueueBacklog"} {
		require.Contains(t, body, rule)
	}
	_, body = s.Get("/api/v1/scrape_pools")
	require.Contains(t, body, "dante-services")
	_, body = s.Get("/api/v2/receivers")
	require.Contains(t, body, "on-call")
}
