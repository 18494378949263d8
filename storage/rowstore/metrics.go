package rowstore

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	rows, duplicates   prometheus.Counter
	repeats, forgotten prometheus.Counter
	refused            *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		rows: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "pharos_rowstore_rows_appended_total",
			Help: "Rows that were appended.",
		}),
		duplicates: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "pharos_rowstore_duplicates_total",
			Help: "Rows that were acknowledged and not stored, because the store had them already.",
		}),
		repeats: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "pharos_rowstore_shipments_repeated_total",
			Help: "Numbered batches of agents that were acknowledged and not stored, because the store had them already.",
		}),
		forgotten: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "pharos_rowstore_agents_forgotten_total",
			Help: "Agents whose numbers were forgotten to make room for others.",
		}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pharos_rowstore_rows_refused_total",
			Help: "Rows of batches that were refused.",
		}, []string{"reason"}),
	}
	if reg != nil {
		reg.MustRegister(m.rows, m.duplicates, m.repeats, m.forgotten, m.refused)
	}
	return m
}
