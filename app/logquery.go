package app

import (
	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logql"
)

// logReadWriter is a log store.
type logReadWriter interface {
	logs.Reader
	logs.Appender
}

// newLogEngine returns the engine of LogQL over a store, and the appender that all
// writes to the store must go through: the cache of results must know of them.
func (a *App) newLogEngine(store logReadWriter) (*logql.Engine, logs.Appender, error) {
	cfg := a.cfg.Logs.Query
	cfg.MaxMemory = min(cfg.MaxMemory, a.mem.Query/int64(cfg.MaxConcurrent))
	engine := logql.NewEngine(store, cfg)
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
	return engine.WithCache(a.logCache), a.logCache.Appender(store), nil
}
