package logql

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// memStore is a logs.Reader over entries in memory, the test double of the
// store: the language's scripts run without an engine. It reads lines as a store
// does at ingest. Its blocks have three rows at most, so that queries see many.
type memStore struct {
	streams []model.LogStream
	// refuse says of which lines no fields are kept, and suspect of which distinct
	// entries MaybeEqual holds too; nil: none.
	refuse, suspect func(line string) bool

	mu     sync.Mutex
	loaded int // of streams, in rows
	rows   []memRow
	counts int // calls of Count
}

type memRow struct {
	stream model.Labels
	model.LogEntry
	format logs.Format
	parsed []model.Label
	late   bool
}

const memBlock = 3

func (m *memStore) load() []memRow {
	m.mu.Lock()
	defer m.mu.Unlock()
	type identity struct {
		stream, line string
		time         int64
	}
	seen := map[identity]bool{}
	n := 0
	for _, s := range m.streams {
		n += len(s.Entries)
	}
	if n == m.loaded {
		return m.rows
	}
	m.rows, m.loaded = nil, n
	for _, s := range m.streams {
		for _, e := range s.Entries {
			r := memRow{stream: s.Labels, LogEntry: e}
			if m.refuse == nil || !m.refuse(e.Line) {
				r.format, r.parsed = readLine(e.Line)
			}
			id := identity{labelsKey(s.Labels), e.Line, e.Time}
			r.late = seen[id] || m.suspect != nil && m.suspect(e.Line)
			seen[id] = true
			m.rows = append(m.rows, r)
		}
	}
	return m.rows
}

// readLine reads a line as the contract of logs.Format says: with the language's
// own stages. What cannot be kept in columns stays Raw.
func readLine(line string) (logs.Format, []model.Label) {
	e := entry{line: line}
	e.labels.hints = &hints{}
	e.labels.reset(nil)
	exact := func() bool {
		return e.labels.err == "" && len(e.labels.parsed) > 0 &&
			!slices.ContainsFunc(e.labels.parsed, func(l model.Label) bool { return l.Value == "" || strings.HasPrefix(l.Name, "__") })
	}
	if strings.HasPrefix(line, "{") {
		(&jsonStage{names: nameCache{}}).process(&e)
		if exact() {
			return logs.JSON, cloneLabels(e.labels.parsed)
		}
		return logs.Raw, nil
	}
	(&logfmtStage{names: nameCache{}}).process(&e)
	if strings.Contains(line, "=") && exact() {
		return logs.Logfmt, cloneLabels(e.labels.parsed)
	}
	return logs.Raw, nil
}

// block makes a block of rows of one stream with everything in it.
func memBlockOf(rows []memRow) *logs.Block {
	b := &logs.Block{Stream: rows[0].stream}
	for i, r := range rows {
		b.Times = append(b.Times, r.Time)
		b.Lines = append(b.Lines, r.Line)
		b.Formats = append(b.Formats, r.format)
		b.MaybeEqual = append(b.MaybeEqual, r.late)
		for _, l := range r.Metadata {
			b.Metadata = putColumn(b.Metadata, l, i, len(rows))
		}
		for _, l := range r.parsed {
			b.Parsed = putColumn(b.Parsed, l, i, len(rows))
		}
	}
	return b
}

func putColumn(cs []logs.Column, l model.Label, i, n int) []logs.Column {
	c := slices.IndexFunc(cs, func(c logs.Column) bool { return c.Name == l.Name })
	if c < 0 {
		c = len(cs)
		cs = append(cs, logs.Column{Name: l.Name, Values: make([]string, n)})
	}
	cs[c].Values[i] = l.Value
	return cs
}

// matching returns the rows that a query selects.
func (m *memStore) matching(q logs.Query) ([]memRow, error) {
	filter, err := logs.NewMatcher(q.Filter())
	if err != nil {
		return nil, err
	}
	var out []memRow
	for _, r := range m.load() {
		if r.Time >= q.Start && r.Time < q.End && selects(q, r.stream) && filter.Match(memBlockOf([]memRow{r}), nil)[0] {
			out = append(out, r)
		}
	}
	return out, nil
}

