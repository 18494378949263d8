package tracestore

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces"
)

// GetTraces implements traces.Reader.
func (s *Store) GetTraces(ctx context.Context, t tenant.ID, ids []pcommon.TraceID) ([]traces.Trace, error) {
	names := make([]string, 0, len(ids))
	for _, id := range ids {
		if n := hexTrace(id); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	index, err := s.lookup(ctx, t, names)
	if err != nil {
		return nil, err
	}
	entries := make([]*indexEntry, 0, len(index))
	for _, n := range names {
		if e := index[n]; e != nil {
			entries = append(entries, e)
		}
	}
	return s.fetch(ctx, t, entries)
}

// fetch reads the spans of traces; those without spans are left out.
func (s *Store) fetch(ctx context.Context, t tenant.ID, entries []*indexEntry) ([]traces.Trace, error) {
	c := &collection{traces: make(map[string]*rawTrace, len(entries)), maxSpans: s.cfg.MaxSpansPerTrace, maxBytes: s.cfg.MaxAnswerBytes}
	for _, w := range windows(entries) {
		q := rowstore.Query{
			Start:   w.min,
			End:     after(w.max),
			Streams: spanStreams(),
			Filter:  rowstore.In{Name: colTraceID, Values: w.ids},

			Sequence: true,
		}
		if err := s.rows.Query(ctx, t, q, c.add); err != nil {
			return nil, fmt.Errorf("read spans of %d traces: %w", len(entries), err)
		}
	}
	out := make([]traces.Trace, 0, len(entries))
	for _, e := range entries {
		raw := c.traces[e.id]
		if raw == nil {
			continue
		}
		tr, err := raw.ordered(e.id)
		if err != nil {
			return nil, err
		}
		out = append(out, tr)
	}
	return out, nil
}

// spanStreams selects the rows that are spans.
func spanStreams(more ...rowstore.StreamMatcher) []rowstore.StreamMatcher {
	return append([]rowstore.StreamMatcher{{Name: streamService, Op: rowstore.NotEqual, Value: ""}}, more...)
}

// after is the exclusive end of a range that includes ns.
func after(ns int64) int64 {
	if ns == math.MaxInt64 {
		return ns
	}
	return ns + 1
}

// collection gathers spans by trace, up to its bounds.
type collection struct {
	traces             map[string]*rawTrace
	maxSpans, maxBytes int
	bytes              int
}

type rawTrace struct {
	spans              []rawSpan
	overSpans, overAll int // spans left out, by the bound that they exceeded
}

type rawSpan struct {
	received uint64
	td       ptrace.Traces
}

func (c *collection) add(b *rowstore.Block) error {
	ids, received := b.Column(colTraceID), b.Column(rowstore.SequenceColumn)
	if ids == nil || received == nil {
		return fmt.Errorf("span rows lack columns")
	}
	reader := newSpanReader(b)
	for i, id := range ids {
		raw := c.traces[id]
		if raw == nil {
			raw = &rawTrace{}
			c.traces[strings.Clone(id)] = raw
		}
		size := reader.size(i)
		switch {
		case len(raw.spans) >= c.maxSpans:
			raw.overSpans++
			continue
		case c.bytes+size > c.maxBytes:
			raw.overAll++
			continue
		}
		n, err := strconv.ParseUint(received[i], 10, 64)
		if err != nil {
			return fmt.Errorf("read span row: %w", err)
		}
		td, err := reader.span(i)
		if err != nil {
			return fmt.Errorf("read a span of trace %s: %w", id, err)
		}
		c.bytes += size
		raw.spans = append(raw.spans, rawSpan{n, td})
	}
	return nil
}

// ordered returns the spans in the order in which they were received.
func (r *rawTrace) ordered(id string) (traces.Trace, error) {
	tr := traces.Trace{Spans: ptrace.NewTraces()}
	if n, err := hex.Decode(tr.ID[:], []byte(id)); err != nil || n != len(tr.ID) {
		return tr, fmt.Errorf("trace index holds a malformed id %.40q", id)
	}
	slices.SortFunc(r.spans, func(a, b rawSpan) int { return cmp.Compare(a.received, b.received) })
	tr.Spans.ResourceSpans().EnsureCapacity(len(r.spans))
	for _, raw := range r.spans {
		raw.td.ResourceSpans().MoveAndAppendTo(tr.Spans.ResourceSpans())
	}
	switch {
	case r.overSpans > 0:
		tr.Incomplete = overSpans(r.overSpans+r.overAll, len(r.spans))
	case r.overAll > 0:
		tr.Incomplete = overAll(r.overAll)
	}
	return tr, nil
}
