package jaeger

import (
	"fmt"
	"time"

	"github.com/jaegertracing/jaeger-idl/model/v1"
	translator "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/jaeger"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/traces"
)

// adjuster is what Jaeger's query service applies to a trace before it answers.
type adjuster interface{ Adjust(*model.Trace) }

// modelTrace translates the spans of one trace, which it may change.
func modelTrace(td ptrace.Traces) *model.Trace {
	for i := range td.ResourceSpans().Len() {
		r := td.ResourceSpans().At(i).Resource()
		r.Attributes().PutStr("service.name", traces.ServiceName(r))
	}
	out := &model.Trace{}
	for _, batch := range translator.ProtoFromTraces(td) {
		for _, span := range batch.Spans {
			process := *batch.Process // adjusters change processes, so each span has its own
			process.Tags = append([]model.KeyValue{}, batch.Process.Tags...)
			span.Process = &process
			sanitizeDuration(span)
			out.Spans = append(out.Spans, span)
		}
	}
	return out
}

// sanitizeDuration does what Jaeger does when it receives a span that ends when it
// starts or before.
func sanitizeDuration(span *model.Span) {
	if span.Duration > 0 {
		return
	}
	end := span.StartTime.Add(span.Duration)
	span.Duration = time.Nanosecond
	span.Warnings = append(span.Warnings, fmt.Sprintf(
		"Negative duration detected, sanitizing end timestamp. Original end timestamp: %s, adjusted to: %s",
		end.UTC(), span.StartTime.Add(span.Duration).UTC()))
}

// uiTraces translates what the store found; raw leaves out the adjusters.
func (a *API) uiTraces(found []traces.Trace, raw bool) ([]uiTrace, []responseError) {
	out := make([]uiTrace, 0, len(found))
	var notes []responseError
	for _, t := range found {
		m := modelTrace(t.Spans)
		if !raw {
			for _, adj := range a.adjusters {
				adj.Adjust(m)
			}
		}
		if t.Incomplete != "" {
			m.Warnings = append(m.Warnings, t.Incomplete)
			notes = append(notes, responseError{Msg: t.Incomplete, TraceID: traceIDOf(t.ID).String()})
		}
		out = append(out, uiTraceOf(m))
	}
	return out, notes
}
