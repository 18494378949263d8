// Package pipeline is the way of a log event from where it was read to where it is
// kept: events, stages that change them, and chains of stages. Its dialects,
// pipeline/promtail and pipeline/logstash, compile configuration files of those names
// to chains; whoever reads or receives lines runs them.
package pipeline

import "time"

// Stage changes events. Process takes over e and MUST do one of: emit it (changed or
// not, once), emit others in its stead, drop it with a reason, or hold it and emit it
// from a later call (then the stage is a Holder). A stage is used by one goroutine at a
// time and MUST NOT keep e after it has emitted or dropped it.
type Stage interface {
	Process(e *Event, out Output)
}

// Holder is a stage that holds events back, such as one that joins lines.
type Holder interface {
	Stage
	// Flush emits what is due at now; with all set, everything that is held.
	Flush(now time.Time, all bool, out Output)
	// Due is when Flush has something to emit next; zero: nothing is held.
	Due() time.Time
}

// Output takes what comes out of a stage. Each event ends in exactly one call.
type Output interface {
	Emit(e *Event)
	// Drop ends an event on purpose. Reason is a short constant, a label of the
	// metric that counts drops.
	Drop(e *Event, reason string)
}
