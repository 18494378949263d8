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
	operations *tenantOperations
	resource   resourceFields
	names      *columnNames
	rests      map[string]string // one copy of each rest: most are alike
	rest, span []byte            // scratch
	origins    []origin          // scratch

	// The last span's: spans of a trace often follow each other.
	trace     pcommon.TraceID
	traceText string

	slab    slab
	streams map[streamKey][]rowstore.Field
}

// streamKey is what a stream is chosen by.
type streamKey struct {
	service, name string
	kind          ptrace.SpanKind
}

// resourceFields are the parts of rows that all spans of a resource share.
type resourceFields struct {
	of      ptrace.ResourceSpans
	known   bool
	service string
	fields  columns
	rest    []byte
}

func (b *batch) add(rs ptrace.ResourceSpans, ss ptrace.ScopeSpans, span ptrace.Span, w wireSpan) error {
	if !b.resource.known || b.resource.of != rs {
		if err := b.setResource(rs, w.resource); err != nil {
			return err
		}
	}
	if id := span.TraceID(); b.traceText == "" || id != b.trace {
		b.trace, b.traceText = id, hexTrace(id)
	}
	start := nanos(span.StartTimestamp())
	resource := &b.resource.fields

	// In the order of names, in which the row store keeps them: sorting what is
	// sorted is cheap.
	f := resource.before(b.slab.room(32 + len(resource.list) + span.Attributes().Len()))
	b.origins = f.putAttributes(prefixSpan, b.names, span.Attributes(), b.origins[:0])
	f.put(colDuration, strconv.FormatInt(traces.Duration(span), 10))
	f.putEvents(b.names, span.Events())
	f.put(colLink, formatLink(span))
	f.put(colMore, string(f.more))
	f.put(colName, span.Name())
	rest, err := b.restOf(span, w)
	if err != nil {
		return err
	}
	f.put(colRest, rest)
	f.add(resource)
	f.putPacked(colScope, ss.Scope().Name())
	f.putPacked(colScopeVer, ss.Scope().Version())
	f.put(colStatus, traces.StatusText(span.Status().Code()))
	f.putPacked(colMessage, span.Status().Message())
	f.put(colTraceID, b.traceText)
	f.putPacked(colState, span.TraceState().AsRaw())

	row := rowstore.Row{Time: start, Stream: b.stream(span), Fields: b.slab.took(f.fields())}
	if err := checkSize(&row, span); err != nil {
		return err
	}
	b.rows = append(b.rows, row)
	b.note(b.traceText, start)
	return nil
}

func (b *batch) setResource(rs ptrace.ResourceSpans, wire []byte) (err error) {
	r := resourceFields{of: rs, known: true, service: text(traces.ServiceName(rs.Resource()))}
	b.origins = r.fields.putAttributes(prefixResource, b.names, rs.Resource().Attributes(), b.origins[:0])
	r.rest, err = resourceRest(wire, b.origins)
	b.resource = r
	return err
}

// restOf returns colRest of a span whose attributes have b.origins.
func (b *batch) restOf(span ptrace.Span, w wireSpan) (string, error) {
	var err error
	if b.span, err = appendRest(b.span[:0], w.span, uint64(span.StartTimestamp()), uint64(span.EndTimestamp()), b.origins); err != nil {
		return "", err
	}
	w.span, w.resource = b.span, b.resource.rest
	b.rest = w.appendTraces(b.rest[:0])
	rest, ok := b.rests[string(b.rest)]
	if !ok {
		rest = string(b.rest)
		b.rests[rest] = rest
	}
	return rest, nil
}

func (b *batch) stream(span ptrace.Span) []rowstore.Field {
	key := streamKey{b.resource.service, span.Name(), span.Kind()}
	out, ok := b.streams[key]
	if !ok {
		out = b.newStream(key)
		b.streams[key] = out
	}
	return out
}

func (b *batch) newStream(key streamKey) []rowstore.Field {
	kind, name := traces.KindText(key.kind), text(key.name)
	if !b.operations.admit(key.service, name, kind) {
		name = ""
	}
	out := make([]rowstore.Field, 0, 3)
	for _, f := range [...]rowstore.Field{{Name: streamKind, Value: kind}, {Name: streamOperation, Value: name}, {Name: streamService, Value: key.service}} {
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

// hexTrace writes an identifier; String of the id's own type writes an id of zeros,
// which is invalid but does come, as no text at all.
func hexTrace(id pcommon.TraceID) string { return hex.EncodeToString(id[:]) }

// nanos is a time as the row store wants it. Times after 2262 do not fit and are
// refused there as too far in the future.
func nanos(ts pcommon.Timestamp) int64 {
	return int64(min(uint64(ts), math.MaxInt64))
}
