package app

import (
	"time"

	"github.com/pharosd/pharos/api/elastic"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/query/esquery"
)

// buildElasticSearch serves Elasticsearch's search API over the log store. A search may
// take what a LogQL query may.
func (a *App) buildElasticSearch(reader logs.Reader) {
	limits := a.cfg.Logs.Query
	cfg := esquery.DefaultConfig()
	cfg.MaxMemory = min(limits.MaxMemory, a.mem.Query/4)
	cfg.MaxBytes, cfg.Timeout = limits.MaxBytes, time.Duration(limits.Timeout)
	a.elasticSearch = elastic.NewSearch(esquery.NewEngine(reader, cfg, nil), a.log.With("component", "elasticsearch search"))
	a.routes = append(a.routes, a.elasticSearch.Routes("/elastic")...)
}
