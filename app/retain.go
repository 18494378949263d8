package app

import (
	"context"
	"time"

	"github.com/pharosd/pharos/api/loki"
	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/logs/retain"
	"github.com/pharosd/pharos/query/deletion"
	"github.com/pharosd/pharos/tenant"
)

// retention is what decides which log entries are shown.
type retention struct {
	kept      *retain.Reader // of what ages and sizes leave
	periods   *retain.Periods
	sizes     *retain.Sizes
	deletions *deletion.Service
}

// maskLogs returns store without the entries that are too old or too many, and starts
// what deletes on request.
func (a *App) maskLogs(ctx context.Context, store logs.Reader) (logs.Reader, error) {
	kept := a.cfg.Logs.StoreRetention()
	log := a.log.With("component", "log retention")
	for _, k := range a.cfg.Ignored() {
		log.Info("a key of loki-config.yml has no effect", "file", k.File, "line", k.Line, "key", k.Key, "why", k.Why)
	}
	r := &a.retention
	r.periods = retain.NewPeriods(a.cfg.Logs.Periods(), kept)
	tenants := func() []tenant.ID { return nil } // other servers bound their own size
	if local := a.localLogs(); local != nil {
		tenants = local.Tenants
	}
	r.sizes = retain.NewSizes(store, kept, tenants, sizeLimit(&a.cfg.Logs), log)
	a.part("log sizes", r.sizes.Run)
	var err error
	if r.deletions, err = deletion.New(ctx, a.cfg.Logs.Deletion, a.meta, kept); err != nil {
		return nil, err
	}
	a.routes = append(a.routes, loki.NewDelete(r.deletions, a.log.With("component", "log deletion")).Routes()...)
	a.onReload("log retention", func(c *config.Config) error {
		if wanted := c.Logs.StoreRetention(); wanted > kept {
			log.Warn("a longer retention takes effect for the store at the next start", "wanted", wanted, "kept", kept)
		}
		r.periods.Set(c.Logs.Periods())
		r.sizes.SetLimit(sizeLimit(&c.Logs))
		return r.deletions.SetConfig(c.Logs.Deletion)
	})
	r.kept = retain.NewReader(store, r.periods, r.sizes)
	return r.kept, nil
}

func sizeLimit(l *config.Logs) func(tenant.ID) int64 {
	return func(t tenant.ID) int64 {
		if own, ok := l.Tenants[t]; ok {
			return int64(own.RetentionSize)
		}
		return int64(l.RetentionSize)
	}
}

// limitLogs gives tenants their own limits, of pushes and of queries, which follow
// the configuration.
func (a *App) limitLogs(budget *ingest.Budget, sink *ingest.Logs, engine *logql.Engine) {
	sink.SetMaxAge(a.retention.periods.MaxAge)
	current := a.cfg.Logs
	a.limits.Store(&current)
	memory := engine.Config().MaxMemory
	engine.SetLimits(func(t tenant.ID) logql.Config {
		c := a.limits.Load().QueryLimits(t)
		c.MaxMemory = min(c.MaxMemory, memory)
		return c
	})
	kept := a.cfg.Logs.StoreRetention()
	a.onReload("limits of logs", func(c *config.Config) error {
		a.limits.Store(&c.Logs)
		in := c.Logs.Ingest(0)
		within(&in, kept)
		budget.SetLimits(in)
		return nil
	})
}

// within lets nothing come that the store does not keep.
func within(c *ingest.Config, kept time.Duration) {
	c.Limits.MaxAge = min(c.Limits.MaxAge, kept)
	for id, own := range c.Tenants {
		own.MaxAge = min(own.MaxAge, kept)
		c.Tenants[id] = own
	}
}
