package v1

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/query/explain"
	"github.com/pharosd/pharos/tenant"
)

// Explain tells in words what a query does.
type Explain struct {
	// lookup returns what a tenant's metrics are looked up with during one request.
	lookup func(r *http.Request, t tenant.ID) explain.Lookup
}

// NewExplain explains; lookup may be nil.
func NewExplain(lookup func(r *http.Request, t tenant.ID) explain.Lookup) *Explain {
	return &Explain{lookup}
}

// Routes returns the table of routes.
func (x *Explain) Routes() []httpx.Route {
	return []httpx.Route{{Pattern: "GET /api/pharos/v1/explain", Access: httpx.Read, Handler: http.HandlerFunc(x.get)}}
}

// get answers GET /explain?language=promql|logql&query=. A query that does not parse is
// an answer too: its error is in "error", with the place.
func (x *Explain) get(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	var out explain.Explanation
	var err error
	switch language := q.Get("language"); language {
	case "promql":
		var lookup explain.Lookup
		if x.lookup != nil {
			lookup = x.lookup(r, tenant.FromContext(r.Context()))
		}
		out, err = explain.PromQL(q.Get("query"), lookup)
	case "logql":
		out, err = explain.LogQL(q.Get("query"))
	default:
		err = &httpx.Error{Status: http.StatusBadRequest, Code: "bad_language", Message: fmt.Sprintf("language %q is not known", language), Hint: "promql or logql"}
	}
	var syntax *explain.Error
	if errors.As(err, &syntax) {
		httpx.WriteJSON(w, http.StatusOK, map[string]any{"error": map[string]any{
			"message": syntax.Message, "hint": syntax.Hint, "line": syntax.Line, "column": syntax.Column,
		}})
		return
	}
	if err != nil {
		httpx.WriteError(w, err)
		return
	}
	httpx.WriteJSON(w, http.StatusOK, out)
}
