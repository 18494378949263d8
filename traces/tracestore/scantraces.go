package tracestore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces"
)

// spanOverhead is about what a span costs its reader besides its texts, in bytes.
const spanOverhead = 256

// ScanTraces implements traces.Scanner.
func (s *Store) ScanTraces(ctx context.Context, t tenant.ID, ids []pcommon.TraceID, q traces.ScanQuery, emit func(*traces.ScannedSpan) error) (map[pcommon.TraceID]string, error) {
	q.IDsOnly = false
	entries, err := s.entries(ctx, t, ids)
	if err != nil {
		return nil, err
	}
	rows := rowstore.Query{Streams: spanStreams(), Sequence: true}
	if !q.All {
		rows.Columns = scanColumns(q)
	}
	r := &traceReader{
		reader: newScanReader(q),
		store:  s, emit: emit, spans: make(map[pcommon.TraceID]int, len(entries)),
	}
	for _, w := range windows(entries) {
		rows.Start, rows.End = w.min, after(w.max)
		rows.Filter = rowstore.In{Name: colTraceID, Values: w.ids}
		err := s.rows.Query(ctx, t, rows, r.add)
		if errors.Is(err, traces.ErrStop) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read spans of %d traces: %w", len(entries), err)
		}
	}
	return r.cut(), nil
}

// entries looks traces up; those that do not exist are left out.
func (s *Store) entries(ctx context.Context, t tenant.ID, ids []pcommon.TraceID) ([]*indexEntry, error) {
	names := make([]string, 0, len(ids))
	for _, id := range ids {
		names = append(names, hexTrace(id))
	}
	slices.Sort(names)
	names = slices.Compact(names)
	index, err := s.lookup(ctx, t, names)
	if err != nil {
		return nil, err
	}
	out := make([]*indexEntry, 0, len(index))
	for _, n := range names {
		if e := index[n]; e != nil {
			out = append(out, e)
		}
	}
	return out, nil
}

// traceReader passes spans of whole traces on, up to the store's bounds.
type traceReader struct {
	reader *scanReader
	store  *Store
	emit   func(*traces.ScannedSpan) error
	spans  map[pcommon.TraceID]int // that were passed on
	bytes  int
	// How many spans were left out, by the bound that they exceeded.
	overSpans, overAll map[pcommon.TraceID]int
}

func (r *traceReader) add(b *rowstore.Block) error {
	r.reader.use(b)
	numbers := b.Column(rowstore.SequenceColumn)
	if numbers == nil {
		return errors.New("span rows lack columns")
	}
	for i := range b.Times {
		if _, err := r.reader.id(r.reader.value(colTraceID, i), 16); err != nil {
			return err
		}
		id := pcommon.TraceID(r.reader.idBuf)
		size := spanOverhead
		for j := range b.Columns {
			if b.Columns[j].Name != colRest { // of which readers keep little
				size += len(b.Columns[j].Values[i])
			}
		}
		switch {
		case r.spans[id] >= r.store.cfg.MaxSpansPerTrace:
			r.overSpans = counted(r.overSpans, id)
			continue
		case r.bytes+size > r.store.cfg.MaxAnswerBytes:
			r.overAll = counted(r.overAll, id)
			continue
		}
		r.bytes += size
		r.spans[id]++
		n, err := strconv.ParseUint(numbers[i], 10, 64)
		if err != nil {
			return fmt.Errorf("read span row: %w", err)
		}
		err = r.reader.emit(i, func(s *traces.ScannedSpan) error {
			s.Received = n
			return r.emit(s)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func counted(m map[pcommon.TraceID]int, id pcommon.TraceID) map[pcommon.TraceID]int {
	if m == nil {
		m = map[pcommon.TraceID]int{}
	}
	m[id]++
	return m
}

// cut says why spans were left out.
func (r *traceReader) cut() map[pcommon.TraceID]string {
	out := make(map[pcommon.TraceID]string, len(r.overSpans)+len(r.overAll))
	for id, n := range r.overAll {
		out[id] = overAll(n)
	}
	for id, n := range r.overSpans {
		out[id] = overSpans(n+r.overAll[id], r.spans[id])
	}
	return out
}

func overSpans(left, shown int) string {
	return fmt.Sprintf("%d spans are left out: a trace is shown with at most %d (max_spans_per_trace)", left, shown)
}

func overAll(left int) string {
	return fmt.Sprintf("%d spans are left out: the answer would exceed its bound (max_answer_bytes)", left)
}
