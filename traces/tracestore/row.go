package tracestore

import (
	"encoding/hex"
	"math"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/traces"
)

// batch turns the spans of one Append into rows.
type batch struct {
	rows       []rowstore.Row
	index      map[string]int // trace id to its place in entries
	entries    []indexEntry
	received   uint64
	operations *tenantOperations
	resource   resourceFields
}

// resourceFields are the parts of rows that all spans of a resource share.
type resourceFields struct {
	of      ptrace.ResourceSpans
	known   bool
	service string
	fields  columns
}

func (b *batch) add(rs ptrace.ResourceSpans, ss ptrace.ScopeSpans, span ptrace.Span, otlp []byte) error {
	if !b.resource.known || b.resource.of != rs {
		b.setResource(rs)
	}
	id := hexTrace(span.TraceID())
	start := nanos(span.StartTimestamp())
	b.received++

	f := b.resource.fields.copy(16 + span.Attributes().Len())
	f.put(colTraceID, id)
	f.put(colSpanID, hexSpan(span.SpanID()))
	if p := span.ParentSpanID(); !p.IsEmpty() {
		f.put(colParentID, hexSpan(p))
	} else if caller := linkedSpan(span); caller != "" {
		f.put(colCaller, caller)
	}
	f.put(colName, span.Name())
	f.put(colDuration, strconv.FormatInt(traces.Duration(span), 10))
	f.put(colStatus, traces.StatusText(span.Status().Code()))
	f.putPacked(colMessage, span.Status().Message())
	f.putPacked(colState, span.TraceState().AsRaw())
	f.putPacked(colScope, ss.Scope().Name())
	f.putPacked(colScopeVer, ss.Scope().Version())
	f.putAttributes(prefixSpan, span.Attributes())
	f.putEvents(span.Events())
	f.put(colReceived, strconv.FormatUint(b.received, 10))
	f.put(colSpan, string(otlp))

	row := rowstore.Row{Time: start, Stream: b.stream(span), Fields: f.fields()}
	if err := checkSize(&row, span); err != nil {
		return err
	}
	b.rows = append(b.rows, row)
	b.note(id, start)
	return nil
}

func (b *batch) setResource(rs ptrace.ResourceSpans) {
	b.resource = resourceFields{of: rs, known: true, service: text(traces.ServiceName(rs.Resource()))}
	b.resource.fields.putAttributes(prefixResource, rs.Resource().Attributes())
}

func (b *batch) stream(span ptrace.Span) []rowstore.Field {
	kind := traces.KindText(span.Kind())
	name := text(span.Name())
	if !b.operations.admit(b.resource.service, name, kind) {
		name = ""
	}
	out := make([]rowstore.Field, 0, 3)
	for _, f := range [...]rowstore.Field{{Name: streamKind, Value: kind}, {Name: streamOperation, Value: name}, {Name: streamService, Value: b.resource.service}} {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}

// text is what a stream field keeps of a name: streams are keys of the index,
// which wants short and valid UTF-8.
func text(s string) string {
	const most = 1000
	if len(s) > most {
		s = s[:most]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// hexTrace and hexSpan write identifiers; String of the ids' own types writes an
// id of zeros, which is invalid but does come, as no text at all.
func hexTrace(id pcommon.TraceID) string { return hex.EncodeToString(id[:]) }

func hexSpan(id pcommon.SpanID) string { return hex.EncodeToString(id[:]) }

// nanos is a time as the row store wants it. Times after 2262 do not fit and are
// refused there as too far in the future.
func nanos(ts pcommon.Timestamp) int64 {
	return int64(min(uint64(ts), math.MaxInt64))
}

// linkedSpan returns the first span of the same trace that a span links to.
func linkedSpan(span ptrace.Span) string {
	for i := range span.Links().Len() {
		if l := span.Links().At(i); l.TraceID() == span.TraceID() && !l.SpanID().IsEmpty() {
			return hexSpan(l.SpanID())
		}
	}
	return ""
}
