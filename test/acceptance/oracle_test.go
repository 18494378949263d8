// Package acceptance holds the built binary against the answers that the real
// servers gave. The data lies outside the repository: see testkit.Shared.
package acceptance

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// closing is the last line of every checker.
var closing = regexp.MustCompile(`(?m)^(\d+) passed, (\d+) failed$`)

// check builds an oracle's checker, runs it and expects that nothing failed.
func check(t *testing.T, oracle string, args ...string) {
	t.Helper()
	checker := filepath.Join(t.TempDir(), "checker")
	build := exec.Command("go", "build", "-o", checker, ".")
	build.Dir = testkit.Shared(t, "oracles", oracle, "check")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	out, err = exec.Command(checker, args...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	m := closing.FindSubmatch(out)
	require.NotNil(t, m, "the checker did not finish:\n%s", out)
	t.Logf("%s: %s", oracle, m[0])
	require.Equal(t, "0", string(m[2]), "%s", out)
	require.NotEqual(t, "0", string(m[1]), "%s", out)
}

// The oracles' data is from November 2026: retention must reach back to it.

func TestJaeger(t *testing.T) {
	s := testkit.New(t, "", "--auth=off")
	s.Write("pharos.yml", strings.Replace(s.Ports.Config(), "traces:\n", "traces:\n  retention: 10y\n", 1))
	s.Run()
	check(t, "jaeger", "--url", s.URL, "--otlp", s.OTLP+"/v1/traces", "--dir", testkit.Shared(t, "oracles", "jaeger", "open"))
}

func TestLogQL(t *testing.T) {
	s := testkit.Start(t, "logs: {retention: 10y, discover_service_name: [], discover_log_levels: false}\n", "--auth=off")
	check(t, "logql", "--url", s.URL, "--dir", testkit.Shared(t, "oracles", "logql", "open"), "--push", "--skip-quirks")
}

func TestLogQLDiscovery(t *testing.T) {
	s := testkit.Start(t, "logs: {retention: 10y}\n", "--auth=off")
	check(t, "logql", "--url", s.URL, "--dir", testkit.Shared(t, "oracles", "logql", "open"), "--set=-levels", "--push")
}

// TestLogQLOnVictoriaLogs asks the same of lines that are kept on another server.
func TestLogQLOnVictoriaLogs(t *testing.T) {
	server := testkit.StartVictoriaLogs(t)
	s := testkit.Start(t, fmt.Sprintf(`logs:
  engine: victorialogs
  victorialogs: {insert_url: %[1]q, select_url: %[1]q}
  retention: 10y
  discover_service_name: []
  discover_log_levels: false
`, server.URL), "--auth=off")
	check(t, "logql", "--url", s.URL, "--dir", testkit.Shared(t, "oracles", "logql", "open"), "--push", "--skip-quirks")
}

// TestAlertmanager starts a server for each case, through a script that turns the
// checker's arguments into a pharos.yml.
func TestAlertmanager(t *testing.T) {
	dir := testkit.Shared(t, "oracles", "alertmanager")
	script := filepath.Join(t.TempDir(), "serve.sh")
	require.NoError(t, os.WriteFile(script, []byte(fmt.Sprintf(`#!/bin/sh
mkdir -p "$2"
cat > "$2/pharos.yml" <<EOF
listen: 127.0.0.1:$3
alerting: {alertmanager_config: $1}
traces:
  otlp: {grpc: "", http: ""}
  jaeger: {grpc: "", thrift_http: "", thrift_compact: "", thrift_binary: ""}
  zipkin: {http: ""}
EOF
exec %s serve --config "$2/pharos.yml" --data "$2" --auth=off
`, testkit.Binary(t))), 0o755))
	check(t, "alertmanager", "--dir", dir, "--cmd", script+" {config} {data} {port}")
}
