package otlp

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/pharosd/pharos/model"
)

// streamsOf maps OTLP logs to streams: what an agent numbers back to the streams that it
// had, all else as Streams says.
func streamsOf(ctx context.Context, ld plog.Logs, now time.Time) []model.LogStream {
	if _, ok := model.ShipmentFrom(ctx); ok {
		return shippedStreams(ld)
	}
	return Streams(ld, now)
}

// shippedStreams is the reverse of what the agent does (agent/ship): a resource's
// attributes are the labels of a stream, name for name, a record's its structured
// metadata, the body is the line. What was given as bytes is no UTF-8.
func shippedStreams(ld plog.Logs) []model.LogStream {
	var out []model.LogStream
	for _, rl := range ld.ResourceLogs().All() {
		st := model.LogStream{Labels: exactLabels(rl.Resource().Attributes())}
		for _, sl := range rl.ScopeLogs().All() {
			for _, lr := range sl.LogRecords().All() {
				st.Entries = append(st.Entries, model.LogEntry{
					Time: int64(lr.Timestamp()), Line: exactText(lr.Body()), Metadata: exactLabels(lr.Attributes()),
				})
			}
		}
		out = append(out, st)
	}
	return out
}

func exactLabels(m pcommon.Map) model.Labels {
	if m.Len() == 0 {
		return nil
	}
	ls := make([]model.Label, 0, m.Len())
	for k, v := range m.All() {
		ls = append(ls, model.Label{Name: k, Value: exactText(v)})
	}
	return model.NewLabels(ls...)
}

func exactText(v pcommon.Value) string {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return v.Str()
	case pcommon.ValueTypeBytes:
		return string(v.Bytes().AsRaw())
	}
	return v.AsString()
}
