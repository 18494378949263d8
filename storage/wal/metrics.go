package wal

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	bytes, syncs, failed, damaged, torn prometheus.Counter
	size                                prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
		if reg != nil {
			reg.MustRegister(c)
		}
		return c
	}
	m := &metrics{
		bytes:   counter("pharos_wal_written_bytes_total", "Bytes written and synced."),
		syncs:   counter("pharos_wal_syncs_total", "Group commits."),
		failed:  counter("pharos_wal_failed_commits_total", "Group commits that failed; nothing of them was acknowledged."),
		damaged: counter("pharos_wal_damaged_records_total", "Records that could not be read at replay."),
		torn:    counter("pharos_wal_torn_tails_total", "Files that ended within a record at replay."),
		size: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "pharos_wal_size_bytes", Help: "Size of the log's files.",
		}),
	}
	if reg != nil {
		reg.MustRegister(m.size)
	}
	return m
}
