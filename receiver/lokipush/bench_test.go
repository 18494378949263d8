package lokipush

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/tenant"
)

// BenchmarkPush measures a line's whole way, from the request's bytes to the
// synced log and the engine. CPU is the whole process', the engine's background
// work included.
func BenchmarkPush(b *testing.B) {
	for _, lines := range []int{100, 1000} {
		b.Run(fmt.Sprint(lines, " lines"), func(b *testing.B) {
			s := newServer(b, func(c *ingest.Config, _ *Config) { c.Limits.IngestionRate = 0 })
			handler := s.Config.Handler
			b.SetParallelism(4)
			before := cpuTime(b)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(benchBody(lines)))
					r.Header.Set("Content-Type", "application/x-protobuf")
					w := httptest.NewRecorder()
					handler.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), "t")))
					require.Equal(b, 204, w.Code)
				}
			})
			b.StopTimer()
			n := float64(b.N * lines)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/line")
			b.ReportMetric(float64(cpuTime(b)-before)/n, "cpu-ns/line")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkBody is what building a request costs in BenchmarkPush.
func BenchmarkBody(b *testing.B) {
	for b.Loop() {
		benchBody(1000)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*1000), "ns/line")
}

func benchBody(lines int) []byte {
	now := time.Now()
	var out message
	for app := range 4 {
		var entries []string
		for i := range lines / 4 {
			entries = append(entries, protoEntry(now.Add(time.Duration(i)), fmt.Sprintf(
				`level=info ts=%d caller=handler.go:117 msg="request done" method=GET path=/api/v1/items/%d status=200 duration=%dms`, now.UnixNano()+int64(i), i*7919%10007, i%97)))
		}
		out = append(out, protoPush(fmt.Sprintf(`{app="app%d", env="prod", instance="10.0.0.17:8080"}`, app), entries...)...)
	}
	return snappy.Encode(nil, out)
}

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
