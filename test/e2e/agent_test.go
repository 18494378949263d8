package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// TestAgentTakesOverFromPromtail starts with a file of positions that Promtail left,
// reads on where that stopped, and leaves one that Promtail could go on with.
func TestAgentTakesOverFromPromtail(t *testing.T) {
	s := testkit.Start(t, "", "--auth=off")
	dir := t.TempDir()
	logs := filepath.Join(dir, "logs")
	require.NoError(t, os.Mkdir(logs, 0o755))
	log, fresh, positions := filepath.Join(logs, "app.log"), filepath.Join(logs, "new.log"), filepath.Join(dir, "positions.yaml")
	before := "torture line 1, sent by Promtail\n"
	require.NoError(t, os.WriteFile(log, []byte(before+"torture line 2\n"), 0o644))
	require.NoError(t, os.WriteFile(fresh, []byte("torture line 3\n"), 0o644))
	require.NoError(t, os.WriteFile(positions, fmt.Appendf(nil, "positions:\n  %s: %q\n", log, fmt.Sprint(len(before))), 0o600))
	a := startAgent(t, dir, "server: {http_listen_address: 127.0.0.1, http_listen_port: 0}\n"+agentConfig(dir, s.URL+"/loki/api/v1/push"))
	want := map[string]int{"torture line 2": 1, "torture line 3": 1}
	require.Eventually(t, func() bool { return len(readAll(t, s, `{app="torture"}`)) == len(want) }, 20*time.Second, 100*time.Millisecond)
	require.Eventually(t, func() bool {
		text, err := os.ReadFile(positions)
		return err == nil && strings.Contains(string(text), fmt.Sprintf("%s: \"%d\"", log, len(before)+len("torture line 2\n")))
	}, 10*time.Second, 50*time.Millisecond)

	out, err := os.ReadFile(a.out.Name())
	require.NoError(t, err)
	m := regexp.MustCompile(`msg="agent listens" address=(\S+)`).FindStringSubmatch(string(out))
	require.NotNil(t, m, "%s", out)
	for path, text := range map[string]string{
		"/metrics": "promtail_files_active_total 2", "/ready": "Ready", "/targets": "app.log", "/service-discovery": "__path__", "/config": "batchwait",
	} {
		status, body := s.Do(http.MethodGet, "http://"+m[1]+path, nil)
		require.Equal(t, http.StatusOK, status, path)
		require.Contains(t, body, text, path)
	}
	// The agent's own file is no news to it, even if the files were rotated meanwhile.
	a.kill()
	require.NoError(t, os.Rename(log, filepath.Join(dir, "app.log.1")))
	require.NoError(t, os.WriteFile(log, []byte("torture line 4, in a new file that is longer than the position of the old one\n"), 0o644))
	a.start()
	require.Eventually(t, func() bool { return len(readAll(t, s, `{app="torture"}`)) == 3 }, 20*time.Second, 100*time.Millisecond)
}

func TestAgentSaysWhatItCannotDo(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "promtail.yml")
	run := func(text string, args ...string) (string, int) {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
		cmd := exec.Command(testkit.Binary(t), append([]string{"agent", "-config.file=" + file}, args...)...)
		out, _ := cmd.CombinedOutput()
		return string(out), cmd.ProcessState.ExitCode()
	}
	const cloud = "clients: [{url: 'http://127.0.0.1:1/loki/api/v1/push'}]\nscrape_configs:\n  - job_name: flare\n    cloudflare: {api_token: a, zone_id: b}\n"
	out, code := run(cloud)
	require.Equal(t, 2, code, out)
	require.Contains(t, out, "promtail.yml:4:17")
	require.Contains(t, out, "no job can run")
	out, code = run(cloud+"  - job_name: files\n    static_configs: [{labels: {__path__: /nowhere/*.log}}]\n", "-check-syntax")
	require.Zero(t, code, out)
	require.Contains(t, out, "1 jobs can run")
	out, code = run(cloud+"  - job_name: files\n    static_configs: [{labels: {__path__: /nowhere/*.log}}]\n", "--strict")
	require.Equal(t, 2, code, out)
	out, code = run("scrape_config: []\n")
	require.Equal(t, 2, code, out)
	require.Contains(t, out, `promtail.yml:1:1: scrape_config: unknown key`)
}
