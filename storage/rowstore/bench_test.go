package rowstore_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/storage/rowstore"
)

// benchRows is a batch of log lines of four streams.
func benchRows(n int) []rowstore.Row {
	rows := make([]rowstore.Row, n)
	for i := range rows {
		rows[i] = rowstore.Row{
			Time:   time.Now().UnixNano(),
			Stream: fields("app", fmt.Sprint("app", i*4/n), "env", "prod", "instance", "10.0.0.17:8080"),
			Fields: fields("_msg", fmt.Sprintf(`level=info ts=2026-11-21T03:04:05.%06dZ caller=handler.go:117 msg="request done" method=GET path=/api/v1/items/%d status=200 duration=%dms`, i, i*7919%10007, i%97),
				"detected_level", "info", "trace_id", fmt.Sprintf("%032x", i*2654435761)),
		}
	}
	return rows
}

// BenchmarkAppend measures a line's whole way to disk, in parallel.
func BenchmarkAppend(b *testing.B) {
	for _, n := range []int{100, 1000} {
		for _, distinct := range []bool{false, true} {
			b.Run(fmt.Sprintf("%d rows/distinct=%v", n, distinct), func(b *testing.B) {
				s := openStoreWith(b, b.TempDir(), func(c *rowstore.Config) { c.Distinct = distinct })
				b.SetParallelism(4)
				began := cpuTime()
				b.ResetTimer()
				b.RunParallel(func(pb *testing.PB) {
					rows := benchRows(n)
					for pb.Next() {
						now := time.Now().UnixNano()
						for i := range rows {
							rows[i].Time = now + int64(i)
						}
						require.NoError(b, s.Append(b.Context(), "t", rows))
					}
				})
				b.StopTimer()
				require.NoError(b, s.Close()) // what is in memory is work that is left
				b.ReportMetric(float64((cpuTime()-began).Nanoseconds())/float64(b.N*n), "cpu-ns/row")
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/row")
			})
		}
	}
}

// cpuTime is what the process has used so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkQueryAfterAppend measures what it costs to see a row at once.
func BenchmarkQueryAfterAppend(b *testing.B) {
	s := openStore(b)
	rows := benchRows(100)
	q := everything()
	q.Limit = 10
	for b.Loop() {
		now := time.Now().UnixNano()
		for i := range rows {
			rows[i].Time = now + int64(i)
		}
		require.NoError(b, s.Append(b.Context(), "t", rows))
		q.End = now + 1000
		require.NoError(b, s.Query(b.Context(), "t", q, func(*rowstore.Block) error { return nil }))
	}
}
