package logstash

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are those of all pipelines.
type metrics struct {
	events, dropped, failures, dead *prometheus.CounterVec
	filter, write                   *prometheus.HistogramVec
	stalled                         *prometheus.GaugeVec
}

// pipelineMetrics are those of one.
type pipelineMetrics struct {
	id                string
	all               *metrics
	in, filtered, out prometheus.Counter
	filter            prometheus.Observer
	ended             *atomic.Uint64 // dropped on purpose, whatever the reason
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{}
	counter := func(v **prometheus.CounterVec, name, help string, labels ...string) {
		*v = prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	histogram := func(v **prometheus.HistogramVec, name, help string, labels ...string) {
		*v = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: prometheus.ExponentialBuckets(0.0005, 4, 9)}, labels)
	}
	counter(&m.events, "pharos_pipeline_events_total", "Events of Logstash pipelines: that came in, left the filters, and were taken by outputs.", "pipeline", "stage")
	counter(&m.dropped, "pharos_pipeline_dropped_total", "Events that filters dropped on purpose.", "pipeline", "reason")
	counter(&m.failures, "pharos_pipeline_plugin_failures_total", "Failures of inputs and outputs that are tried again.", "pipeline", "plugin")
	counter(&m.dead, "pharos_pipeline_dead_letters_total", "Events that an output refused for good, and input that could not be read.", "pipeline", "plugin", "reason")
	histogram(&m.filter, "pharos_pipeline_filter_duration_seconds", "How long a batch of events takes in the filters.", "pipeline")
	histogram(&m.write, "pharos_pipeline_output_duration_seconds", "How long an output takes for a batch of events.", "pipeline", "plugin")
	m.stalled = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "pharos_pipeline_stalled", Help: "1 while an input or output fails and is tried again."}, []string{"pipeline", "plugin"})
	if reg != nil {
		reg.MustRegister(m.events, m.dropped, m.failures, m.dead, m.filter, m.write, m.stalled)
	}
	return m
}

func (m *metrics) pipeline(id string) *pipelineMetrics {
	return &pipelineMetrics{id: id, all: m,
		in: m.events.WithLabelValues(id, "in"), filtered: m.events.WithLabelValues(id, "filtered"), out: m.events.WithLabelValues(id, "out"),
		filter: m.filter.WithLabelValues(id), ended: &atomic.Uint64{}}
}
