package isolation

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
)

const protobufType = "application/x-protobuf"

// MetricRows are every way in of samples that is pushed and every way out of
// Prometheus' API.
func MetricRows() []Row {
	const otlp = `{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"isolation"}}]},"scopeMetrics":[{"metrics":[` +
		`{"name":"isolation_otlp","gauge":{"dataPoints":[{"timeUnixNano":"{now_ns}","asDouble":1,"attributes":[{"key":"marker","value":{"stringValue":"{marker}"}}]}]}}]}]}]}`
	v2 := map[string]string{"X-Prometheus-Remote-Write-Version": "2.0.0"}
	push := func(name, path, port string) Row {
		return Row{Name: name, Push: Request{Method: "POST", Path: path, Port: port, ContentType: jsonType, Body: otlp}, Reads: both("/api/v1/query", "query", "isolation_otlp")}
	}
	return []Row{
		// Statistics come with the first row: the TSDB keeps them for half a minute.
		{Name: "remote write 1.0", Narrows: true, Reads: append(promReads(), Request{Method: "GET", Path: "/api/v1/status/tsdb?limit=1000"}), Push: Request{Method: "POST", Path: "/api/v1/write", ContentType: protobufType,
			Body: "{marker} {now_ms}", Encode: remoteWriteV1}},
		{Name: "remote write 2.0", Narrows: true, Reads: promReads(), Push: Request{Method: "POST", Path: "/api/v1/write",
			ContentType: "application/x-protobuf;proto=io.prometheus.write.v2.Request", Header: v2, Body: "{marker} {now_ms}", Encode: remoteWriteV2}},
		push("OTLP metrics", "/v1/metrics", ""),
		push("OTLP metrics, Prometheus' path", "/api/v1/otlp/v1/metrics", ""),
		push("OTLP metrics, native HTTP", "/v1/metrics", "otlp"),
		{Name: "OTLP metrics, gRPC", Reads: both("/api/v1/query", "query", "isolation_otlp"),
			Push: overGRPC("otlp", otlp, func(ctx context.Context, c conn, body []byte) error {
				req := pmetricotlp.NewExportRequest()
				if err := req.UnmarshalJSON(body); err != nil {
					return err
				}
				_, err := pmetricotlp.NewGRPCClient(c).Export(ctx, req)
				return err
			})},
	}
}

func promReads() []Request {
	const name = "isolation_total"
	var reads []Request
	for _, rs := range [][]Request{
		both("/api/v1/query", "query", name),
		both("/api/v1/query_range", "query", name, "start", "{now_s}", "end", "{now_s}", "step", "15"),
		both("/api/v1/query_exemplars", "query", name, "start", "0", "end", "9999999999"),
		both("/api/v1/series", "match[]", name),
		both("/api/v1/labels"),
		{
			{Method: "GET", Path: "/api/v1/label/marker/values"},
			{Method: "GET", Path: "/federate?match[]=" + name},
			{Method: "POST", Path: "/api/v1/read", ContentType: protobufType, Body: name, Encode: remoteRead, Decode: unsnappy,
				Header: map[string]string{"X-Prometheus-Remote-Read-Version": "0.1.0"}},
		},
	} {
		reads = append(reads, rs...)
	}
	return reads
}

// sample reads "<marker> <milliseconds>" and returns a sample's labels, whose one
// name is the marker too, and its time.
func sample(t testing.TB, body string) (labels [][2]string, marker string, ms int64) {
	marker, at, _ := strings.Cut(body, " ")
	ms, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return [][2]string{{"__name__", "isolation_total"}, {marker, "x"}, {"marker", marker}}, marker, ms
}

func remoteWriteV1(t testing.TB, body string) []byte {
	labels, marker, ms := sample(t, body)
	ts := prompb.TimeSeries{
		Samples:   []prompb.Sample{{Value: 1, Timestamp: ms}},
		Exemplars: []prompb.Exemplar{{Labels: []prompb.Label{{Name: "trace_id", Value: marker}}, Value: 1, Timestamp: ms}},
	}
	for _, l := range labels {
		ts.Labels = append(ts.Labels, prompb.Label{Name: l[0], Value: l[1]})
	}
	return packed(t, &prompb.WriteRequest{Timeseries: []prompb.TimeSeries{ts}})
}

func remoteWriteV2(t testing.TB, body string) []byte {
	labels, marker, ms := sample(t, body)
	symbols := writev2.NewSymbolTable()
	ts := writev2.TimeSeries{Samples: []writev2.Sample{{Value: 1, Timestamp: ms}}}
	for _, l := range labels {
		ts.LabelsRefs = append(ts.LabelsRefs, symbols.Symbolize(l[0]), symbols.Symbolize(l[1]))
	}
	ts.Exemplars = []writev2.Exemplar{{LabelsRefs: []uint32{symbols.Symbolize("trace_id"), symbols.Symbolize(marker)}, Value: 1, Timestamp: ms}}
	return packed(t, &writev2.Request{Symbols: symbols.Symbols(), Timeseries: []writev2.TimeSeries{ts}})
}

func remoteRead(t testing.TB, name string) []byte {
	now := time.Now().UnixMilli()
	return packed(t, &prompb.ReadRequest{Queries: []*prompb.Query{{
		StartTimestampMs: now - 3_600_000, EndTimestampMs: now + 60_000,
		Matchers: []*prompb.LabelMatcher{{Type: prompb.LabelMatcher_EQ, Name: "__name__", Value: name}},
	}}})
}

func packed(t testing.TB, m interface{ Marshal() ([]byte, error) }) []byte {
	b, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return snappy.Encode(nil, b)
}

func unsnappy(t testing.TB, body []byte) string {
	b, err := snappy.Decode(nil, body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
