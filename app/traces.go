package app

import (
	"context"

	"github.com/pharosd/pharos/api/jaeger"
	"github.com/pharosd/pharos/traces/tracestore"
)

// buildTraces wires the span store and Jaeger's API.
func (a *App) buildTraces(context.Context) error {
	log := a.log.With("component", "traces")
	store, err := tracestore.New(a.spanRows, a.cfg.Traces.Store)
	if err != nil {
		return err
	}
	api, err := jaeger.New(store, a.cfg.Traces.Query, log)
	if err != nil {
		return err
	}
	a.routes = append(a.routes, api.Routes()...)
	return nil
}
