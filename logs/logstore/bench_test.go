package logstore

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// benchLines are lines of three kinds of programs.
var benchLines = map[string]func(i int) string{
	"json": func(i int) string {
		return fmt.Sprintf(`{"ts":"2026-11-26T10:00:00.%06dZ","level":"info","logger":"http.server","msg":"request done","trace_id":"%032x","http":{"method":"GET","path":"/api/v1/items/%d","status":200},"duration_ms":%d.75,"user":"anna"}`,
			i, i*2654435761, i*7919%10007, i%97)
	},
	"logfmt": func(i int) string {
		return fmt.Sprintf(`level=info ts=2026-11-21T03:04:05.%06dZ caller=handler.go:117 msg="request done" method=GET path=/api/v1/items/%d status=200 duration=%dms`, i, i*7919%10007, i%97)
	},
	"access": func(i int) string {
		return fmt.Sprintf(`10.0.%d.%d - - [26/Nov/2026:10:00:00 +0000] "GET /api/v1/items/%d HTTP/1.1" 200 %d "-" "Mozilla/5.0 (X11; Linux x86_64)"`, i%7, i%251, i*7919%10007, i%4096)
	},
}

func benchStreams(n int, line func(int) string) []model.LogStream {
	streams := make([]model.LogStream, 4)
	for s := range streams {
		streams[s].Labels = labelsOf("app", fmt.Sprint("app", s), "env", "prod", "instance", "10.0.0.17:8080")
		for i := range n / len(streams) {
			streams[s].Entries = append(streams[s].Entries, model.LogEntry{Line: line(s*n + i), Metadata: labelsOf("detected_level", "info")})
		}
	}
	return streams
}

// BenchmarkAppend measures a line's whole way to disk, with the CPU that the engine
// takes beside it.
func BenchmarkAppend(b *testing.B) {
	const n = 2000
	for name, line := range benchLines {
		b.Run(name, func(b *testing.B) {
			s := openInLine(b, false)
			streams := benchStreams(n, line)
			before := cpu(b)
			for b.Loop() {
				now := time.Now().UnixNano()
				for _, st := range streams {
					for i := range st.Entries {
						st.Entries[i].Time = now + int64(i)
					}
				}
				require.NoError(b, s.Append(b.Context(), tenant.Default, streams))
			}
			b.ReportMetric(float64(cpu(b)-before)/float64(b.N*n), "cpu-ns/row")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// cpu is the time that the process has computed.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
