package jaeger

import (
	"fmt"
	"io"
	"net/http"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/traces"
)

const maxTransformBody = 32 << 20

// transform serves /api/transform: it turns OTLP JSON into the UI's form, with
// which Jaeger's UI opens files. Nothing is stored.
func (a *API) transform(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		a.fail(w, r, http.StatusBadRequest, err)
		return
	}
	td, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(body)
	if err != nil {
		a.fail(w, r, http.StatusBadRequest, fmt.Errorf("cannot unmarshal OTLP : %w", err))
		return
	}
	data, _ := a.uiTraces(byTrace(td), true)
	a.answer(w, r, response{Data: data})
}

// byTrace splits spans by trace, in the order in which traces first occur.
func byTrace(td ptrace.Traces) []traces.Trace {
	var out []traces.Trace
	place := map[pcommon.TraceID]int{}
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				i, ok := place[span.TraceID()]
				if !ok {
					i = len(out)
					place[span.TraceID()] = i
					out = append(out, traces.Trace{ID: span.TraceID(), Spans: ptrace.NewTraces()})
				}
				to := out[i].Spans.ResourceSpans().AppendEmpty()
				rs.Resource().CopyTo(to.Resource())
				scope := to.ScopeSpans().AppendEmpty()
				ss.Scope().CopyTo(scope.Scope())
				span.CopyTo(scope.Spans().AppendEmpty())
			}
		}
	}
	return out
}
