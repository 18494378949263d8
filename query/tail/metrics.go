package tail

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	subscribers                 prometheus.Gauge
	dropped, overflowed, resume prometheus.Counter
	broken                      prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	m := &metrics{
		subscribers: prometheus.NewGauge(prometheus.GaugeOpts{Name: "pharos_tail_subscribers", Help: "Live tails that are open."}),
		dropped:     counter("pharos_tail_dropped_entries_total", "Entries that a live tail was too slow to read."),
		overflowed:  counter("pharos_tail_queue_overflowed_entries_total", "Entries that were not matched for live tails because too much was pushed at once."),
		resume:      counter("pharos_tail_resumed_total", "Live tails that went on from a cursor."),
		broken:      counter("pharos_tail_broken_queries_total", "Queries of live tails whose evaluation failed for a mistake of ours."),
	}
	reg.MustRegister(m.subscribers, m.dropped, m.overflowed, m.resume, m.broken)
	return m
}
