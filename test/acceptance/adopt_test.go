package acceptance

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// Whole stacks are adopted: the result passes the check, and the report names what has
// to be known.
func TestStacksAreAdopted(t *testing.T) {
	for stack, report := range map[string][]string{
		"dante": {
			"docker-compose.yml:3: Prometheus: --storage.tsdb.retention.time=15d",
			"Promtail: collection of files, containers, journals",
			"the provider's folder /var/lib/grafana/dashboards",
			"auth.anonymous",
		},
		"steel": {
			"alerts/storage-layer.yml: Prometheus: rules",
			"logstash.conf: Logstash: a pipeline",
			"elasticsearch.yml: Elasticsearch: a node of a cluster",
			"slos.yml: objectives",
			"SLACK_WEBHOOK_URL",
		},
	} {
		t.Run(stack, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "pharos.yml")
			text, err := exec.Command(testkit.Binary(t), "adopt", testkit.Shared(t, "stacks", stack), "--out", out).Output()
			require.NoError(t, err, string(text))
			for _, want := range report {
				require.Contains(t, string(text), want)
			}
			check := exec.Command(testkit.Binary(t), "check", "--config", out)
			check.Env = append(os.Environ(), "SLACK_WEBHOOK_URL=http://127.0.0.1:1/slack", "PAGERDUTY_SERVICE_KEY=abc")
			text, err = check.CombinedOutput()
			require.NoError(t, err, string(text))
		})
	}
}
