package acceptance

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/test/dashproof"
)

// TestPublicDashboardsInABrowser shows dashboards of the field, fed by series made from
// their queries, and counts the panels that render with data or an honest "no data".
// PHAROS_DASHBOARDS is a pattern of file names; `make proof` shows all, which takes many
// minutes, and without it some are shown.
func TestPublicDashboardsInABrowser(t *testing.T) {
	dir := testkit.Shared(t, "fixtures", "grafana")
	only := os.Getenv("PHAROS_DASHBOARDS")
	pattern := cmp.Or(only, "[a-d]*.json")
	open, err := filepath.Glob(filepath.Join(dir, "open", pattern))
	require.NoError(t, err)
	edge, err := filepath.Glob(filepath.Join(dir, "edge_cases", pattern))
	require.NoError(t, err)
	s := testkit.Start(t, "", "--auth=off")
	seen := dashproof.Show(t, s, slices.Concat(open, edge))
	text, _, _ := dashproof.Table(seen)
	_, good, all := dashproof.Table(seen[:len(open)])
	t.Logf("\n%s\nof the open set %d of %d panels render (%.1f %%)", text, good, all, 100*float64(good)/float64(all))
	if only == "*.json" {
		require.Greater(t, all, 1000)
	}
	require.GreaterOrEqual(t, float64(good)/float64(all), 0.97)
	for _, one := range seen {
		require.Empty(t, one.Errors, one.File)
	}
}
