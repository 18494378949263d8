package e2e

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// promtail is the real one: $PHAROS_PROMTAIL, or what bench/peers.sh has built.
func promtail(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("PHAROS_PROMTAIL"), "../../.bench/promtail"} {
		if name != "" {
			if path, err := filepath.Abs(name); err == nil {
				if _, err := os.Stat(path); err == nil {
					return path
				}
			}
		}
	}
	t.Skip("there is no Promtail: run bench/peers.sh promtail, or set PHAROS_PROMTAIL")
	return ""
}

// A move from Promtail and back: the same file of configuration and the same positions,
// and each line is there once. Promtail pushes to us meanwhile as the real client that
// it is.
func TestMoveFromPromtailAndBack(t *testing.T) {
	old := promtail(t)
	s := testkit.Start(t, "", "--auth=off")
	s.Write("promtail.yml", fmt.Sprintf(`server: {http_listen_address: 127.0.0.1, http_listen_port: 0, grpc_listen_address: 127.0.0.1, grpc_listen_port: 0}
positions: {filename: %[1]s/positions.yml, sync_period: 1s}
clients: [{url: "%[2]s/loki/api/v1/push", batchwait: 100ms}]
scrape_configs:
  - job_name: moved
    static_configs: [{targets: [localhost], labels: {job: moved, __path__: "%[1]s/logs/*.log"}}]
    pipeline_stages:
      - regex: {expression: '^(?P<who>\w+) '}
      - labels: {who: }
`, s.Dir, s.URL))
	require.NoError(t, os.Mkdir(filepath.Join(s.Dir, "logs"), 0o755))
	log := filepath.Join(s.Dir, "logs", "a.log")
	config := filepath.Join(s.Dir, "promtail.yml")
	next := 0
	write := func(n int) {
		f, err := os.OpenFile(log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		require.NoError(t, err)
		for range n {
			_, err = fmt.Fprintf(f, "shop line %d.\n", next)
			require.NoError(t, err)
			next++
		}
		require.NoError(t, f.Close())
	}
	run := func(command string, args ...string) {
		var out written
		cmd := exec.Command(command, args...)
		cmd.Stdout, cmd.Stderr = &out, &out
		require.NoError(t, cmd.Start())
		write(300)
		ok := func() bool { return len(movedLines(t, s)) >= next }
		for deadline := time.Now().Add(30 * time.Second); !ok() && time.Now().Before(deadline); {
			time.Sleep(100 * time.Millisecond)
		}
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		_ = cmd.Wait()
		lines := movedLines(t, s)
		require.Len(t, lines, next, "%s: %s", command, out.String())
		for line, times := range lines {
			require.Equal(t, 1, times, "%s after %s: %s", line, command, out.String())
		}
	}
	pharos := testkit.Binary(t)
	run(old, "-config.file="+config)
	write(100) // while nobody reads
	run(pharos, "agent", "--config", config)
	write(100)
	run(old, "-config.file="+config)
	require.NoError(t, os.Rename(log, filepath.Join(s.Dir, "logs", "a.log.1")))
	run(pharos, "agent", "--config", config)
}

// movedLines are the lines that the server has and how often, of the label that the
// stages make.
func movedLines(t *testing.T, s *testkit.Server) map[string]int {
	t.Helper()
	q := url.Values{"query": {`{job="moved", who="shop"}`}, "limit": {"5000"}}
	_, body := s.Get("/loki/api/v1/query_range?" + q.Encode())
	lines := map[string]int{}
	for part := range strings.SplitSeq(body, `"shop line `) {
		if n, _, ok := strings.Cut(part, `."`); ok && len(n) < 8 {
			lines[n]++
		}
	}
	return lines
}
