package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// TestTortureLogsOnVictoriaLogs keeps lines on a real VictoriaLogs server, kills it and
// Pharos hard at random moments while clients push, and expects each acknowledged
// line. That none is stored twice, logs/remote tests below the language, which folds
// equal ones. make torture makes it fifty kills.
func TestTortureLogsOnVictoriaLogs(t *testing.T) {
	t.Parallel()
	kills := testkit.Times(4, 4, 50)
	server := testkit.StartVictoriaLogs(t)
	s := testkit.Start(t, fmt.Sprintf("logs:\n  engine: victorialogs\n  victorialogs: {insert_url: %[1]q, select_url: %[1]q, hold: 10s}\n", server.URL), "--auth=off")

	var mu sync.Mutex
	acked := map[string]bool{}
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for c := range 3 {
		clients.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				case <-time.After(5 * time.Millisecond):
				}
				lines := make([]string, 20)
				for i := range lines {
					lines[i] = fmt.Sprintf("client=%d batch=%d line=%d", c, n, i)
				}
				if status, _ := s.Do(http.MethodPost, "/loki/api/v1/push", push(fmt.Sprintf("client-%d", c), lines), "Content-Type: application/json"); status == http.StatusNoContent {
					mu.Lock()
					for _, l := range lines {
						acked[l] = true
					}
					mu.Unlock()
				}
			}
		})
	}
	for n := range kills {
		time.Sleep(time.Duration(300+rand.IntN(700)) * time.Millisecond)
		if n%2 == 0 {
			server.Kill()
			time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
			status, body := s.Get("/loki/api/v1/query?query=vector(1)")
			require.Equal(t, http.StatusOK, status, body)
			server.Restart()
		} else {
			s.Kill()
			s.Run()
		}
	}
	close(stop)
	clients.Wait()
	require.Greater(t, len(acked), 500, "the clients got through")
	require.Eventually(t, func() bool { // the server is compared with the log first
		status, _ := s.Get(`/loki/api/v1/query?query=count_over_time({app="torture"}[1m])`)
		return status == http.StatusOK
	}, 60*time.Second, 100*time.Millisecond)
	found := readAll(t, s, `{app="torture"}`)
	for l := range acked {
		require.Equal(t, 1, found[l], "acknowledged %q", l)
	}

	// Away: queries say so, pushes are accepted.
	server.Kill()
	status, body := s.Get(`/loki/api/v1/labels`)
	require.GreaterOrEqual(t, status, 500, body)
	require.Contains(t, body, "log server")
	status, body = s.Do(http.MethodPost, "/loki/api/v1/push", push("late", []string{"while it was away"}), "Content-Type: application/json")
	require.Equal(t, http.StatusNoContent, status, body)
	status, body = s.Get("/health/ready")
	require.Equal(t, http.StatusOK, status, body)
	server.Restart()
	require.Eventually(t, func() bool {
		status, _ := s.Get(`/loki/api/v1/labels`)
		return status == http.StatusOK
	}, 30*time.Second, 100*time.Millisecond)
	require.Equal(t, 1, readAll(t, s, `{instance="late"}`)["while it was away"])
}
