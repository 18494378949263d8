package tracestore

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces"
)

// FindTraces implements traces.Reader.
func (s *Store) FindTraces(ctx context.Context, t tenant.ID, q traces.Query) (traces.Found, error) {
	entries, incomplete, err := s.find(ctx, t, q)
	if err != nil {
		return traces.Found{}, err
	}
	list, err := s.fetch(ctx, t, entries)
	if err != nil {
		return traces.Found{}, err
	}
	return traces.Found{Traces: list, Incomplete: incomplete}, nil
}

// FindTraceIDs implements traces.Reader.
func (s *Store) FindTraceIDs(ctx context.Context, t tenant.ID, q traces.Query) (traces.Found, error) {
	entries, incomplete, err := s.find(ctx, t, q)
	if err != nil {
		return traces.Found{}, err
	}
	out := traces.Found{Traces: make([]traces.Trace, len(entries)), Incomplete: incomplete}
	for i, e := range entries {
		if _, err := hex.Decode(out.Traces[i].ID[:], []byte(e.id)); err != nil || len(e.id) != 32 {
			return traces.Found{}, fmt.Errorf("trace index holds a malformed id %.40q", e.id)
		}
	}
	return out, nil
}

// find returns the latest traces that match, newest first.
//
// Spans come newest first by their own start, while traces are ordered by the
// start of the span received first, which for most is the root. So after enough
// traces were seen, the search goes on back to the start of the oldest trace that
// would be answered: what lies further back can only belong to older traces
// (unless clocks differ, in which case the order is as good as the clocks). Where a
// trace goes on for long, that can be very many spans; after maxExtraRows the order
// is by the latest match.
func (s *Store) find(ctx context.Context, t tenant.ID, q traces.Query) ([]*indexEntry, string, error) {
	incomplete := ""
	want := q.Limit
	if want <= 0 || want > s.cfg.MaxTraces {
		want = s.cfg.MaxTraces
	}
	if q.End <= q.Start {
		return nil, "", nil
	}
	sc := &search{store: s, tenant: t, query: compile(q), seen: map[string]bool{}, index: map[string]*indexEntry{}}
	sc.query.Columns = []string{colTraceID}
	enough := 0 // rows read until there were as many traces as wanted
	for {
		if err := sc.next(ctx, want); err != nil {
			return nil, "", err
		}
		if err := sc.indexNew(ctx); err != nil {
			return nil, "", err
		}
		if sc.done {
			break
		}
		if sc.rows > s.cfg.MaxSearchRows {
			incomplete = fmt.Sprintf("the search stopped after %d matching spans (max_search_rows); narrow its time or its conditions", sc.rows)
			break
		}
		if best := sc.latest(want); len(best) == want {
			if best[want-1].first > sc.query.End || sc.rows-enough > maxExtraRows {
				break
			}
		} else {
			enough = sc.rows
		}
	}
	best := sc.latest(want)
	if q.Limit <= 0 || q.Limit > s.cfg.MaxTraces {
		if len(sc.index) >= want && incomplete == "" && (!sc.done || len(sc.index) > want) {
			incomplete = fmt.Sprintf("a search returns at most %d traces (max_traces)", want)
		}
	}
	return best, incomplete, nil
}

// maxExtraRows bounds how many matches are read only to get the order right.
const maxExtraRows = 50_000

// maxPage bounds the rows read at once, and with them the trace ids looked up.
const maxPage = 20_000

// search reads matching spans backwards in time, a page at a time.
type search struct {
	store  *Store
	tenant tenant.ID
	query  rowstore.Query
	seen   map[string]bool
	fresh  []string // seen but not in index yet
	index  map[string]*indexEntry
	rows   int
	page   int
	done   bool // everything was read
}

// next reads one page and moves the query's end to the oldest span it saw. That
// end stays included, since more spans may have started in the same nanosecond.
func (sc *search) next(ctx context.Context, want int) error {
	if sc.page == 0 {
		sc.page = min(max(4*want, 64), maxPage)
	}
	q := sc.query
	q.Limit = sc.page
	rows, oldest := 0, q.End
	err := sc.store.rows.Query(ctx, sc.tenant, q, func(b *rowstore.Block) error {
		ids := b.Column(colTraceID)
		if ids == nil {
			return fmt.Errorf("span rows lack column %s", colTraceID)
		}
		rows += len(ids)
		for i, id := range ids {
			oldest = min(oldest, b.Times[i])
			if !sc.seen[id] {
				id = strings.Clone(id)
				sc.seen[id] = true
				sc.fresh = append(sc.fresh, id)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("search spans: %w", err)
	}
	sc.rows += rows
	switch {
	case rows < sc.page:
		sc.done = true
	case oldest+1 >= q.End:
		sc.page *= 4 // as many spans in one nanosecond as a page holds
	default:
		sc.query.End = oldest + 1
		sc.page = min(2*sc.page, max(sc.page, maxPage)) // matches of few traces, it seems
	}
	return nil
}

// indexNew looks up the traces that the last page brought.
func (sc *search) indexNew(ctx context.Context) error {
	found, err := sc.store.lookup(ctx, sc.tenant, sc.fresh)
	if err != nil {
		return err
	}
	for id, e := range found {
		sc.index[id] = e
	}
	sc.fresh = sc.fresh[:0]
	return nil
}

// latest returns the n traces with the latest first spans, newest first.
func (sc *search) latest(n int) []*indexEntry {
	all := make([]*indexEntry, 0, len(sc.index))
	for _, e := range sc.index {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b *indexEntry) int {
		if c := cmp.Compare(b.first, a.first); c != 0 {
			return c
		}
		return cmp.Compare(a.id, b.id)
	})
	return all[:min(n, len(all))]
}
