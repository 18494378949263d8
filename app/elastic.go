package app

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/pharosd/pharos/api/elastic"
	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/logs/retain"
	elasticreceiver "github.com/pharosd/pharos/receiver/elastic"
	"github.com/pharosd/pharos/tenant"
)

// buildElastic wires Elasticsearch's API: below /elastic on the main port and, if the
// configuration names one, at the root of a port of its own.
func (a *App) buildElastic(ctx context.Context) error {
	cfg := a.cfg.Logs.Elastic
	log := a.log.With("component", "elastic api")
	a.elasticCatalog = elastic.NewCatalog(a.meta, log)
	a.retention.periods.AddRules(lifecycleRules{a.elasticCatalog})
	receiver := elasticreceiver.New(cfg, elasticreceiver.Deps{
		Sink: a.logItems, Catalog: elasticTargets{a.elasticCatalog}, Log: log, Metrics: a.ingestMetrics, MaxInFlight: a.mem.Ingest / 2,
	})
	admin := elastic.NewAdmin(elastic.Deps{Catalog: a.elasticCatalog, Reader: a.logStore, DeleteIndex: a.deleteIndex, Log: log})
	routes := slices.Concat(receiver.Routes(), admin.Routes(), a.markArchive(a.newElasticSearch().Routes("")))
	a.routes = append(a.routes, httpx.Under("/elastic", routes)...)
	if cfg.Listen == "" {
		return nil
	}
	return a.listenNative(ctx, "logs.elastic.listen", cfg.Listen, port{name: "elastic port", routes: httpx.Under("", routes), wrap: elasticProduct})
}

// elasticProduct puts the product's header on every answer, the gate's too.
func elasticProduct(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(esapi.ProductHeader, esapi.Product)
		h.ServeHTTP(w, r)
	})
}

// deleteIndex hides the entries that an index holds now, as a deletion request does.
func (a *App) deleteIndex(ctx context.Context, t tenant.ID, index string) error {
	_, err := a.retention.deletions.Create(ctx, t, fmt.Sprintf("{index=%q}", index), time.Unix(0, 0), time.Now())
	return err
}

// elasticTargets is the catalog as the receiver asks it.
type elasticTargets struct{ catalog *elastic.Catalog }

func (e elasticTargets) Target(ctx context.Context, t tenant.ID, name string) (elasticreceiver.Target, error) {
	to, err := e.catalog.Target(ctx, t, name)
	return elasticreceiver.Target(to), err
}

// lifecycleRules is the catalog as retention asks it.
type lifecycleRules struct{ catalog *elastic.Catalog }

func (l lifecycleRules) Rules(t tenant.ID) []retain.Rule {
	rules := l.catalog.RetentionRules(t)
	out := make([]retain.Rule, len(rules))
	for i, r := range rules {
		out[i] = retain.Rule(r)
	}
	return out
}
