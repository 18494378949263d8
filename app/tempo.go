package app

import (
	"context"

	"github.com/pharosd/pharos/api/tempo"
	"github.com/pharosd/pharos/api/zipkin"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/traces/traceql"
)

// buildTempo wires TraceQL, Zipkin's query API and Tempo's: the latter below /tempo on the main port, what is no
// other dialect's at its root, and at the root of a port of its own if the configuration
// names one. jaeger are the routes of Jaeger's API, with which it shares the path of a
// trace.
func (a *App) buildTempo(ctx context.Context, store traceql.Store, jaeger []httpx.Route) error {
	cfg := a.cfg.Traces.TraceQL
	// A query may hold an answer of the store and its own series.
	cfg.MaxConcurrent = int(max(1, min(int64(cfg.MaxConcurrent), a.mem.Query/queryShare)))
	engine := traceql.NewEngine(store, cfg)
	if err := engine.Register(a.registry); err != nil {
		return err
	}
	api := tempo.New(engine, store, a.log.With("component", "tempo api"))
	a.routes = append(a.routes, zipkin.New(engine, store, a.log.With("component", "zipkin api")).Routes()...)
	for _, route := range jaeger {
		if route.Pattern == "GET /api/traces/{traceID}" {
			route.Handler = api.Trace(route.Handler)
		}
		a.routes = append(a.routes, route)
	}
	a.routes = append(a.routes, api.Routes()...)
	if listen := a.cfg.Traces.Tempo.Listen; listen != "" {
		return a.listenNative(ctx, "traces.tempo.listen", listen, port{name: "tempo port", routes: api.PortRoutes()})
	}
	return nil
}
