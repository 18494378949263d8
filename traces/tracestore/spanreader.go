package tracestore

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/storage/rowstore"
)

// spanReader puts the spans of a block together again: the reverse of rest.go.
type spanReader struct {
	block   *rowstore.Block
	columns map[string][]string
}

func newSpanReader(b *rowstore.Block) *spanReader {
	r := &spanReader{block: b, columns: make(map[string][]string, len(b.Columns))}
	for _, c := range b.Columns {
		r.columns[c.Name] = c.Values
	}
	return r
}

func (r *spanReader) value(column string, i int) string { return valueAt(r.columns[column], i) }

// size is about how many bytes the span of row i takes.
func (r *spanReader) size(i int) int {
	n := 0
	for j := range r.block.Columns {
		n += len(r.block.Columns[j].Values[i])
	}
	return n
}

// span returns the span of row i. Nothing of it is the block's.
func (r *spanReader) span(i int) (ptrace.Traces, error) {
	unmarshaler := ptrace.ProtoUnmarshaler{}
	td, err := unmarshaler.UnmarshalTraces([]byte(r.value(colRest, i)))
	if err != nil {
		return td, fmt.Errorf("decode a span: %w", err)
	}
	rs, _, span, ok := spanIterator(td)()
	if !ok {
		return td, errors.New("decode a span: there is none")
	}
	if err := r.setIDs(span, i); err != nil {
		return td, err
	}
	span.SetName(strings.Clone(r.value(colName, i)))
	if err := r.setTimes(span, i); err != nil {
		return td, err
	}
	r.setAttributes(prefixResource, rs.Resource().Attributes(), i)
	r.setAttributes(prefixSpan, span.Attributes(), i)
	return td, nil
}

func (r *spanReader) setIDs(span ptrace.Span, i int) error {
	var trace pcommon.TraceID
	var id, parent pcommon.SpanID
	link, err := parseLink(r.value(colLink, i))
	if err != nil {
		return err
	}
	for _, f := range [...]struct {
		text string
		to   []byte
	}{{r.value(colTraceID, i), trace[:]}, {link.span, id[:]}, {link.parent, parent[:]}} {
		if f.text == "" {
			continue // no parent
		}
		if len(f.text) != hex.EncodedLen(len(f.to)) {
			return fmt.Errorf("read span row: malformed id %.40q", f.text)
		}
		if _, err := hex.Decode(f.to, []byte(f.text)); err != nil {
			return fmt.Errorf("read span row: %w", err)
		}
	}
	span.SetTraceID(trace)
	span.SetSpanID(id)
	span.SetParentSpanID(parent)
	return nil
}

func (r *spanReader) setTimes(span ptrace.Span, i int) error {
	start := pcommon.Timestamp(r.block.Times[i])
	span.SetStartTimestamp(start)
	switch end := span.EndTimestamp(); end {
	case 0:
		duration, err := strconv.ParseInt(r.value(colDuration, i), 10, 64)
		if err != nil {
			return fmt.Errorf("read span row: %w", err)
		}
		span.SetEndTimestamp(start + pcommon.Timestamp(duration))
	case endsAtStart:
		span.SetEndTimestamp(start)
	default:
		span.SetEndTimestamp(end - 1)
	}
	return nil
}

// setAttributes fills in the values that columns hold.
func (r *spanReader) setAttributes(prefix string, m pcommon.Map, i int) {
	for k, v := range m.All() {
		switch v.Type() {
		case pcommon.ValueTypeEmpty:
			if s, ok := unpackValue(r.value(columnName(prefix, k), i)); ok && s != "" {
				v.SetStr(strings.Clone(s))
			}
		case pcommon.ValueTypeBytes:
			if v.Bytes().Len() != 0 {
				continue
			}
			if n, err := strconv.ParseInt(r.value(columnName(prefix, k), i), 10, 64); err == nil {
				v.SetInt(n)
			}
		}
	}
}
