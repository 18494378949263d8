package simulator

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestTrafficLosesNothing posts to a collector that refuses now and then: what the
// traffic says is stored is what the collector acknowledged, and nothing is given up.
func TestTrafficLosesNothing(t *testing.T) {
	line := regexp.MustCompile(`^203\.0\.113\.\d+ - user-\d+ \[[^\]]+\] "(POST|GET|PUT|DELETE) /\S+ HTTP/1\.1" \d{3} \d+$`)
	var mu sync.Mutex
	requests, lines, keys := 0, 0, map[string]bool{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		if requests++; requests%5 == 0 {
			http.Error(w, "not now", http.StatusServiceUnavailable)
			return
		}
		require.Equal(t, "/collector", r.URL.Path)
		require.Equal(t, "Bearer t", r.Header.Get("Authorization"))
		keys[r.Header.Get("Idempotency-Key")] = true
		for _, l := range strings.Split(strings.TrimSpace(string(b)), "\n") {
			require.Regexp(t, line, l)
			lines++
		}
	}))
	defer s.Close()
	tr := newTraffic(Config{Pharos: s.URL, Token: "t"}, slog.New(slog.DiscardHandler))
	tr.rate.Store(2000)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); tr.run(ctx) }()
	time.Sleep(time.Second)
	tr.rate.Store(0)
	require.Eventually(t, func() bool { st := tr.state(); return st.Made == st.Stored && st.Made > 1000 }, 10*time.Second, 20*time.Millisecond)
	cancel()
	<-done
	st := tr.state()
	require.Zero(t, st.Failed)
	mu.Lock()
	defer mu.Unlock()
	require.EqualValues(t, lines, st.Stored)
	require.Greater(t, len(keys), 3)
}
