package jaeger

import "github.com/prometheus/client_golang/prometheus"

// Reasons for which datagrams are dropped.
const (
	dropQueueFull   = "queue_full"
	dropMalformed   = "malformed"
	dropUnsupported = "unsupported"
	dropRefused     = "refused"
)

type metrics struct {
	datagrams *prometheus.CounterVec
	dropped   *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		datagrams: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pharos_jaeger_udp_datagrams_total",
			Help: "Datagrams received from Jaeger clients.",
		}, []string{"endpoint"}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pharos_jaeger_udp_dropped_total",
			Help: "Datagrams dropped: UDP has no answer that could say so.",
		}, []string{"endpoint", "reason"}),
	}
	reg.MustRegister(m.datagrams, m.dropped)
	return m
}
