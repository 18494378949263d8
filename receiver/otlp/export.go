package otlp

import (
	"net/http"
	"time"

	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/receiver/internal/collector"
	"github.com/pharosd/pharos/tenant"
)

func (a *API) exportTraces(r *http.Request, t tenant.ID, decode decoder) (message, *status.Status) {
	req := ptraceotlp.NewExportRequest()
	if err := decode(req); err != nil {
		return nil, status.New(codes.InvalidArgument, err.Error())
	}
	answer := ptraceotlp.NewExportResponse()
	n := req.Traces().SpanCount()
	if n == 0 {
		return answer, nil
	}
	partial, st := collector.Outcome(a.traces.PushTraces(r.Context(), t, req.Traces()), n)
	if partial != nil {
		answer.PartialSuccess().SetRejectedSpans(int64(partial.Refused))
		answer.PartialSuccess().SetErrorMessage(partial.Message)
	}
	return answer, st
}

func (a *API) exportLogs(r *http.Request, t tenant.ID, decode decoder) (message, *status.Status) {
	req := plogotlp.NewExportRequest()
	if err := decode(req); err != nil {
		return nil, status.New(codes.InvalidArgument, err.Error())
	}
	answer := plogotlp.NewExportResponse()
	n := req.Logs().LogRecordCount()
	if n == 0 {
		return answer, nil
	}
	ctx, err := ingest.Numbered(r.Context(), r.Header.Get)
	if err != nil {
		return nil, status.New(codes.InvalidArgument, err.Error())
	}
	partial, st := collector.Outcome(a.logs.PushLogs(ctx, t, streamsOf(ctx, req.Logs(), time.Now())), n)
	if partial != nil {
		answer.PartialSuccess().SetRejectedLogRecords(int64(partial.Refused))
		answer.PartialSuccess().SetErrorMessage(partial.Message)
	}
	return answer, st
}

func (a *API) exportMetrics(r *http.Request, t tenant.ID, decode decoder) (message, *status.Status) {
	req := pmetricotlp.NewExportRequest()
	if err := decode(req); err != nil {
		return nil, status.New(codes.InvalidArgument, err.Error())
	}
	answer := pmetricotlp.NewExportResponse()
	n := req.Metrics().DataPointCount()
	if n == 0 {
		return answer, nil
	}
	partial, st := collector.Outcome(a.metrics.PushMetrics(r.Context(), t, req.Metrics()), n)
	if partial != nil {
		answer.PartialSuccess().SetRejectedDataPoints(int64(partial.Refused))
		answer.PartialSuccess().SetErrorMessage(partial.Message)
	}
	return answer, st
}
