package app

import (
	"context"

	jaegerapi "github.com/pharosd/pharos/api/jaeger"
	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/receiver/jaeger"
	"github.com/pharosd/pharos/receiver/otlp"
	"github.com/pharosd/pharos/receiver/zipkin"
	"github.com/pharosd/pharos/traces/tracestore"
)

// buildTraces wires the span store, Jaeger's API and the native ports of OTLP
// (which bring logs and metrics too), Jaeger and Zipkin.
func (a *App) buildTraces(ctx context.Context) error {
	log := a.log.With("component", "traces")
	store, err := tracestore.New(a.spanRows, a.cfg.Traces.Store)
	if err != nil {
		return err
	}
	api, err := jaegerapi.New(store, a.cfg.Traces.Query, log)
	if err != nil {
		return err
	}
	budget := ingest.NewBudget(a.cfg.Traces.Ingest(&a.cfg.Logs, a.mem.Ingest/2))
	sink := ingest.NewTraces(budget, store, a.ingestMetrics)
	sink.SetRedactor(a.redactor)
	a.onReload("limits of traces", func(c *config.Config) error {
		budget.SetLimits(a.cfg.Traces.Ingest(&c.Logs, 0))
		return nil
	})
	a.check("traces", a.spanRows.Health)
	if err := a.buildTempo(ctx, store, api.Routes()); err != nil {
		return err
	}
	a.routes = append(a.routes, otlp.NewAPI(a.cfg.Traces.OTLPHTTP, sink, a.logSink, a.metricSink).Routes()...)

	native, err := a.cfg.Traces.LoadCollector(a.opts.LookupEnv)
	if err != nil {
		return err
	}
	for _, r := range native.Replaced {
		log.Info("part of the collector's file is not needed", "file", a.cfg.Traces.CollectorConfig, "line", r.Line, "key", r.Key, "why", r.Why)
	}
	deps := otlp.Deps{Traces: sink, Logs: a.logSink, Metrics: a.metricSink, Tenants: a.auth, Log: log}
	otlpPorts, err := otlp.New(a.cfg.Traces.OTLP, deps, native.OTLP)
	if err != nil {
		return err
	}
	a.part("otlp receiver", otlpPorts.Run)
	jaegerPorts, err := jaeger.New(a.cfg.Traces.Jaeger, deps, a.registry, native.Jaeger)
	if err != nil {
		return err
	}
	a.part("jaeger receiver", jaegerPorts.Run)
	zipkinPort, err := zipkin.New(a.cfg.Traces.Zipkin, deps, native.Zipkin)
	if err != nil {
		return err
	}
	a.part("zipkin receiver", zipkinPort.Run)
	return nil
}
