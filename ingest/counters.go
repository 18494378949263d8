package ingest

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/tenant"
)

// Values of the label "signal".
const (
	// SignalMetrics is exported for the doors of metrics that append to the store
	// themselves.
	SignalMetrics = "metrics"
	// SignalLogs is exported for doors that refuse entries before the sink sees them.
	SignalLogs   = "logs"
	signalLogs   = SignalLogs
	signalTraces = "traces"
)

// Metrics count what all doors accepted and refused, by tenant: the counters are
// shown to tenants, each its own.
type Metrics struct {
	items, bytes, refused, truncated *prometheus.CounterVec
}

// NewMetrics registers the counters; reg may be nil.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	vec := func(name, help string, labels ...string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		if reg != nil {
			reg.MustRegister(v)
		}
		return v
	}
	return &Metrics{
		items:     vec("pharos_ingest_entries_total", "Log entries and spans that were acknowledged.", "signal", "tenant"),
		bytes:     vec("pharos_ingest_bytes_total", "Bytes of log entries and spans that were acknowledged.", "signal", "tenant"),
		refused:   vec("pharos_ingest_refused_total", "Log entries, spans and samples that were refused.", "signal", "tenant", "reason"),
		truncated: vec("pharos_ingest_truncated_lines_total", "Lines that were cut to max_line_size.", "tenant"),
	}
}

// Refused counts n entries, spans or samples that were not stored.
func (m *Metrics) Refused(signal string, t tenant.ID, r Reason, n int) {
	m.refused.WithLabelValues(signal, string(t), string(r)).Add(float64(n))
}

func (m *Metrics) accepted(signal string, t tenant.ID, n, bytes int) {
	m.items.WithLabelValues(signal, string(t)).Add(float64(n))
	m.bytes.WithLabelValues(signal, string(t)).Add(float64(bytes))
}
