package loki

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/common/model"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/tenant"
)

// queryRange is query_range.
func (a *API) queryRange(w http.ResponseWriter, r *http.Request) error {
	p, err := rangeParams(r)
	if err != nil {
		return err
	}
	x, err := logql.Parse(r.Form.Get("query"))
	if err != nil {
		return err
	}
	if limit := a.engine.ConfigOf(tenant.FromContext(r.Context())).MaxLength; time.Duration(p.End-p.Start) > limit {
		return badRequest(fmt.Errorf("the query time range exceeds the limit (query length: %s, limit: %s)",
			time.Duration(p.End-p.Start), model.Duration(limit)))
	}
	if _, ok := x.(*logql.LogExpr); !ok {
		align(&p)
	} else if err := a.checkLimit(r, p.Limit); err != nil {
		return err
	}
	return a.eval(w, r, x, p)
}

func (a *API) checkLimit(r *http.Request, limit int) error {
	if most := a.engine.ConfigOf(tenant.FromContext(r.Context())).MaxEntries; limit > most {
		return badRequest(fmt.Errorf("max entries limit per query exceeded, limit > max_entries_limit_per_query (%d > %d)", limit, most))
	}
	return nil
}

// query is the instant query: metrics only.
func (a *API) query(w http.ResponseWriter, r *http.Request) error {
	at, err := parseTime(r.Form.Get("time"), time.Now())
	if err != nil {
		return badRequest(err)
	}
	at = clamp(at)
	limit, err := positiveInt(r.Form.Get("limit"), defaultLimit)
	if err != nil {
		return err
	}
	if _, err := forward(r); err != nil {
		return err
	}
	x, err := logql.Parse(r.Form.Get("query"))
	if err != nil {
		return err
	}
	if _, ok := x.(*logql.LogExpr); ok {
		return &statusError{http.StatusBadRequest, "log queries are not supported as an instant query type, please change your query to a range query type"}
	}
	return a.eval(w, r, x, logql.Params{Start: at.UnixNano(), End: at.UnixNano(), Limit: limit})
}

func (a *API) eval(w http.ResponseWriter, r *http.Request, x logql.Expr, p logql.Params) error {
	p.Categorize = categorize(r)
	explain := false
	if s := r.Form.Get("explain"); s != "" {
		var err error
		if explain, err = strconv.ParseBool(s); err != nil {
			return badRequest(fmt.Errorf("explain: want 1 or 0, got %q", s))
		}
	}
	res, err := a.engine.Eval(r.Context(), tenant.FromContext(r.Context()), x, p)
	if err != nil {
		return err
	}
	if !explain {
		res.Plan = nil
	}
	writeResult(w, res, p.Categorize)
	return nil
}

// formatQuery answers with the canonical text of a query. Its errors are JSON,
// unlike those of the other endpoints.
func (a *API) formatQuery(w http.ResponseWriter, r *http.Request) error {
	x, err := logql.Parse(r.Form.Get("query"))
	if err != nil {
		httpx.WriteJSON(w, http.StatusBadRequest, map[string]string{"status": "invalid-query", "error": err.Error()})
		return nil
	}
	httpx.WriteJSON(w, http.StatusOK, map[string]string{"status": "success", "data": x.String()})
	return nil
}
