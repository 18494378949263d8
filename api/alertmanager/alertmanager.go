// Package alertmanager serves Alertmanager's HTTP API v2, so that amtool,
// Prometheus, Grafana and Karma see an Alertmanager. The handlers are
// Alertmanager's own; this package says who may call which, and finds the
// instance of the caller's tenant.
package alertmanager

import (
	"errors"
	"net/http"

	"github.com/pharosd/pharos/alerting"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

// API is the dialect; see Routes.
type API struct {
	service *alerting.Service
}

// New returns the dialect over service.
func New(service *alerting.Service) *API { return &API{service: service} }

// Routes lists Alertmanager's API v2. What the other routes leave of /api/v2/
// (methods and paths that do not exist) is answered by Alertmanager too; as its
// router tidies paths, the callers there need the most that any path needs.
func (a *API) Routes() []httpx.Route {
	h := http.HandlerFunc(a.serve)
	return []httpx.Route{
		{Pattern: "POST /api/v2/alerts", Access: httpx.Write, MaxBody: alerting.MaxBody, Handler: h},
		{Pattern: "POST /api/v2/silences", Access: httpx.Edit, Handler: h},
		{Pattern: "DELETE /api/v2/silence/{id}", Access: httpx.Edit, Handler: h},
		{Pattern: "GET /api/v2/", Access: httpx.Read, Handler: h},
		{Pattern: "/api/v2/", Access: httpx.Edit, Handler: h},
	}
}

func (a *API) serve(w http.ResponseWriter, r *http.Request) {
	h, err := a.service.Handler(tenant.FromContext(r.Context()))
	switch {
	case errors.Is(err, alerting.ErrNotRunning):
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	default:
		h.ServeHTTP(w, r)
	}
}
