package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// adopted are the files of a small stack, as people have them.
var adopted = map[string]string{
	"compose.yml": `services:
  prometheus: {image: "prom/prometheus:v3.1.0", command: ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.retention.time=20d"], volumes: ["./prometheus:/etc/prometheus"]}
  loki: {image: "grafana/loki:3.4.0", command: "-config.file=/etc/loki/loki.yml", volumes: ["./loki:/etc/loki"], ports: ["3100:3100"]}
  grafana: {image: "grafana/grafana", volumes: ["./boards:/var/lib/grafana/dashboards"]}
`,
	"prometheus/prometheus.yml":                "rule_files: [/etc/prometheus/rules/*.yml]\nscrape_configs: []\n",
	"prometheus/rules/a.yml":                   "groups: [{name: a, interval: 1s, rules: [{record: the:answer, expr: vector(42)}]}]\n",
	"loki/loki.yml":                            "auth_enabled: false\nlimits_config: {max_line_size: 40}\n",
	"grafana/provisioning/dashboards/all.yaml": "apiVersion: 1\nproviders: [{name: all, type: file, options: {path: /var/lib/grafana/dashboards}}]\n",
	"boards/one.json":                          `{"uid": "adopted-one", "title": "Adopted", "schemaVersion": 39, "panels": []}`,
}

// What adopt writes runs: the rules record, the limits hold, the dashboards are there,
// at the main port and at those of what was replaced.
func TestAdoptedConfigurationRuns(t *testing.T) {
	s := testkit.New(t, "", "--auth=off")
	for name, text := range adopted {
		s.Write("stack/"+name, text)
	}
	out := filepath.Join(s.Dir, "pharos.yml")
	adopt := func(args ...string) string {
		text, err := exec.Command(testkit.Binary(t), append([]string{"adopt", filepath.Join(s.Dir, "stack"), "--customary-ports", "--force", "--out", out}, args...)...).Output()
		require.NoError(t, err, string(text))
		return string(text)
	}
	require.Contains(t, adopt(), "prometheus/rules/a.yml: Prometheus: rules")
	require.Contains(t, adopt("--report=json"), `"outcome":"taken over"`)

	// The ports themselves may be taken on the machine that runs the test.
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Contains(t, string(text), "also_listen: [127.0.0.1:9090, 127.0.0.1:3100, 127.0.0.1:3000]")
	loki := testkit.FreePorts(t).HTTP
	config := s.Ports.Config() + fmt.Sprintf("also_listen: [\"127.0.0.1:%d\"]\n", loki)
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "listen:") && !strings.HasPrefix(line, "also_listen:") {
			config += line
		}
	}
	s.Write("pharos.yml", config)
	s.Run()

	status, body := pushAged(s, `{"app":"web"}`, time.Second, "short")
	require.Equal(t, http.StatusNoContent, status, body)
	status, body = pushAged(s, `{"app":"web"}`, time.Second, strings.Repeat("long", 20))
	require.Equal(t, http.StatusBadRequest, status, body)
	answer, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/loki/api/v1/query_range?%s", loki, url.Values{"query": {`{app="web"} |= "short"`}}.Encode()))
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, http.StatusOK, answer.StatusCode)

	_, body = s.Get("/api/pharos/v1/dashboards/adopted-one")
	require.Contains(t, body, "Adopted")
	require.Eventually(t, func() bool {
		_, body := s.Get("/api/v1/query?query=the:answer")
		return strings.Contains(body, `"42"`)
	}, 10*time.Second, 100*time.Millisecond)
}
