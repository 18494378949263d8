package isolation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

// TempoRows are the ways out of Tempo's API, at the root of the one port and below
// /tempo.
func TempoRows() []Row {
	const span = `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc-{marker}"}},{"key":"r{marker}","value":{"stringValue":"x"}}]},"scopeSpans":[{"spans":[` +
		`{"traceId":"{marker}","spanId":"00000000000000a1","name":"op-{marker}","kind":2,"startTimeUnixNano":"{now_ns}","endTimeUnixNano":"{now_ns}"}]}]}]}`
	var reads []Request
	for _, prefix := range []string{"", "/tempo"} {
		get := func(path, shows string) {
			reads = append(reads, Request{Method: "GET", Path: prefix + path, Shows: shows})
		}
		get("/api/search?q=%7Bname%3D~%22op-.*%22%7D&limit=1000", `"rootTraceName":"op-{marker}"`)
		get("/api/search?tags=service.name%3Dsvc-&limit=1000", `"rootServiceName":"svc-{marker}"`)
		get("/api/v2/traces/{marker}", `"op-{marker}"`)
		get("/api/search/tags", "r{marker}")
		get("/api/v2/search/tags", "r{marker}")
		get("/api/search/tag/service.name/values", "svc-{marker}")
		get("/api/v2/search/tag/name/values", "op-{marker}")
		get("/api/metrics/query_range?q=%7B%7D%7Crate()by(name)&since=5m&step=1m", "op-{marker}")
		get("/api/metrics/query?q=%7B%7D%7Ccount_over_time()by(name)&since=5m", "op-{marker}")
	}
	protobuf := map[string]string{"Accept": "application/protobuf"}
	reads = append(reads,
		Request{Method: "GET", Path: "/tempo/api/traces/{marker}", Shows: `"op-{marker}"`},
		Request{Method: "GET", Path: "/tempo/api/traces/{marker}", Header: protobuf, Decode: asText, Shows: "op-{marker}"},
		Request{Method: "GET", Path: "/api/traces/{marker}", Header: protobuf, Decode: asText, Shows: "op-{marker}"},
	)
	reads = append(reads,
		Request{Method: "GET", Path: "/api/v2/services"},
		Request{Method: "GET", Path: "/api/v2/spans?serviceName=svc-{marker}", Shows: `"op-{marker}"`},
		Request{Method: "GET", Path: "/api/v2/traces?serviceName=svc-{marker}", Shows: `"traceId":"{marker}"`},
		Request{Method: "GET", Path: "/api/v2/trace/{marker}", Shows: `"traceId":"{marker}"`},
		Request{Method: "GET", Path: "/api/v2/traceMany?traceIds={marker},1", Shows: `"traceId":"{marker}"`},
	)
	reads = append(reads,
		tempoStream("Search", "op-{marker}", grpcField{8, `{ name =~ "op-.*" }`}, grpcField{4, 1000}),
		tempoStream("SearchTags", "r{marker}"),
		tempoStream("SearchTagsV2", "r{marker}"),
		tempoStream("SearchTagValues", "svc-{marker}", grpcField{1, "service.name"}),
		tempoStream("SearchTagValuesV2", "op-{marker}", grpcField{1, "name"}),
		tempoStream("MetricsQueryRange", "op-{marker}", grpcField{1, `{ } | rate() by (name)`}, grpcField{4, int(time.Minute)}),
		tempoStream("MetricsQueryInstant", "op-{marker}", grpcField{1, `{ } | count_over_time() by (name)`}),
	)
	return []Row{{Name: "Tempo and Zipkin", Push: Request{Method: "POST", Path: "/v1/traces", ContentType: jsonType, Body: span}, Reads: reads}}
}

// grpcField is a field of a message: a number or a text.
type grpcField struct {
	field protowire.Number
	value any
}

// tempoStream calls a method of Tempo's gRPC service, on the one port, and shows what it
// streams as it comes.
func tempoStream(method, shows string, fields ...grpcField) Request {
	var body []byte
	for _, f := range fields {
		switch v := f.value.(type) {
		case string:
			body = protowire.AppendString(protowire.AppendTag(body, f.field, protowire.BytesType), v)
		case int:
			body = protowire.AppendVarint(protowire.AppendTag(body, f.field, protowire.VarintType), uint64(v))
		}
	}
	call := func(t testing.TB, target Target, path string, header map[string]string, _ string) (int, string) {
		c, err := grpc.NewClient(strings.TrimPrefix(target.URL, "http://"), grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		answer, err := streamed(metadata.NewOutgoingContext(t.Context(), metadata.New(header)), c, path, body)
		if err != nil {
			return httpStatus(err), status.Convert(err).Message()
		}
		return httpStatus(nil), answer
	}
	return Request{Method: "POST", Path: "/tempopb.StreamingQuerier/" + method, Shows: shows, Call: call}
}

// streamed returns all messages that a method answers with, one after the other.
func streamed(ctx context.Context, c conn, path string, body []byte) (string, error) {
	stream, err := c.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, path, grpc.ForceCodec(plainCodec{}))
	if err != nil {
		return "", err
	}
	if err := stream.SendMsg(body); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if err := stream.CloseSend(); err != nil {
		return "", err
	}
	var all []byte
	for {
		var in []byte
		err := stream.RecvMsg(&in)
		if errors.Is(err, io.EOF) {
			return string(all), nil
		}
		if err != nil {
			return "", err
		}
		all = append(all, in...)
	}
}

// plainCodec sends bytes as they are.
type plainCodec struct{}

func (plainCodec) Name() string { return "proto" }

func (plainCodec) Marshal(v any) ([]byte, error) {
	b, ok := v.([]byte)
	if !ok {
		return nil, fmt.Errorf("%T is no message", v)
	}
	return b, nil
}

func (plainCodec) Unmarshal(data []byte, v any) error {
	to, ok := v.(*[]byte)
	if !ok {
		return fmt.Errorf("%T takes no message", v)
	}
	*to = slices.Clone(data)
	return nil
}

func asText(_ testing.TB, body []byte) string { return string(body) }

func tempoExempt() map[string]string {
	exempt := map[string]string{"GET /loki/api/v1/drilldown-limits": "tells of the caller's own limits, proven in test/e2e"}
	for _, prefix := range []string{"", "/tempo"} {
		exempt["GET "+prefix+"/api/echo"] = "answers from the request alone"
		exempt["GET "+prefix+"/api/status/buildinfo"] = "answers from the request alone"
		for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
			exempt[method+" "+prefix+"/api/overrides"] = "not supported: answers so"
		}
	}
	for _, path := range []string{"dependencies", "remoteServices"} {
		exempt["GET /api/v2/"+path] = "adds up the caller's own spans, proven in traces/tracestore"
	}
	for _, path := range []string{"autocompleteKeys", "autocompleteValues"} {
		exempt["GET /api/v2/"+path] = "answers from the request alone"
	}
	return exempt
}
