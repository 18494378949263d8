package isolation

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/jaegertracing/jaeger-idl/model/v1"
	"github.com/jaegertracing/jaeger-idl/proto-gen/api_v2"
	thriftjaeger "github.com/jaegertracing/jaeger-idl/thrift-gen/jaeger"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// TraceRows are every way in of spans that has credentials and every way out of
// Jaeger's API.
func TraceRows() []Row {
	const otlp = `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc-{marker}"}}]},"scopeSpans":[{"spans":[` +
		`{"traceId":"{marker}","spanId":"00000000000000a1","name":"op-{marker}","kind":2,"startTimeUnixNano":"{now_ns}","endTimeUnixNano":"{now_ns}"}]}]}]}`
	const zipkin = `[{"traceId":"{marker}","id":"00000000000000a1","name":"op-{marker}","timestamp":{now_us},"duration":10,"localEndpoint":{"serviceName":"svc-{marker}"}}]`
	reads := []Request{
		{Method: "GET", Path: "/api/services"},
		{Method: "GET", Path: "/api/services/svc-{marker}/operations"},
		{Method: "GET", Path: "/api/operations?service=svc-{marker}", Shows: `"name":"op-{marker}"`},
		{Method: "GET", Path: "/api/traces?service=svc-{marker}"},
		{Method: "GET", Path: "/api/traces/{marker}", Shows: `"operationName":"op-{marker}"`},
	}
	push := func(name string, r Request) Row { return Row{Name: name, Push: r, Reads: reads} }
	return []Row{
		push("OTLP traces", Request{Method: "POST", Path: "/v1/traces", ContentType: jsonType, Body: otlp}),
		push("OTLP traces, native HTTP", Request{Method: "POST", Path: "/v1/traces", Port: "otlp", ContentType: jsonType, Body: otlp}),
		push("OTLP traces, gRPC", overGRPC("otlp", otlp, func(ctx context.Context, c conn, body []byte) error {
			req := ptraceotlp.NewExportRequest()
			if err := req.UnmarshalJSON(body); err != nil {
				return err
			}
			_, err := ptraceotlp.NewGRPCClient(c).Export(ctx, req)
			return err
		})),
		push("Jaeger Thrift over HTTP", Request{Method: "POST", Path: "/api/traces", Port: "jaeger", ContentType: "application/x-thrift", Body: "{marker}", Encode: jaegerThrift}),
		push("Jaeger gRPC", overGRPC("jaeger", "{marker}", jaegerProto)),
		push("Zipkin", Request{Method: "POST", Path: "/api/v2/spans", Port: "zipkin", ContentType: jsonType, Body: zipkin}),
	}
}

type conn = *grpc.ClientConn

// overGRPC is a push to a native gRPC port; send gets the body with the
// placeholders replaced.
func overGRPC(port, body string, send func(ctx context.Context, c conn, body []byte) error) Request {
	return Request{Path: body, Call: func(t testing.TB, target Target, body string, header map[string]string, _ string) (int, string) {
		c, err := grpc.NewClient(target.GRPC[port], grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		err = send(metadata.NewOutgoingContext(t.Context(), metadata.New(header)), c, []byte(body))
		return httpStatus(err), status.Convert(err).Message()
	}}
}

func httpStatus(err error) int {
	switch status.Code(err) {
	case codes.OK:
		return http.StatusOK
	case codes.Unauthenticated:
		return http.StatusUnauthorized
	case codes.PermissionDenied:
		return http.StatusForbidden
	}
	return http.StatusInternalServerError
}

// halves are a trace id's two numbers.
func halves(t testing.TB, marker string) (high, low uint64) {
	high, err := strconv.ParseUint(marker[:16], 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	if low, err = strconv.ParseUint(marker[16:], 16, 64); err != nil {
		t.Fatal(err)
	}
	return high, low
}

func jaegerThrift(t testing.TB, marker string) []byte {
	high, low := halves(t, marker)
	buffer := thrift.NewTMemoryBuffer()
	batch := &thriftjaeger.Batch{
		Process: &thriftjaeger.Process{ServiceName: "svc-" + marker},
		Spans: []*thriftjaeger.Span{{TraceIdHigh: int64(high), TraceIdLow: int64(low), SpanId: 0xa1, OperationName: "op-" + marker,
			StartTime: time.Now().UnixMicro(), Duration: 5}},
	}
	if err := batch.Write(t.Context(), thrift.NewTBinaryProtocolConf(buffer, nil)); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

func jaegerProto(ctx context.Context, c conn, body []byte) error {
	marker := string(bytes.TrimSpace(body))
	id, err := model.TraceIDFromString(marker)
	if err != nil {
		return err
	}
	_, err = api_v2.NewCollectorServiceClient(c).PostSpans(ctx, &api_v2.PostSpansRequest{Batch: model.Batch{
		Process: model.NewProcess("svc-"+marker, nil),
		Spans:   []*model.Span{{TraceID: id, SpanID: 0xa1, OperationName: "op-" + marker, StartTime: time.Now(), Duration: time.Millisecond}},
	}})
	return err
}
