package tracestore

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// What a search column already holds exactly is not stored once more: colRest is
// the span as OTLP without it. Instrumentation writes the same attributes with
// other values again and again, so the rest of most spans of an operation is the
// same, and costs the row store next to nothing, where whole spans were most of
// the work.
//
// An attribute whose column has its very value is left without a value (a text) or
// with empty bytes (an integer). Neither is ambiguous: the column of an attribute
// that has no value, or empty bytes, has the empty text.

// origin is from where an attribute's value is read back.
type origin uint8

const (
	fromRest origin = iota
	fromColumn
	fromColumnInt
)

// endsAtStart stands for the end of a span that ends when it starts.
const endsAtStart = math.MaxUint64

// appendRest appends a span without what columns hold. origins are those of its
// attributes, in order.
func appendRest(to, span []byte, start, end uint64, origins []origin) ([]byte, error) {
	to, err := appendReduced(to, span, fieldSpanAttribute, origins, func(n protowire.Number) bool {
		switch n {
		case fieldTraceID, fieldSpanID, fieldParentID, fieldName, fieldStart, fieldEnd:
			return true
		}
		return false
	})
	if err != nil || end > start {
		return to, err // start and duration tell the end
	}
	stored := end + 1 // 0 is a field that is absent
	if end == start {
		stored = endsAtStart
	}
	to = protowire.AppendTag(to, fieldEnd, protowire.Fixed64Type)
	return protowire.AppendFixed64(to, stored), nil
}

// resourceRest returns a resource without what columns hold.
func resourceRest(resource []byte, origins []origin) ([]byte, error) {
	if resource == nil {
		return nil, nil
	}
	return appendReduced(make([]byte, 0, len(resource)), resource, fieldResourceAttribute, origins, func(protowire.Number) bool { return false })
}

// appendReduced appends a message without the fields that drop names, and with
// attributes as their origins say.
func appendReduced(to, message []byte, attribute protowire.Number, origins []origin, drop func(protowire.Number) bool) ([]byte, error) {
	for len(message) > 0 {
		num, typ, n := protowire.ConsumeTag(message)
		if n < 0 {
			return nil, fmt.Errorf("%w: %w", errWire, protowire.ParseError(n))
		}
		size := protowire.ConsumeFieldValue(num, typ, message[n:])
		if size < 0 {
			return nil, fmt.Errorf("%w: %w", errWire, protowire.ParseError(size))
		}
		field, value := message[:n+size], message[n:n+size]
		message = message[n+size:]
		switch {
		case drop(num):
		case num == attribute:
			if len(origins) == 0 {
				return nil, fmt.Errorf("%w: more attributes than in memory", errWire)
			}
			to = appendAttribute(to, field, value, num, origins[0])
			origins = origins[1:]
		default:
			to = append(to, field...)
		}
	}
	return to, nil
}

// emptyBytes is field value of KeyValue: an AnyValue with bytes_value of no bytes.
const emptyBytes = "\x12\x02\x3a\x00"

// appendAttribute appends a KeyValue field; value is its length and message.
func appendAttribute(to, field, value []byte, num protowire.Number, o origin) []byte {
	if o == fromRest {
		return append(to, field...)
	}
	key := keyOf(value)
	size := 1 + protowire.SizeBytes(len(key))
	if o == fromColumnInt {
		size += len(emptyBytes)
	}
	to = protowire.AppendTag(to, num, protowire.BytesType)
	to = protowire.AppendVarint(to, uint64(size))
	to = protowire.AppendTag(to, fieldKey, protowire.BytesType)
	to = protowire.AppendBytes(to, key)
	if o == fromColumnInt {
		to = append(to, emptyBytes...)
	}
	return to
}

// keyOf returns the key of a KeyValue; keyValue is its length and message.
func keyOf(keyValue []byte) []byte {
	message, _ := protowire.ConsumeBytes(keyValue)
	for len(message) > 0 {
		num, typ, n := protowire.ConsumeTag(message)
		if n < 0 {
			break
		}
		size := protowire.ConsumeFieldValue(num, typ, message[n:])
		if size < 0 {
			break
		}
		if num == fieldKey && typ == protowire.BytesType {
			key, _ := protowire.ConsumeBytes(message[n:])
			return key
		}
		message = message[n+size:]
	}
	return nil
}
