// Package door is what the doors of logs share: entries gathered into streams, records
// made flat, pushes that wait while the store refuses for a while, and servers of
// connections and datagrams within bounds.
package door

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/ingest"
)

// Deps are what every door needs.
type Deps struct {
	Sink    ingest.LogSink
	Log     *slog.Logger
	Metrics *Metrics
}

// Metrics counts what comes in by doors that cannot answer, and what they drop.
type Metrics struct {
	received *prometheus.CounterVec
	dropped  *prometheus.CounterVec
	cut      *prometheus.CounterVec
	refused  *prometheus.CounterVec
	open     *prometheus.GaugeVec
	waits    *prometheus.CounterVec
}

// Reasons of drops: values of the label "reason".
const (
	QueueFull = "queue_full"
	Malformed = "malformed"
	Refused   = "refused"
	TimedOut  = "timed_out"
	Full      = "too_many"
)

// NewMetrics registers the doors' metrics; reg may be nil.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	vec := func(name, help string, labels ...string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		if reg != nil {
			reg.MustRegister(v)
		}
		return v
	}
	m := &Metrics{
		received: vec("pharos_door_messages_total", "Messages that came in by a door, before they were decoded.", "door"),
		dropped:  vec("pharos_door_dropped_total", "Messages of doors without an answer that were not stored.", "door", "reason"),
		cut:      vec("pharos_door_cut_total", "Messages that were longer than the door's max_message and were cut.", "door"),
		refused:  vec("pharos_door_connections_refused_total", "Connections that were closed at once or in the handshake.", "door", "reason"),
		waits:    vec("pharos_door_waits_total", "Times that a door stopped reading because the store refused for a while.", "door", "reason"),
		open: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "pharos_door_connections", Help: "Open connections of a door."},
			[]string{"door"}),
	}
	if reg != nil {
		reg.MustRegister(m.open)
	}
	return m
}

// Received counts n messages.
func (m *Metrics) Received(door string, n int) { m.received.WithLabelValues(door).Add(float64(n)) }

// Dropped counts n messages that are lost.
func (m *Metrics) Dropped(door, reason string, n int) {
	m.dropped.WithLabelValues(door, reason).Add(float64(n))
}

// Cut counts a message that was too long.
func (m *Metrics) Cut(door string) { m.cut.WithLabelValues(door).Inc() }

// RefusedConnection counts a connection that was not let in.
func (m *Metrics) RefusedConnection(door, reason string) {
	m.refused.WithLabelValues(door, reason).Inc()
}

// Connections is the gauge of a door's open connections.
func (m *Metrics) Connections(door string) prometheus.Gauge { return m.open.WithLabelValues(door) }
