package tracestore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces"
)

var _ traces.Scanner = (*Store)(nil)

// Slices of a scan that wants the newest spans first. They grow until one has enough
// spans, so that whoever wants few reads little and a needle in months of spans is found
// with few queries.
const (
	firstSlice  = time.Second
	growSlices  = 4
	fewSpans    = 4096
	manySpans   = 64 << 10
	shrinkSlice = 2
)

// Scan implements traces.Scanner.
func (s *Store) Scan(ctx context.Context, t tenant.ID, q traces.ScanQuery, emit func(*traces.ScannedSpan) error) error {
	if q.End <= q.Start {
		return nil
	}
	where, err := narrow(q.Where)
	if err != nil {
		return err
	}
	rows := rowstore.Query{Start: q.Start, End: q.End, Streams: spanStreams(), Filter: where}
	if !q.All {
		rows.Columns = scanColumns(q)
	}
	reader := newScanReader(q)
	if q.SliceDone == nil {
		q.SliceDone = func() error { return nil }
	}
	if q.NewestFirst {
		err = s.scanSlices(ctx, t, rows, reader, q.SliceDone, emit)
	} else if _, err = s.scanRows(ctx, t, rows, reader, emit); err == nil {
		err = q.SliceDone()
	}
	if errors.Is(err, traces.ErrStop) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("scan spans: %w", err)
	}
	return nil
}

func scanColumns(q traces.ScanQuery) []string {
	if q.IDsOnly {
		return []string{colTraceID}
	}
	out := []string{colTraceID, colLink, colName, colDuration, colRest}
	for _, k := range q.SpanKeys {
		out = append(out, columnName(prefixSpan, k))
	}
	for _, k := range q.ResourceKeys {
		out = append(out, columnName(prefixResource, k))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// scanRows passes the rows of a query on and counts them.
func (s *Store) scanRows(ctx context.Context, t tenant.ID, q rowstore.Query, reader *scanReader, emit func(*traces.ScannedSpan) error) (int, error) {
	rows := 0
	err := s.rows.Query(ctx, t, q, func(b *rowstore.Block) error {
		reader.use(b)
		rows += len(b.Times)
		for i := range b.Times {
			if err := reader.emit(i, emit); err != nil {
				return err
			}
		}
		return nil
	})
	return rows, err
}

// scanSlices reads backwards in time. What is ahead of the clock is the first slice.
func (s *Store) scanSlices(ctx context.Context, t tenant.ID, q rowstore.Query, reader *scanReader, done func() error, emit func(*traces.ScannedSpan) error) error {
	start, end := q.Start, q.End
	width := int64(firstSlice)
	from := max(start, min(end-width, s.now().UnixNano()))
	for {
		q.Start, q.End = from, end
		rows, err := s.scanRows(ctx, t, q, reader, emit)
		if err == nil {
			err = done()
		}
		if err != nil || from <= start {
			return err
		}
		switch {
		case rows < fewSpans:
			width = min(width*growSlices, end-start)
		case rows > manySpans:
			width = max(width/shrinkSlice, 1)
		}
		end = from
		from = max(start, end-max(width, 1))
	}
}

// AttributeNames implements traces.Scanner.
func (s *Store) AttributeNames(ctx context.Context, t tenant.ID, start, end int64) ([]traces.Attribute, error) {
	if end <= start {
		return nil, nil
	}
	names, err := s.rows.FieldNames(ctx, t, rowstore.Query{Start: start, End: end, Streams: spanStreams()})
	if err != nil {
		return nil, fmt.Errorf("list attributes: %w", err)
	}
	out := make([]traces.Attribute, 0, len(names))
	for _, n := range names {
		for _, p := range [...]struct {
			prefix   string
			property traces.Property
		}{{prefixSpan, traces.SpanAttribute}, {prefixResource, traces.ResourceAttribute}, {prefixEvent, traces.EventAttribute}} {
			key, ok := strings.CutPrefix(n.Value, p.prefix)
			if ok && !shortened(key) {
				out = append(out, traces.Attribute{Property: p.property, Key: key})
			}
		}
	}
	slices.SortFunc(out, func(a, b traces.Attribute) int {
		if a.Property != b.Property {
			return int(a.Property) - int(b.Property)
		}
		return strings.Compare(a.Key, b.Key)
	})
	return slices.Compact(out), nil
}

// shortened says that a column's name has a hash in the place of the attribute's.
func shortened(key string) bool {
	at := strings.LastIndexByte(key, '#')
	if at < 0 || len(key)-at-1 != 32 {
		return false
	}
	return strings.Trim(key[at+1:], "0123456789abcdef") == ""
}
