package archive

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/thanos-io/objstore"

	"github.com/pharosd/pharos/tenant"
)

type metrics struct {
	hours, bytes, rows, lineBytes prometheus.Counter
	failures                      *prometheus.CounterVec
	lag                           *prometheus.GaugeVec
	read                          prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	m := &metrics{
		hours:     counter("pharos_archive_hours_total", "Hours that were archived, late entries of an hour counting again."),
		bytes:     counter("pharos_archive_bytes_total", "Bytes of archived files."),
		rows:      counter("pharos_archive_entries_total", "Entries that were archived."),
		lineBytes: counter("pharos_archive_line_bytes_total", "Bytes of the lines that were archived, before compression."),
		read:      counter("pharos_archive_read_bytes_total", "Bytes that queries read of archived files."),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pharos_archive_failures_total", Help: "Attempts to archive that failed, by reason: denied, damaged, timeout, storage.",
		}, []string{"reason"}),
		lag: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "pharos_archive_lag_seconds", Help: "Age of the oldest entry's hour that should be archived and is not, 0 if there is none. Alert on it: past archive.margin local data is lost.",
		}, []string{"tenant"}),
	}
	if reg != nil {
		reg.MustRegister(m.hours, m.bytes, m.rows, m.lineBytes, m.read, m.failures, m.lag)
	}
	for _, reason := range []string{"denied", "damaged", "timeout", "storage"} {
		m.failures.WithLabelValues(reason)
	}
	return m
}

func (m *metrics) archived(_ tenant.ID, parts []Part) {
	m.hours.Inc()
	for i := range parts {
		m.bytes.Add(float64(parts[i].Bytes))
		m.rows.Add(float64(parts[i].Rows))
		m.lineBytes.Add(float64(parts[i].LineBytes))
	}
}

func (m *metrics) failed(b objstore.Bucket, err error) {
	reason := "storage"
	switch {
	case errors.Is(err, ErrDamaged):
		reason = "damaged"
	case errors.Is(err, context.DeadlineExceeded):
		reason = "timeout"
	case b.IsAccessDeniedErr(err):
		reason = "denied"
	}
	m.failures.WithLabelValues(reason).Inc()
}
