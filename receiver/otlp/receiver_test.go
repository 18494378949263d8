package otlp

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/tenant"
)

// record makes a span with the OpenTelemetry SDK and waits for its export.
func record(t *testing.T, exporter sdktrace.SpanExporter) {
	t.Helper()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	_, span := provider.Tracer("test").Start(t.Context(), "checkout")
	span.End()
	require.NoError(t, provider.Shutdown(context.WithoutCancel(t.Context())))
}

func TestOpenTelemetrySDKExporters(t *testing.T) {
	s := &sink{}
	cfg := start(t, s)
	headers := map[string]string{"authorization": "Bearer writer"}

	overGRPC, err := otlptracegrpc.New(t.Context(), otlptracegrpc.WithEndpoint(cfg.GRPC), otlptracegrpc.WithInsecure(), otlptracegrpc.WithHeaders(headers), otlptracegrpc.WithCompressor("gzip"))
	require.NoError(t, err)
	record(t, overGRPC)
	overHTTP, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpoint(cfg.HTTP), otlptracehttp.WithInsecure(), otlptracehttp.WithHeaders(headers), otlptracehttp.WithCompression(otlptracehttp.GzipCompression))
	require.NoError(t, err)
	record(t, overHTTP)

	require.Equal(t, 2, s.spans())
	require.Equal(t, []tenant.ID{"acme", "acme"}, s.tenants)
	require.Equal(t, "checkout", s.traces[1].ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Name())
}

func dial(t *testing.T, address string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	return conn
}

func withToken(ctx context.Context, token string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}

func TestLogsAndMetricsOverGRPC(t *testing.T) {
	s := &sink{}
	conn := dial(t, start(t, s).GRPC)
	_, err := plogotlp.NewGRPCClient(conn).Export(withToken(t.Context(), "writer"), plogotlp.NewExportRequestFromLogs(someLogs()))
	require.NoError(t, err)
	require.Len(t, s.logs[0], 1)
	require.Equal(t, "web", s.logs[0][0].Labels.Get("service_name"))

	_, err = pmetricotlp.NewGRPCClient(conn).Export(withToken(t.Context(), "writer"), pmetricotlp.NewExportRequestFromMetrics(someMetrics()))
	require.NoError(t, err)
	require.Equal(t, 1, s.metrics[0].DataPointCount())
}

func TestCredentials(t *testing.T) {
	s := &sink{}
	cfg := start(t, s)
	client := ptraceotlp.NewGRPCClient(dial(t, cfg.GRPC))
	for token, want := range map[string][2]int{
		"nobody": {int(codes.Unauthenticated), http.StatusUnauthorized},
		"reader": {int(codes.PermissionDenied), http.StatusForbidden},
		"broken": {int(codes.Unavailable), http.StatusServiceUnavailable},
	} {
		_, err := client.Export(withToken(t.Context(), token), ptraceotlp.NewExportRequestFromTraces(someTraces(1)))
		require.Equal(t, codes.Code(want[0]), status.Code(err), token)
		resp := post(t, "http://"+cfg.HTTP+"/v1/traces", typeJSON, token, []byte(`{}`), "")
		require.Equal(t, want[1], resp.StatusCode, token)
	}
	require.Empty(t, s.tenants)
}

