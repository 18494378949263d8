package promtail

import (
	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are the metrics of all pipelines of a process: what they drop, and what
// metrics stages count.
type Metrics struct {
	dropped *prometheus.CounterVec
}

// NewMetrics registers the metrics; reg may be nil. It is called once for each
// registry.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "logentry_dropped_lines_total",
			Help: "Lines that stages of Promtail pipelines dropped, by the reason that the stage gives. The name is Promtail's.",
		}, []string{"reason"}),
	}
	if reg != nil {
		reg.MustRegister(m.dropped)
	}
	return m
}
