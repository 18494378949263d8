package logql

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics of an engine.
type metrics struct {
	duration       *prometheus.HistogramVec
	entries, bytes prometheus.Counter
}

func newMetrics() *metrics {
	return &metrics{
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "pharos_logql_query_duration_seconds", Help: "How long LogQL queries took.",
			Buckets: []float64{.005, .025, .1, .5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"type", "result"}),
		entries: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "pharos_logql_entries_read_total", Help: "Log entries that LogQL queries read from the store.",
		}),
		bytes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "pharos_logql_bytes_read_total", Help: "Bytes of log lines that LogQL queries read from the store.",
		}),
	}
}

// cacheMetrics of a Cache.
type cacheMetrics struct {
	hits, misses, invalidated prometheus.Counter
	bytes                     prometheus.Gauge
}

func newCacheMetrics() *cacheMetrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	return &cacheMetrics{
		hits:        counter("pharos_logql_cache_hits_total", "Steps of range aggregations and log queries whose results came from the cache."),
		misses:      counter("pharos_logql_cache_misses_total", "Steps of range aggregations and log queries that were computed."),
		invalidated: counter("pharos_logql_cache_invalidated_total", "Cached results that late entries or deletions took away."),
		bytes:       prometheus.NewGauge(prometheus.GaugeOpts{Name: "pharos_logql_cache_bytes", Help: "Memory of cached results."}),
	}
}

// Register adds the cache's metrics to a registry.
func (c *Cache) Register(reg prometheus.Registerer) error {
	m := c.metrics
	return errors.Join(reg.Register(m.hits), reg.Register(m.misses), reg.Register(m.invalidated), reg.Register(m.bytes))
}

// Register adds the engine's metrics to a registry.
func (e *Engine) Register(reg prometheus.Registerer) error {
	return errors.Join(reg.Register(e.metrics.duration), reg.Register(e.metrics.entries), reg.Register(e.metrics.bytes))
}

// observe counts one query.
func (m *metrics) observe(x Expr, s *Stats, err error) {
	kind, result := "metric", "ok"
	if _, ok := x.(*LogExpr); ok {
		kind = "log"
	}
	switch {
	case errors.Is(err, ErrLimit):
		result = "limit"
	case err != nil:
		result = "error"
	}
	m.duration.WithLabelValues(kind, result).Observe(s.Duration.Seconds())
	m.entries.Add(float64(s.Entries))
	m.bytes.Add(float64(s.Bytes))
}
