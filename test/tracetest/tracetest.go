// Package tracetest opens real span stores for the tests of what reads them.
package tracetest

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces/tracestore"
)

// Store opens an empty store, which the test's end closes.
func Store(t testing.TB) *tracestore.Store {
	t.Helper()
	cfg := rowstore.DefaultConfig()
	cfg.Path = t.TempDir()
	rows, err := rowstore.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rows.Close()) })
	store, err := tracestore.New(rows, tracestore.DefaultConfig())
	require.NoError(t, err)
	return store
}

// Span is what Add needs to know of a span.
type Span struct {
	Trace, ID, Parent byte // the last of each identifier's; no parent is 0
	Service, Name     string
	Kind              ptrace.SpanKind
	Start             time.Time
	Took              time.Duration
}

// Add adds a span with a resource of its own.
func Add(td ptrace.Traces, s Span) (ptrace.Span, pcommon.Resource) {
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", s.Service)
	out := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	out.SetTraceID(pcommon.TraceID{15: s.Trace})
	out.SetSpanID(pcommon.SpanID{7: s.ID})
	if s.Parent != 0 {
		out.SetParentSpanID(pcommon.SpanID{7: s.Parent})
	}
	out.SetName(s.Name)
	out.SetKind(s.Kind)
	out.SetStartTimestamp(pcommon.NewTimestampFromTime(s.Start))
	out.SetEndTimestamp(pcommon.NewTimestampFromTime(s.Start.Add(s.Took)))
	return out, rs.Resource()
}

// Handler serves routes as the default tenant, as the gate would.
func Handler(routes []httpx.Route) http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.Handle(r.Pattern, r.Handler)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), tenant.Default)))
	})
}
