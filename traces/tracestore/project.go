package tracestore

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pharosd/pharos/traces"
)

// Fields of a span that projections leave out.
const (
	fieldEvent protowire.Number = 11
	fieldLink  protowire.Number = 13
)

// projection cuts a rest down to what a scan wants of it. What remains is the same for
// most spans of an operation, so decoding it once does for all of them, which it does not
// where each span has a price or an exception of its own.
type projection struct {
	span, resource map[string]bool // attributes that are kept
	events, links  bool
	// Scratch.
	out, spanBuf, resourceBuf []byte
}

func newProjection(q traces.ScanQuery, span, resource map[string]bool) *projection {
	if q.All {
		return nil
	}
	return &projection{span: span, resource: resource, events: !q.NoEvents, links: !q.NoLinks}
}

// reduce returns what remains of a rest, until the next call.
func (p *projection) reduce(rest []byte) ([]byte, error) {
	var w wireSpan
	rs, err := lastField(rest, fieldResourceSpans, nil)
	if err != nil {
		return nil, err
	}
	ss, err := lastField(rs, fieldScopeSpans, func(n protowire.Number, b []byte) {
		switch n {
		case fieldResource:
			w.resource = b
		case fieldSchemaURL:
			w.resourceSchema = b
		}
	})
	if err != nil {
		return nil, err
	}
	w.span, err = lastField(ss, fieldSpan, func(n protowire.Number, b []byte) {
		switch n {
		case fieldScope:
			w.scope = b
		case fieldSchemaURL:
			w.scopeSchema = b
		}
	})
	if err != nil {
		return nil, err
	}
	if p.spanBuf, err = p.keep(p.spanBuf[:0], w.span, fieldSpanAttribute, p.span); err != nil {
		return nil, err
	}
	w.span = p.spanBuf
	if w.resource != nil {
		if p.resourceBuf, err = p.keep(p.resourceBuf[:0], w.resource, fieldResourceAttribute, p.resource); err != nil {
			return nil, err
		}
		w.resource = p.resourceBuf
	}
	p.out = w.appendTraces(p.out[:0])
	return p.out, nil
}

// lastField returns the last length-delimited field n of a message and calls other with
// further ones.
func lastField(message []byte, n protowire.Number, other func(protowire.Number, []byte)) (found []byte, err error) {
	for len(message) > 0 {
		num, typ, size := protowire.ConsumeTag(message)
		if size < 0 {
			return nil, fmt.Errorf("decode a span: %w", protowire.ParseError(size))
		}
		length := protowire.ConsumeFieldValue(num, typ, message[size:])
		if length < 0 {
			return nil, fmt.Errorf("decode a span: %w", protowire.ParseError(length))
		}
		if typ == protowire.BytesType {
			value, _ := protowire.ConsumeBytes(message[size:])
			if num == n {
				found = value
			} else if other != nil {
				other(num, value)
			}
		}
		message = message[size+length:]
	}
	return found, nil
}

// keep appends the fields of a span or a resource that are wanted.
func (p *projection) keep(to, message []byte, attribute protowire.Number, wanted map[string]bool) ([]byte, error) {
	for len(message) > 0 {
		num, typ, size := protowire.ConsumeTag(message)
		if size < 0 {
			return nil, fmt.Errorf("decode a span: %w", protowire.ParseError(size))
		}
		length := protowire.ConsumeFieldValue(num, typ, message[size:])
		if length < 0 {
			return nil, fmt.Errorf("decode a span: %w", protowire.ParseError(length))
		}
		field := message[:size+length]
		message = message[size+length:]
		switch {
		case num == attribute && typ == protowire.BytesType:
			if wanted[string(keyOf(field[size:]))] {
				to = append(to, field...)
			}
		case attribute == fieldSpanAttribute && (num == fieldEvent && !p.events || num == fieldLink && !p.links):
		default:
			to = append(to, field...)
		}
	}
	return to, nil
}
