package archive

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/tenant"
)

// maxGroups bounds what Count holds.
const maxGroups = 500_000

// groups adds up counts.
type groups struct {
	by  logs.Grouping
	m   map[string]*logs.Group
	key []byte
}

func newGroups(g logs.Grouping) *groups { return &groups{by: g, m: map[string]*logs.Group{}} }

// bucket is the begin of the bucket that a time is in.
func bucket(at int64, g logs.Grouping) int64 {
	if g.Step == 0 {
		return 0
	}
	n := (at - g.Offset) / g.Step
	if n*g.Step > at-g.Offset {
		n--
	}
	return n*g.Step + g.Offset
}

// get returns a group by its time and values, a new one if there is none.
func (gs *groups) get(at int64, by []string) (*logs.Group, error) {
	gs.key = fmt.Appendf(gs.key[:0], "%d", at)
	for _, v := range by {
		gs.key = fmt.Appendf(gs.key, " %d:", len(v))
		gs.key = append(gs.key, v...)
	}
	if g, ok := gs.m[string(gs.key)]; ok {
		return g, nil
	}
	if len(gs.m) >= maxGroups {
		return nil, fmt.Errorf("more than %d groups in the archive: group by less or ask for a shorter range", maxGroups)
	}
	g := &logs.Group{Time: at}
	for _, v := range by {
		g.By = append(g.By, strings.Clone(v))
	}
	gs.m[string(gs.key)] = g
	return g, nil
}

// merge adds a finished group.
func (gs *groups) merge(other *logs.Group) error {
	g, err := gs.get(other.Time, other.By)
	if err != nil {
		return err
	}
	g.Entries += other.Entries
	g.Bytes += other.Bytes
	if other.Numbers > 0 {
		if g.Numbers == 0 {
			g.Min, g.Max = other.Min, other.Max
		}
		g.Min, g.Max = min(g.Min, other.Min), max(g.Max, other.Max)
		g.Numbers += other.Numbers
		g.Sum += other.Sum
	}
	return nil
}

// add counts the entries of a block.
func (gs *groups) add(b *logs.Block) error {
	columns := make([]func(int) string, len(gs.by.By))
	for i, f := range gs.by.By {
		columns[i] = valuesOf(b, f)
	}
	var number func(int) string
	if gs.by.Number != nil {
		number = valuesOf(b, *gs.by.Number)
	}
	by := make([]string, len(columns))
	var g *logs.Group
	for i, at := range b.Times {
		at, same := bucket(at, gs.by), g != nil
		for j, value := range columns {
			v := value(i)
			same = same && by[j] == v
			by[j] = v
		}
		if !same || g.Time != at {
			var err error
			if g, err = gs.get(at, by); err != nil {
				return err
			}
		}
		g.Entries++
		if gs.by.Bytes {
			g.Bytes += uint64(len(b.Lines[i]))
		}
		if number != nil {
			addNumber(g, number(i))
		}
	}
	return nil
}

func addNumber(g *logs.Group, text string) {
	n, ok := logs.ParseNumber(text)
	if !ok {
		return
	}
	if g.Numbers == 0 {
		g.Min, g.Max = n, n
	}
	g.Min, g.Max = min(g.Min, n), max(g.Max, n)
	g.Numbers++
	g.Sum += n
}

// valuesOf returns what a block's entries have in a field.
func valuesOf(b *logs.Block, f logs.Field) func(int) string {
	column := func(values []string) func(int) string { return func(i int) string { return values[i] } }
	switch f.Kind {
	case logs.Line:
		return column(b.Lines)
	case logs.Label:
		v := b.Stream.Get(f.Name)
		return func(int) string { return v }
	case logs.Metadata:
		for _, c := range b.Metadata {
			if c.Name == f.Name {
				return column(c.Values)
			}
		}
	}
	return func(int) string { return "" }
}

func (gs *groups) list() []logs.Group {
	out := make([]logs.Group, 0, len(gs.m))
	for _, g := range gs.m {
		out = append(out, *g)
	}
	slices.SortFunc(out, func(a, b logs.Group) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), slices.Compare(a.By, b.By))
	})
	return out
}

// countArchived adds what the archive has for a query.
func (r *reader) countArchived(ctx context.Context, t tenant.ID, q logs.Query, boundary int64, gs *groups) error {
	q.Limit, q.NoLines, q.Metadata, q.Parsed, q.AllParsed, q.MaybeEqual = 0, !gs.by.Bytes, []string{}, nil, false, false
	fields := slices.Clone(gs.by.By)
	if gs.by.Number != nil {
		fields = append(fields, *gs.by.Number)
	}
	for _, f := range fields {
		switch f.Kind {
		case logs.Line:
			q.NoLines = false
		case logs.Metadata:
			q.Metadata = append(q.Metadata, f.Name)
		}
	}
	return r.selectArchived(ctx, t, q, boundary, gs.add)
}
