package jaeger

import (
	"errors"
	"net/http"
	"time"

	"github.com/jaegertracing/jaeger-idl/model/v1"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces"
)

var (
	errTraceNotFound = errors.New("trace not found")
	errNoArchive     = errors.New("archive span storage was not configured")
)

// search serves /api/traces: by conditions, or by ids if there are any.
func (a *API) search(w http.ResponseWriter, r *http.Request) {
	p, err := a.parseSearch(r)
	if err != nil {
		a.fail(w, r, http.StatusBadRequest, err)
		return
	}
	if len(p.ids) > 0 {
		a.tracesByID(w, r, p)
		return
	}
	var found traces.Found
	if !p.none {
		if found, err = a.reader.FindTraces(r.Context(), tenant.FromContext(r.Context()), p.query); err != nil {
			a.fail(w, r, http.StatusInternalServerError, err)
			return
		}
	}
	data, notes := a.uiTraces(found.Traces, p.raw)
	if found.Incomplete != "" {
		notes = append(notes, responseError{Msg: found.Incomplete})
	}
	a.answer(w, r, response{Data: data, Errors: notes})
}

func (a *API) tracesByID(w http.ResponseWriter, r *http.Request, p searchParams) {
	found, err := a.reader.GetTraces(r.Context(), tenant.FromContext(r.Context()), p.ids)
	if err != nil {
		a.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	data, notes := a.uiTraces(found, p.raw)
	there := map[pcommon.TraceID]bool{}
	for _, t := range found {
		there[t.ID] = true
	}
	for _, id := range p.ids {
		if !there[id] {
			notes = append(notes, responseError{Msg: errTraceNotFound.Error(), TraceID: traceIDOf(id).String()})
		}
	}
	a.answer(w, r, response{Data: data, Errors: notes})
}

// trace serves /api/traces/{traceID}. The optional start and end, hints for stores
// that need them, are checked and not used: a trace is found without.
func (a *API) trace(w http.ResponseWriter, r *http.Request) {
	id, raw, err := a.parseTrace(r)
	if err != nil {
		a.fail(w, r, http.StatusBadRequest, err)
		return
	}
	found, err := a.reader.GetTraces(r.Context(), tenant.FromContext(r.Context()), []pcommon.TraceID{id})
	if err != nil {
		a.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	if len(found) == 0 {
		a.fail(w, r, http.StatusNotFound, errTraceNotFound)
		return
	}
	data, notes := a.uiTraces(found, raw)
	a.answer(w, r, response{Data: data, Errors: notes})
}

func (a *API) parseTrace(r *http.Request) (pcommon.TraceID, bool, error) {
	id, err := model.TraceIDFromString(r.PathValue(paramTraceID))
	if err != nil {
		return pcommon.TraceID{}, false, err
	}
	for _, name := range []string{paramStart, paramEnd} {
		if _, err := a.parseTime(r, name, time.Microsecond, 0); err != nil {
			return pcommon.TraceID{}, false, err
		}
	}
	raw, err := parseBool(r, paramRaw)
	return otlpTraceID(id), raw, err
}

// archive answers as a Jaeger without archive storage does: what Pharos stores it
// keeps for the retention.
func (a *API) archive(w http.ResponseWriter, r *http.Request) {
	if _, _, err := a.parseTrace(r); err != nil {
		a.fail(w, r, http.StatusBadRequest, err)
		return
	}
	a.fail(w, r, http.StatusInternalServerError, errNoArchive)
}
