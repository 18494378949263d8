package tail

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

const (
	// maxReading bounds how many readers look at the past at the same time.
	maxReading = 4
	// readTimeout bounds one look at the past.
	readTimeout = time.Minute
	// ahead is how far in the future entries may be that clients with a wrong clock
	// sent.
	ahead = 24 * time.Hour
)

// source reads from the store what a reader gets of the past, as the reader's query
// shows it.
type source struct {
	hub    *Hub
	tenant tenant.ID
	reader logs.Reader
	query  logs.Query
	whole  bool // nothing remains to be done for the matcher
	// numbered says that the reader knows the store's numbers.
	numbered bool
	matcher  *logql.Matcher
	sets     labelSets
	meta     model.Labels
}

func newSource(h *Hub, t tenant.ID, r logs.Reader, q *logql.LogExpr) (source, error) {
	m, err := logql.NewMatcher(q)
	if err != nil {
		return source{}, err
	}
	s := source{hub: h, tenant: t, reader: r, matcher: m}
	s.query, s.whole = logql.Preselect(q)
	if n, ok := r.(logs.Numbered); ok {
		err = n.SelectNumbered(context.Background(), t, s.query, 1, 1, nil) // nothing, or why not
		s.numbered = err == nil
	}
	return s, nil
}

// between calls emit for each line with a number in (after, upTo] and its number, in
// no order; upTo 0 reads without numbers.
func (s *source) between(ctx context.Context, q logs.Query, after, upTo uint64, emit func(*Line, uint64) error) error {
	select {
	case s.hub.reading <- struct{}{}:
		defer func() { <-s.hub.reading }()
	case <-ctx.Done():
		return ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	block := func(b *logs.Block, numbers []uint64) error {
		for i := range b.Times {
			line := s.line(b, i)
			if line == nil {
				continue
			}
			var n uint64
			if numbers != nil {
				n = numbers[i]
			}
			if err := emit(line, n); err != nil {
				return err
			}
		}
		return nil
	}
	if upTo == 0 {
		return s.reader.Select(ctx, s.tenant, q, func(b *logs.Block) error { return block(b, nil) })
	}
	numbered, ok := s.reader.(logs.Numbered)
	if !ok {
		return logs.ErrNotNumbered
	}
	return numbered.SelectNumbered(ctx, s.tenant, q, after, upTo, block)
}

// line returns the i-th entry of a block as the query shows it, nil if it does not.
func (s *source) line(b *logs.Block, i int) *Line {
	if s.matcher.LineOnly() && !s.matcher.KeepsLine(b.Lines[i]) {
		return nil
	}
	s.meta = s.meta[:0]
	for _, c := range b.Metadata {
		if c.Values[i] != "" {
			s.meta = append(s.meta, model.Label{Name: c.Name, Value: c.Values[i]})
		}
	}
	slices.SortFunc(s.meta, func(a, b model.Label) int { return strings.Compare(a.Name, b.Name) })
	ls, text, ok := s.matcher.Entry(b.Stream, &model.LogEntry{Time: b.Times[i], Line: b.Lines[i], Metadata: s.meta})
	if !ok {
		return nil
	}
	return newLine(s.sets.get(ls), b.Times[i], text)
}

// newest returns the newest limit entries since start that were published at p, the
// oldest first. Equal entries of a stream are one, as in Loki's answers.
func (s *source) newest(ctx context.Context, p *Position, start int64, limit int) ([]*Line, error) {
	if limit <= 0 || !p.unnumbered && p.top() == 0 {
		return nil, nil
	}
	n := newestLines{limit: limit, bytes: int64(s.hub.cfg.BufferBytes)}
	end := now() + int64(time.Second)
	read := func(q logs.Query) error {
		return s.between(ctx, q, 0, p.top(), func(l *Line, number uint64) error {
			if p.unnumbered || p.has(number) {
				n.add(l)
			}
			return nil
		})
	}
	q := s.query
	if s.whole {
		q.Start, q.End, q.Limit = start, end, limit
		if err := read(q); err != nil {
			return nil, err
		}
		return n.sorted(), nil
	}
	// Each window is wider than the one before: most readers want the last lines of
	// something that has many.
	begin := now()
	for age := int64(10 * time.Second); end > start && !n.full(); age = 4 * min(age, int64(30*24*time.Hour)) {
		q.Start, q.End = max(start, begin-age), end
		if err := read(q); err != nil {
			return nil, err
		}
		end = q.Start
	}
	return n.sorted(), nil
}

// newestLines keeps the newest lines, bounded in number and bytes.
type newestLines struct {
	limit int
	bytes int64
	lines []*Line
	held  int64
}

func (n *newestLines) add(l *Line) {
	n.lines = append(n.lines, l)
	n.held += l.charge()
	if len(n.lines) >= 2*n.limit || n.held >= 2*n.bytes {
		n.trim()
	}
}

func (n *newestLines) full() bool { return len(n.lines) >= n.limit || n.held >= n.bytes }

func (n *newestLines) trim() {
	slices.SortStableFunc(n.lines, func(a, b *Line) int { return cmp.Compare(b.Time, a.Time) })
	n.lines = slices.CompactFunc(n.lines, equalLines)
	n.held = 0
	for i, l := range n.lines {
		if n.held += l.charge(); i == n.limit || n.held > n.bytes && i > 0 {
			n.held -= l.charge()
			clear(n.lines[i:])
			n.lines = n.lines[:i]
			return
		}
	}
}

func (n *newestLines) sorted() []*Line {
	n.trim()
	slices.Reverse(n.lines)
	return n.lines
}

func equalLines(a, b *Line) bool {
	return a.Time == b.Time && string(a.JSON) == string(b.JSON) && string(a.Labels.JSON) == string(b.Labels.JSON)
}
