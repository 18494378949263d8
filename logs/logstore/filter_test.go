package logstore

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// texts are values that break naive quoting, tokenising or type guessing.
var texts = []string{
	"", " ", "*", `"`, `\`, "a\"b", "foo", "foobar", "foo bar", "FOO Bar", "foo.bar", "a\nb", "\x00", "\xff", "a\xffb", "a\xfeb", "\xffa", "b\xff\xfe",
	"\ufffd", "a\ufffdb", "☃ snow", "é", "É", "ſ", "0", "1", "-1", "1.5", "4.35", "4.350", "0.3", "1e3", "100", "007", "+5", ".5", "5.", "10s", "1KB", "1.2.3.4",
	"NaN", "inf", "0x10", "1_000", "2024-01-02T03:04:05Z", "18446744073709551616", "9007199254740993", "1e400", "499.5", "500", "500.00",
	"status=500 duration=12ms", `{"a":1}`, "in(a)", "_time:1d", "trace=4bf92f3577b34da6a3ce929d0e0e4736",
}

type generator struct{ *rand.Rand }

func (g generator) text() string {
	s := texts[g.IntN(len(texts))]
	if g.IntN(3) == 0 {
		s += texts[g.IntN(len(texts))]
	}
	return s
}

var names = []string{"app", "env", "level", "m:x", "_msg", "~y", "a b", "p:z", "f:"}

func (g generator) labels(n int) model.Labels {
	ls := []model.Label{{Name: "app", Value: fmt.Sprint("app", g.IntN(3))}}
	for range g.IntN(n) {
		ls = append(ls, model.Label{Name: names[g.IntN(len(names))], Value: g.text()})
	}
	return model.NewLabels(ls...)
}

func (g generator) field() logs.Field {
	switch g.IntN(4) {
	case 0:
		return logs.Field{Kind: logs.Label, Name: names[g.IntN(len(names))]}
	case 1:
		return logs.Field{Kind: logs.Metadata, Name: names[g.IntN(len(names))]}
	case 2:
		return logs.Field{Kind: logs.Parsed, Name: names[g.IntN(3)]}
	}
	return logs.Field{}
}

var expressions = []string{"", "foo", "^foo", "o+$", "^$", "(?i)FOO", "a.b", "(?s)a.b", ".+", "foo|bar", "[0-9]{3}", `\bfoo\b`, `\d+\.\d+`, "☃", "[^a-z]", "500|trace=.*36$", "^.$", "\ufffd", `a\x{fffd}b`}

var bounds = []float64{math.Inf(-1), -1, 0, 0.3, 1, 1.5, 4.35, math.Nextafter(4.35, 5), math.Nextafter(500, 0), 500, math.Nextafter(500, 501), 1e18, math.Inf(1), math.NaN()}

func (g generator) leaf(base int64) logs.Filter {
	f := g.field()
	switch g.IntN(12) {
	case 0, 1, 2:
		return logs.Contains{Field: f, Text: g.text(), FoldCase: g.IntN(4) == 0}
	case 3:
		return logs.MatchRegex{Field: f, Expr: expressions[g.IntN(len(expressions))]}
	case 4:
		return logs.Equals{Field: f, Value: g.text()}
	case 5:
		var vs []string
		for range g.IntN(4) {
			vs = append(vs, g.text())
		}
		return logs.In{Field: f, Values: vs}
	case 6:
		return logs.Exists{Field: f}
	case 7, 8:
		return logs.NumberRange{Field: f, Min: bounds[g.IntN(len(bounds))], Max: bounds[g.IntN(len(bounds))]}
	case 9:
		types := []labels.MatchType{labels.MatchEqual, labels.MatchNotEqual, labels.MatchRegexp, labels.MatchNotRegexp}
		return logs.InStreams{Matchers: []*labels.Matcher{
			labels.MustNewMatcher(types[g.IntN(4)], names[g.IntN(len(names))], []string{"app1", "", "foo", "a"}[g.IntN(4)])}}
	case 10:
		start := base + g.Int64N(100)
		return logs.Within{Start: start, End: start + g.Int64N(50)}
	}
	return logs.HasFormat{Format: logs.Format(g.IntN(3))}
}

func (g generator) filter(base int64, depth int) logs.Filter {
	if depth == 0 || g.IntN(3) == 0 {
		return g.leaf(base)
	}
	switch g.IntN(4) {
	case 0:
		return logs.Not{Filter: g.filter(base, depth-1)}
	case 1:
		and := logs.And{}
		for range g.IntN(4) {
			and = append(and, g.filter(base, depth-1))
		}
		return and
	}
	or := logs.Or{}
	for range g.IntN(4) {
		or = append(or, g.filter(base, depth-1))
	}
	return or
}

// memory is entries as blocks, for a Matcher.
func memory(streams []model.LogStream) (blocks []*logs.Block) {
	for _, st := range streams {
		for _, e := range st.Entries {
			b := &logs.Block{Stream: st.Labels, Times: []int64{e.Time}, Lines: []string{e.Line}, MaybeEqual: []bool{false}}
			for _, l := range e.Metadata {
				b.Metadata = append(b.Metadata, logs.Column{Name: l.Name, Values: []string{l.Value}})
			}
			blocks = append(blocks, b)
		}
	}
	return blocks
}

// flat is an entry as one text.
func flat(b *logs.Block, i int) string {
	return fmt.Sprintf("%d %s %q", b.Times[i], b.Stream, b.Lines[i])
}

func matching(t *testing.T, blocks []*logs.Block, f logs.Filter) (out []string) {
	m, err := logs.NewMatcher(f)
	require.NoError(t, err)
	for _, b := range blocks {
		for i, keep := range m.Match(b, nil) {
			if keep {
				out = append(out, flat(b, i))
			}
		}
	}
	slices.Sort(out)
	return out
}

func stored(t *testing.T, s *Store, q logs.Query) (out []string) {
	require.NoError(t, s.Select(context.Background(), tenant.Default, q, func(b *logs.Block) error {
		for i := range b.Times {
			out = append(out, flat(b, i))
		}
		return nil
	}), "%#v", q.Where)
	if q.Limit == 0 {
		slices.Sort(out)
	}
	return out
}

// TestFilters compares the store with a Matcher over random entries and filters.
func TestFilters(t *testing.T) {
	s := newStore(t)
	g := generator{rand.New(rand.NewPCG(3, 14))}
	base := time.Now().Add(-time.Hour).Truncate(time.Second).UnixNano()
	var streams []model.LogStream
	at := base
	for range 40 {
		st := model.LogStream{Labels: g.labels(4)}
		for range 1 + g.IntN(20) {
			st.Entries = append(st.Entries, model.LogEntry{Time: at, Line: g.text(), Metadata: g.labels(5)})
			at += g.Int64N(2) // some at one time
		}
		streams = append(streams, st)
	}
	require.NoError(t, s.Append(context.Background(), tenant.Default, streams))
	blocks := memory(streams)
	require.NoError(t, s.Select(context.Background(), tenant.Default, logs.Query{Start: base, End: at + 1, AllParsed: true}, func(b *logs.Block) error {
		for _, m := range blocks { // how lines are read is not tested here
			for i := range b.Times {
				if flat(b, i) == flat(m, 0) && b.Formats != nil {
					m.Formats = []logs.Format{b.Formats[i]}
					for _, c := range b.Parsed {
						m.Parsed = append(m.Parsed, logs.Column{Name: strings.Clone(c.Name), Values: []string{strings.Clone(c.Values[i])}})
					}
				}
			}
		}
		return nil
	}))
	selected := 0
	for n := range 1500 {
		q := logs.Query{Start: base, End: at + 1, Where: g.filter(base, 3), Metadata: []string{}}
		want := matching(t, blocks, q.Where)
		selected += len(want)
		got := stored(t, s, q)
		if !slices.Equal(want, got) {
			t.Fatalf("filter %#+v: want %d entries\n%s\ngot %d\n%s", q.Where, len(want), strings.Join(want, "\n"), len(got), strings.Join(got, "\n"))
		}
		if n%5 > 0 {
			continue
		}
		groups, err := s.Count(context.Background(), tenant.Default, q, logs.Grouping{By: []logs.Field{{Kind: logs.Label, Name: "app"}}})
		require.NoError(t, err)
		sum := 0
		for _, g := range groups {
			sum += int(g.Entries)
		}
		require.Equal(t, len(want), sum, "%#v", q.Where)
		q.Limit = 7
		newest := stored(t, s, q)
		require.Len(t, newest, min(7, len(want)), "%#v", q.Where)
		for i, line := range newest {
			require.Contains(t, want, line)
			require.True(t, i == 0 || timeOf(line) <= timeOf(newest[i-1]))
		}
		if len(newest) > 0 {
			require.Equal(t, timeOf(slices.MaxFunc(want, func(a, b string) int { return cmp.Compare(timeOf(a), timeOf(b)) })), timeOf(newest[0]))
		}
	}
	require.Greater(t, selected, 10_000, "the filters select too little")
}

func timeOf(flat string) string { return flat[:strings.IndexByte(flat, ' ')] }
