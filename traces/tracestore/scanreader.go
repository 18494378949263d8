package tracestore

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/traces"
)

// Bounds of the rests that a scan keeps decoded.
const (
	maxTemplates    = 2048
	maxTemplateSize = 4 << 10
)

// scanReader makes spans of rows. The rest of most spans of an operation is the same,
// so each is decoded once and then filled in with what the row's columns hold.
type scanReader struct {
	all       bool
	span      map[string]bool // attributes that are wanted
	resource  map[string]bool
	block     *rowstore.Block
	columns   map[string][]string
	templates map[string]*template
	out       traces.ScannedSpan
	idBuf     [16]byte
	project   *projection // nil keeps whole spans
	raw       []byte      // scratch
	// ids says that only trace ids are wanted.
	ids bool
}

// template is a decoded rest.
type template struct {
	resource pcommon.Resource
	scope    pcommon.InstrumentationScope
	span     ptrace.Span
	end      pcommon.Timestamp // as stored, see appendRest
	fills    []slot
}

// slot is an attribute whose value is in a column.
type slot struct {
	value   pcommon.Value
	column  string
	integer bool
}

func newScanReader(q traces.ScanQuery) *scanReader {
	set := func(keys []string) map[string]bool {
		out := make(map[string]bool, len(keys))
		for _, k := range keys {
			out[k] = true
		}
		return out
	}
	r := &scanReader{all: q.All, span: set(q.SpanKeys), resource: set(q.ResourceKeys), templates: map[string]*template{}, ids: q.IDsOnly && !q.All}
	r.project = newProjection(q, r.span, r.resource)
	if r.ids {
		r.out = traces.ScannedSpan{Resource: pcommon.NewResource(), Scope: pcommon.NewInstrumentationScope(), Span: ptrace.NewSpan()}
	}
	return r
}

// use makes b the block that emit reads.
func (r *scanReader) use(b *rowstore.Block) {
	r.block = b
	if r.columns == nil {
		r.columns = make(map[string][]string, len(b.Columns))
	}
	clear(r.columns)
	for _, c := range b.Columns {
		r.columns[c.Name] = c.Values
	}
}

func (r *scanReader) value(column string, i int) string { return valueAt(r.columns[column], i) }

// emit passes the span of row i on.
func (r *scanReader) emit(i int, emit func(*traces.ScannedSpan) error) error {
	if r.ids {
		if _, err := r.id(r.value(colTraceID, i), 16); err != nil {
			return err
		}
		r.out.TraceID = pcommon.TraceID(r.idBuf)
		r.out.Span.SetStartTimestamp(pcommon.Timestamp(r.block.Times[i]))
		return emit(&r.out)
	}
	t, err := r.template(r.value(colRest, i))
	if err != nil {
		return err
	}
	if err := r.fill(t, i); err != nil {
		return err
	}
	r.out = traces.ScannedSpan{TraceID: t.span.TraceID(), Resource: t.resource, Scope: t.scope, Span: t.span}
	return emit(&r.out)
}

func (r *scanReader) template(stored string) (*template, error) {
	r.raw = append(r.raw[:0], stored...)
	rest := r.raw
	if r.project != nil {
		var err error
		if rest, err = r.project.reduce(rest); err != nil {
			return nil, err
		}
	}
	if t, ok := r.templates[string(rest)]; ok {
		return t, nil
	}
	rest = bytes.Clone(rest)
	td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(rest)
	if err != nil {
		return nil, fmt.Errorf("decode a span: %w", err)
	}
	rs, ss, span, ok := spanIterator(td)()
	if !ok {
		return nil, errors.New("decode a span: there is none")
	}
	t := &template{resource: rs.Resource(), scope: ss.Scope(), span: span, end: span.EndTimestamp()}
	r.addFills(t, prefixResource, r.resource, t.resource.Attributes())
	r.addFills(t, prefixSpan, r.span, span.Attributes())
	if len(rest) <= maxTemplateSize {
		if len(r.templates) >= maxTemplates {
			clear(r.templates)
		}
		r.templates[string(rest)] = t
	}
	return t, nil
}

func (r *scanReader) addFills(t *template, prefix string, wanted map[string]bool, m pcommon.Map) {
	for k, v := range m.All() {
		if !r.all && !wanted[k] {
			continue
		}
		switch v.Type() {
		case pcommon.ValueTypeEmpty:
			t.fills = append(t.fills, slot{v, columnName(prefix, k), false})
		case pcommon.ValueTypeBytes:
			if v.Bytes().Len() == 0 {
				t.fills = append(t.fills, slot{v, columnName(prefix, k), true})
			}
		}
	}
}

// fill completes a template with row i.
func (r *scanReader) fill(t *template, i int) error {
	for _, f := range t.fills {
		text := r.value(f.column, i)
		if f.integer {
			if n, err := strconv.ParseInt(text, 10, 64); err == nil {
				f.value.SetInt(n)
				continue
			}
			f.value.SetEmptyBytes()
			continue
		}
		if s, ok := unpackValue(text); ok && s != "" {
			f.value.SetStr(s)
			continue
		}
		_ = f.value.FromRaw(nil) // of nothing it cannot fail
	}
	t.span.SetName(r.value(colName, i))
	if err := r.setIDs(t.span, i); err != nil {
		return err
	}
	return r.setTimes(t, i)
}

func (r *scanReader) setIDs(span ptrace.Span, i int) error {
	link, err := parseLink(r.value(colLink, i))
	if err != nil {
		return err
	}
	id, err := r.id(r.value(colTraceID, i), 16)
	if err != nil {
		return err
	}
	span.SetTraceID(pcommon.TraceID(r.idBuf))
	if id, err = r.id(link.span, 8); err != nil {
		return err
	}
	span.SetSpanID(pcommon.SpanID(id[:8]))
	if link.parent == "" {
		span.SetParentSpanID(pcommon.SpanID{})
		return nil
	}
	if id, err = r.id(link.parent, 8); err != nil {
		return err
	}
	span.SetParentSpanID(pcommon.SpanID(id[:8]))
	return nil
}

// id decodes hexadecimal digits into idBuf.
func (r *scanReader) id(text string, bytes int) ([]byte, error) {
	if len(text) != 2*bytes {
		return nil, fmt.Errorf("read span row: malformed id %.40q", text)
	}
	var digits [32]byte
	n := copy(digits[:], text)
	if _, err := hex.Decode(r.idBuf[:], digits[:n]); err != nil {
		return nil, fmt.Errorf("read span row: %w", err)
	}
	return r.idBuf[:bytes], nil
}

func (r *scanReader) setTimes(t *template, i int) error {
	start := pcommon.Timestamp(r.block.Times[i])
	t.span.SetStartTimestamp(start)
	switch t.end {
	case 0:
		duration, err := strconv.ParseInt(r.value(colDuration, i), 10, 64)
		if err != nil {
			return fmt.Errorf("read span row: %w", err)
		}
		t.span.SetEndTimestamp(start + pcommon.Timestamp(duration))
	case endsAtStart:
		t.span.SetEndTimestamp(start)
	default:
		t.span.SetEndTimestamp(t.end - 1)
	}
	return nil
}
