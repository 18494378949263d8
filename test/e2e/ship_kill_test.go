package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/agent/ship"
	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/model"
)

// shipping is what the child process is told.
type shipping struct {
	Dir      string
	Clients  []ship.ClientConfig
	MaxBytes int64
	// Until is the number of lines after which it stops appending.
	Until int
	// Pause is between batches.
	Pause time.Duration
}

const shippingEnv = "PHAROS_TEST_SHIPPING"

// TestShippingChild is not a test: it is the process that the tests below kill. It writes
// numbered lines into a queue, with how far it is as state, and ships them.
func TestShippingChild(t *testing.T) {
	text := os.Getenv(shippingEnv)
	if text == "" {
		t.Skip("runs as a child of other tests only")
	}
	var s shipping
	require.NoError(t, json.Unmarshal([]byte(text), &s))
	q, err := ship.Open(ship.Config{Dir: s.Dir, MaxBytes: s.MaxBytes, Clients: s.Clients}, ship.Deps{Logger: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	require.NoError(t, err)
	go func() { _ = q.Run(context.Background()) }()
	next, _ := strconv.Atoi(string(q.States()["next"]))
	for next < s.Until {
		b := ship.Batch{}
		for range min(1+rand.IntN(200), s.Until-next) {
			// As an agent that gives lines the time at which it read them: a line that is read
			// twice is not a repeat that the server could tell by itself.
			b.Entries = append(b.Entries, ship.Entry{
				Labels: model.NewLabels(model.Label{Name: "app", Value: "shipped"}, model.Label{Name: "stream", Value: strconv.Itoa(next % 3)}),
				Entry:  model.LogEntry{Time: time.Now().UnixNano(), Line: fmt.Sprintf("line %d", next)}})
			next++
		}
		b.State = []ship.State{{Key: "next", Value: []byte(strconv.Itoa(next))}}
		require.NoError(t, q.Append(context.Background(), b))
		time.Sleep(s.Pause)
	}
	for {
		time.Sleep(time.Hour) // until it is killed
	}
}

// child is a process that ships.
type child struct {
	t   *testing.T
	env string
	cmd *exec.Cmd
}

func (c *child) start() {
	c.t.Helper()
	c.cmd = exec.Command(os.Args[0], "-test.run=^TestShippingChild$", "-test.timeout=10m")
	c.cmd.Env = append(os.Environ(), shippingEnv+"="+c.env)
	c.cmd.Stdout, c.cmd.Stderr = os.Stderr, os.Stderr
	require.NoError(c.t, c.cmd.Start())
}

func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

func newChild(t *testing.T, s shipping) *child {
	t.Helper()
	b, err := json.Marshal(s)
	require.NoError(t, err)
	c := &child{t: t, env: string(b)}
	c.start()
	t.Cleanup(c.kill)
	return c
}

// shipClients are one client for each protocol, told apart by a label.
func shipClients(s *testkit.Server) []ship.ClientConfig {
	client := func(via, url string) ship.ClientConfig {
		return ship.ClientConfig{URL: url, BatchWait: 50 * time.Millisecond, BatchSize: 20_000, ExternalLabels: map[string]string{"via": via},
			Backoff: ship.BackoffConfig{MinPeriod: 20 * time.Millisecond, MaxPeriod: 200 * time.Millisecond}}
	}
	return []ship.ClientConfig{
		client("loki", s.URL+"/loki/api/v1/push"),
		client("grpc", fmt.Sprintf("grpc://127.0.0.1:%d", s.Ports.OTLPGRPC)),
	}
}

// countShipped returns how many lines the server has of one protocol.
func countShipped(s *testkit.Server, via string) int {
	q := url.Values{"query": {fmt.Sprintf(`sum(count_over_time({app="shipped", via=%q}[1h]))`, via)}}
	status, body := s.Get("/loki/api/v1/query?" + q.Encode())
	var ans struct {
		Data struct {
			Result []struct{ Value [2]any }
		}
	}
	if status != http.StatusOK || json.Unmarshal([]byte(body), &ans) != nil || len(ans.Data.Result) != 1 {
		return 0
	}
	n, _ := strconv.Atoi(fmt.Sprint(ans.Data.Result[0].Value[1]))
	return n
}

// waitShipped waits until all lines are there by both protocols, each once.
func waitShipped(t *testing.T, s *testkit.Server, n int) {
	t.Helper()
	for _, via := range []string{"loki", "grpc"} {
		require.Eventually(t, func() bool { return countShipped(s, via) >= n }, 2*time.Minute, 100*time.Millisecond, "lines by %s", via)
		found := readAll(t, s, fmt.Sprintf(`{app="shipped", via=%q}`, via))
		for i := range n {
			require.Equal(t, 1, found[fmt.Sprintf("line %d", i)], "line %d by %s", i, via)
		}
		require.Len(t, found, n, via)
	}
}

// TestTortureShippingIsExactlyOnce kills the server and the agent's half that ships, hard
// and at random moments, and expects each line exactly once by each protocol: in the
// answers, and among the rows of the store. make torture makes it fifty kills.
func TestTortureShippingIsExactlyOnce(t *testing.T) {
	t.Parallel()
	kills := testkit.Times(6, 6, 50)
	lines := kills * 4000
	s := testkit.Start(t, "", "--auth=off")
	c := newChild(t, shipping{Dir: t.TempDir(), Clients: shipClients(s), Until: lines, Pause: 10 * time.Millisecond})
	for kill := range kills {
		wait := time.Duration(rand.IntN(1200)) * time.Millisecond
		if kill%5 == 4 {
			wait += 5 * time.Second // the server's log is shortened in between
		}
		time.Sleep(wait)
		if kill%3 != 1 {
			s.Kill()
		}
		if kill%3 != 0 {
			c.kill()
			c.start()
		}
		if kill%3 != 1 {
			s.Launch()
		}
	}
	s.WaitReady()
	waitShipped(t, s, lines)
	_, _ = s.Stop()
	require.Equal(t, 2*lines, storedRows(t, filepath.Join(s.Dir, "data", "logs"), 2*lines/100), "rows in the store")
}

// TestAServerThatIsAway lets the queue grow to its bound, and beyond it makes the reader
// wait, while there is no server.
func TestAServerThatIsAway(t *testing.T) {
	t.Parallel()
	s := testkit.Start(t, "", "--auth=off")
	dir := t.TempDir()
	const lines = 200_000 // more than the queue holds
	s.Kill()
	c := newChild(t, shipping{Dir: dir, Clients: shipClients(s), Until: lines, MaxBytes: 1 << 20})
	size := func() (n int64) {
		files, _ := filepath.Glob(filepath.Join(dir, "*.queue"))
		for _, f := range files {
			if info, err := os.Stat(f); err == nil {
				n += info.Size()
			}
		}
		return n
	}
	require.Eventually(t, func() bool { return size() > 900<<10 }, time.Minute, 20*time.Millisecond, "the queue fills up")
	time.Sleep(300 * time.Millisecond)
	require.LessOrEqual(t, size(), int64(1<<20), "and not more")
	c.kill() // what is in the queue outlives the agent
	c.start()
	s.Run()
	waitShipped(t, s, lines)
	require.Eventually(t, func() bool { return size() < 512<<10 }, 10*time.Second, 50*time.Millisecond, "what has arrived is removed")
}
