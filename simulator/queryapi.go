package simulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// queryAPI answers reads of the platform's data, from a cache or from storage.
type queryAPI struct {
	v     *service
	store *service

	duration  *prometheus.HistogramVec
	errors    *prometheus.CounterVec
	hits, mis prometheus.Counter

	mu    sync.Mutex
	cache map[string]time.Time
}

var endpoints = []string{"shipments", "inventory", "suppliers", "items"}

func newQueryAPI(v *service, store *storage) *queryAPI {
	q := &queryAPI{v: v, store: store.v, cache: map[string]time.Time{},
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "storage_query_duration_seconds", Help: "Time of a query.", Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5}}, []string{"endpoint"}),
		errors:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "storage_query_errors_total", Help: "Failed queries."}, []string{"endpoint"}),
		hits:     prometheus.NewCounter(prometheus.CounterOpts{Name: "storage_cache_hits_total", Help: "Queries answered from the cache."}),
		mis:      prometheus.NewCounter(prometheus.CounterOpts{Name: "storage_cache_misses_total", Help: "Queries that read storage."}),
	}
	v.registry.MustRegister(q.duration, q.errors, q.hits, q.mis)
	for _, e := range endpoints {
		path := "/api/v1/" + e
		q.errors.WithLabelValues(path)
		v.handle("GET "+path, func(w http.ResponseWriter, r *http.Request) { q.answer(w, r, path, e) })
	}
	return q
}

func (q *queryAPI) answer(w http.ResponseWriter, r *http.Request, path, kind string) {
	begin := time.Now()
	err := q.fetch(r.Context(), kind+"?"+r.URL.RawQuery, kind)
	q.duration.WithLabelValues(path).Observe(time.Since(begin).Seconds())
	if err != nil && !errors.Is(err, context.Canceled) {
		q.errors.WithLabelValues(path).Inc()
		q.v.log.event(r.Context(), levelError, "Query failed: "+err.Error(), "", time.Since(begin), map[string]any{"endpoint": path})
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	level, message, took := levelInfo, "Query answered", time.Since(begin)
	if took > 250*time.Millisecond {
		level, message = levelWarn, "Slow query"
	}
	q.v.log.event(r.Context(), level, message, "", took, map[string]any{"endpoint": path})
	w.WriteHeader(http.StatusOK)
}

// fetch reads through the cache, whose entries live for a minute.
func (q *queryAPI) fetch(ctx context.Context, key, kind string) error {
	q.mu.Lock()
	hit := time.Since(q.cache[key]) < time.Minute
	if !hit {
		if len(q.cache) > 10_000 {
			clear(q.cache)
		}
		q.cache[key] = time.Now()
	}
	q.mu.Unlock()
	if hit {
		q.hits.Inc()
		return nil
	}
	q.mis.Inc()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, q.store.url()+"/v1/read/"+kind, nil)
	if err != nil {
		return err
	}
	resp, err := q.v.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("storage answered %s", resp.Status)
	}
	return nil
}
