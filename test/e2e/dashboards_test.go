package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/test/dashproof"
)

// TestDashboardsInABrowser shows dashboards of three ages with series made from their
// queries. The whole set of the field is in make acceptance.
func TestDashboardsInABrowser(t *testing.T) {
	dir := filepath.Join("testdata", "dashboards")
	bad, err := os.ReadFile(filepath.Join(dir, "bad-input.json"))
	require.NoError(t, err)
	long := filepath.Join(t.TempDir(), "bad-input.json") // with a query of a megabyte
	require.NoError(t, os.WriteFile(long, bytes.Replace(bad, []byte("LONG"), []byte("sum("+strings.Repeat("a+", 500_000)+"a)"), 1), 0o644))

	s := testkit.Start(t, "", "--auth=off")
	seen := dashproof.Show(t, s, []string{filepath.Join(dir, "old-rows.json"), filepath.Join(dir, "v2.json"), long})
	text, _, _ := dashproof.Table(seen)
	t.Logf("\n%s", text)
	states := func(one dashproof.Shown) []string {
		require.Empty(t, one.Errors, one.File)
		var out []string
		for _, p := range one.Panels {
			out = append(out, p.Title+": "+p.State)
		}
		return out
	}
	require.ElementsMatch(t, []string{"Requests by code: data", "Up: data", "Memory: data", "Slowest: data", "Latency: data", "Notes: data"}, states(seen[0]))
	require.ElementsMatch(t, []string{"Orders in region-1: data", "Orders: data", "Lines: data", "By region: data", "Of the library: unsupported"}, states(seen[1]))
	shown := states(seen[2])
	// A query of a megabyte may be answered or refused: the others must not suffer.
	shown = slices.DeleteFunc(shown, func(s string) bool { return s == "Long: error" || s == "Long: empty" })
	require.ElementsMatch(t, []string{"Panel 1: unsupported", "Plugin: unsupported", "Wrong types: empty", "No PromQL: error", "Another store: unsupported", "Good: data"}, shown)
}
