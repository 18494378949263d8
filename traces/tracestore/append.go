package tracestore

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces"
)

// Append implements traces.Appender. Besides errors of the row store (a span's
// start outside of the retention is rowstore.ErrTooOld or ErrTooNew) it returns
// traces.ErrSpanTooLarge.
func (s *Store) Append(ctx context.Context, t tenant.ID, td ptrace.Traces) error {
	n := td.SpanCount()
	if n == 0 {
		return nil
	}
	whole, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
	if err != nil {
		return fmt.Errorf("encode spans: %w", err)
	}
	b := &batch{
		rows:       make([]rowstore.Row, 0, n+n/4+1),
		index:      make(map[string]int, n/4+1),
		operations: s.operations.of(t),
		names:      newColumnNames(),
		rests:      map[string]string{},
		streams:    map[streamKey][]rowstore.Field{},
	}
	defer b.slab.release()
	spans := spanIterator(td)
	err = eachSpan(whole, func(w wireSpan) error {
		rs, ss, span, ok := spans()
		if !ok {
			return errors.New("BUG: more spans on the wire than in memory")
		}
		return b.add(rs, ss, span, w)
	})
	if err != nil {
		return err
	}
	b.finish()
	if err := s.rows.Append(ctx, t, b.rows); err != nil {
		return fmt.Errorf("store %d spans: %w", n, err)
	}
	return nil
}

// spanIterator returns a function that yields the spans of td in order.
func spanIterator(td ptrace.Traces) func() (ptrace.ResourceSpans, ptrace.ScopeSpans, ptrace.Span, bool) {
	var r, c, i int
	return func() (ptrace.ResourceSpans, ptrace.ScopeSpans, ptrace.Span, bool) {
		for ; r < td.ResourceSpans().Len(); r, c = r+1, 0 {
			rs := td.ResourceSpans().At(r)
			for ; c < rs.ScopeSpans().Len(); c, i = c+1, 0 {
				ss := rs.ScopeSpans().At(c)
				if i < ss.Spans().Len() {
					i++
					return rs, ss, ss.Spans().At(i - 1), true
				}
			}
		}
		return ptrace.ResourceSpans{}, ptrace.ScopeSpans{}, ptrace.Span{}, false
	}
}

// checkSize refuses a span whose row the store would not take.
func checkSize(row *rowstore.Row, span ptrace.Span) error {
	size := 0
	for _, f := range row.Stream {
		size += len(f.Name) + len(f.Value)
	}
	for _, f := range row.Fields {
		size += len(f.Name) + len(f.Value)
	}
	if size <= rowstore.MaxRowSize {
		return nil
	}
	return &tooLargeError{fmt.Errorf("%w: span %s %.80q of trace %s takes %d bytes, at most %d are possible",
		traces.ErrSpanTooLarge, span.SpanID(), span.Name(), span.TraceID(), size, rowstore.MaxRowSize)}
}

// tooLargeError tells what is refused for what it is from what failed, as the row
// store's own errors do.
type tooLargeError struct{ error }

func (e *tooLargeError) Unwrap() error { return e.error }

// Refusal returns the reason's name and that a retry is useless.
func (e *tooLargeError) Refusal() (reason string, temporary bool) { return "span_too_large", false }