func TestRefusals(t *testing.T) {
	s := &sink{}
	cfg := start(t, s)
	client := ptraceotlp.NewGRPCClient(dial(t, cfg.GRPC))
	for _, c := range []struct {
		name string
		err  error
		grpc codes.Code
		http int
		wait time.Duration
	}{
		{"a limit", &ingest.Refusal{Reason: ingest.RateLimited, Message: "slow down", Refused: 2, Temporary: true, RetryAfter: 3 * time.Second}, codes.ResourceExhausted, 429, 3 * time.Second},
		{"a full disk", &ingest.Refusal{Reason: ingest.DiskFull, Message: "full", Refused: 2, Temporary: true}, codes.Unavailable, 503, time.Second},
		{"for good", &ingest.Refusal{Reason: ingest.TooOld, Message: "too old", Refused: 2}, codes.InvalidArgument, 400, 0},
		{"in part", &ingest.Refusal{Reason: ingest.TooOld, Message: "too old", Refused: 1}, codes.InvalidArgument, 400, 0},
		{"the store is away", io.ErrUnexpectedEOF, codes.Unavailable, 503, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.err = c.err
			_, err := client.Export(withToken(t.Context(), "writer"), ptraceotlp.NewExportRequestFromTraces(someTraces(2)))
			require.Equal(t, c.grpc, status.Code(err))
			require.Contains(t, err.Error(), c.err.Error())
			wait := time.Duration(0)
			for _, d := range status.Convert(err).Details() {
				wait = d.(*errdetails.RetryInfo).RetryDelay.AsDuration()
			}
			require.Equal(t, c.wait, wait)

			body, err := ptraceotlp.NewExportRequestFromTraces(someTraces(2)).MarshalProto()
			require.NoError(t, err)
			resp := post(t, "http://"+cfg.HTTP+"/v1/traces", typeProtobuf, "writer", body, "")
			require.Equal(t, c.http, resp.StatusCode)
			if c.wait > 0 {
				require.Equal(t, c.wait.String(), resp.Header.Get("Retry-After")+"s")
			}
		})
	}
}

func TestHostileRequests(t *testing.T) {
	s := &sink{}
	cfg := start(t, s)
	url := "http://" + cfg.HTTP + "/v1/traces"
	for _, c := range []struct {
		name, contentType, encoding string
		body                        []byte
		want                        int
	}{
		{"malformed protobuf", typeProtobuf, "", []byte{0xff, 0xff, 0xff}, 400},
		{"malformed JSON", typeJSON, "", []byte(`{"resourceSpans":[{`), 400},
		{"content type", "text/plain", "", []byte(`{}`), 415},
		{"gzip bomb", typeJSON, "gzip", bomb(t, 8<<20), 400},
		{"not gzip", typeJSON, "gzip", []byte("plain"), 400},
		{"oversize", typeJSON, "", bytes.Repeat([]byte(" "), 2<<20), 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, post(t, url, c.contentType, "writer", c.body, c.encoding).StatusCode)
		})
	}
	require.Zero(t, s.spans())

	conn := dial(t, cfg.GRPC)
	big := someTraces(1)
	big.ResourceSpans().At(0).Resource().Attributes().PutStr("big", string(make([]byte, 2<<20)))
	_, err := ptraceotlp.NewGRPCClient(conn).Export(withToken(t.Context(), "writer"), ptraceotlp.NewExportRequestFromTraces(big), grpc.MaxCallSendMsgSize(1<<30))
	require.Equal(t, codes.ResourceExhausted, status.Code(err))
}

func TestPortInUseNamesTheKey(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	s := &sink{}
	r, err := New(Config{HTTP: l.Addr().String(), MaxMessageMiB: 1}, Deps{Traces: s, Logs: s, Metrics: s, Tenants: tokens{}, Log: slog.New(slog.DiscardHandler)}, nil)
	require.NoError(t, err)
	err = r.Run(t.Context())
	require.ErrorContains(t, err, "otlp.http: cannot listen on "+l.Addr().String())
	require.ErrorContains(t, err, "address already in use")
}

func post(t *testing.T, url, contentType, token string, body []byte, encoding string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Authorization", "Bearer "+token)
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// bomb returns gzip of n spaces.
func bomb(t *testing.T, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(bytes.Repeat([]byte(" "), n))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

func someTraces(n int) ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "web")
	spans := rs.ScopeSpans().AppendEmpty().Spans()
	for i := range n {
		s := spans.AppendEmpty()
		s.SetTraceID(pcommon.TraceID{1})
		s.SetSpanID(pcommon.SpanID{byte(i + 1)})
		s.SetName("GET /")
		s.SetStartTimestamp(pcommon.NewTimestampFromTime(time.Now()))
	}
	return td
}

func someMetrics() pmetric.Metrics {
	md := pmetric.NewMetrics()
	m := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName("requests")
	m.SetEmptyGauge().DataPoints().AppendEmpty().SetIntValue(1)
	return md
}
