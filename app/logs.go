package app

import (
	"context"
	"net/url"

	"github.com/pharosd/pharos/alerting"
	"github.com/pharosd/pharos/api/loki"
	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/receiver/lokipush"
	"github.com/pharosd/pharos/rules/logrules"
)

// buildLogs wires the log store, Loki's push and query APIs and live tail.
func (a *App) buildLogs(context.Context) error {
	store := logstore.New(a.logRows, a.logRows)
	reader := logs.Scoped(store) // what requests see; nothing else reads the store
	hub := a.buildTail(store, reader)
	a.logSink = ingest.NewLogs(ingest.NewBudget(a.cfg.Logs.Ingest(a.mem.Ingest/2)), store, hub, a.ingestMetrics)

	query := a.cfg.Logs.Query
	query.MaxMemory = min(query.MaxMemory, a.mem.Query/4)
	engine := logql.NewEngine(reader, query)
	if err := engine.Register(a.registry); err != nil {
		return err
	}
	a.routes = append(a.routes, loki.New(reader, engine, hub, a.log.With("component", "loki api")).Routes()...)
	a.routes = append(a.routes, lokipush.New(a.cfg.Logs.Push, a.logSink).Routes()...)
	a.check("logs", a.logRows.Health)
	a.logEngine = engine
	return nil
}

// buildLogRules evaluates rules over logs. They record into metrics and alert
// through the tenant's Alertmanager.
func (a *App) buildLogRules(context.Context) error {
	external, err := url.Parse(a.cfg.BaseURL())
	if err != nil {
		return err
	}
	ruler, err := logrules.New(a.cfg.Logs.Rules, logrules.Deps{
		Engine: a.logEngine, Metrics: a.tenantMetrics, Sink: alerting.Sink{Service: a.alerts}, ExternalURL: external,
		Lookup: a.opts.LookupEnv, Logger: a.log.With("component", "log rules"), Registry: a.registry,
	})
	if err != nil {
		return err
	}
	a.part("log rules", ruler.Run)
	a.check("log rules", ruler.Ready)
	a.onReload("log rules", func(c *config.Config) error { return ruler.Reload(c.Logs.Rules) })
	a.routes = append(a.routes, loki.NewRules(ruler).Routes()...)
	return nil
}
