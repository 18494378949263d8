package loki

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

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

	srv := newServer(t)
	args := []string{"--url", srv.URL, "--dir", filepath.Join(dir, "open"), "--push", "--wait", "20s"}
	if only := os.Getenv("PHAROS_ORACLE_ONLY"); only != "" {
		args = append(args, "--only", only)
	}
	out, err = exec.Command(checker, args...).CombinedOutput()
	t.Logf("%s", out)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(\d+) passed, (\d+) failed\s*$`).FindSubmatch(out)
	require.NotNil(t, m, "the checker did not finish")
	failed, err := strconv.Atoi(string(m[2]))
	require.NoError(t, err)
	require.Zero(t, failed, "answers differ from Loki's")
}
