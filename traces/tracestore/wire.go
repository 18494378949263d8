package tracestore

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of opentelemetry/proto/trace/v1/trace.proto.
const (
	fieldResourceSpans protowire.Number = 1 // TracesData
	fieldResource      protowire.Number = 1 // ResourceSpans
	fieldScopeSpans    protowire.Number = 2
	fieldScope         protowire.Number = 1 // ScopeSpans
	fieldSpan          protowire.Number = 2
	fieldSchemaURL     protowire.Number = 3 // ResourceSpans and ScopeSpans

	fieldResourceAttribute protowire.Number = 1 // Resource

	fieldTraceID       protowire.Number = 1 // Span
	fieldSpanID        protowire.Number = 2
	fieldParentID      protowire.Number = 4
	fieldName          protowire.Number = 5
	fieldStart         protowire.Number = 7
	fieldEnd           protowire.Number = 8
	fieldSpanAttribute protowire.Number = 9

	fieldKey protowire.Number = 1 // KeyValue
)

var errWire = errors.New("BUG: marshalled traces do not parse")

// wireSpan is a span with what it belongs to, as protobuf messages. nil stands for
// a field that is absent.
type wireSpan struct {
	resource, resourceSchema []byte
	scope, scopeSchema       []byte
	span                     []byte
}

// eachSpan calls f for each span of a TracesData message, in the order of the
// message. Marshalling all spans at once and cutting the bytes is many times
// faster than building and marshalling a ptrace.Traces for each.
func eachSpan(tracesData []byte, f func(wireSpan) error) error {
	var scopes, spans [][]byte
	return eachField(tracesData, func(n protowire.Number, rs []byte) error {
		if n != fieldResourceSpans {
			return nil
		}
		var w wireSpan
		scopes = scopes[:0]
		err := eachField(rs, func(n protowire.Number, b []byte) error {
			switch n {
			case fieldResource:
				w.resource = b
			case fieldSchemaURL:
				w.resourceSchema = b
			case fieldScopeSpans:
				scopes = append(scopes, b)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, ss := range scopes {
			if spans, err = w.eachOfScope(ss, spans[:0], f); err != nil {
				return err
			}
		}
		return nil
	})
}

// eachOfScope calls f for the spans of a ScopeSpans message. It collects them in
// spans, which it returns for the next call.
func (w wireSpan) eachOfScope(scopeSpans []byte, spans [][]byte, f func(wireSpan) error) ([][]byte, error) {
	err := eachField(scopeSpans, func(n protowire.Number, b []byte) error {
		switch n {
		case fieldScope:
			w.scope = b
		case fieldSchemaURL:
			w.scopeSchema = b
		case fieldSpan:
			spans = append(spans, b)
		}
		return nil
	})
	if err != nil {
		return spans, err
	}
	for _, w.span = range spans {
		if err := f(w); err != nil {
			return spans, err
		}
	}
	return spans, nil
}

// appendTraces appends a TracesData message that holds the span alone.
func (w *wireSpan) appendTraces(to []byte) []byte {
	inner := sizeField(w.scope) + 1 + protowire.SizeBytes(len(w.span)) + sizeField(w.scopeSchema)
	outer := sizeField(w.resource) + 1 + protowire.SizeBytes(inner) + sizeField(w.resourceSchema)
	to = protowire.AppendTag(to, fieldResourceSpans, protowire.BytesType)
	to = protowire.AppendVarint(to, uint64(outer))
	to = appendField(to, fieldResource, w.resource)
	to = protowire.AppendTag(to, fieldScopeSpans, protowire.BytesType)
	to = protowire.AppendVarint(to, uint64(inner))
	to = appendField(to, fieldScope, w.scope)
	to = protowire.AppendTag(to, fieldSpan, protowire.BytesType)
	to = protowire.AppendBytes(to, w.span)
	to = appendField(to, fieldSchemaURL, w.scopeSchema)
	return appendField(to, fieldSchemaURL, w.resourceSchema)
}

// sizeField is the size of a length-delimited field with a number below 16 that
// is left out when it has no value.
func sizeField(b []byte) int {
	if b == nil {
		return 0
	}
	return 1 + protowire.SizeBytes(len(b))
}

func appendField(to []byte, n protowire.Number, b []byte) []byte {
	if b == nil {
		return to
	}
	return protowire.AppendBytes(protowire.AppendTag(to, n, protowire.BytesType), b)
}

// eachField calls f with the length-delimited fields of a message.
func eachField(msg []byte, f func(protowire.Number, []byte) error) error {
	for len(msg) > 0 {
		num, typ, n := protowire.ConsumeTag(msg)
		if n < 0 {
			return fmt.Errorf("%w: %w", errWire, protowire.ParseError(n))
		}
		msg = msg[n:]
		if typ != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(num, typ, msg); n < 0 {
				return fmt.Errorf("%w: %w", errWire, protowire.ParseError(n))
			}
			msg = msg[n:]
			continue
		}
		b, n := protowire.ConsumeBytes(msg)
		if n < 0 {
			return fmt.Errorf("%w: %w", errWire, protowire.ParseError(n))
		}
		msg = msg[n:]
		if err := f(num, b); err != nil {
			return err
		}
	}
	return nil
}
