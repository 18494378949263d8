package traces

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/tenant"
)

// Scanner reads single spans, for languages that decide about each of them. All
// methods are safe for concurrent use and stop with ctx's error when ctx is done.
type Scanner interface {
	// Scan calls emit for spans that start in [q.Start, q.End) and may match q.Where:
	// the store passes all that do and some that do not, so the caller must test them.
	// Calls do not overlap. What emit gets is valid only during its call and must not
	// be changed. An error of emit ends the scan and is returned; ErrStop ends it
	// without an error.
	Scan(ctx context.Context, t tenant.ID, q ScanQuery, emit func(*ScannedSpan) error) error

	// ScanTraces calls emit for the spans of the traces with these ids, wherever they are
	// in time and in no order, with those attributes that q names; of q only they count.
	// It is to Scan as GetTraces is to FindTraces: bounded as that, it says in cut, by
	// trace, why spans were left out.
	ScanTraces(ctx context.Context, t tenant.ID, ids []pcommon.TraceID, q ScanQuery, emit func(*ScannedSpan) error) (cut map[pcommon.TraceID]string, err error)

	// AttributeNames returns the attributes of spans that start in [start, end), sorted
	// by property and key. Event attributes are those of any event of a span. Names too
	// long for the store's index are left out.
	AttributeNames(ctx context.Context, t tenant.ID, start, end int64) ([]Attribute, error)
}

// ErrStop is what emit returns to end a scan early.
var ErrStop = errors.New("stop")

// ScanQuery says which spans to read and what of them.
type ScanQuery struct {
	// Start (inclusive) and End (exclusive) bound when a span started, in nanoseconds
	// since the Unix epoch.
	Start, End int64
	// Where narrows what is read; nil reads every span.
	Where Filter
	// SpanKeys and ResourceKeys are the attributes whose values are wanted; other
	// attributes may be without their values. All asks for every attribute.
	SpanKeys, ResourceKeys []string
	All                    bool
	// NoEvents and NoLinks leave those of spans away.
	NoEvents, NoLinks bool
	// IDsOnly says that of a span only TraceID and the start are wanted; the rest of it
	// is empty.
	IDsOnly bool
	// NewestFirst asks for the range in slices of time, the latest first; within a slice
	// spans come in no order. A caller that soon has enough reads little. Without it the
	// range is one slice.
	NewestFirst bool
	// SliceDone, unless it is nil, is called after each slice: every span that starts
	// later than those to come was passed. Its error ends the scan as emit's does.
	SliceDone func() error
}

// ScannedSpan is one span with what it belongs to.
type ScannedSpan struct {
	TraceID  pcommon.TraceID
	Resource pcommon.Resource
	Scope    pcommon.InstrumentationScope
	Span     ptrace.Span
	// Received orders the spans of a trace as they came, in ScanTraces only.
	Received uint64
}

// Attribute is an attribute that spans have.
type Attribute struct {
	// Property is SpanAttribute, ResourceAttribute or EventAttribute.
	Property Property
	Key      string
}

// Filter is a condition on one span: AllOf, SomeOf or Condition.
type Filter interface{ filter() }

type (
	// AllOf is met when all are; an empty one always.
	AllOf []Filter
	// SomeOf is met when one is; an empty one never.
	SomeOf []Filter
	// Condition tests one property.
	Condition struct {
		Property Property
		// Key is the attribute's name; empty for properties that are no attribute.
		Key string
		Op  ConditionOp
		// Value is the text form (see Text) for Is, an RE2 expression for Matches.
		Value string
		// Min and Max are inclusive bounds for Between.
		Min, Max float64
	}
)

func (AllOf) filter()     {}
func (SomeOf) filter()    {}
func (Condition) filter() {}

// ConditionOp is how a Condition tests.
type ConditionOp int

const (
	// Is compares the text form. The empty text is also that of a missing property.
	Is ConditionOp = iota + 1
	// Exists is met by spans that have the property.
	Exists
	// Matches is met when the whole text form matches the expression.
	Matches
	// Between is met by decimal numbers within [Min, Max].
	Between
)

// Further properties, of Conditions only.
const (
	SpanName   Property = iota + TraceState + 1
	SpanLength          // how long the span took in nanoseconds, see Duration; Between only
	TraceOf             // the trace's id, 32 hexadecimal digits; Is only
	Root                // Exists is met by spans without a parent
)
