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
)

var errWire = errors.New("BUG: marshalled traces do not parse")

// eachSpan calls f for each span of a TracesData message, in the order of the
// message, with a TracesData message that holds that span alone with its resource
// and scope. Marshalling all spans at once and cutting the bytes is many times
// faster than building and marshalling a ptrace.Traces for each. The slice is
// f's.
func eachSpan(tracesData []byte, f func(one []byte) error) error {
	return eachField(tracesData, func(n protowire.Number, rs []byte) error {
		if n != fieldResourceSpans {
			return nil
		}
		var resource, schema []byte
		var scopes [][]byte
		err := eachField(rs, func(n protowire.Number, b []byte) error {
			switch n {
			case fieldResource:
				resource = b
			case fieldSchemaURL:
				schema = b
			case fieldScopeSpans:
				scopes = append(scopes, b)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, ss := range scopes {
			if err := eachSpanOfScope(resource, schema, ss, f); err != nil {
				return err
			}
		}
		return nil
	})
}

func eachSpanOfScope(resource, schema, scopeSpans []byte, f func([]byte) error) error {
	var scope, scopeSchema []byte
	var spans [][]byte
	err := eachField(scopeSpans, func(n protowire.Number, b []byte) error {
		switch n {
		case fieldScope:
			scope = b
		case fieldSchemaURL:
			scopeSchema = b
		case fieldSpan:
			spans = append(spans, b)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, span := range spans {
		inner := sizeField(scope) + sizeField(span) + sizeField(scopeSchema)
		outer := sizeField(resource) + 1 + protowire.SizeBytes(inner) + sizeField(schema)
		one := make([]byte, 0, 1+protowire.SizeBytes(outer))
		one = protowire.AppendTag(one, fieldResourceSpans, protowire.BytesType)
		one = protowire.AppendVarint(one, uint64(outer))
		one = appendField(one, fieldResource, resource)
		one = protowire.AppendTag(one, fieldScopeSpans, protowire.BytesType)
		one = protowire.AppendVarint(one, uint64(inner))
		one = appendField(one, fieldScope, scope)
		one = protowire.AppendTag(one, fieldSpan, protowire.BytesType)
		one = protowire.AppendBytes(one, span)
		one = appendField(one, fieldSchemaURL, scopeSchema)
		one = appendField(one, fieldSchemaURL, schema)
		if err := f(one); err != nil {
			return err
		}
	}
	return nil
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
