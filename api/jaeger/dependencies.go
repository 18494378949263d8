package jaeger

import (
	"net/http"
	"time"

	"github.com/pharosd/pharos/tenant"
)

func (a *API) dependencies(w http.ResponseWriter, r *http.Request) {
	end, err := a.parseTime(r, paramEndTs, time.Millisecond, 0)
	if err != nil {
		a.fail(w, r, http.StatusBadRequest, err)
		return
	}
	lookback, err := parseDuration(r, paramLookback, parseMilliseconds, defaultDependenciesLookback)
	if err != nil {
		a.fail(w, r, http.StatusBadRequest, err)
		return
	}
	// Jaeger's range is open at both ends. A time this old has no spans, whatever
	// is subtracted from it.
	start := max(end, 0) - min(max(int64(lookback), 0), max(end, 0)) + 1
	deps, err := a.reader.Dependencies(r.Context(), tenant.FromContext(r.Context()), start, end)
	if err != nil {
		a.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	service := r.FormValue(paramService)
	out := []uiLink{}
	for _, l := range deps.Links {
		if service == "" || l.Parent == service || l.Child == service {
			out = append(out, uiLink{Parent: l.Parent, Child: l.Child, CallCount: l.Calls})
		}
	}
	answer := response{Data: out}
	if deps.Incomplete != "" {
		answer.Errors = []responseError{{Msg: deps.Incomplete}}
	}
	a.answer(w, r, answer)
}
