package jaeger

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/jaegertracing/jaeger-idl/model/v1"
	"github.com/jaegertracing/jaeger-idl/proto-gen/api_v2"
	"github.com/jaegertracing/jaeger-idl/thrift-gen/agent"
	thriftjaeger "github.com/jaegertracing/jaeger-idl/thrift-gen/jaeger"
	"github.com/jaegertracing/jaeger-idl/thrift-gen/zipkincore"
	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/jaegerreceiver"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	jaegerclient "github.com/uber/jaeger-client-go"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/tenant"
)

type sink struct {
	mu     sync.Mutex
	err    error
	traces map[tenant.ID][]ptrace.Span
}

func (s *sink) PushTraces(_ context.Context, t tenant.ID, td ptrace.Traces) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				s.traces[t] = append(s.traces[t], span)
			}
		}
	}
	return nil
}

func (s *sink) of(t tenant.ID) []ptrace.Span {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.traces[t]
}

type tokens struct{}

func (tokens) ResolveWrite(_ context.Context, get func(string) string) (tenant.ID, error) {
	if get("authorization") != "Bearer writer" {
		return "", tenant.ErrUnauthenticated
	}
	return "acme", nil
}

func start(t *testing.T, s *sink) (Config, *Receiver) {
	t.Helper()
	s.traces = map[tenant.ID][]ptrace.Span{}
	cfg := DefaultConfig()
	cfg.GRPC, cfg.ThriftHTTP, cfg.ThriftCompact, cfg.ThriftBinary = testkit.FreeAddress(t), testkit.FreeAddress(t), testkit.FreeAddress(t), testkit.FreeAddress(t)
	cfg.UDPTenant, cfg.MaxMessageMiB = "legacy", 1
	r, err := New(cfg, Deps{Traces: s, Tenants: tokens{}, Log: slog.New(slog.DiscardHandler)}, prometheus.NewRegistry(), nil)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	for _, address := range []string{cfg.GRPC, cfg.ThriftHTTP} {
		require.Eventually(t, func() bool {
			c, err := net.Dial("tcp", address)
			if err == nil {
				c.Close()
			}
			return err == nil
		}, 5*time.Second, 10*time.Millisecond)
	}
	for _, address := range []string{cfg.ThriftCompact, cfg.ThriftBinary} {
		require.Eventually(t, func() bool { // the port is taken once the server listens
			l, err := net.ListenPacket("udp", address)
			if err == nil {
				l.Close()
			}
			return err != nil
		}, 5*time.Second, 10*time.Millisecond)
	}
	return cfg, r
}

// TestOldJaegerClientOverUDP uses the client library that Jaeger retired.
func TestOldJaegerClientOverUDP(t *testing.T) {
	s := &sink{}
	cfg, _ := start(t, s)
	transport, err := jaegerclient.NewUDPTransport(cfg.ThriftCompact, 0)
	require.NoError(t, err)
	tracer, closer := jaegerclient.NewTracer("collector", jaegerclient.NewConstSampler(true), jaegerclient.NewRemoteReporter(transport))
	parent := tracer.StartSpan("collect")
	parent.SetTag("shelf", 7)
	tracer.StartSpan("store", jaegerclient.SelfRef(parent.Context().(jaegerclient.SpanContext))).Finish()
	parent.Finish()
	require.NoError(t, closer.Close())

	require.Eventually(t, func() bool { return len(s.of("legacy")) == 2 }, 5*time.Second, 5*time.Millisecond)
	for _, span := range s.of("legacy") {
		if span.Name() == "collect" {
			v, ok := span.Attributes().Get("shelf")
			require.True(t, ok)
			require.EqualValues(t, 7, v.Int())
		}
	}
}

func emit(t *testing.T, address string, f thrift.TProtocolFactory, send func(*agent.AgentClient) error) {
	t.Helper()
	buffer := thrift.NewTMemoryBuffer()
	require.NoError(t, send(agent.NewAgentClientFactory(buffer, f)))
	sendDatagram(t, address, buffer.Bytes())
}

