package app

import (
	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logql"
)

// queryShare is how much of the memory of queries there must be for each that runs.
const queryShare = 64 << 20

// newLogEngine returns the engine of LogQL over what reader shows of a store, and the
// appender that all writes to the store must go through: the cache of results must
// know of them.
func (a *App) newLogEngine(reader logs.Reader, store logs.Appender) (*logql.Engine, logs.Appender, error) {
	cfg := a.cfg.Logs.Query
	// Beside its own memory a query takes some in the store and its answer.
	cfg.MaxConcurrent = int(max(1, min(int64(cfg.MaxConcurrent), a.mem.Query/queryShare)))
	cfg.MaxMemory = min(cfg.MaxMemory, a.mem.Query/int64(cfg.MaxConcurrent))
	engine := logql.NewEngine(reader, cfg)
	if err := engine.Register(a.registry); err != nil {
		return nil, nil, err
	}
	if cfg.CacheSize == 0 || a.cfg.Logs.Engine == config.VictoriaLogs { // others may write there
		return engine, store, nil
	}
	a.logCache = logql.NewCache(min(cfg.CacheSize, a.mem.Query/8))
	if err := a.logCache.Register(a.registry); err != nil {
		return nil, nil, err
	}
	a.logCache.SetSettled(a.retention.kept.Settled)
	a.retention.deletions.OnChange(a.logCache.Invalidate)
	return engine.WithCache(a.logCache), a.logCache.Appender(store), nil
}
