package logstest

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// rounds is how many filters testRandom tries.
const rounds = 1500

// testRandom compares the store with a Matcher over random entries, filters and
// groupings.
func testRandom(t *testing.T, s *store) {
	g := generator{rand.New(rand.NewPCG(3, 14))}
	streams, end := g.streams(s.base)
	s.append(streams...)
	// What the entries are, and how their lines were read, testRoundTrip and
	// testParsed check.
	all := logs.Query{Start: s.base, End: end, AllParsed: true, MaybeEqual: true}
	var blocks []*logs.Block
	for _, e := range s.selected(all) {
		blocks = append(blocks, asBlock(e, streams))
	}
	pushed := 0
	for _, st := range streams {
		pushed += len(st.Entries)
	}
	require.Len(t, blocks, pushed)
	selected := 0
	rounds := rounds
	if testing.Short() {
		rounds /= 5
	}
	for n := range rounds {
		q := logs.Query{Start: s.base, End: end, Where: g.filter(s.base, 3), Metadata: []string{}}
		if n%3 == 0 {
			q.Lines = []logs.LineFilter{{Text: g.text(), Not: g.IntN(2) == 0}}
		}
		want := matching(t, blocks, q.Filter())
		selected += len(want)
		q.Parallel = n%2 == 0
		var got []string
		for _, e := range s.selected(q) {
			got = append(got, flat(e.Time, e.Stream, e.Line))
		}
		slices.Sort(got)
		var lines []string
		for _, b := range want {
			lines = append(lines, flat(b.Times[0], b.Stream.String(), b.Lines[0]))
		}
		slices.Sort(lines)
		if !slices.Equal(lines, got) {
			t.Fatalf("lines %v filter %#+v: want %d entries\n%s\ngot %d\n%s", q.Lines, q.Where, len(lines), strings.Join(lines, "\n"), len(got), strings.Join(got, "\n"))
		}
		if n%3 == 0 {
			s.compareCounts(q, want, g.grouping())
		}
		if n%5 == 0 {
			s.compareNewest(q, want, 7)
		}
	}
	require.Greater(t, selected, 10*rounds, "the filters select too little")
}

func flat(time int64, stream, line string) string { return fmt.Sprintf("%d %s %q", time, stream, line) }

// asBlock is a block of one entry.
func asBlock(e entry, streams []model.LogStream) *logs.Block {
	i := slices.IndexFunc(streams, func(st model.LogStream) bool { return st.Labels.String() == e.Stream })
	b := &logs.Block{Stream: streams[i].Labels, Times: []int64{e.Time}, Lines: []string{e.Line},
		Formats: []logs.Format{e.Format}, MaybeEqual: []bool{e.MaybeEqual}}
	for _, l := range e.Metadata {
		b.Metadata = append(b.Metadata, logs.Column{Name: l.Name, Values: []string{l.Value}})
	}
	for _, l := range e.Parsed {
		b.Parsed = append(b.Parsed, logs.Column{Name: l.Name, Values: []string{l.Value}})
	}
	return b
}

func matching(t *testing.T, blocks []*logs.Block, f logs.Filter) (out []*logs.Block) {
	m, err := logs.NewMatcher(f)
	require.NoError(t, err)
	for _, b := range blocks {
		if m.Match(b, nil)[0] {
			out = append(out, b)
		}
	}
	return out
}

// compareCounts compares Count with counting by hand.
func (s *store) compareCounts(q logs.Query, blocks []*logs.Block, g logs.Grouping) {
	s.t.Helper()
	want := map[string]*logs.Group{}
	for _, b := range blocks {
		x := logs.Group{}
		if g.Step > 0 {
			x.Time = b.Times[0] - ((b.Times[0]-g.Offset)%g.Step+g.Step)%g.Step
		}
		for _, f := range g.By {
			x.By = append(x.By, valueOf(b, f))
		}
		key := groupKey(x)
		if want[key] == nil {
			want[key] = &x
		}
		w := want[key]
		w.Entries++
		if g.Bytes {
			w.Bytes += uint64(len(b.Lines[0]))
		}
		if g.Number == nil {
			continue
		}
		if n, ok := logs.ParseNumber(valueOf(b, *g.Number)); ok {
			if w.Numbers == 0 {
				w.Min, w.Max = n, n
			}
			w.Numbers++
			w.Sum += n
			w.Min, w.Max = min(w.Min, n), max(w.Max, n)
		}
	}
	groups, err := s.r.Count(context.Background(), tenant.Default, q, g)
	require.NoError(s.t, err, "%#v by %#v", q.Where, g)
	require.Len(s.t, groups, len(want), "%#v by %#v", q.Where, g)
	for _, x := range groups {
		w := want[groupKey(x)]
		require.NotNil(s.t, w, "%#v: group %#v of %#v", q.Where, x, g)
		if math.Abs(w.Sum-x.Sum) <= 1e-9*math.Abs(w.Sum) { // the order of addition differs
			x.Sum = w.Sum
		}
		if len(x.By) == 0 {
			x.By = nil
		}
		require.Equal(s.t, *w, x, "%#v by %#v", q.Where, g)
	}
}

func groupKey(g logs.Group) string { return fmt.Sprintf("%d %q", g.Time, g.By) }

func valueOf(b *logs.Block, f logs.Field) string {
	column := func(cs []logs.Column) string {
		for _, c := range cs {
			if c.Name == f.Name {
				return c.Values[0]
			}
		}
		return ""
	}
	switch f.Kind {
	case logs.Line:
		return b.Lines[0]
	case logs.Label:
		return b.Stream.Get(f.Name)
	case logs.Metadata:
		return column(b.Metadata)
	}
	return column(b.Parsed)
}

// compareNewest wants the newest entries of those that match.
func (s *store) compareNewest(q logs.Query, blocks []*logs.Block, limit int) {
	s.t.Helper()
	q.Limit = limit
	got := s.selected(q)
	require.Len(s.t, got, min(limit, len(blocks)), "%#v", q.Where)
	left := map[string]int{}
	newest := int64(math.MinInt64)
	for _, b := range blocks {
		left[flat(b.Times[0], b.Stream.String(), b.Lines[0])]++
		newest = max(newest, b.Times[0])
	}
	for i, e := range got {
		key := flat(e.Time, e.Stream, e.Line)
		require.Positive(s.t, left[key], "%#v", q.Where)
		left[key]--
		if i == 0 {
			require.Equal(s.t, newest, e.Time)
		} else {
			require.LessOrEqual(s.t, e.Time, got[i-1].Time)
		}
	}
}
