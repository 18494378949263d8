package logql

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// memStore is a logs.Reader over entries in memory, the test double of the
// store: the language's scripts run without an engine. Its blocks have three
// rows at most, so that queries see many.
type memStore struct {
	streams []model.LogStream
}

const memBlock = 3

func (m *memStore) Select(_ context.Context, _ tenant.ID, q logs.Query, emit func(*logs.Block) error) error {
	type row struct {
		stream model.Labels
		entry  model.LogEntry
	}
	var rows []row
	for _, s := range m.streams {
		if !selects(q, s.Labels) {
			continue
		}
		for _, e := range s.Entries {
			if e.Time >= q.Start && e.Time < q.End && passes(q.Lines, e.Line) {
				rows = append(rows, row{s.Labels, e})
			}
		}
	}
	if q.Limit > 0 {
		slices.SortStableFunc(rows, func(a, b row) int {
			if q.Forward {
				return int(a.entry.Time - b.entry.Time)
			}
			return int(b.entry.Time - a.entry.Time)
		})
		rows = rows[:min(len(rows), q.Limit)]
	}
	for len(rows) > 0 {
		b := &logs.Block{Stream: rows[0].stream}
		n := 0
		for n < len(rows) && n < memBlock && compareLabels(rows[n].stream, b.Stream) == 0 {
			b.Times = append(b.Times, rows[n].entry.Time)
			b.Lines = append(b.Lines, rows[n].entry.Line)
			n++
		}
		for i, r := range rows[:n] {
			for _, l := range r.entry.Metadata {
				c := slices.IndexFunc(b.Metadata, func(c logs.Column) bool { return c.Name == l.Name })
				if c < 0 {
					c = len(b.Metadata)
					b.Metadata = append(b.Metadata, logs.Column{Name: l.Name, Values: make([]string, n)})
				}
				b.Metadata[c].Values[i] = l.Value
			}
		}
		if q.NoLines {
			b.Lines = nil
		}
		if q.Metadata != nil {
			b.Metadata = slices.DeleteFunc(b.Metadata, func(c logs.Column) bool { return !slices.Contains(q.Metadata, c.Name) })
		}
		if err := emit(b); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func selects(q logs.Query, ls model.Labels) bool {
	for _, m := range q.Matchers {
		if !m.Matches(ls.Get(m.Name)) {
			return false
		}
	}
	return true
}

func passes(filters []logs.LineFilter, line string) bool {
	for _, f := range filters {
		ok := strings.Contains(line, f.Text)
		if f.Regex != "" {
			ok = regexp.MustCompile("(?s)" + f.Regex).MatchString(line)
		}
		if ok == f.Not {
			return false
		}
	}
	return true
}

func (m *memStore) Count(ctx context.Context, t tenant.ID, q logs.Query, _ logs.Grouping) ([]logs.Group, error) {
	var g logs.Group
	err := m.Select(ctx, t, q, func(b *logs.Block) error {
		g.Entries += uint64(len(b.Times))
		return nil
	})
	return []logs.Group{g}, err
}

func (m *memStore) LabelNames(context.Context, tenant.ID, logs.Query) ([]string, error) {
	panic("BUG: not asked by the language")
}

func (m *memStore) LabelValues(context.Context, tenant.ID, logs.Query, string) ([]string, error) {
	panic("BUG: not asked by the language")
}

func (m *memStore) Series(context.Context, tenant.ID, logs.Query, int) ([]model.Labels, error) {
	panic("BUG: not asked by the language")
}
