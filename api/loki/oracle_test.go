package loki

import (
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// deviations are the oracle's queries that are answered differently on purpose.
var deviations = map[string]string{
	"line-076": "Loki does not find a case-insensitive text whose first letter has upper and lower case of different first bytes",
}

// TestOracle pushes the oracle's data set and compares the answers to its queries
// with those of a real Loki.
func TestOracle(t *testing.T) {
	if testing.Short() {
		t.Skip("asks some 900 queries")
	}
	dir := testkit.Shared(t, "oracles", "logql")
	checker := filepath.Join(t.TempDir(), "logqlcheck")
	build := exec.Command("go", "build", "-o", checker, ".")
	build.Dir = filepath.Join(dir, "check")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)

	for _, set := range []struct {
		name, suffix string
		discover     bool
	}{{"main", "", false}, {"levels", "-levels", true}} {
		t.Run(set.name, func(t *testing.T) {
			srv := newServer(t, set.discover)
			out, err := exec.Command(checker, "--url", srv.URL, "--dir", filepath.Join(dir, "open"), "--set", set.suffix,
				"--push", "--strict-errors", "--wait", "20s").CombinedOutput()
			if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			t.Logf("%s", out)
			require.Regexp(t, `\d+ passed, \d+ failed\s*$`, string(out), "the checker did not finish")
			for _, m := range regexp.MustCompile(`(?m)^FAIL (\S+)`).FindAllStringSubmatch(string(out), -1) {
				assert.Contains(t, deviations, m[1], "the answer differs from Loki's")
			}
		})
	}
}
