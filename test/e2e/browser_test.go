package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// TestDemonstrationInABrowser starts the demonstration, expects live data within
// 15 seconds, and lets the browser tests of the UI (ui/e2e) use every page of it.
func TestDemonstrationInABrowser(t *testing.T) {
	dir := t.TempDir()
	ports := testkit.FreePorts(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pharos.yml"), []byte(ports.Config()), 0o644))
	listen := fmt.Sprintf("127.0.0.1:%d", ports.HTTP)
	url := "http://" + listen

	var out bytes.Buffer
	demo := exec.Command(testkit.Binary(t), "demo", "--listen", listen, "--data", filepath.Join(dir, "data"), "--config", filepath.Join(dir, "pharos.yml"))
	demo.Stdout, demo.Stderr = &out, &out
	begin := time.Now()
	require.NoError(t, demo.Start())
	done := make(chan error, 1)
	go func() { done <- demo.Wait() }()
	defer func() {
		_ = demo.Process.Signal(syscall.SIGTERM)
		select {
		case err := <-done:
			require.NoError(t, err, out.String())
		case <-time.After(35 * time.Second):
			_ = demo.Process.Kill()
			t.Errorf("the demonstration did not stop: %s", out.String())
		}
	}()

	has := func(path, text string) bool {
		req, err := http.NewRequest(http.MethodGet, url+path, nil)
		require.NoError(t, err)
		req.SetBasicAuth("admin", "lighthouse")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		var b bytes.Buffer
		_, _ = b.ReadFrom(resp.Body)
		return resp.StatusCode == http.StatusOK && bytes.Contains(b.Bytes(), []byte(text))
	}
	for path, text := range map[string]string{
		`/api/v1/query?query=sum(up)`:                   `"value"`,
		`/loki/api/v1/label/service_name/values`:        "shipping-collector",
		`/loki/api/v1/label/service_name/values?x=otlp`: "storage-router",
		`/api/services`: "query-api",
		`/api/traces?service=supplier-collector&limit=1`:   "collect_event",
		`/api/v1/query?query=rate(webapp_items_total[1m])`: `"value"`,
	} {
		require.Eventually(t, func() bool { return has(path, text) }, 15*time.Second, 100*time.Millisecond, "%s does not show %q\n%s", path, text, &out)
	}
	t.Logf("live data after %s", time.Since(begin).Round(100*time.Millisecond))

	browser := exec.Command("npm", "run", "--silent", "e2e")
	browser.Dir = filepath.Join("..", "..", "ui")
	browser.Env = append(os.Environ(), "PHAROS_URL="+url)
	text, err := browser.CombinedOutput()
	t.Logf("%s", text)
	require.NoError(t, err, "the browser tests failed")
}
