package feed

import "github.com/prometheus/client_golang/prometheus"

// Reasons for which a line that came out of the stages is not kept, named as Promtail
// names them.
const (
	ReasonRate   = "global_rate_limiter_drop"
	ReasonLength = "line_too_long"
)

// Metrics are the metrics of all feeds of a process.
type Metrics struct {
	kept    *prometheus.CounterVec
	dropped *prometheus.CounterVec
	bytes   *prometheus.CounterVec
	mutated prometheus.Counter
}

// NewMetrics registers the metrics; reg may be nil.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		kept: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pharos_agent_kept_entries_total",
			Help: "Entries that came out of a job's stages and are in the queue on disk.",
		}, []string{"job"}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pharos_agent_limited_entries_total",
			Help: "Entries that limits_config dropped after the stages, by reason.",
		}, []string{"reason"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pharos_agent_limited_bytes_total",
			Help: "Bytes of entries that limits_config dropped after the stages, by reason.",
		}, []string{"reason"}),
		mutated: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "pharos_agent_truncated_entries_total",
			Help: "Entries that limits_config.max_line_size_truncate cut.",
		}),
	}
	if reg != nil {
		reg.MustRegister(m.kept, m.dropped, m.bytes, m.mutated)
	}
	return m
}

func (m *Metrics) entries(job string, n int) { m.kept.WithLabelValues(job).Add(float64(n)) }

func (m *Metrics) drop(reason string, bytes int) {
	m.dropped.WithLabelValues(reason).Inc()
	m.bytes.WithLabelValues(reason).Add(float64(bytes))
}

func (m *Metrics) cut(int) { m.mutated.Inc() }
