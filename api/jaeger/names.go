package jaeger

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces"
)

func (a *API) services(w http.ResponseWriter, r *http.Request) {
	names, err := a.reader.Services(r.Context(), tenant.FromContext(r.Context()))
	if err != nil {
		a.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	a.answer(w, r, response{Data: orNull(names), Total: len(names)})
}

// serviceOperations serves /api/services/{service}/operations: names only. Jaeger
// takes the service as a query string is encoded, with "+" for a space.
func (a *API) serviceOperations(w http.ResponseWriter, r *http.Request) {
	encoded := strings.TrimSuffix(strings.TrimPrefix(r.URL.EscapedPath(), "/api/services/"), "/operations")
	service, err := url.QueryUnescape(encoded)
	if err != nil {
		service = ""
	}
	ops, err := a.reader.Operations(r.Context(), tenant.FromContext(r.Context()), service)
	if err != nil {
		a.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	var names []string
	for _, op := range ops { // sorted by name
		if len(names) == 0 || names[len(names)-1] != op.Name {
			names = append(names, op.Name)
		}
	}
	a.answer(w, r, response{Data: orNull(names), Total: len(names)})
}

// operations serves /api/operations: names with their kinds.
func (a *API) operations(w http.ResponseWriter, r *http.Request) {
	service := r.FormValue(paramService)
	if service == "" {
		a.fail(w, r, http.StatusBadRequest, errServiceRequired)
		return
	}
	ops, err := a.reader.Operations(r.Context(), tenant.FromContext(r.Context()), service)
	if err != nil {
		a.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	kind := r.FormValue(paramSpanKind)
	out := []uiOperation{}
	for _, op := range ops {
		if k := traces.KindText(op.Kind); kind == "" || kind == k {
			out = append(out, uiOperation{Name: op.Name, SpanKind: k})
		}
	}
	a.answer(w, r, response{Data: out, Total: len(out)})
}

// orNull is how Jaeger encodes an empty list of names.
func orNull(names []string) any {
	if len(names) == 0 {
		return nil
	}
	return names
}