func sendDatagram(t *testing.T, address string, b []byte) {
	t.Helper()
	c, err := net.Dial("udp", address)
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Write(b)
	require.NoError(t, err)
}

func batch() *thriftjaeger.Batch {
	return &thriftjaeger.Batch{
		Process: &thriftjaeger.Process{ServiceName: "web"},
		Spans:   []*thriftjaeger.Span{{TraceIdLow: 1, SpanId: 2, OperationName: "GET /", StartTime: time.Now().UnixMicro(), Duration: 5}},
	}
}

func TestBinaryDatagram(t *testing.T) {
	s := &sink{}
	cfg, _ := start(t, s)
	emit(t, cfg.ThriftBinary, thrift.NewTBinaryProtocolFactoryConf(nil), func(c *agent.AgentClient) error { return c.EmitBatch(t.Context(), batch()) })
	require.Eventually(t, func() bool { return len(s.of("legacy")) == 1 }, 5*time.Second, 5*time.Millisecond)
	require.Equal(t, "GET /", s.of("legacy")[0].Name())
}

func TestHostileDatagramsAreCountedAndSurvived(t *testing.T) {
	s := &sink{}
	cfg, r := start(t, s)
	emit(t, cfg.ThriftCompact, thrift.NewTCompactProtocolFactoryConf(nil), func(c *agent.AgentClient) error {
		return c.EmitZipkinBatch(t.Context(), []*zipkincore.Span{zipkincore.NewSpan()})
	})
	sendDatagram(t, cfg.ThriftCompact, []byte("nonsense"))
	sendDatagram(t, cfg.ThriftCompact, nil)
	dropped := r.udp[0].metrics.dropped
	require.Eventually(t, func() bool {
		return testutil.ToFloat64(dropped.WithLabelValues("jaeger.thrift_compact", dropUnsupported)) == 1 &&
			testutil.ToFloat64(dropped.WithLabelValues("jaeger.thrift_compact", dropMalformed)) == 2
	}, 5*time.Second, 5*time.Millisecond)

	s.mu.Lock()
	s.err = &ingest.Refusal{Reason: ingest.TooOld, Message: "too old", Refused: 1}
	s.mu.Unlock()
	emit(t, cfg.ThriftCompact, thrift.NewTCompactProtocolFactoryConf(nil), func(c *agent.AgentClient) error { return c.EmitBatch(t.Context(), batch()) })
	require.Eventually(t, func() bool {
		return testutil.ToFloat64(dropped.WithLabelValues("jaeger.thrift_compact", dropRefused)) == 1
	}, 5*time.Second, 5*time.Millisecond)
}

func TestGRPC(t *testing.T) {
	s := &sink{}
	cfg, _ := start(t, s)
	conn, err := grpc.NewClient(cfg.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer conn.Close()
	client := api_v2.NewCollectorServiceClient(conn)
	request := &api_v2.PostSpansRequest{Batch: model.Batch{
		Process: model.NewProcess("web", nil),
		Spans:   []*model.Span{{TraceID: model.NewTraceID(1, 2), SpanID: 3, OperationName: "GET /"}},
	}}
	_, err = client.PostSpans(t.Context(), request)
	require.Equal(t, codes.Unauthenticated, status.Code(err))

	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer writer")
	_, err = client.PostSpans(ctx, request)
	require.NoError(t, err)
	require.Len(t, s.of("acme"), 1)

	s.err = &ingest.Refusal{Reason: ingest.RateLimited, Message: "slow down", Refused: 1, Temporary: true}
	_, err = client.PostSpans(ctx, request)
	require.Equal(t, codes.ResourceExhausted, status.Code(err))
}

func TestThriftHTTP(t *testing.T) {
	s := &sink{}
	cfg, _ := start(t, s)
	buffer := thrift.NewTMemoryBuffer()
	require.NoError(t, batch().Write(t.Context(), thrift.NewTBinaryProtocolConf(buffer, nil)))
	good := buffer.String()
	for _, c := range []struct {
		name, token, contentType, body string
		err                            error
		want                           int
	}{
		{"accepted", "writer", "application/x-thrift", good, nil, 202},
		{"no token", "", "application/x-thrift", good, nil, 401},
		{"malformed", "writer", "application/x-thrift", "nonsense", nil, 400},
		{"content type", "writer", "text/plain", good, nil, 400},
		{"oversize", "writer", "application/x-thrift", strings.Repeat("x", 2<<20), nil, 413},
		{"a limit", "writer", "application/x-thrift", good, &ingest.Refusal{Reason: ingest.RateLimited, Refused: 1, Temporary: true}, 429},
		{"for good", "writer", "application/x-thrift", good, &ingest.Refusal{Reason: ingest.TooOld, Refused: 1}, 400},
		{"the store is away", "writer", "application/x-thrift", good, context.DeadlineExceeded, 503},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.err = c.err
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+cfg.ThriftHTTP+"/api/traces?format=jaeger.thrift", bytes.NewBufferString(c.body))
			require.NoError(t, err)
			req.Header.Set("Content-Type", c.contentType)
			req.Header.Set("Authorization", "Bearer "+c.token)
			resp, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			resp.Body.Close()
			require.Equal(t, c.want, resp.StatusCode)
			if c.want == 429 {
				require.Equal(t, "1", resp.Header.Get("Retry-After"))
			}
		})
	}
	require.Len(t, s.of("acme"), 1)
}

