package traceql

import (
	bits "encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/test/tracetest"
)

const benchTraces = 20_000

// BenchmarkQueries runs queries over 20,000 traces of five spans within an hour, whose
// spans have the attributes that instrumentation gives them.
func BenchmarkQueries(b *testing.B) {
	store := tracetest.Store(b)
	begin := time.Now().Add(-time.Hour)
	for batch := range benchTraces / 1000 {
		require.NoError(b, store.Append(b.Context(), team, benchSpans(begin, batch)))
	}
	e := NewEngine(store, DefaultConfig())
	for _, text := range []string{
		`{ .n = 500 }`, `{ }`, `{ } | count() > 50`, `{ .service.name = "web" } >> { .service.name = "db" }`,
		`{ .service.name = "web" } ~ { status = error }`, `{ } | by(resource.service.name) | avg(duration) > 1h | select(span.url.path)`,
		`{ event.exception.type = "Timeout" } | count() > 50`,
		`{ } | rate() by (resource.service.name)`, `{ .service.name = "web" } >> { } | rate()`,
	} {
		q, err := Parse(text)
		require.NoError(b, err)
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				if q.IsMetrics() {
					_, err = e.Metrics(b.Context(), team, q, RangeOptions{Start: begin.UnixNano(), End: time.Now().UnixNano(), Step: 60e9})
				} else {
					_, err = e.Search(b.Context(), team, q, SearchOptions{Start: begin.UnixNano(), End: time.Now().UnixNano(), Limit: 20})
				}
				require.NoError(b, err)
			}
		})
	}
}

// benchSpans are those of a thousand traces.
func benchSpans(begin time.Time, batch int) ptrace.Traces {
	td := ptrace.NewTraces()
	for i := range 1000 {
		at := begin.Add(time.Duration(batch*1000+i) * time.Hour / benchTraces)
		for s, service := range []string{"web", "orders", "db", "cache", "mail"} {
			rs := td.ResourceSpans().AppendEmpty()
			rs.Resource().Attributes().PutStr("service.name", service)
			rs.Resource().Attributes().PutStr("service.version", "1.4.2")
			rs.Resource().Attributes().PutStr("k8s.pod.name", fmt.Sprintf("%s-5d8f-%d", service, i%7))
			rs.Resource().Attributes().PutStr("deployment.environment", "production")
			rs.Resource().Attributes().PutInt("process.pid", int64(1000+i%7))
			ss := rs.ScopeSpans().AppendEmpty()
			ss.Scope().SetName("io.opentelemetry.http")
			out := ss.Spans().AppendEmpty()
			var id pcommon.TraceID
			bits.BigEndian.PutUint64(id[8:], uint64(batch*1000+i)*0x9e3779b97f4a7c15)
			out.SetTraceID(id)
			out.SetSpanID(pcommon.SpanID{7: byte(s + 1)})
			if s > 0 {
				out.SetParentSpanID(pcommon.SpanID{7: byte(s)})
			}
			out.SetName([]string{"GET /", "POST /o", "SELECT", "GET k", "send"}[s])
			out.SetKind(ptrace.SpanKindServer)
			a := out.Attributes()
			a.PutInt("n", int64(i))
			a.PutStr("http.request.method", "GET")
			a.PutStr("url.path", fmt.Sprintf("/items/%d", i))
			a.PutInt("http.response.status_code", 200)
			a.PutStr("server.address", service+".shop.svc")
			a.PutStr("client.address", fmt.Sprintf("10.0.%d.%d", i%250, s))
			a.PutDouble("cart.total", float64(i)/7)
			if s == 2 && i%100 == 0 {
				out.Status().SetCode(ptrace.StatusCodeError)
				event := out.Events().AppendEmpty()
				event.SetName("exception")
				event.SetTimestamp(pcommon.NewTimestampFromTime(at))
				event.Attributes().PutStr("exception.type", "Timeout")
			}
			out.SetStartTimestamp(pcommon.NewTimestampFromTime(at.Add(time.Duration(s) * time.Millisecond)))
			out.SetEndTimestamp(pcommon.NewTimestampFromTime(at.Add(10 * time.Millisecond)))
		}
	}
	return td
}
