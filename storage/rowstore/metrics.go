package rowstore

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	rows    prometheus.Counter
	refused *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		rows: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "pharos_rowstore_rows_appended_total",
			Help: "Rows that were appended.",
		}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pharos_rowstore_rows_refused_total",
			Help: "Rows of batches that were refused.",
		}, []string{"reason"}),
	}
	if reg != nil {
		reg.MustRegister(m.rows, m.refused)
	}
	return m
}
