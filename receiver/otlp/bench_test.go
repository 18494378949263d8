package otlp

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces/tracestore"
)

type storeSink struct{ store *tracestore.Store }

func (s storeSink) PushTraces(ctx context.Context, t tenant.ID, td ptrace.Traces) error {
	return s.store.Append(ctx, t, td)
}

// request returns an export of traces of ten spans each over five services, with
// the attributes that HTTP and database instrumentation sets.
func request(b *testing.B, r *rand.Rand, spans int) []byte {
	td := ptrace.NewTraces()
	now := time.Now()
	var id pcommon.TraceID
	for i := range spans {
		if i%10 == 0 {
			for j := range id {
				id[j] = byte(r.Uint32())
			}
		}
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr("service.name", fmt.Sprintf("service-%d", i%5))
		rs.Resource().Attributes().PutStr("host.name", "node-1")
		rs.Resource().Attributes().PutStr("deployment.environment", "prod")
		ss := rs.ScopeSpans().AppendEmpty()
		ss.Scope().SetName("go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp")
		s := ss.Spans().AppendEmpty()
		s.SetTraceID(id)
		s.SetSpanID(pcommon.SpanID{byte(i), byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32()), 1, 1})
		s.SetName(fmt.Sprintf("GET /items/%d", i%7))
		s.SetKind(ptrace.SpanKindServer)
		s.SetStartTimestamp(pcommon.NewTimestampFromTime(now.Add(time.Duration(i) * time.Microsecond)))
		s.SetEndTimestamp(s.StartTimestamp() + pcommon.Timestamp(r.IntN(1_000_000)))
		a := s.Attributes()
		a.PutStr("http.request.method", "GET")
		a.PutInt("http.response.status_code", 200)
		a.PutStr("url.path", fmt.Sprintf("/items/%d", r.IntN(100_000)))
		a.PutStr("server.address", "shop.example")
		a.PutStr("client.address", fmt.Sprintf("10.0.%d.%d", r.IntN(256), r.IntN(256)))
		a.PutStr("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36")
		a.PutStr("network.protocol.version", "1.1")
	}
	body, err := ptraceotlp.NewExportRequestFromTraces(td).MarshalProto()
	if err != nil {
		b.Fatal(err)
	}
	return body
}

func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkOTLP measures a span from the HTTP request to the synced write-ahead
// log, with the client's own share of CPU; an operation is a request of 500 spans.
// Eight clients push at the same time.
func BenchmarkOTLP(b *testing.B) {
	cfg := rowstore.DefaultConfig()
	cfg.Path = b.TempDir()
	log := slog.New(slog.DiscardHandler)
	rows, err := rowstore.Open(cfg, log, prometheus.NewRegistry())
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	store, err := tracestore.New(rows, tracestore.DefaultConfig())
	if err != nil {
		b.Fatal(err)
	}
	s := &sink{}
	handler := NewAPI(DefaultHTTPConfig(), storeSink{store}, s, s).Routes()[0].Handler
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), tenant.Default)))
	}))
	defer srv.Close()

	const spans = 500
	r := rand.New(rand.NewPCG(1, 2))
	var bodies [][]byte
	for range 64 {
		bodies = append(bodies, request(b, r, spans))
	}
	b.SetParallelism(4)
	b.ResetTimer()
	before := cpu(b)
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			resp, err := http.Post(srv.URL+"/v1/traces", typeProtobuf, bytes.NewReader(bodies[i%len(bodies)]))
			if err != nil {
				b.Error(err)
				return
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				b.Errorf("status %d", resp.StatusCode)
				return
			}
		}
	})
	n := float64(b.N * spans)
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/n, "cpu-µs/span")
	b.ReportMetric(n/b.Elapsed().Seconds(), "spans/s")
}
