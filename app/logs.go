package app

import (
	"context"

	"github.com/pharosd/pharos/api/loki"
	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/query/tail"
	"github.com/pharosd/pharos/receiver/lokipush"
)

// buildLogs wires the log store, Loki's push and query APIs and live tail.
func (a *App) buildLogs(context.Context) error {
	store := logstore.New(a.logRows, a.logRows)
	hub := tail.New(a.cfg.Logs.Tail, a.registry)
	a.logSink = ingest.NewLogs(ingest.NewBudget(a.cfg.Logs.Ingest(a.mem.Ingest/2)), store, hub, a.ingestMetrics)

	query := a.cfg.Logs.Query
	query.MaxMemory = min(query.MaxMemory, a.mem.Query/4)
	engine := logql.NewEngine(store, query)
	if err := engine.Register(a.registry); err != nil {
		return err
	}
	a.routes = append(a.routes, loki.New(store, engine, hub, a.log.With("component", "loki api")).Routes()...)
	a.routes = append(a.routes, lokipush.New(a.cfg.Logs.Push, a.logSink).Routes()...)
	a.check("logs", a.logRows.Health)
	return nil
}
