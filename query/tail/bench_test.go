package tail

import (
	"context"
	"fmt"
	"io"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/model"
)

// BenchmarkPublish is a line's cost with 0 and 200 readers, each of one of 50 projects
// and with its own filter: "push-ns/line" is what ingest waits, "cpu-ns/line" what
// the process computes, the worker and the readers' encoding included. Batches come
// at 20,000 lines a second, so that readers are woken as often as they would be.
func BenchmarkPublish(b *testing.B) {
	const projects, perBatch = 50, 100
	for _, readers := range []int{0, 200} {
		b.Run(fmt.Sprint(readers, " readers"), func(b *testing.B) {
			h := startHub(b, nil)
			ctx, stop := context.WithCancel(context.Background())
			var wg sync.WaitGroup
			for i := range readers {
				filters := []string{``, ` |= "status=500"`, ` != "debug"`, ` | logfmt | duration > 50ms`}
				s, err := h.Follow(ctx, "a", nil, Request{Query: logQuery(b, fmt.Sprintf(`{project="p%d"}%s`, i%projects, filters[i/projects])), Gather: 50 * time.Millisecond})
				require.NoError(b, err)
				wg.Go(func() {
					defer s.Close()
					for {
						f, err := s.Next(ctx, time.Minute)
						if err != nil {
							return
						}
						_, _ = f.WriteTo(io.Discard)
					}
				})
			}
			batches := make([][]model.LogStream, projects)
			for p := range batches {
				s := model.LogStream{Labels: model.NewLabels(model.Label{Name: "project", Value: fmt.Sprint("p", p)}, model.Label{Name: "app", Value: "web"})}
				for i := range perBatch {
					s.Entries = append(s.Entries, model.LogEntry{Time: int64(i), Metadata: model.Labels{{Name: "detected_level", Value: "info"}},
						Line: fmt.Sprintf(`level=info caller=handler.go:117 msg="request done" method=GET path=/api/v1/items/%d status=%d duration=%dms`, i*7919%10007, 200+i%4*100, i%97)})
				}
				batches[p] = []model.LogStream{s}
			}
			var pushing time.Duration
			before := cpuTime(b)
			begin := time.Now()
			n := 0
			for b.Loop() {
				at := time.Now()
				h.Publish(h.Begin(), "a", batches[n%projects], 0)
				pushing += time.Since(at)
				n++
				time.Sleep(time.Until(begin.Add(time.Duration(n) * perBatch * time.Second / 20_000)))
			}
			settle(b, h)
			lines := float64(n * perBatch)
			b.ReportMetric(float64(pushing.Nanoseconds())/lines, "push-ns/line")
			b.ReportMetric(float64(cpuTime(b)-before)/lines, "cpu-ns/line")
			b.ReportMetric(0, "ns/op")
			stop()
			wg.Wait()
		})
	}
}

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkAppendJSON is the encoding of a line of JSON, the worst usual case.
func BenchmarkAppendJSON(b *testing.B) {
	const line = `{"time":"2026-11-26T11:00:00Z","level":"error","msg":"payment provider did not answer","attempt":3,"order":68960,"trace_id":"6135aec6fbd6f48fa3f1d57a"}`
	var buf []byte
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		buf = appendJSON(buf[:0], line)
	}
}
