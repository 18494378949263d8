package e2e

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jaegertracing/jaeger-idl/model/v1"
	"github.com/jaegertracing/jaeger-idl/proto-gen/api_v2"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/status"

	"github.com/pharosd/pharos/internal/testkit"
)

func fromBits(b uint64) float64 { return math.Float64frombits(b) }

// hostileDatagrams are counted, not answered.
func hostileDatagrams(t *testing.T, s *testkit.Server) {
	for _, port := range []int{s.Ports.JaegerCompact, s.Ports.JaegerBinary} {
		c, err := net.Dial("udp", fmt.Sprintf("127.0.0.1:%d", port))
		require.NoError(t, err)
		defer c.Close()
		for _, packet := range [][]byte{
			[]byte("hello"), {}, bytes.Repeat([]byte{0xff}, 60_000), bytes.Repeat([]byte{0x1c}, 60_000), // structs in structs
			{0x82, 0x81, 0x01, 0x09, 'e', 'm', 'i', 't', 'B', 'a', 't', 'c', 'h', 0x1c, 0x29, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07},
		} {
			_, err := c.Write(packet)
			require.NoError(t, err)
		}
	}
	require.Eventually(t, func() bool {
		_, body := s.Get("/metrics")
		return strings.Contains(body, `reason="malformed"`)
	}, 10*time.Second, 50*time.Millisecond)
}

// raw sends bytes as they are, as a message of whatever type.
type raw struct{}

func (raw) Name() string                  { return "proto" }
func (raw) Marshal(v any) ([]byte, error) { return v.([]byte), nil }
func (raw) Unmarshal([]byte, any) error   { return nil }

var _ encoding.Codec = raw{}

func hostileGRPC(t *testing.T, s *testkit.Server) {
	dial := func(port int) *grpc.ClientConn {
		c, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", port), grpc.WithTransportCredentials(insecure.NewCredentials()))
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	otlp, jaeger := dial(s.Ports.OTLPGRPC), dial(s.Ports.JaegerGRPC)
	for _, method := range []struct {
		c    *grpc.ClientConn
		name string
	}{
		{otlp, "/opentelemetry.proto.collector.trace.v1.TraceService/Export"},
		{otlp, "/opentelemetry.proto.collector.logs.v1.LogsService/Export"},
		{otlp, "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"},
		{jaeger, "/jaeger.api_v2.CollectorService/PostSpans"},
	} {
		send := func(b []byte) codes.Code {
			return status.Code(method.c.Invoke(t.Context(), method.name, b, nil, grpc.ForceCodec(raw{})))
		}
		require.Equal(t, codes.Internal, send([]byte{7, 7, 7}), "%s: gRPC's own answer to what is no message", method.name)
		require.Equal(t, codes.ResourceExhausted, send(make([]byte, 64<<20)), method.name)
		require.Equal(t, codes.OK, send(nil), method.name)
	}
	refused := func(err error) {
		t.Helper()
		require.Equal(t, codes.InvalidArgument, status.Code(err), err)
	}
	td := ptrace.NewTraces()
	span := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.SetName("old")
	span.SetStartTimestamp(1)
	_, err := ptraceotlp.NewGRPCClient(otlp).Export(context.WithoutCancel(t.Context()), ptraceotlp.NewExportRequestFromTraces(td))
	refused(err)
	_, err = api_v2.NewCollectorServiceClient(jaeger).PostSpans(t.Context(), &api_v2.PostSpansRequest{Batch: model.Batch{
		Process: model.NewProcess("old", nil), Spans: []*model.Span{{TraceID: model.NewTraceID(1, 2), SpanID: 3, OperationName: "old"}},
	}})
	refused(err)
}
