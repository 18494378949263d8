package traceql

import (
	bits "encoding/binary"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/traces/tracestore"
)

// BenchmarkQueries runs queries over 20,000 traces of five spans within an hour.
func BenchmarkQueries(b *testing.B) {
	cfg := rowstore.DefaultConfig()
	cfg.Path = b.TempDir()
	rows, err := rowstore.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, rows.Close()) })
	store, err := tracestore.New(rows, tracestore.DefaultConfig())
	require.NoError(b, err)
	begin := time.Now().Add(-time.Hour)
	const n = 20_000
	for batch := range n / 1000 {
		td := ptrace.NewTraces()
		for i := range 1000 {
			at := begin.Add(time.Duration(batch*1000+i) * time.Hour / n)
			for s := range 5 {
				rs := td.ResourceSpans().AppendEmpty()
				rs.Resource().Attributes().PutStr("service.name", []string{"web", "orders", "db", "cache", "mail"}[s])
				out := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
				var id pcommon.TraceID
				bits.BigEndian.PutUint64(id[8:], uint64(batch*1000+i)*0x9e3779b97f4a7c15)
				out.SetTraceID(id)
				out.SetSpanID(pcommon.SpanID{7: byte(s + 1)})
				if s > 0 {
					out.SetParentSpanID(pcommon.SpanID{7: byte(s)})
				}
				out.SetName([]string{"GET /", "POST /o", "SELECT", "GET k", "send"}[s])
				out.SetKind(ptrace.SpanKindServer)
				out.Attributes().PutInt("n", int64(i))
				out.SetStartTimestamp(pcommon.NewTimestampFromTime(at.Add(time.Duration(s) * time.Millisecond)))
				out.SetEndTimestamp(pcommon.NewTimestampFromTime(at.Add(10 * time.Millisecond)))
			}
		}
		require.NoError(b, store.Append(b.Context(), team, td))
	}
	e := NewEngine(store, DefaultConfig())
	for _, text := range []string{
		`{ .n = 500 }`, `{ }`, `{ } | count() > 50`, `{ .service.name = "web" } >> { .service.name = "db" }`,
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