func TestPortInUseNamesTheKey(t *testing.T) {
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	cfg := DefaultConfig()
	cfg.GRPC, cfg.ThriftHTTP, cfg.ThriftBinary, cfg.ThriftCompact = "", "", "", l.LocalAddr().String()
	r, err := New(cfg, Deps{Traces: &sink{}, Tenants: tokens{}, Log: slog.New(slog.DiscardHandler)}, prometheus.NewRegistry(), nil)
	require.NoError(t, err)
	require.ErrorContains(t, r.Run(t.Context()), "jaeger.thrift_compact: cannot listen on "+l.LocalAddr().String())
}

func FuzzDatagram(f *testing.F) {
	for _, factory := range []thrift.TProtocolFactory{thrift.NewTCompactProtocolFactoryConf(nil), thrift.NewTBinaryProtocolFactoryConf(nil)} {
		buffer := thrift.NewTMemoryBuffer()
		if err := agent.NewAgentClientFactory(buffer, factory).EmitBatch(context.Background(), batch()); err != nil {
			f.Fatal(err)
		}
		f.Add(buffer.Bytes())
	}
	f.Add([]byte{0x82, 0x81, 0x01, 0x09, 'e', 'm', 'i', 't', 'B', 'a', 't', 'c', 'h', 0x1c, 0x00})
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, e := range []encoding{compact, binary} {
			if td, err := e.decode(b); err == nil {
				_ = td.SpanCount()
			}
		}
	})
}

// TestNativeConfigurationTakesThePlaceOfOurs is what a Collector's file leads to.
func TestNativeConfigurationTakesThePlaceOfOurs(t *testing.T) {
	s := &sink{traces: map[tenant.ID][]ptrace.Span{}}
	endpoint := testkit.FreeAddress(t)
	native := jaegerreceiver.NewFactory().CreateDefaultConfig().(*jaegerreceiver.Config)
	native.ThriftBinaryUDP.GetOrInsertDefault().Endpoint = endpoint
	cfg := DefaultConfig() // its ports are not opened
	r, err := New(cfg, Deps{Traces: s, Tenants: tokens{}, Log: slog.New(slog.DiscardHandler)}, prometheus.NewRegistry(), map[string]*jaegerreceiver.Config{"jaeger/file": native})
	require.NoError(t, err)
	require.Empty(t, r.components)
	require.Len(t, r.udp, 1)
	require.Equal(t, "jaeger/file.thrift_binary", r.udp[0].key)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	require.Eventually(t, func() bool {
		emit(t, endpoint, thrift.NewTBinaryProtocolFactoryConf(nil), func(c *agent.AgentClient) error { return c.EmitBatch(t.Context(), batch()) })
		return len(s.of(tenant.Default)) > 0
	}, 5*time.Second, 20*time.Millisecond)
	cancel()
	require.NoError(t, <-done)
}
