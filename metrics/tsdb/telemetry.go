package tsdb

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type storeMetrics struct {
	syncFailures prometheus.Counter
	tooOld       prometheus.Counter
}

func newStoreMetrics(reg prometheus.Registerer, s *Store) *storeMetrics {
	f := promauto.With(reg)
	f.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "pharos_metrics_open_tenants", Help: "Tenants whose metrics are open.",
	}, func() float64 {
		s.mu.Lock()
		defer s.mu.Unlock()
		n := 0
		for _, in := range s.instances {
			if in.db != nil {
				n++
			}
		}
		return float64(n)
	})
	f.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "pharos_metrics_series", Help: "Series in memory of all tenants.",
	}, func() float64 { return float64(s.budget.used.Load()) })
	f.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "pharos_metrics_series_limit", Help: "Series that may be in memory at once.",
	}, func() float64 { return float64(s.budget.limit) })
	f.NewCounterFunc(prometheus.CounterOpts{
		Name:        "pharos_metrics_refused_samples_total",
		Help:        "Samples that were not stored.",
		ConstLabels: prometheus.Labels{"reason": "series_limit"},
	}, func() float64 { return float64(s.budget.refused.Load()) })
	return &storeMetrics{
		syncFailures: f.NewCounter(prometheus.CounterOpts{
			Name: "pharos_metrics_wal_sync_failures_total", Help: "Syncs of a write-ahead log that failed.",
		}),
		tooOld: f.NewCounter(prometheus.CounterOpts{
			Name:        "pharos_metrics_refused_samples_total",
			Help:        "Samples that were not stored.",
			ConstLabels: prometheus.Labels{"reason": "greater_than_max_sample_age"},
		}),
	}
}
