package tracestore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// indexEntry is what is known of a trace without reading its spans.
type indexEntry struct {
	id       string
	min, max int64  // of its spans' starts, ns
	first    int64  // start of the span that was received first, ns
	received uint64 // number of the index row that says so; earlier ones go first
}

// note remembers a span for its trace's index row.
func (b *batch) note(id string, start int64) {
	i, ok := b.index[id]
	if !ok {
		b.index[id] = len(b.entries)
		b.entries = append(b.entries, indexEntry{id: id, min: start, max: start, first: start})
		return
	}
	e := &b.entries[i]
	e.min, e.max = min(e.min, start), max(e.max, start)
}

// finish adds the index rows.
func (b *batch) finish() {
	for _, e := range b.entries {
		b.rows = append(b.rows, rowstore.Row{
			Time:   e.min,
			Stream: []rowstore.Field{{Name: streamIndex, Value: indexStream(e.id)}},
			Fields: []rowstore.Field{
				{Name: colRange, Value: e.formatRange()},
				{Name: colTraceID, Value: e.id},
				{Name: colVersion, Value: version},
			},
		})
	}
}

// formatRange returns colRange of e.
func (e *indexEntry) formatRange() string {
	b := strconv.AppendInt(nil, e.first-e.min, 10)
	b = append(b, ' ')
	return string(strconv.AppendInt(b, e.max-e.min, 10))
}

// indexStream chooses a trace's index stream. Trace ids end in random digits,
// 64 bit ones too (those begin with zeros); FNV-1a spreads those that are not
// random.
func indexStream(id string) string {
	h := uint32(2166136261)
	for i := range len(id) {
		h = (h ^ uint32(id[i])) * 16777619
	}
	return strconv.Itoa(int((h ^ h>>16) % indexStreams))
}

// lookup returns the index entries of those traces that exist.
func (s *Store) lookup(ctx context.Context, t tenant.ID, ids []string) (map[string]*indexEntry, error) {
	found := make(map[string]*indexEntry, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	q := rowstore.Query{
		Start:   0,
		End:     s.endOfTime(),
		Streams: []rowstore.StreamMatcher{{Name: streamIndex, Op: rowstore.Regex, Value: indexStreamsOf(ids)}},
		Filter:  rowstore.In{Name: colTraceID, Values: ids},
		Columns: []string{colTraceID, colRange, colVersion},

		Sequence: true,
	}
	err := s.rows.Query(ctx, t, q, func(b *rowstore.Block) error {
		return mergeIndex(found, b)
	})
	if err != nil {
		return nil, fmt.Errorf("look up %d trace ids: %w", len(ids), err)
	}
	return found, nil
}

// endOfTime is later than any row the store can hold.
func (s *Store) endOfTime() int64 { return s.now().Add(10 * 365 * 24 * time.Hour).UnixNano() }

func indexStreamsOf(ids []string) string {
	var names []string
	for _, id := range ids {
		names = append(names, indexStream(id))
	}
	slices.Sort(names)
	expr := ""
	for i, n := range slices.Compact(names) {
		if i > 0 {
			expr += "|"
		}
		expr += n
	}
	return expr
}

func mergeIndex(found map[string]*indexEntry, b *rowstore.Block) error {
	versions, ids, ranges, numbers := b.Column(colVersion), b.Column(colTraceID), b.Column(colRange), b.Column(rowstore.SequenceColumn)
	for i := range b.Times {
		if v := valueAt(versions, i); v != version {
			return fmt.Errorf("spans were written in format %.20q, this Pharos reads format %s", v, version)
		}
		e, err := parseIndex(b.Times[i], valueAt(ids, i), valueAt(ranges, i), valueAt(numbers, i))
		if err != nil {
			return fmt.Errorf("read trace index: %w", err)
		}
		old := found[e.id]
		if old == nil {
			found[e.id] = e
			continue
		}
		if e.received < old.received {
			old.first, old.received = e.first, e.received
		}
		old.min, old.max = min(old.min, e.min), max(old.max, e.max)
	}
	return nil
}

func parseIndex(earliest int64, id, bounds, number string) (*indexEntry, error) {
	e := &indexEntry{id: strings.Clone(id), min: earliest}
	first, last, _ := strings.Cut(bounds, " ")
	var err [3]error
	e.first, err[0] = strconv.ParseInt(first, 10, 64)
	e.max, err[1] = strconv.ParseInt(last, 10, 64)
	e.received, err[2] = strconv.ParseUint(number, 10, 64)
	e.first, e.max = e.first+earliest, e.max+earliest
	return e, errors.Join(err[:]...)
}

// window is a range of time, both ends inclusive, with the traces whose spans lie
// in it.
type window struct {
	min, max int64
	ids      []string
}

// windows groups traces that are near to each other in time, so that reading the
// spans of many takes few queries and yet does not scan what lies between. It
// returns at most maxWindows.
func windows(entries []*indexEntry) []window {
	const maxWindows = 16
	sorted := slices.Clone(entries)
	slices.SortFunc(sorted, func(a, b *indexEntry) int {
		if a.min < b.min {
			return -1
		} else if a.min > b.min {
			return 1
		}
		return 0
	})
	for gap := int64(time.Second); ; gap *= 4 {
		if out := group(sorted, gap); len(out) <= maxWindows || gap > math.MaxInt64/8 {
			return out
		}
	}
}

func group(sorted []*indexEntry, gap int64) []window {
	var out []window
	for _, e := range sorted {
		if n := len(out); n > 0 && e.min-out[n-1].max <= gap {
			w := &out[n-1]
			w.max = max(w.max, e.max)
			w.ids = append(w.ids, e.id)
			continue
		}
		out = append(out, window{e.min, e.max, []string{e.id}})
	}
	return out
}
