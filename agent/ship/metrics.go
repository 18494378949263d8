package ship

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// metrics are the queue's own, and those of clients under the names that Promtail gave
// them, which people's dashboards show.
type metrics struct {
	bytes, full                 prometheus.Gauge
	appended, blocked, diskFull prometheus.Counter
	damaged                     prometheus.Counter

	encodedBytes, sentBytes, sentEntries  *prometheus.CounterVec
	droppedBytes, droppedEntries, retries *prometheus.CounterVec
	exhausted                             *prometheus.CounterVec
	duration                              *prometheus.HistogramVec
	behind                                *prometheus.GaugeVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	f := promauto.With(reg)
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return f.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	return &metrics{
		bytes: f.NewGauge(prometheus.GaugeOpts{Name: "pharos_agent_queue_bytes", Help: "Size of the agent's queue on disk."}),
		full:  f.NewGauge(prometheus.GaugeOpts{Name: "pharos_agent_queue_full", Help: "1 while reading waits because the queue or the disk is full."}),
		appended: f.NewCounter(prometheus.CounterOpts{Name: "pharos_agent_queue_appended_entries_total",
			Help: "Entries that were written to the agent's queue."}),
		blocked: f.NewCounter(prometheus.CounterOpts{Name: "pharos_agent_queue_blocked_seconds_total",
			Help: "Time that readers waited because the queue or the disk was full."}),
		diskFull: f.NewCounter(prometheus.CounterOpts{Name: "pharos_agent_queue_disk_full_total",
			Help: "Attempts to write to the queue that the disk had no room for."}),
		damaged: f.NewCounter(prometheus.CounterOpts{Name: "pharos_agent_queue_damaged_records_total",
			Help: "Records of the queue that could not be read."}),

		encodedBytes:   counter("promtail_encoded_bytes_total", "Number of bytes encoded and ready to send.", "host"),
		sentBytes:      counter("promtail_sent_bytes_total", "Number of bytes sent.", "host"),
		sentEntries:    counter("promtail_sent_entries_total", "Number of log entries sent to the ingester.", "host"),
		droppedBytes:   counter("promtail_dropped_bytes_total", "Number of bytes dropped because they were refused for good.", "host", "tenant", "reason"),
		droppedEntries: counter("promtail_dropped_entries_total", "Number of log entries dropped because they were refused for good.", "host", "tenant", "reason"),
		retries:        counter("promtail_batch_retries_total", "Number of times batches had to be sent again.", "host", "tenant"),
		exhausted:      counter("pharos_agent_retries_exhausted_total", "Batches that were not taken after max_retries attempts. They are sent again.", "host"),
		duration: f.NewHistogramVec(prometheus.HistogramOpts{Name: "promtail_request_duration_seconds",
			Help: "Duration of send requests.", Buckets: prometheus.DefBuckets}, []string{"status_code", "host"}),
		behind: f.NewGaugeVec(prometheus.GaugeOpts{Name: "pharos_agent_client_behind",
			Help: "1 while there are entries in the queue that the client has not sent."}, []string{"host"}),
	}
}
