package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/prompb"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/protobuf/encoding/protowire"
)

// linesPerPush and streams are what an agent of a busy host sends.
const (
	linesPerPush = 1000
	streams      = 20
)

// logBatch is a Loki push: JSON lines of some 250 bytes in the platform's log
// format, in one of a few streams.
func logBatch(n int) batch {
	var stream []byte
	stream = protowire.AppendTag(stream, 1, protowire.BytesType)
	stream = protowire.AppendString(stream, fmt.Sprintf(`{service="svc-%d", level="INFO", namespace="bench"}`, n%streams))
	now := time.Now()
	for i := range linesPerPush {
		at := now.Add(time.Duration(i))
		line := fmt.Sprintf(`{"timestamp":%q,"level":"INFO","service":"svc-%d","layer":"collection","trace_id":"%016x%016x","message":"Event processed successfully","event_id":"evt-%d","processing_time_ms":%d,"metadata":{"tracking_id":"ABC%09d","carrier":"fedex"}}`,
			at.UTC().Format("2006-01-02T15:04:05.000Z"), n%streams, rand.Uint64(), rand.Uint64(), n*linesPerPush+i, rand.IntN(500), rand.IntN(1e9))
		var stamp, entry []byte
		stamp = protowire.AppendTag(stamp, 1, protowire.VarintType)
		stamp = protowire.AppendVarint(stamp, uint64(at.Unix()))
		stamp = protowire.AppendTag(stamp, 2, protowire.VarintType)
		stamp = protowire.AppendVarint(stamp, uint64(at.Nanosecond()))
		entry = protowire.AppendTag(entry, 1, protowire.BytesType)
		entry = protowire.AppendBytes(entry, stamp)
		entry = protowire.AppendTag(entry, 2, protowire.BytesType)
		entry = protowire.AppendString(entry, line)
		stream = protowire.AppendTag(stream, 2, protowire.BytesType)
		stream = protowire.AppendBytes(stream, entry)
	}
	var body []byte
	body = protowire.AppendTag(body, 1, protowire.BytesType)
	body = protowire.AppendBytes(body, stream)
	return batch{path: "/loki/api/v1/push", contentType: "application/x-protobuf", body: snappy.Encode(nil, body), items: linesPerPush}
}

// seriesPerPush samples of as many series make a push; there are shards of them,
// each at a new time when its turn comes.
const (
	seriesPerPush = 2000
	shards        = 25
)

// sampleBatch is a remote write 1.0 of one sample for each of 2,000 series.
func sampleBatch(n int) batch {
	req := prompb.WriteRequest{Timeseries: make([]prompb.TimeSeries, seriesPerPush)}
	// Whole seconds that never repeat within a shard, ending now.
	at := time.Now().Add(-time.Hour).UnixMilli() + int64(n/shards)*1000
	for i := range req.Timeseries {
		req.Timeseries[i] = prompb.TimeSeries{
			Labels: []prompb.Label{
				{Name: "__name__", Value: "http_requests_total"}, {Name: "code", Value: "200"},
				{Name: "handler", Value: fmt.Sprintf("/api/v1/things/%d", i%50)}, {Name: "instance", Value: fmt.Sprintf("10.0.%d.%d:9100", n%shards, i/50)},
				{Name: "job", Value: "bench"}, {Name: "method", Value: "GET"},
			},
			Samples: []prompb.Sample{{Timestamp: at, Value: float64(n) + rand.Float64()}},
		}
	}
	b, err := req.Marshal()
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return batch{path: "/api/v1/write", contentType: "application/x-protobuf", encoding: "snappy", body: snappy.Encode(nil, b), items: seriesPerPush}
}

const spansPerPush, spansPerTrace = 500, 10

// spanBatch is an OTLP export of 50 traces of ten spans with a dozen attributes.
func spanBatch(n int) batch {
	td := ptrace.NewTraces()
	now := time.Now()
	for trace := range spansPerPush / spansPerTrace {
		var id pcommon.TraceID
		for i := range id {
			id[i] = byte(rand.Uint32())
		}
		var parent pcommon.SpanID
		for i := range spansPerTrace {
			rs := td.ResourceSpans().AppendEmpty()
			rs.Resource().Attributes().PutStr("service.name", fmt.Sprintf("svc-%d", (n+i)%streams))
			rs.Resource().Attributes().PutStr("service.version", "1.4.2")
			s := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
			var span pcommon.SpanID
			for j := range span {
				span[j] = byte(rand.Uint32())
			}
			s.SetTraceID(id)
			s.SetSpanID(span)
			s.SetParentSpanID(parent)
			s.SetName(fmt.Sprintf("operation-%d", i))
			s.SetKind(ptrace.SpanKindServer)
			s.SetStartTimestamp(pcommon.NewTimestampFromTime(now.Add(time.Duration(i) * time.Millisecond)))
			s.SetEndTimestamp(pcommon.NewTimestampFromTime(now.Add(time.Duration(20-i) * time.Millisecond)))
			for a := range 10 {
				s.Attributes().PutStr(fmt.Sprintf("attribute.%d", a), fmt.Sprintf("value-%d", (trace*a)%97))
			}
			s.Attributes().PutInt("http.status_code", 200)
			parent = span
		}
	}
	b, err := ptraceotlp.NewExportRequestFromTraces(td).MarshalProto()
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return batch{path: "/v1/traces", contentType: "application/x-protobuf", body: b, items: spansPerPush}
}
