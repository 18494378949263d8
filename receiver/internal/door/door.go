// Package door is what the doors of logs share: entries gathered into streams, records
// made flat, pushes that wait while the store refuses for a while, and servers of
// connections and datagrams within bounds.
package door

import (
	"errors"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/ingest"
)

// Deps are what every door needs.
type Deps struct {
	Sink ingest.LogSink
	Log  *slog.Logger
	// Registry gets the doors' metrics, which all doors share; nil: nobody does.
	Registry prometheus.Registerer
	// Metrics are made by Ready.
	Metrics *Metrics
}

// Ready returns d with its metrics.
func (d Deps) Ready() Deps {
	if d.Metrics == nil {
		d.Metrics = NewMetrics(d.Registry)
	}
	return d
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

// NewMetrics registers the doors' metrics, or returns those of another door; reg may be
// nil.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	vec := func(name, help string, labels ...string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		return shared(reg, v)
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
	m.open = shared(reg, m.open)
	return m
}

// shared registers c, unless another door has done so: then it returns that door's.
func shared[C prometheus.Collector](reg prometheus.Registerer, c C) C {
	if reg == nil {
		return c
	}
	err := reg.Register(c)
	var known prometheus.AlreadyRegisteredError
	if errors.As(err, &known) {
		return known.ExistingCollector.(C)
	}
	if err != nil {
		panic("BUG: register metrics of doors: " + err.Error())
	}
	return c
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
