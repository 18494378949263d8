package rowstore

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/tenant"
)

// TestTheOldestDaysGoBeyondTheSize waits until the engine drops days; it never drops
// the last two.
func TestTheOldestDaysGoBeyondTheSize(t *testing.T) {
	if testing.Short() {
		t.Skip("the engine looks every ten seconds")
	}
	t.Parallel()
	cfg := DefaultConfig()
	cfg.Path, cfg.MaxSize = t.TempDir(), 100_000
	s, err := Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	today := time.Now().UTC().Truncate(24 * time.Hour)
	for day := range 5 {
		rows := make([]Row, 1000)
		for i := range rows {
			text := fmt.Sprintf("%016x%016x%016x%016x", rand.Uint64(), rand.Uint64(), rand.Uint64(), rand.Uint64()) // does not compress
			rows[i] = Row{Time: today.Add(-time.Duration(day)*24*time.Hour + time.Duration(i)).UnixNano(),
				Stream: []Field{{"app", "a"}}, Fields: []Field{{MessageField, text}}}
		}
		require.NoError(t, s.Append(context.Background(), tenant.Default, rows))
	}
	days := func() map[int64]uint64 {
		out := map[int64]uint64{}
		counts, err := s.Count(context.Background(), tenant.Default, Query{Start: 0, End: today.Add(48 * time.Hour).UnixNano()}, Grouping{Step: int64(24 * time.Hour)})
		require.NoError(t, err)
		for _, c := range counts {
			out[(today.UnixNano()-c.Time)/int64(24*time.Hour)] = c.Rows
		}
		return out
	}
	require.Len(t, days(), 5)
	require.Eventually(t, func() bool { return len(days()) < 5 }, time.Minute, 200*time.Millisecond)
	require.Eventually(t, func() bool {
		left := days()
		return len(left) >= 2 && left[0] == 1000 && left[1] == 1000 && left[4] == 0
	}, time.Minute, 200*time.Millisecond)
}
