package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// agentProcess is a running `pharos agent`.
type agentProcess struct {
	t    testing.TB
	args []string
	out  *os.File
	cmd  *exec.Cmd
}

// startAgent runs an agent with a configuration, which it restarts with the same queue.
func startAgent(t testing.TB, dir, config string, args ...string) *agentProcess {
	t.Helper()
	file := filepath.Join(dir, "promtail.yml")
	require.NoError(t, os.WriteFile(file, []byte(config), 0o644))
	out, err := os.OpenFile(filepath.Join(dir, "agent.out"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	require.NoError(t, err)
	a := &agentProcess{t: t, args: append([]string{"agent", "--config", file}, args...), out: out}
	t.Cleanup(func() {
		a.kill()
		if t.Failed() {
			text, _ := os.ReadFile(out.Name())
			t.Logf("output of the agent:\n%s", text[max(0, len(text)-6000):])
		}
		_ = out.Close()
	})
	a.start()
	return a
}

func (a *agentProcess) start() {
	a.t.Helper()
	a.cmd = exec.Command(testkit.Binary(a.t), a.args...)
	a.cmd.Stdout, a.cmd.Stderr = a.out, a.out
	require.NoError(a.t, a.cmd.Start())
}

// kill ends it hard.
func (a *agentProcess) kill() {
	if a.cmd == nil {
		return
	}
	_ = a.cmd.Process.Kill()
	_ = a.cmd.Wait()
	a.cmd = nil
}

// writer writes numbered lines to a file and rotates it.
type writer struct {
	name   string
	dir    string
	rotate func(dir, name string, n int) error

	mu    sync.Mutex
	lines []string
}

func (w *writer) run(stop <-chan struct{}) error {
	path := filepath.Join(w.dir, w.name+".log")
	for n := 0; ; n++ {
		select {
		case <-stop:
			return nil
		case <-time.After(time.Duration(rand.IntN(8)) * time.Millisecond):
		}
		f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		for range rand.IntN(20) {
			line := fmt.Sprintf("%s line %d of the torture", w.name, len(w.lines))
			if _, err := fmt.Fprintln(f, line); err != nil {
				return err
			}
			w.mu.Lock()
			w.lines = append(w.lines, line)
			w.mu.Unlock()
		}
		if err := f.Close(); err != nil {
			return err
		}
		if rand.IntN(30) == 0 {
			if err := w.rotate(w.dir, w.name, n); err != nil {
				return err
			}
		}
	}
}

func renamed(dir, name string, n int) error {
	return os.Rename(filepath.Join(dir, name+".log"), filepath.Join(dir, fmt.Sprintf("%s.%d.log", name, n)))
}

// copied copies a file and truncates it, while nobody writes to it.
func copied(dir, name string, n int) error {
	path := filepath.Join(dir, name+".log")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s.%d.log", name, n)), text, 0o644); err != nil {
		return err
	}
	return os.Truncate(path, 0)
}

// replaced deletes a file under a name that nobody reads, as soon as another process
// has had the time to see that it was moved there: what is deleted unseen is gone.
func replaced(dir, name string, n int) error {
	old := filepath.Join(dir, fmt.Sprintf("%s.%d.log", name, n))
	if err := os.Rename(filepath.Join(dir, name+".log"), old); err != nil {
		return err
	}
	time.AfterFunc(15*time.Second, func() { _ = os.Remove(old) })
	return nil
}

// TestAgentKillEachLineOnce rotates files in several ways while the agent and the
// server are killed hard at random moments: each line is answered exactly once.
// make torture makes it fifty kills. Both ways of shipping are tortured.
func TestAgentKillEachLineOnce(t *testing.T) {
	t.Parallel()
	kills := testkit.Times(10, 10, 50)
	for _, way := range []string{"loki push", "otlp"} {
		t.Run(way, func(t *testing.T) {
			s := testkit.Start(t, "", "--auth=off")
			url := s.URL + "/loki/api/v1/push"
			if way == "otlp" {
				url = fmt.Sprintf("grpc://127.0.0.1:%d", s.Ports.OTLPGRPC)
			}
			dir := t.TempDir()
			logs := filepath.Join(dir, "logs")
			require.NoError(t, os.Mkdir(logs, 0o755))
			a := startAgent(t, dir, agentConfig(dir, url))
			writers := []*writer{
				{name: "rename", dir: logs, rotate: renamed}, {name: "copy", dir: logs, rotate: copied}, {name: "replace", dir: logs, rotate: replaced},
			}
			stop := make(chan struct{})
			var running sync.WaitGroup
			for _, w := range writers {
				running.Go(func() {
					if err := w.run(stop); err != nil {
						t.Error(err)
					}
				})
			}
			for kill := range kills {
				time.Sleep(time.Duration(200+rand.IntN(800)) * time.Millisecond)
				if kill%3 == 2 {
					s.Kill()
					s.Launch()
					continue
				}
				a.kill()
				time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
				a.start()
			}
			close(stop)
			running.Wait()
			s.WaitReady()
			want := map[string]int{}
			for _, w := range writers {
				for _, line := range w.lines {
					want[line] = 1
				}
			}
			require.Greater(t, len(want), 1000, "the writers got through")
			var got map[string]int
			deadline := time.Now().Add(time.Minute)
			for len(got) < len(want) && time.Now().Before(deadline) {
				time.Sleep(500 * time.Millisecond)
				got = readAll(t, s, `{app="torture"}`)
			}
			time.Sleep(time.Second)
			got = readAll(t, s, `{app="torture"}`)
			for line, n := range got {
				require.Equal(t, 1, n, "line %q is answered %d times", line, n)
			}
			for line := range want {
				require.Equal(t, 1, got[line], "line %q is answered once", line)
			}
			require.Len(t, got, len(want))
			t.Logf("%d lines, %d kills", len(want), kills)
		})
	}
}

func agentConfig(dir, url string) string {
	return fmt.Sprintf(`positions: {filename: %[1]s/positions.yaml, sync_period: 500ms}
clients:
  - url: %[2]s
    batchwait: 100ms
    backoff_config: {min_period: 50ms, max_period: 500ms}
target_config: {sync_period: 500ms}
scrape_configs:
  - job_name: torture
    static_configs:
      - targets: [localhost]
        labels: {app: torture, __path__: '%[1]s/logs/*.log'}
    pipeline_stages:
      - regex: {expression: '^(?P<kind>\w+) line'}
      - labels: {instance: kind}
`, dir, url)
}
