package prom

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// The configurations of the stacks run unchanged where nothing that they name can be
// reached: no Kubernetes, no Consul, no alertmanager.
func TestStacksRun(t *testing.T) {
	for file, job := range map[string]string{
		"steel/prometheus.yml":            "flink-metrics",
		"dante/prometheus/prometheus.yml": "prometheus",
	} {
		t.Run(file, func(t *testing.T) {
			path := testkit.Shared(t, "stacks", filepath.FromSlash(file))
			s := startAt(t, path, t.TempDir())
			require.Eventually(t, func() bool {
				status, body := s.get("default", "/api/v1/targets?state=active")
				return status == http.StatusOK && strings.Contains(body, `"scrapePool":"`+job+`"`)
			}, wait, tick)
			require.Equal(t, []string{"1"}, s.query("default", "vector(1)"))
		})
	}
}
