package ingest

import (
	"context"

	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// LogSink is where receivers of logs push to. A nil error is an acknowledgement:
// everything is on disk. The error is a *Refusal when data was refused for what
// it is or for a limit; any other error means that nothing was stored.
type LogSink interface {
	PushLogs(ctx context.Context, t tenant.ID, streams []model.LogStream) error
}

// LogItemSink is a LogSink for protocols that answer for each entry.
type LogItemSink interface {
	LogSink
	// PushLogItems is PushLogs, but it tells refused of what was refused by itself: of
	// one entry, or of a stream (entry is -1) all whose entries it was not told of
	// before. All else is on disk when it returns nil, and not stored when it returns
	// an error. refused is called before PushLogItems returns, in no order.
	PushLogItems(ctx context.Context, t tenant.ID, streams []model.LogStream, refused func(stream, entry int, r *Refusal)) error
}

// TraceSink is where receivers of spans push to; errors as in LogSink.
type TraceSink interface {
	PushTraces(ctx context.Context, t tenant.ID, td ptrace.Traces) error
}

// MetricSink is where receivers of OTLP metrics push to; errors as in LogSink.
type MetricSink interface {
	PushMetrics(ctx context.Context, t tenant.ID, md pmetric.Metrics) error
}
