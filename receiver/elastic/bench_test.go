package elastic

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/tenant"
)

// BenchmarkBulk measures a document's whole way, as receiver/lokipush's BenchmarkPush
// does for a line: the messages are the same, in the clothes of Filebeat.
func BenchmarkBulk(b *testing.B) {
	for _, docs := range []int{100, 1000} {
		b.Run(fmt.Sprint(docs, " documents"), func(b *testing.B) {
			s := newServer(b, func(c *ingest.Config, _ *Config, _ *Deps) { c.Limits.IngestionRate = 0 })
			handler := s.Config.Handler
			b.SetParallelism(4)
			before := cpuTime(b)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r := httptest.NewRequest(http.MethodPost, "/_bulk?filter_path=errors,items.*.error,items.*.status", strings.NewReader(benchBody(docs)))
					r.Header.Set("Content-Type", "application/x-ndjson")
					w := httptest.NewRecorder()
					handler.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), "t")))
					require.Equal(b, 200, w.Code)
					require.True(b, strings.HasPrefix(w.Body.String(), `{"errors":false`), w.Body.String())
				}
			})
			b.StopTimer()
			n := float64(b.N * docs)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/doc")
			b.ReportMetric(float64(cpuTime(b)-before)/n, "cpu-ns/doc")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkDecode is what reading a request costs, without storing it.
func BenchmarkDecode(b *testing.B) {
	body := []byte(benchBody(1000))
	f := &flight{limit: 64 << 20}
	for b.Loop() {
		s := f.share()
		items, err := decode(body, defaults{}, s)
		require.NoError(b, err)
		for i := range items {
			if _, err := parseDocument(items[i].source); err != nil {
				b.Fatal(err)
			}
		}
		s.release()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*1000), "ns/doc")
}

func benchBody(docs int) string {
	now := time.Now()
	var out strings.Builder
	for app := range 4 {
		for i := range docs / 4 {
			fmt.Fprintf(&out, "{\"create\":{\"_index\":\"logs-app%d-2026.11.26\"}}\n", app)
			fmt.Fprintf(&out, `{"@timestamp":%q,"log":{"level":"info","logger":"handler.go:117"},"message":"request done","service":{"name":"app%d"},"host":{"name":"10.0.0.17:8080"},"http":{"method":"GET","path":"/api/v1/items/%d","status":200,"duration_ms":%d},"seq":%d}`+"\n",
				now.Add(time.Duration(i)).UTC().Format(time.RFC3339Nano), app, i*7919%10007, i%97, now.UnixNano()+int64(i))
		}
	}
	return out.String()
}

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
