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
