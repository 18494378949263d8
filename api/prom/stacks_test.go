package prom

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The configurations of the stacks run unchanged where nothing that they name can be
// reached: no Kubernetes, no Consul, no alertmanager.
func TestStacksRun(t *testing.T) {
	root := os.Getenv("PHAROS_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	for file, job := range map[string]string{
		"steel/prometheus.yml":            "flink-metrics",
		"dante/prometheus/prometheus.yml": "prometheus",
	} {
		t.Run(file, func(t *testing.T) {
			path, err := filepath.Abs(filepath.Join(root, "stacks", file))
			require.NoError(t, err)
			if _, err := os.Stat(path); err != nil {
				t.Skip("no folder of shared material: ", err)
			}
			s := startAt(t, path, t.TempDir())
			require.Eventually(t, func() bool {
				status, body := s.get("default", "/api/v1/targets?state=active")
				return status == http.StatusOK && strings.Contains(body, `"scrapePool":"`+job+`"`)
			}, wait, tick)
			require.Equal(t, []string{"1"}, s.query("default", "vector(1)"))
		})
	}
}
