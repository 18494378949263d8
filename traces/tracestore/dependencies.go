package tracestore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces"
)

// Dependencies implements traces.Reader. It reads identifiers only, not spans:
// first which traces have a span in the range, then all spans of these.
func (s *Store) Dependencies(ctx context.Context, t tenant.ID, start, end int64) (traces.Dependencies, error) {
	if end <= start {
		return traces.Dependencies{}, nil
	}
	ids, incomplete, err := s.tracesBetween(ctx, t, start, end)
	if err != nil {
		return traces.Dependencies{}, err
	}
	index, err := s.lookup(ctx, t, ids)
	if err != nil {
		return traces.Dependencies{}, err
	}
	entries := make([]*indexEntry, 0, len(index))
	for _, e := range index {
		entries = append(entries, e)
	}
	g := newGraph(index)
	for _, w := range windows(entries) {
		q := rowstore.Query{
			Start:   w.min,
			End:     after(w.max),
			Streams: spanStreams(),
			Columns: []string{colTraceID, colLink},

			Sequence: true,
		}
		if err := s.rows.Query(ctx, t, q, g.add); err != nil {
			return traces.Dependencies{}, fmt.Errorf("read calls: %w", err)
		}
	}
	return traces.Dependencies{Links: g.links(), Incomplete: incomplete}, nil
}

// tracesBetween returns the traces with a span that started in [start, end), the
// latest ones if there are too many spans.
func (s *Store) tracesBetween(ctx context.Context, t tenant.ID, start, end int64) ([]string, string, error) {
	seen := map[string]bool{}
	var ids []string
	rows, oldest := 0, end
	q := rowstore.Query{Start: start, End: end, Streams: spanStreams(), Columns: []string{colTraceID}, Limit: s.cfg.MaxDependencySpans}
	err := s.rows.Query(ctx, t, q, func(b *rowstore.Block) error {
		column := b.Column(colTraceID)
		rows += len(column)
		for i, id := range column {
			oldest = min(oldest, b.Times[i])
			if !seen[id] {
				id = strings.Clone(id)
				seen[id] = true
				ids = append(ids, id)
			}
		}
		return nil
	})
	if err != nil {
		return nil, "", fmt.Errorf("find traces of the range: %w", err)
	}
	if rows < s.cfg.MaxDependencySpans {
		return ids, "", nil
	}
	return ids, fmt.Sprintf("calls are counted from the latest %d spans only (max_dependency_spans)", rows), nil
}

// graph joins spans with their parents.
type graph struct {
	wanted   map[string]*indexEntry
	services map[string]string // one copy of each name
	spans    map[string]map[string]caller
	calls    []call
}

// caller is a span that may be a parent. Where two spans of a trace share an id
// (client and server of Zipkin), the one received first counts, as in Jaeger.
type caller struct {
	service  string
	received uint64
}

type call struct{ trace, parent, service string }

func newGraph(wanted map[string]*indexEntry) *graph {
	return &graph{wanted: wanted, services: map[string]string{}, spans: make(map[string]map[string]caller, len(wanted))}
}

func (g *graph) add(b *rowstore.Block) error {
	service := ""
	for _, f := range b.Stream {
		if f.Name == streamService {
			service = f.Value
		}
	}
	if kept, ok := g.services[service]; ok {
		service = kept
	} else {
		service = strings.Clone(service)
		g.services[service] = service
	}
	ids, links, received := b.Column(colTraceID), b.Column(colLink), b.Column(rowstore.SequenceColumn)
	for i, id := range ids {
		entry := g.wanted[id]
		if entry == nil {
			continue
		}
		n, err := strconv.ParseUint(valueAt(received, i), 10, 64)
		if err != nil {
			return fmt.Errorf("read span row: %w", err)
		}
		link, err := parseLink(valueAt(links, i))
		if err != nil {
			return err
		}
		g.addSpan(entry.id, link.span, caller{service, n})
		if parent := cmp.Or(link.parent, link.caller); parent != "" {
			g.calls = append(g.calls, call{entry.id, strings.Clone(parent), service})
		}
	}
	return nil
}

func (g *graph) addSpan(trace, span string, c caller) {
	of := g.spans[trace]
	if of == nil {
		of = map[string]caller{}
		g.spans[trace] = of
	}
	if old, ok := of[span]; !ok {
		of[strings.Clone(span)] = c
	} else if c.received < old.received {
		of[span] = c
	}
}

func valueAt(column []string, i int) string {
	if column == nil {
		return ""
	}
	return column[i]
}

func (g *graph) links() []traces.Link {
	counts := map[[2]string]uint64{}
	for _, c := range g.calls {
		parent, ok := g.spans[c.trace][c.parent]
		if ok && parent.service != c.service {
			counts[[2]string{parent.service, c.service}]++
		}
	}
	out := make([]traces.Link, 0, len(counts))
	for k, n := range counts {
		out = append(out, traces.Link{Parent: k[0], Child: k[1], Calls: n})
	}
	slices.SortFunc(out, func(a, b traces.Link) int {
		return cmp.Or(cmp.Compare(a.Parent, b.Parent), cmp.Compare(a.Child, b.Child))
	})
	return out
}
