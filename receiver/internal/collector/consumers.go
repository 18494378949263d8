package collector

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/model"
)

// TracesTo returns the consumer of a receiver behind the gate.
func TracesTo(sink ingest.TraceSink) (consumer.Traces, error) {
	return consumer.NewTraces(func(ctx context.Context, td ptrace.Traces) error {
		n := td.SpanCount()
		if n == 0 {
			return nil
		}
		if err := outcomeOf(ctx).tooLarge; err != nil {
			return &refusedError{status.New(codes.InvalidArgument, err.Error())}
		}
		return answer(ctx, sink.PushTraces(ctx, tenantOf(ctx), td), n, "spans")
	})
}

// LogsTo is TracesTo for logs, mapped to streams.
func LogsTo(sink ingest.LogSink, streams func(context.Context, plog.Logs) []model.LogStream) (consumer.Logs, error) {
	return consumer.NewLogs(func(ctx context.Context, ld plog.Logs) error {
		n := ld.LogRecordCount()
		if n == 0 {
			return nil
		}
		return answer(ctx, sink.PushLogs(ctx, tenantOf(ctx), streams(ctx, ld)), n, "log records")
	})
}

// MetricsTo is TracesTo for metrics.
func MetricsTo(sink ingest.MetricSink) (consumer.Metrics, error) {
	return consumer.NewMetrics(func(ctx context.Context, md pmetric.Metrics) error {
		n := md.DataPointCount()
		if n == 0 {
			return nil
		}
		return answer(ctx, sink.PushMetrics(ctx, tenantOf(ctx), md), n, "data points")
	})
}

// answer turns a sink's error into one that receivers answer rightly. The
// Collector's receivers cannot answer a partial success, so a part refused for good
// is an INVALID_ARGUMENT, which clients do not send again, and says that the rest
// is stored.
func answer(ctx context.Context, err error, total int, what string) error {
	partial, st := Outcome(err, total)
	if partial != nil {
		st = partialStatus(ctx, partial, fmt.Sprintf("%d of %d %s were refused, the others are stored: %s", partial.Refused, total, what, partial.Message))
	}
	if st == nil {
		return nil
	}
	outcomeOf(ctx).st = st
	return &refusedError{st}
}

// refusedError carries a status to gRPC servers and says to the Collector whether
// it is permanent.
type refusedError struct{ st *status.Status }

func (e *refusedError) Error() string { return e.st.Message() }

// GRPCStatus is what package status looks for.
func (e *refusedError) GRPCStatus() *status.Status { return e.st }

func (e *refusedError) Unwrap() error {
	if e.st.Code() == codes.InvalidArgument {
		return consumererror.NewPermanent(errors.New(e.st.Message()))
	}
	return nil
}
