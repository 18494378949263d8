package traceql

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// instruments are an engine's own metrics.
type instruments struct {
	duration *prometheus.HistogramVec
	spans    prometheus.Counter
}

func newMetrics() *instruments {
	return &instruments{
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "pharos_traceql_query_duration_seconds", Help: "How long TraceQL queries took, waiting included.",
			Buckets: []float64{.005, .025, .1, .5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"type", "result"}),
		spans: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "pharos_traceql_spans_read_total", Help: "Spans that TraceQL queries looked at.",
		}),
	}
}

// Register adds the engine's metrics to a registry.
func (e *Engine) Register(reg prometheus.Registerer) error {
	return errors.Join(reg.Register(e.metrics.duration), reg.Register(e.metrics.spans))
}

// observe counts one query: what is search, metrics, names or values.
func (e *Engine) observe(what string, begin time.Time, spans int, incomplete string, err error) {
	result := "success"
	switch {
	case err != nil:
		result = "error"
	case incomplete != "":
		result = "partial"
	}
	e.metrics.duration.WithLabelValues(what, result).Observe(time.Since(begin).Seconds())
	e.metrics.spans.Add(float64(spans))
}
