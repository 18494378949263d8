package e2e

import (
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/storage/rowstore"
)

// TestTortureAcknowledgedLinesSurviveKill sends over several protocols from clients
// that repeat each batch until it is acknowledged, kills the process hard at random
// moments, some of them before it is ready, and expects each line exactly once: in
// the answers, and among the rows of the store. make torture makes it fifty kills.
func TestTortureAcknowledgedLinesSurviveKill(t *testing.T) {
	t.Parallel()
	kills := testkit.Times(5, 5, 50)
	s := testkit.Start(t, "", "--auth=off")
	senders := []sender{lokiSender{}, otlpSender{}, bulkSender{}}
	storm := newStorm(s, senders)
	var slowest time.Duration
	for kill := range kills {
		wait := time.Duration(rand.IntN(1500)) * time.Millisecond
		if kill%5 == 4 {
			wait += 5 * time.Second // the log is shortened in between
		}
		time.Sleep(wait)
		s.Kill()
		s.Launch()
		if kill%2 == 0 {
			took := storm.firstAcknowledgement(t)
			slowest = max(slowest, took)
		}
	}
	s.WaitReady()
	time.Sleep(300 * time.Millisecond)
	sent := storm.stop()
	t.Logf("%d lines acknowledged, %d requests repeated, first acknowledgement after a start within %s", len(sent), storm.repeats.Load(), slowest)
	require.Greater(t, len(sent), 1000, "the clients got through")

	for _, k := range senders {
		for line, n := range readAll(t, s, k.selector()) {
			require.Equal(t, 1, n, "line %q is answered %d times", k.text(line), n)
			require.True(t, sent[k.text(line)] > 0, "line %q was sent", line)
			sent[k.text(line)]++
		}
	}
	for line, n := range sent {
		require.Equal(t, 2, n, "acknowledged line %q is answered once", line)
	}
	_, _ = s.Stop()
	// Rows that come before the log is replayed cannot be told from a repeat, and what a
	// kill interrupts is repeated at once.
	mayBeMarked := max(len(sent)/100, int(storm.repeats.Load())*maxLines)
	require.Equal(t, len(sent), storedRows(t, filepath.Join(s.Dir, "data", "logs"), mayBeMarked), "rows in the store")
}

// storedRows counts the rows of the log store in dir, those too that answers leave
// out because they equal another one. Rows that are marked as maybe equal to another
// cost queries time; there may be so many.
func storedRows(t *testing.T, dir string, mayBeMarked int) int {
	t.Helper()
	cfg := rowstore.DefaultConfig()
	cfg.Path, cfg.Distinct = dir, true
	store, err := rowstore.Open(cfg, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	defer store.Close()
	now := time.Now()
	q := rowstore.Query{Start: now.Add(-24 * time.Hour).UnixNano(), End: now.Add(24 * time.Hour).UnixNano()}
	counts, err := store.Count(t.Context(), "default", q, rowstore.Grouping{})
	require.NoError(t, err)
	require.Len(t, counts, 1)
	q.Filter = rowstore.MaybeEqual{}
	marked, err := store.Count(t.Context(), "default", q, rowstore.Grouping{})
	require.NoError(t, err)
	if len(marked) > 0 {
		require.LessOrEqual(t, int(marked[0].Rows), mayBeMarked, "rows marked as maybe equal")
	}
	return int(counts[0].Rows)
}

// push is a Loki push in JSON, one line a nanosecond.
func push(instance string, lines []string) []byte { return pushAt(time.Now(), instance, lines) }

func pushAt(at time.Time, instance string, lines []string) []byte {
	now := at.UnixNano()
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
