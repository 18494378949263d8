package app

import (
	"context"
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/pharosd/pharos/api/v1"
	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/ui"
)

// signals are the rates on the first page, from the process' own counters.
var signals = []v1.Signal{
	{Name: "samples", Counters: []string{"prometheus_tsdb_head_samples_appended_total"}},
	{Name: "log_lines", Counters: []string{"pharos_ingest_entries_total"}, Labels: map[string]string{"signal": "logs"}},
	{Name: "spans", Counters: []string{"pharos_ingest_entries_total"}, Labels: map[string]string{"signal": "traces"}},
}

// buildServer puts all route tables behind the gate on the one port.
func (a *App) buildServer(context.Context) error {
	overview := v1.NewOverview(a.registry, signals, a.log.With("component", "overview"))
	a.part("overview", overview.Run)

	a.routes = append(a.routes, overview.Routes()...)
	a.routes = append(a.routes, v1.NewArrivals(a.auth).Routes()...)
	a.pipelineRoutes(a.pipelines)
	a.routes = append(a.routes, a.health.routes()...)
	a.routes = append(a.routes, debugRoutes()...)
	a.routes = append(a.routes, a.opts.Routes...)
	a.routes = append(a.routes, ui.Routes()...)
	a.routes = append(a.routes,
		httpx.Route{Pattern: "GET /metrics", Access: httpx.Read, Handler: ownerOnly(promhttp.HandlerFor(a.registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))},
		httpx.Route{Pattern: "POST /-/reload", Access: httpx.Admin, Handler: ownerOnly(http.HandlerFunc(a.postReload))},
		httpx.Route{Pattern: "PUT /-/reload", Access: httpx.Admin, Handler: ownerOnly(http.HandlerFunc(a.postReload))},
	)
	gate := auth.NewGate(a.auth, a.log.With("component", "http"), a.registry)
	handler := gate.Handler(a.routes)
	a.assistant.Open(handler)
	for _, open := range a.askers {
		open(handler)
	}
	server := &httpx.Server{Handler: handler, Logger: a.log.With("component", "http")}
	listener := a.listener
	a.listener = nil // from here on the server closes it
	a.parts = append(a.parts, partWithClose("http", func(ctx context.Context) error { return server.Serve(ctx, listener) }, nil))
	a.serveNative(gate)
	a.parts = append(a.parts, a.opts.Parts...)
	a.part("release of start-up memory", a.releaseStartup)
	return nil
}

// ownerOnly keeps what concerns the whole process to the default tenant, whose it
// is; other tenants' administrators administer their tenants.
func ownerOnly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if t := tenant.FromContext(r.Context()); t != tenant.Default {
			http.Error(w, fmt.Sprintf("%s concerns the whole process, which belongs to tenant %q; these credentials are of tenant %q",
				r.URL.Path, tenant.Default, t), http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func (a *App) postReload(w http.ResponseWriter, _ *http.Request) {
	if err := a.Reload(); err != nil {
		http.Error(w, "the old configuration goes on:\n"+err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusOK)
}
