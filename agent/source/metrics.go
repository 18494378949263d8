package source

import "github.com/prometheus/client_golang/prometheus"

// Metrics are the metrics of all sources of a process, under Promtail's names.
type Metrics struct {
	entries map[string]prometheus.Counter
	errors  map[string]prometheus.Counter
	empty   prometheus.Counter
}

// Types of sources, as Promtail's metrics name them.
const (
	docker  = "docker_target"
	journal = "journal_target"
	syslog  = "syslog_target"
	gelf    = "gelf_target"
	kafka   = "kafka_target"
	push    = "push_target"
)

// NewMetrics registers the metrics; reg may be nil.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{entries: map[string]prometheus.Counter{}, errors: map[string]prometheus.Counter{}}
	for _, kind := range []string{docker, journal, syslog, gelf, kafka, push} {
		lines := "entries"
		if kind == journal {
			lines = "lines"
		}
		m.entries[kind] = prometheus.NewCounter(prometheus.CounterOpts{
			Name: "promtail_" + kind + "_" + lines + "_total", Help: "Entries that sources of this kind read.",
		})
		m.errors[kind] = prometheus.NewCounter(prometheus.CounterOpts{
			Name: "promtail_" + kind + "_parsing_errors_total", Help: "Entries that sources of this kind could not read.",
		})
	}
	m.empty = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "promtail_syslog_empty_messages_total", Help: "Syslog messages without a text.",
	})
	if reg != nil {
		for _, kind := range []string{docker, journal, syslog, gelf, kafka, push} {
			reg.MustRegister(m.entries[kind], m.errors[kind])
		}
		reg.MustRegister(m.empty)
	}
	return m
}

func (m *Metrics) entry(kind string)   { m.entries[kind].Inc() }
func (m *Metrics) problem(kind string) { m.errors[kind].Inc() }
