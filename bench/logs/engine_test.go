package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/bench/process"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// benchLines is how many lines the benchmark asks; LOGS_BENCH_LINES sets another
// multiple of 100,000.
func benchLines() int {
	if n, err := strconv.Atoi(os.Getenv("LOGS_BENCH_LINES")); err == nil {
		return n
	}
	return 200_000
}

// openCorpus stores a corpus and returns the language's engines over it, without and
// with a cache.
func openCorpus(b *testing.B) (c corpus, cold, cached *logql.Engine) {
	cfg := rowstore.DefaultConfig()
	cfg.Path, cfg.Distinct, cfg.Derived = b.TempDir(), true, logstore.DerivedFields
	rows, err := rowstore.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, rows.Close()) })
	store := logstore.New(rows, rows)
	require.NoError(b, store.LeaveInLines(filepath.Join(b.TempDir(), "in_line")))
	// Its windows are closed.
	c = corpus{lines: benchLines(), begin: time.Now().Add(-span - 2*time.Minute).Truncate(time.Minute)}
	for n := range c.pushes() {
		e, err := logql.Parse(stream(n))
		require.NoError(b, err)
		var ls []model.Label
		for _, m := range e.(*logql.LogExpr).Matchers {
			ls = append(ls, model.Label{Name: m.Name, Value: m.Value})
		}
		st := model.LogStream{Labels: model.NewLabels(ls...)}
		for _, l := range c.push(n) {
			st.Entries = append(st.Entries, model.LogEntry{Time: l.at.UnixNano(), Line: l.text})
		}
		require.NoError(b, store.Append(context.Background(), tenant.Default, []model.LogStream{st}))
	}
	limits := logql.DefaultConfig()
	return c, logql.NewEngine(store, limits), logql.NewEngine(store, limits).WithCache(logql.NewCache(limits.CacheSize))
}

// BenchmarkQueries asks each of the queries in process, over a store on disk: as if
// nobody had asked before, and again.
func BenchmarkQueries(b *testing.B) {
	c, cold, cached := openCorpus(b)
	b.Run("cold", func(b *testing.B) { benchQueries(b, c, cold) })
	b.Run("cached", func(b *testing.B) { benchQueries(b, c, cached) })
}

func benchQueries(b *testing.B, c corpus, engine *logql.Engine) {
	for _, q := range queries(c) {
		e, err := logql.Parse(q.logql)
		require.NoError(b, err)
		p := logql.Params{Start: c.end().UnixNano(), End: c.end().UnixNano(), Limit: q.limit}
		if q.step != "" || q.limit > 0 {
			p.Start = c.begin.UnixNano()
		}
		if q.step != "" {
			p.Step = int64(time.Minute)
		}
		b.Run(fmt.Sprintf("%q", q.name), func(b *testing.B) {
			before := cpu(b)
			for b.Loop() {
				_, err := engine.Eval(context.Background(), tenant.Default, e, p)
				require.NoError(b, err)
			}
			b.ReportMetric(float64((cpu(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
		})
	}
}

// cpu is the processor time of this process: the wall clock tells little on a busy
// machine.
func cpu(b *testing.B) time.Duration {
	d, err := process.CPU(os.Getpid())
	require.NoError(b, err)
	return d
}
