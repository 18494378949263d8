package app

import (
	"context"
	"net/url"
	"path/filepath"

	"github.com/pharosd/pharos/alerting"
	"github.com/pharosd/pharos/api/loki"
	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/logs/retain"
	"github.com/pharosd/pharos/receiver/lokipush"
	"github.com/pharosd/pharos/rules/logrules"
)

// logReader is what answers queries about logs. Ages and sizes hide lines of the
// store only, since the archive has what is older; what was deleted on request is
// hidden in both. Requests see what their token is narrowed to.
func (a *App) logReader(ctx context.Context, store *logstore.Store) (logs.Reader, error) {
	kept, err := a.maskLogs(ctx, store)
	if err != nil {
		return nil, err
	}
	reader, err := a.withArchive(ctx, kept)
	if err != nil {
		return nil, err
	}
	return logs.Scoped(retain.NewReader(reader, a.retention.deletions)), nil
}

// buildLogs wires the log store, Loki's push and query APIs and live tail.
func (a *App) buildLogs(ctx context.Context) error {
	store := logstore.New(a.logRows, a.logRows)
	if a.localLogs() != nil {
		if err := store.LeaveInLines(filepath.Join(a.dir("logs"), "in_line")); err != nil {
			return err
		}
	}
	reader, err := a.logReader(ctx, store) // nothing else reads the store
	if err != nil {
		return err
	}
	hub := a.buildTail(store, reader)
	engine, appender, err := a.newLogEngine(reader, store)
	if err != nil {
		return err
	}
	if appender, err = a.withObjects(ctx, appender); err != nil {
		return err
	}
	budget := ingest.NewBudget(a.cfg.Logs.Ingest(a.mem.Ingest / 2))
	sink := ingest.NewLogs(budget, appender, hub, a.ingestMetrics)
	sink.SetRedactor(a.redactor)
	a.logSink, a.logItems, a.logStore = sink, sink, reader
	a.limitLogs(budget, sink, engine)
	a.routes = append(a.routes, a.markArchive(loki.New(reader, engine, hub, a.log.With("component", "loki api")).Routes())...)
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
	a.exploring.logRules = ruler.Groups
	a.part("log rules", ruler.Run)
	a.check("log rules", ruler.Ready)
	a.onReload("log rules", func(c *config.Config) error { return ruler.Reload(c.Logs.Rules) })
	a.routes = append(a.routes, loki.NewRules(ruler).Routes()...)
	return nil
}
