package simulator

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
)

// otlpEncoder speaks OTLP/HTTP in protobuf.
type otlpEncoder struct{}

var severities = map[string]plog.SeverityNumber{
	levelInfo: plog.SeverityNumberInfo, levelWarn: plog.SeverityNumberWarn, levelError: plog.SeverityNumberError,
}

func (otlpEncoder) encode(cfg Config, batch []record) (string, string, []byte) {
	ld := plog.NewLogs()
	byService := map[string]plog.LogRecordSlice{}
	for _, r := range batch {
		records, ok := byService[r.labels["service"]]
		if !ok {
			rl := ld.ResourceLogs().AppendEmpty()
			rl.Resource().Attributes().PutStr("service.name", r.labels["service"])
			rl.Resource().Attributes().PutStr("service.namespace", r.labels["namespace"])
			rl.Resource().Attributes().PutStr("layer", r.labels["layer"])
			records = rl.ScopeLogs().AppendEmpty().LogRecords()
			byService[r.labels["service"]] = records
		}
		rec := records.AppendEmpty()
		rec.SetTimestamp(pcommon.NewTimestampFromTime(r.time))
		rec.Body().SetStr(r.line)
		rec.SetSeverityText(r.level)
		rec.SetSeverityNumber(severities[r.level])
		if r.span.IsSampled() {
			rec.SetTraceID(pcommon.TraceID(r.span.TraceID()))
			rec.SetSpanID(pcommon.SpanID(r.span.SpanID()))
		}
	}
	body, err := plogotlp.NewExportRequestFromLogs(ld).MarshalProto()
	if err != nil {
		panic("BUG: an export request cannot be encoded: " + err.Error())
	}
	return cfg.OTLP + "/v1/logs", "application/x-protobuf", body
}
