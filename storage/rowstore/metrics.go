package rowstore

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	rows, duplicates prometheus.Counter
	refused          *prometheus.CounterVec
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
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pharos_rowstore_rows_refused_total",
			Help: "Rows of batches that were refused.",
		}, []string{"reason"}),
	}
	if reg != nil {
		reg.MustRegister(m.rows, m.duplicates, m.refused)
	}
	return m
}
