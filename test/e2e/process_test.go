package e2e

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

func TestTerminationDrainsAndLosesNothing(t *testing.T) {
	s := testkit.Start(t, "", "--auth=off")
	status, body := s.Do(http.MethodPost, "/loki/api/v1/push", push("a", []string{"before the end"}), "Content-Type: application/json")
	require.Equal(t, http.StatusNoContent, status, body)
	code, took := s.Stop()
	require.Zero(t, code)
	require.Less(t, took, 30*time.Second)
	s.Run()
	require.Equal(t, map[string]int{"before the end": 1}, readAll(t, s, `{app="torture"}`))
}

func TestConfigurationErrorsComeAllAtOnceWithTheirPlace(t *testing.T) {
	s := testkit.New(t, "")
	s.Write("pharos.yml", "listn: 127.0.0.1:1\nlogs:\n  retention: soon\nmetrics:\n  prometheus_config: ${NOT_SET_ANYWHERE}\n")
	file := filepath.Join(s.Dir, "pharos.yml")
	for _, command := range []string{"check", "serve"} {
		out, err := exec.Command(testkit.Binary(t), command, "--config", file).CombinedOutput()
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
		require.Equal(t, 2, exit.ExitCode(), "%s", out)
		require.Contains(t, string(out), "pharos.yml:5:22: environment variable NOT_SET_ANYWHERE is not set")
	}
	s.Write("pharos.yml", "listn: 127.0.0.1:1\nlogs:\n  retention: soon\n")
	out, err := exec.Command(testkit.Binary(t), "check", "--config", file).CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "pharos.yml:1:1")
	require.Contains(t, string(out), `"listen"`, "a near miss is suggested")
	require.Contains(t, string(out), "pharos.yml:3:14")
	require.Contains(t, string(out), "logs.retention")
}

func TestABadReloadLeavesTheOldConfigurationRunning(t *testing.T) {
	s := testkit.New(t, "metrics:\n  prometheus_config: prometheus.yml\n", "--auth=off")
	const prometheus = "global: {scrape_interval: 5s}\nscrape_configs:\n  - job_name: %s\n    static_configs: [{targets: ['127.0.0.1:1']}]\n"
	s.Write("prometheus.yml", fmt.Sprintf(prometheus, "first"))
	s.Run()
	jobs := func() string {
		_, body := s.Get("/api/v1/scrape_pools")
		return body
	}
	require.Contains(t, jobs(), "first")

	s.Write("prometheus.yml", "scrape_config: []\n")
	status, body := s.Do(http.MethodPost, "/-/reload", nil)
	require.Equal(t, http.StatusInternalServerError, status)
	require.Contains(t, body, "prometheus.yml:")
	require.Contains(t, body, "scrape_config")
	require.Contains(t, jobs(), "first")

	s.Write("prometheus.yml", fmt.Sprintf(prometheus, "second"))
	s.Signal(syscall.SIGHUP)
	require.Eventually(t, func() bool { return strings.Contains(jobs(), "second") }, 10*time.Second, 50*time.Millisecond)
}

func TestRefusesToServeOthersWithoutAuthentication(t *testing.T) {
	s := testkit.New(t, "")
	out, err := exec.Command(testkit.Binary(t), "serve", "--data", s.Dir, "--auth=off", "--listen", "0.0.0.0:0").CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 2, exit.ExitCode())
	require.Contains(t, string(out), "authentication")
}

func TestATakenPortEndsTheStartAndIsNamed(t *testing.T) {
	s := testkit.New(t, "", "--auth=off")
	taken, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", s.Ports.OTLPGRPC))
	require.NoError(t, err)
	defer taken.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, testkit.Binary(t), "serve", "--config", filepath.Join(s.Dir, "pharos.yml"), "--data", filepath.Join(s.Dir, "data"), "--auth=off").CombinedOutput()
	require.NoError(t, ctx.Err(), "it did not end: %s", out)
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Contains(t, string(out), "otlp.grpc")
	require.Contains(t, string(out), taken.Addr().String())
}
