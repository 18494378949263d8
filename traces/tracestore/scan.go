package tracestore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces"
)

var _ traces.Scanner = (*Store)(nil)

// Pages of a scan that wants the newest spans first. Whoever wants few stops soon.
const (
	firstScanPage = 256
	maxScanPage   = 8192
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
	if q.NewestFirst {
		err = s.scanPages(ctx, t, rows, reader, emit)
	} else {
		err = s.rows.Query(ctx, t, rows, func(b *rowstore.Block) error {
			reader.use(b)
			for i := range b.Times {
				if err := reader.emit(i, emit); err != nil {
					return err
				}
			}
			return nil
		})
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

// scanPages reads backwards in time, a page at a time. Spans of the nanosecond at
// which a page ends may come again with the next: their numbers tell.
func (s *Store) scanPages(ctx context.Context, t tenant.ID, q rowstore.Query, reader *scanReader, emit func(*traces.ScannedSpan) error) error {
	q.Sequence, q.Limit = true, firstScanPage
	var seen map[uint64]bool // spans of the nanosecond at which the page before ended
	for {
		rows, oldest := 0, q.End
		boundary := map[uint64]bool{}
		err := s.rows.Query(ctx, t, q, func(b *rowstore.Block) error {
			reader.use(b)
			numbers := b.Column(rowstore.SequenceColumn)
			for i, at := range b.Times {
				rows++
				n, err := strconv.ParseUint(valueAt(numbers, i), 10, 64)
				if err != nil {
					return fmt.Errorf("read span row: %w", err)
				}
				if at < oldest {
					oldest = at
					clear(boundary)
				}
				boundary[n] = true
				if seen[n] {
					continue
				}
				if err := reader.emit(i, emit); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || rows < q.Limit {
			return err
		}
		if oldest+1 >= q.End {
			q.Limit *= 4 // as many spans in one nanosecond as a page holds
		} else {
			q.Limit = min(2*q.Limit, max(q.Limit, maxScanPage))
		}
		q.End, seen = oldest+1, boundary
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