func (m *memStore) Select(_ context.Context, _ tenant.ID, q logs.Query, emit func(*logs.Block) error) error {
	rows, err := m.matching(q)
	if err != nil {
		return err
	}
	if q.Limit > 0 {
		slices.SortStableFunc(rows, func(a, b memRow) int {
			if q.Forward {
				return cmp.Compare(a.Time, b.Time)
			}
			return cmp.Compare(b.Time, a.Time)
		})
		rows = rows[:min(len(rows), q.Limit)]
	}
	var blocks []*logs.Block
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && n < memBlock && compareLabels(rows[n].stream, rows[0].stream) == 0 {
			n++
		}
		blocks = append(blocks, trimmed(memBlockOf(rows[:n]), q))
		rows = rows[n:]
	}
	workers := 1
	if q.Parallel && q.Limit == 0 {
		workers = 3
	}
	return emitAll(blocks, workers, emit)
}

// emitAll calls emit from several goroutines.
func emitAll(blocks []*logs.Block, workers int, emit func(*logs.Block) error) error {
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(blocks) && errs[w] == nil; i += workers {
				blocks[i].Worker = w
				errs[w] = emit(blocks[i])
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil && !errors.Is(err, logs.ErrStop) {
			return err
		}
	}
	return nil
}

// trimmed leaves what a query asked for.
func trimmed(b *logs.Block, q logs.Query) *logs.Block {
	if q.NoLines {
		b.Lines = nil
	}
	if q.Metadata != nil {
		b.Metadata = slices.DeleteFunc(b.Metadata, func(c logs.Column) bool { return !slices.Contains(q.Metadata, c.Name) })
	}
	if !q.AllParsed {
		b.Parsed = slices.DeleteFunc(b.Parsed, func(c logs.Column) bool { return !slices.Contains(q.Parsed, c.Name) })
		if q.Parsed == nil {
			b.Formats = nil
		}
	}
	if !q.MaybeEqual {
		b.MaybeEqual = nil
	}
	return b
}

func selects(q logs.Query, ls model.Labels) bool {
	for _, m := range q.Matchers {
		if !m.Matches(ls.Get(m.Name)) {
			return false
		}
	}
	return true
}

func (r *memRow) value(f logs.Field) string {
	switch f.Kind {
	case logs.Line:
		return r.Line
	case logs.Label:
		return r.stream.Get(f.Name)
	case logs.Metadata:
		v, _ := find(r.Metadata, f.Name)
		return v
	default:
		v, _ := find(r.parsed, f.Name)
		return v
	}
}

func (m *memStore) Count(_ context.Context, _ tenant.ID, q logs.Query, g logs.Grouping) ([]logs.Group, error) {
	m.mu.Lock()
	m.counts++
	m.mu.Unlock()
	rows, err := m.matching(q)
	if err != nil {
		return nil, err
	}
	groups := map[string]*logs.Group{}
	var out []*logs.Group
	for _, r := range rows {
		at := int64(0)
		if g.Step > 0 {
			at = g.Offset + floorDiv(r.Time-g.Offset, g.Step)*g.Step
		}
		by := make([]string, len(g.By))
		for i, f := range g.By {
			by[i] = r.value(f)
		}
		x := groups[groupKey(at, by)]
		if x == nil {
			x = &logs.Group{Time: at, By: by}
			groups[groupKey(at, by)] = x
			out = append(out, x)
		}
		x.Entries++
		if g.Bytes {
			x.Bytes += uint64(len(r.Line))
		}
		if g.Number != nil {
			addNumber(x, r.value(*g.Number))
		}
	}
	all := make([]logs.Group, len(out))
	for i := range out {
		all[i] = *out[i]
	}
	return all, nil
}

func addNumber(x *logs.Group, text string) {
	n, ok := logs.ParseNumber(text)
	if !ok {
		return
	}
	if x.Numbers == 0 || n < x.Min {
		x.Min = n
	}
	if x.Numbers == 0 || n > x.Max {
		x.Max = n
	}
	x.Numbers++
	x.Sum += n
}

func (m *memStore) LabelNames(context.Context, tenant.ID, logs.Query) ([]string, error) {
	panic("BUG: not asked by the language")
}

func (m *memStore) LabelValues(context.Context, tenant.ID, logs.Query, string) ([]string, error) {
	panic("BUG: not asked by the language")
}

func (m *memStore) Series(_ context.Context, _ tenant.ID, q logs.Query, limit int) (out []model.Labels, _ error) {
	q.Where, q.Lines = nil, nil
	rows, err := m.matching(q)
	for _, r := range rows {
		if !slices.ContainsFunc(out, func(ls model.Labels) bool { return compareLabels(ls, r.stream) == 0 }) && (limit == 0 || len(out) < limit) {
			out = append(out, r.stream)
		}
	}
	return out, err
}
