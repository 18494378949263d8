package app

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	promrules "github.com/prometheus/prometheus/rules"
	promscrape "github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/storage"

	"github.com/pharosd/pharos/api/v1"
	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/query/explain"
	"github.com/pharosd/pharos/query/usage"
	"github.com/pharosd/pharos/tenant"
)

// exploring is what exploring needs of other parts.
type exploring struct {
	usage *usage.Tracker
	front metrics.Store // what requests see of metrics
	rules *promrules.Manager
	// logRules are those of a tenant.
	logRules func(tenant.ID) []*promrules.Group
	scrapes  *promscrape.Manager
	library  *dashboards.Library
}

// countReads returns s with the reads of Prometheus' API recorded.
func (a *App) countReads(s metrics.Store) (metrics.Store, error) {
	tracker, err := usage.Open(filepath.Join(a.dir("usage"), "metrics.json"), a.log.With("component", "metric usage"))
	if err != nil {
		return nil, err
	}
	a.part("metric usage", tracker.Run)
	a.exploring.usage = tracker
	a.exploring.front = tracker.Store(s)
	return a.exploring.front, nil
}

// browsing is the header of requests that only look around: what they read nobody needs.
const browsing = "Pharos-Purpose"

// readers are the routes that read samples for somebody.
var readers = map[string]bool{
	"GET /api/v1/query": true, "POST /api/v1/query": true, "GET /api/v1/query_range": true, "POST /api/v1/query_range": true,
	"POST /api/v1/read": true, "GET /federate": true,
}

// markReads returns the routes with those of readers marked as reading.
func markReads(routes []httpx.Route) []httpx.Route {
	for i, route := range routes {
		if !readers[route.Pattern] {
			continue
		}
		routes[i].Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get(browsing) != "browse" {
				r = r.WithContext(usage.Count(r.Context()))
			}
			route.Handler.ServeHTTP(w, r)
		})
	}
	return routes
}

// buildExplore serves what Explore asks beside the dialects.
func (a *App) buildExplore(context.Context) error {
	a.routes = append(a.routes, v1.NewLogExport(a.logEngine, a.log.With("component", "log export"), a.registry).Routes()...)
	a.routes = append(a.routes, v1.NewMetrics(v1.MetricsDeps{Store: a.exploring.front, Usage: a.exploring.usage, References: a.references}).Routes()...)
	a.routes = append(a.routes, v1.NewExplain(a.lookupMetrics).Routes()...)
	return nil
}

// maxSeriesLooked bounds the series that an explanation counts of a metric.
const maxSeriesLooked = 1000

// lookupMetrics tells explanations of the metrics of a request: type and help from the
// targets, which are the default tenant's, and how many series there are.
func (a *App) lookupMetrics(r *http.Request, t tenant.ID) explain.Lookup {
	known := map[string]explain.Metric{}
	return func(name string) explain.Metric {
		if name == "" {
			return explain.Metric{}
		}
		if m, ok := known[name]; ok {
			return m
		}
		m := explain.Metric{Series: a.seriesOf(r.Context(), t, name)}
		if t == tenant.Default {
			m.Type, m.Help = a.metadata(name)
		}
		known[name] = m
		return m
	}
}

func (a *App) metadata(name string) (kind, help string) {
	for _, targets := range a.exploring.scrapes.TargetsActive() {
		for _, target := range targets {
			for _, name := range []string{name, strings.TrimSuffix(name, "_total")} {
				if m, ok := target.GetMetadata(name); ok {
					return string(m.Type), m.Help
				}
			}
		}
	}
	return "", ""
}

// seriesOf counts the series of the last minutes, up to maxSeriesLooked.
func (a *App) seriesOf(ctx context.Context, t tenant.ID, name string) int {
	end := time.Now().UnixMilli()
	start := end - 5*60*1000
	q, err := a.exploring.front.Tenant(t).Querier(start, end)
	if err != nil {
		return 0
	}
	defer q.Close()
	set := q.Select(ctx, false, &storage.SelectHints{Start: start, End: end, Func: "series", Limit: maxSeriesLooked},
		labels.MustNewMatcher(labels.MatchEqual, labels.MetricName, name))
	n := 0
	for n < maxSeriesLooked && set.Next() {
		n++
	}
	return n
}
