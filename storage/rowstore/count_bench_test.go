package rowstore

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
	"github.com/stretchr/testify/require"
)

// parseBench is a ParseNumber.
func parseBench(s string) (float64, bool) {
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

// countStore has half a million rows of an hour in 20 streams.
func countStore(b *testing.B) (*Store, Query) {
	cfg := DefaultConfig()
	cfg.Path = b.TempDir()
	s, err := Open(cfg, slog.New(slog.NewTextHandler(io.Discard, nil)), nil)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	start := time.Now().Add(-2 * time.Hour).Truncate(time.Minute)
	levels := []string{"info", "info", "info", "debug", "warn", "error"}
	const n, batch = 500_000, 10_000
	for first := 0; first < n; first += batch {
		rows := make([]Row, batch)
		for i := range rows {
			k := first + i
			rows[i] = Row{Time: start.Add(time.Duration(k) * time.Hour / n).UnixNano(),
				Stream: []Field{{"app", fmt.Sprint("app", k%20)}},
				Fields: []Field{{"_msg", fmt.Sprintf(`GET /api/v1/items/%d took %d ms`, k*7919%10007, k%97)},
					{"level", levels[k*31%6]}, {"ms", fmt.Sprintf("%d.%d", k%977, k%10)}}}
		}
		require.NoError(b, s.Append(b.Context(), "t", rows))
	}
	s.engine.DebugFlush()
	return s, Query{Start: start.UnixNano(), End: start.Add(time.Hour).UnixNano()}
}

// BenchmarkCount compares Count with the engine's own statistics over the same rows.
func BenchmarkCount(b *testing.B) {
	s, q := countStore(b)
	minute := int64(time.Minute)
	id, _ := s.tenants.find("t")
	native := func(pipe string) func(b *testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				eq := engineQuery{tenants: []logstorage.TenantID{id}, start: q.Start, end: q.End - 1, condition: "*", pipes: pipe}
				require.NoError(b, s.run(context.Background(), eq, func(uint, *logstorage.DataBlock) {}))
			}
		}
	}
	count := func(g Grouping, keep keepFunc) func(b *testing.B) {
		return func(b *testing.B) {
			q := q
			q.Keep = keep
			for b.Loop() {
				_, err := s.Count(context.Background(), "t", q, g)
				require.NoError(b, err)
			}
		}
	}
	b.Run("all/native", native(`| stats count() x`))
	b.Run("all/count", count(Grouping{}, nil))
	b.Run("level/native", native(`| stats by (_time:1m, level) count() x`))
	b.Run("level/count", count(Grouping{Step: minute, By: []string{"level"}}, nil))
	b.Run("app/native", native(`| stats by (_time:1m, app) count() x`))
	b.Run("app/count", count(Grouping{Step: minute, By: []string{"app"}}, nil))
	b.Run("bytes/native", native(`| stats by (_time:1m, app) count() x, sum_len(_msg) y`))
	b.Run("bytes/count", count(Grouping{Step: minute, By: []string{"app"}, SumLength: true}, nil))
	b.Run("number/native", native(`| stats by (_time:1m, app) count() x, sum(ms) y, min(ms) z, max(ms) w`))
	b.Run("number/count", count(Grouping{Step: minute, By: []string{"app"}, Number: "ms", ParseNumber: parseBench}, nil))
	b.Run("keep/count", count(Grouping{Step: minute, By: []string{"level"}}, func(b *Block, keep []bool) {
		for i := range keep {
			keep[i] = true
		}
	}))
}
