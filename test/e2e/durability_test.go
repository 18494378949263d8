package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// TestTortureAcknowledgedLinesSurviveKill pushes from several clients that retry,
// kills the process hard at random moments, and expects each acknowledged line
// exactly once. PHAROS_TORTURE=1 makes it fifty kills.
func TestTortureAcknowledgedLinesSurviveKill(t *testing.T) {
	kills := 3
	if os.Getenv("PHAROS_TORTURE") != "" {
		kills = 50
	}
	s := testkit.Start(t, "", "--auth=off")

	var mu sync.Mutex
	acked := map[string]bool{}
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for c := range 4 {
		clients.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				lines := make([]string, 20)
				for i := range lines {
					lines[i] = fmt.Sprintf("client=%d batch=%d line=%d", c, n, i)
				}
				// A batch is given up, unacknowledged, when the server dies under it: the
				// client cannot know whether it is stored, so neither may the test.
				if status, _ := s.Do(http.MethodPost, "/loki/api/v1/push", push(fmt.Sprintf("client-%d", c), lines), "Content-Type: application/json"); status == http.StatusNoContent {
					mu.Lock()
					for _, l := range lines {
						acked[l] = true
					}
					mu.Unlock()
				} else if status == 0 {
					time.Sleep(20 * time.Millisecond)
				}
			}
		})
	}
	for range kills {
		time.Sleep(time.Duration(300+rand.IntN(1200)) * time.Millisecond)
		s.Kill()
		s.Run()
	}
	time.Sleep(300 * time.Millisecond)
	close(stop)
	clients.Wait()

	require.Greater(t, len(acked), 1000, "the clients got through")
	found := readAll(t, s, `{app="torture"}`)
	for l := range acked {
		require.Equal(t, 1, found[l], "acknowledged %q", l)
	}
	for l, n := range found {
		require.Equal(t, 1, n, "line %q is stored more than once", l)
	}
}

// push is a Loki push in JSON, one line a nanosecond.
func push(instance string, lines []string) []byte {
	now := time.Now().UnixNano()
	values := make([][]string, len(lines))
	for i, l := range lines {
		values[i] = []string{strconv.FormatInt(now+int64(i), 10), l}
	}
	b, err := json.Marshal(map[string]any{"streams": []any{map[string]any{
		"stream": map[string]string{"app": "torture", "instance": instance}, "values": values,
	}}})
	if err != nil {
		panic(err)
	}
	return b
}

// readAll reads every line of a selector, page by page, counting duplicates.
func readAll(t *testing.T, s *testkit.Server, selector string) map[string]int {
	t.Helper()
	found := map[string]int{}
	end := time.Now().Add(time.Minute).UnixNano()
	start := end - int64(2*time.Hour)
	seen := map[string]bool{} // stream, time and line of the page's last nanosecond
	for {
		q := url.Values{"query": {selector}, "limit": {"5000"}, "direction": {"forward"}, "start": {strconv.FormatInt(start, 10)}, "end": {strconv.FormatInt(end, 10)}}
		status, body := s.Get("/loki/api/v1/query_range?" + q.Encode())
		require.Equal(t, http.StatusOK, status, body)
		var ans struct {
			Data struct {
				Result []struct {
					Stream map[string]string
					Values [][]string
				}
			}
		}
		require.NoError(t, json.Unmarshal([]byte(body), &ans))
		last, rows, fresh := start, 0, 0
		at := map[string]bool{}
		for _, st := range ans.Data.Result {
			for _, v := range st.Values {
				rows++
				ns, err := strconv.ParseInt(v[0], 10, 64)
				require.NoError(t, err)
				key := strings.Join([]string{st.Stream["instance"], v[0], v[1]}, "\x00")
				last = max(last, ns)
				at[key] = true
				if !seen[key] {
					found[v[1]]++
					fresh++
				}
			}
		}
		if rows < 5000 || fresh == 0 {
			return found
		}
		start, seen = last, at
	}
}
