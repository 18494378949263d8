package app

import (
	"time"

	"github.com/pharosd/pharos/api/elastic"
	"github.com/pharosd/pharos/query/esquery"
)

// newElasticSearch returns Elasticsearch's search API over the log store. A search may
// take what a LogQL query may.
func (a *App) newElasticSearch() *elastic.Search {
	limits := a.cfg.Logs.Query
	cfg := esquery.DefaultConfig()
	cfg.MaxMemory = min(limits.MaxMemory, a.mem.Query/4)
	cfg.MaxBytes, cfg.Timeout = limits.MaxBytes, time.Duration(limits.Timeout)
	return elastic.NewSearch(esquery.NewEngine(a.logStore, cfg, a.elasticCatalog.Declared), a.log.With("component", "elasticsearch search"))
}
