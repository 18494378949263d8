package traces

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/tenant"
)

// Reader is the query side. All methods are safe for concurrent use, stop with
// ctx's error when ctx is done, and see every span whose Append returned before
// the call. What they return belongs to the caller.
//
// Answers are bounded by the implementation. One that was cut says so: in
// Trace.Incomplete when spans of a trace are missing, in Found.Incomplete and
// Dependencies.Incomplete when traces or calls are missing. An error means that
// there is no answer at all.
type Reader interface {
	// GetTraces returns the traces with the given ids, in that order, leaving out
	// those that do not exist. A trace is found whenever its spans are younger than
	// the retention; no time range is needed.
	GetTraces(ctx context.Context, t tenant.ID, ids []pcommon.TraceID) ([]Trace, error)

	// FindTraces returns whole traces that have at least one span that matches q.
	// Of more matches than q.Limit it returns the latest, by the start of the span
	// of the trace that was received first; newest first. Among traces that last
	// long it may take the one with the later match for the later trace.
	FindTraces(ctx context.Context, t tenant.ID, q Query) (Found, error)

	// FindTraceIDs is FindTraces without the spans: Trace.Spans is empty.
	FindTraceIDs(ctx context.Context, t tenant.ID, q Query) (Found, error)

	// Services returns the names of all services that sent spans within the
	// retention, sorted.
	Services(ctx context.Context, t tenant.ID) ([]string, error)

	// Operations returns the distinct span names and kinds of a service, sorted by
	// name and kind.
	Operations(ctx context.Context, t tenant.ID, service string) ([]Operation, error)

	// Dependencies counts the calls between services in the traces that have a span
	// which started in [start, end), nanoseconds since the Unix epoch. A call is a
	// span whose parent (or, for a span without one, whose first link into the same
	// trace) is a span of another service.
	Dependencies(ctx context.Context, t tenant.ID, start, end int64) (Dependencies, error)
}

// ErrSpanTooLarge says that a span does not fit into a row of the store. Test
// with errors.Is; the message names the span.
var ErrSpanTooLarge = errors.New("span too large")

// Trace is one trace.
type Trace struct {
	ID pcommon.TraceID
	// Spans are as they were received, in the order in which they were received;
	// each has its own resource and scope.
	Spans ptrace.Traces
	// Incomplete says why spans are missing; "" when none is.
	Incomplete string
}

// Found is the answer to a search.
type Found struct {
	Traces []Trace
	// Incomplete says why traces may be missing that match (other than q.Limit);
	// "" when none is.
	Incomplete string
}

// Operation is a span name with the kind of the spans that bear it.
type Operation struct {
	Name string
	Kind ptrace.SpanKind
}

// Dependencies are the calls between services.
type Dependencies struct {
	// Links are sorted by parent and child.
	Links []Link
	// Incomplete says why calls are missing; "" when none is.
	Incomplete string
}

// Link is a pair of services and how often one called the other.
type Link struct {
	Parent, Child string
	Calls         uint64
}

// Query selects spans. The zero value of a field selects nothing in particular.
type Query struct {
	// Start (inclusive) and End (exclusive) bound when a span started, in
	// nanoseconds since the Unix epoch.
	Start, End int64
	Service    string
	Operation  string
	// MinDuration and MaxDuration, both inclusive, are nanoseconds. A span that ends
	// when it starts or before counts as 1 ns long.
	MinDuration, MaxDuration int64
	// Where are conditions that one span must meet together.
	Where []AnyOf
	// Limit is the most traces wanted; 0 means as many as the store's own bound.
	Limit int
}

// AnyOf is met when one of its matches holds.
type AnyOf []Match

// Match compares one property of a span with a text, byte for byte.
type Match struct {
	Property Property
	// Key is the attribute's name; empty for properties that are no attribute.
	Key string
	// Value is the text form of the value (see Text). "" matches an attribute whose
	// value is empty, not one that is missing.
	Value string
}

// Property is what of a span a Match looks at.
type Property int

// The properties. Of events, any one of the span may match.
const (
	SpanAttribute Property = iota + 1
	ResourceAttribute
	EventAttribute
	EventName
	ScopeName
	ScopeVersion
	Kind          // "client", "server", "producer", "consumer", "internal"
	StatusCode    // "ok", "error"
	StatusMessage // the status' description
	TraceState    // the W3C trace state
)
