package zipkin

import (
	"bytes"
	"compress/gzip"
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	zipkingo "github.com/openzipkin/zipkin-go"
	zipkinmodel "github.com/openzipkin/zipkin-go/model"
	"github.com/openzipkin/zipkin-go/proto/zipkin_proto3"
	"github.com/openzipkin/zipkin-go/reporter"
	zipkinhttp "github.com/openzipkin/zipkin-go/reporter/http"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/tenant"
)

type sink struct {
	mu     sync.Mutex
	err    error
	traces []ptrace.Traces
	tenant tenant.ID
}

func (s *sink) PushTraces(_ context.Context, t tenant.ID, td ptrace.Traces) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	s.tenant = t
	s.traces = append(s.traces, td)
	return nil
}

func (s *sink) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, td := range s.traces {
		for _, rs := range td.ResourceSpans().All() {
			service, _ := rs.Resource().Attributes().Get("service.name")
			for _, ss := range rs.ScopeSpans().All() {
				for _, span := range ss.Spans().All() {
					out = append(out, service.Str()+" "+span.Name()+" "+span.Kind().String())
				}
			}
		}
	}
	return out
}

type tokens struct{}

func (tokens) ResolveWrite(_ context.Context, get func(string) string) (tenant.ID, error) {
	if get("authorization") != "Bearer writer" {
		return "", tenant.ErrUnauthenticated
	}
	return "acme", nil
}

func start(t *testing.T, s *sink) string {
	t.Helper()
	cfg := DefaultConfig()
	cfg.HTTP, cfg.MaxMessageMiB = testkit.FreeAddress(t), 1
	r, err := New(cfg, Deps{Traces: s, Tenants: tokens{}, Log: slog.New(slog.DiscardHandler)}, nil)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", cfg.HTTP)
		if err == nil {
			c.Close()
		}
		return err == nil
	}, 5*time.Second, 10*time.Millisecond)
	return "http://" + cfg.HTTP
}

// withToken adds the token to each request of a client.
type withToken struct{ token string }

func (w withToken) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+w.token)
	return http.DefaultTransport.RoundTrip(r)
}

// TestZipkinReporters uses Zipkin's own client library with both of its encodings.
func TestZipkinReporters(t *testing.T) {
	s := &sink{}
	url := start(t, s)
	client := &http.Client{Transport: withToken{"writer"}}
	endpoint, err := zipkingo.NewEndpoint("web", "127.0.0.1:80")
	require.NoError(t, err)
	for _, option := range []zipkinhttp.ReporterOption{
		zipkinhttp.Serializer(reporter.JSONSerializer{}),
		zipkinhttp.Serializer(zipkin_proto3.SpanSerializer{}),
	} {
		rep := zipkinhttp.NewReporter(url+"/api/v2/spans", zipkinhttp.Client(client), option)
		tracer, err := zipkingo.NewTracer(rep, zipkingo.WithLocalEndpoint(endpoint))
		require.NoError(t, err)
		tracer.StartSpan("get /", zipkingo.Kind(zipkinmodel.Server)).Finish()
		require.NoError(t, rep.Close())
	}
	require.Equal(t, []string{"web get / Server", "web get / Server"}, s.names())
	require.Equal(t, tenant.ID("acme"), s.tenant)
}

func TestAnswers(t *testing.T) {
	s := &sink{}
	url := start(t, s)
	const good = `[{"traceId":"0000000000000001","id":"0000000000000002","name":"get /","timestamp":1794305100000000,"duration":5,"localEndpoint":{"serviceName":"web"}}]`
	for _, c := range []struct {
		name, token, contentType, body string
		packed                         bool
		err                            error
		want                           int
	}{
		{"accepted", "writer", "application/json", good, false, nil, 202},
		{"packed", "writer", "application/json", good, true, nil, 202},
		{"no token", "", "application/json", good, false, nil, 401},
		{"malformed JSON", "writer", "application/json", `[{"traceId":`, false, nil, 400},
		{"malformed protobuf", "writer", "application/x-protobuf", "\xff\xff\xff", false, nil, 400},
		{"bomb", "writer", "application/json", string(bytes.Repeat([]byte(" "), 4<<20)), true, nil, 413},
		{"oversize", "writer", "application/json", string(bytes.Repeat([]byte(" "), 2<<20)), false, nil, 413},
		{"a limit", "writer", "application/json", good, false, &ingest.Refusal{Reason: ingest.RateLimited, Refused: 1, Temporary: true}, 429},
		{"for good", "writer", "application/json", good, false, &ingest.Refusal{Reason: ingest.TooOld, Refused: 1}, 400},
		{"the store is away", "writer", "application/json", good, false, context.DeadlineExceeded, 503},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.err = c.err
			body := bytes.NewBufferString(c.body)
			if c.packed {
				body.Reset()
				z := gzip.NewWriter(body)
				_, err := z.Write([]byte(c.body))
				require.NoError(t, err)
				require.NoError(t, z.Close())
			}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/v2/spans", body)
			require.NoError(t, err)
			req.Header.Set("Content-Type", c.contentType)
			req.Header.Set("Authorization", "Bearer "+c.token)
			if c.packed {
				req.Header.Set("Content-Encoding", "gzip")
			}
			resp, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			resp.Body.Close()
			require.Equal(t, c.want, resp.StatusCode)
		})
	}
	require.Len(t, s.names(), 2)
}

// TestBodyCutAtASpanIsNotTakenForAWholeOne: the Collector's receiver ignores that
// reading the body failed, and protobuf may be cut between two spans.
func TestBodyCutAtASpanIsNotTakenForAWholeOne(t *testing.T) {
	s := &sink{}
	url := start(t, s)
	one, err := zipkin_proto3.SpanSerializer{}.Serialize([]*zipkinmodel.SpanModel{{
		SpanContext: zipkinmodel.SpanContext{TraceID: zipkinmodel.TraceID{Low: 1}, ID: 2},
		Name:        string(bytes.Repeat([]byte("n"), 1000)), Timestamp: time.Now(), Duration: time.Second,
	}})
	require.NoError(t, err)
	const limit = 1 << 20
	filler, err := zipkin_proto3.SpanSerializer{}.Serialize([]*zipkinmodel.SpanModel{{
		SpanContext: zipkinmodel.SpanContext{TraceID: zipkinmodel.TraceID{Low: 1}, ID: 2}, Timestamp: time.Now(), Duration: time.Second,
		Name: string(bytes.Repeat([]byte("n"), limit-len(one)-2*(len(one)-1000)-200)),
	}})
	require.NoError(t, err)
	body := append(append([]byte{}, filler...), one...)
	// Fill up to the limit exactly with an unknown field, then add one span more.
	rest := limit - len(body)
	require.Greater(t, rest, 3)
	body = append(body, 0x7a, byte((rest-3)&0x7f|0x80), byte((rest-3)>>7))
	body = append(body, make([]byte, rest-3)...)
	require.Len(t, body, limit)
	body = append(body, one...)

	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/v2/spans", bytes.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-protobuf")
	req.Header.Set("Authorization", "Bearer writer")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode)
	require.Empty(t, s.names())
}
