package logstest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// hostile are streams with names, values and lines that a store could trip over.
func (s *store) hostile() []model.LogStream {
	return []model.LogStream{
		{Labels: labelsOf("app", "hostile", "_msg", "a", "_time", "b", "_stream", "c", "~x", "d", "m:n", "e", "l:_msg", "f", "l:x", "g", "p:y", "h", "f:", "i", "é", "ü"),
			Entries: []model.LogEntry{
				{Time: s.base, Line: ""},
				{Time: s.base + 1, Line: "line\nbreak \x00 \xff \"quoted\" {a=\"b\"}\r\n"},
				{Time: s.base + 2, Line: "meta", Metadata: labelsOf("_msg", "x", "app", "y", "m:n", "z", "_stream_id", "1", "a b", "=,}", "b", "\xff\x00")},
				{Time: s.base + 3, Line: strings.Repeat("long ", 20_000)},
			}},
		{Labels: labelsOf("app", "values", "quoted", `a"b\c,d=e{f}`, "space", " "),
			Entries: []model.LogEntry{{Time: s.base + 4, Line: "only line"}, {Time: s.base + 5, Line: "same"}}},
		{Labels: labelsOf("app", "other"), Entries: []model.LogEntry{{Time: s.base + 5, Line: "same"}, {Time: s.base + 5, Line: "not the same"}}},
	}
}

func testRoundTrip(t *testing.T, s *store) {
	streams := s.hostile()
	var want []entry
	for _, st := range streams {
		for _, e := range st.Entries {
			want = append(want, entry{Stream: st.Labels.String(), Time: e.Time, Line: e.Line, Metadata: model.NewLabels(e.Metadata...), MaybeEqual: true})
		}
	}
	s.append(streams...)
	got := s.selected(s.query())
	order := func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Line, b.Line))
	}
	slices.SortFunc(want, order)
	slices.SortFunc(got, order)
	require.Len(t, got, len(want))
	for i := range want {
		if len(want[i].Metadata) == 0 {
			want[i].Metadata = model.Labels{}
		}
		want[i].Parsed = model.Labels{}
		assert.Equal(t, want[i], got[i])
	}
	require.NoError(t, s.w.Append(context.Background(), tenant.Default, nil))
}

func testTenants(t *testing.T, s *store) {
	s.append(s.numbered(3, "app", "web"))
	require.NoError(t, s.w.Append(t.Context(), "other", []model.LogStream{s.numbered(2, "app", "web", "env", "x")}))
	assert.Len(t, s.lines(s.query()), 3)
	for id, want := range map[tenant.ID]int{"other": 2, "unknown": 0} {
		n := 0
		require.NoError(t, s.r.Select(t.Context(), id, s.query(), func(b *logs.Block) error { n += len(b.Times); return nil }))
		assert.Equal(t, want, n, id)
		groups, err := s.r.Count(t.Context(), id, s.query(), logs.Grouping{})
		require.NoError(t, err)
		require.Len(t, groups, min(want, 1), id)
		series, err := s.r.Series(t.Context(), id, s.query(), 0)
		require.NoError(t, err)
		assert.Len(t, series, min(want, 1), id)
	}
	names, err := s.r.LabelNames(t.Context(), tenant.Default, s.query())
	require.NoError(t, err)
	assert.Equal(t, []string{"app"}, names)
}

// testRefusal wants a batch stored whole or not at all, and a query that has ended
// to say so.
func testRefusal(t *testing.T, s *store) {
	bad := s.numbered(3, "app", "web")
	bad.Entries[2].Metadata = labelsOf(strings.Repeat("n", 500), "x")
	require.Error(t, s.w.Append(t.Context(), tenant.Default, []model.LogStream{bad}))
	assert.Empty(t, s.lines(s.query()))

	s.append(s.numbered(3, "app", "web"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.r.Select(ctx, tenant.Default, s.query(), func(*logs.Block) error { return nil }), context.Canceled)
	_, err := s.r.Count(ctx, tenant.Default, s.query(), logs.Grouping{})
	require.ErrorIs(t, err, context.Canceled)

	q := s.query()
	q.Where = logs.MatchRegex{Expr: "("}
	require.Error(t, s.r.Select(t.Context(), tenant.Default, q, func(*logs.Block) error { return nil }))
	q.Start, q.End, q.Where = q.End, q.Start, nil
	assert.Empty(t, s.lines(q))
}

func testLines(t *testing.T, s *store) {
	st := model.LogStream{Labels: labelsOf("app", "web")}
	for i := range int64(100) {
		line := "GET /a"
		if i%10 == 3 {
			line = "POST /b\nsecond"
		}
		st.Entries = append(st.Entries, model.LogEntry{Time: s.base + i, Line: line})
	}
	s.append(st)
	for _, c := range []struct {
		filters []logs.LineFilter
		want    int
	}{
		{nil, 100},
		{[]logs.LineFilter{{Text: "POST"}}, 10},
		{[]logs.LineFilter{{Text: "POST", Not: true}}, 90},
		{[]logs.LineFilter{{Regex: "P.*b"}}, 10},
		{[]logs.LineFilter{{Regex: "b.s"}}, 0},
		{[]logs.LineFilter{{Regex: "(?s)b.s"}}, 10},
		{[]logs.LineFilter{{Text: "/"}, {Regex: "^GET"}}, 90},
		{[]logs.LineFilter{{Text: "post"}}, 0},
		{[]logs.LineFilter{{Text: ""}}, 100},
	} {
		q := s.query()
		q.Lines = c.filters
		assert.Len(t, s.lines(q), c.want, "%v", c.filters)
		groups, err := s.r.Count(t.Context(), tenant.Default, q, logs.Grouping{})
		require.NoError(t, err)
		require.Len(t, groups, min(1, c.want), "%v", c.filters)
		if c.want > 0 {
			assert.EqualValues(t, c.want, groups[0].Entries, "%v", c.filters)
		}
	}
}

// testColumns reads no more than what was asked for.
func testColumns(t *testing.T, s *store) {
	st := model.LogStream{Labels: labelsOf("app", "web"), Entries: []model.LogEntry{
		{Time: s.base, Line: `{"user":"anna","n":1}`, Metadata: labelsOf("trace", "1", "level", "info")},
		{Time: s.base + 1, Line: `{"user":"bo"}`, Metadata: labelsOf("trace", "2")},
	}}
	s.append(st)
	for _, c := range []struct {
		change   func(*logs.Query)
		line     bool
		metadata model.Labels
		parsed   model.Labels
		format   logs.Format
	}{
		{func(*logs.Query) {}, true, labelsOf("level", "info", "trace", "1"), nil, logs.Raw},
		{func(q *logs.Query) { q.NoLines = true }, false, labelsOf("level", "info", "trace", "1"), nil, logs.Raw},
		{func(q *logs.Query) { q.Metadata = []string{} }, true, nil, nil, logs.Raw},
		{func(q *logs.Query) { q.Metadata = []string{"level", "none"}; q.NoLines = true }, false, labelsOf("level", "info"), nil, logs.Raw},
		{func(q *logs.Query) { q.Parsed = []string{"user", "none"} }, true, labelsOf("level", "info", "trace", "1"), labelsOf("user", "anna"), logs.JSON},
		{func(q *logs.Query) { q.Parsed = []string{}; q.Metadata = []string{} }, true, nil, nil, logs.JSON},
		{func(q *logs.Query) { q.AllParsed = true; q.Metadata = []string{"trace"}; q.NoLines = true }, false, labelsOf("trace", "1"), labelsOf("n", "1", "user", "anna"), logs.JSON},
	} {
		for _, where := range []logs.Filter{nil, logs.Contains{Text: "\xff"}, logs.Not{Filter: logs.Contains{Field: logs.Field{Kind: logs.Parsed, Name: "n"}, Text: "\xff"}}} {
			q := s.query()
			q.Where = where
			c.change(&q)
			got := s.selected(q)
			if _, none := where.(logs.Contains); none {
				require.Empty(t, got)
				continue
			}
			require.Len(t, got, 2)
			e := got[slices.IndexFunc(got, func(e entry) bool { return e.Time == s.base })]
			assert.Equal(t, c.line, e.Line != "", "%#v", q)
			assert.Equal(t, c.metadata.String(), e.Metadata.String(), "%#v", q)
			assert.Equal(t, c.parsed.String(), e.Parsed.String(), "%#v", q)
			assert.Equal(t, c.format, e.Format, "%#v", q)
		}
	}
}

// testBounds asks for ranges of single nanoseconds, around times that are round too.
func testBounds(t *testing.T, s *store) {
	st := model.LogStream{Labels: labelsOf("app", "web")}
	var times []int64
	for _, center := range []int64{0, 1000, 1e6, 1e9, 60e9, 61e9 + 100e6} {
		for d := int64(-2); d <= 2; d++ {
			times = append(times, s.base+minute+center+d)
		}
	}
	for _, at := range times {
		st.Entries = append(st.Entries, model.LogEntry{Time: at, Line: fmt.Sprint(at)})
	}
	s.append(st)
	for i, start := range times {
		for _, end := range times[i:] {
			var want []string
			for _, at := range times {
				if at >= start && at < end {
					want = append(want, fmt.Sprint(at))
				}
			}
			q := logs.Query{Start: start, End: end}
			require.Equal(t, want, s.lines(q), "%d to %d", start, end)
			groups, err := s.r.Count(t.Context(), tenant.Default, q, logs.Grouping{})
			require.NoError(t, err)
			require.Len(t, groups, min(1, len(want)))
			if len(want) > 0 {
				require.EqualValues(t, len(want), groups[0].Entries)
			}
		}
	}
}

// testOneTime wants entries of one time in the order in which they were appended.
func (s *store) testOneTime() {
	s.t.Helper()
	var want []string
	for i := range 30 {
		st := model.LogStream{Labels: labelsOf("app", "one time", "n", fmt.Sprint(i%2))}
		for j := range 3 {
			line := fmt.Sprintf("%d.%d", i, (j*7+5)%3)
			st.Entries = append(st.Entries, model.LogEntry{Time: s.base + 9*minute, Line: line})
			want = append(want, line)
		}
		s.append(st)
	}
	for _, forward := range []bool{false, true} {
		q := s.query()
		q.Matchers, q.Forward = []*labels.Matcher{match("app", "one time")}, forward
		for _, q.Limit = range []int{10, len(want)} {
			var got []string
			for _, e := range s.selected(q) {
				got = append(got, e.Line)
			}
			require.Equal(s.t, want[:q.Limit], got)
		}
	}
}

// testLimits wants the newest or oldest entries, in order, over streams.
func testLimits(t *testing.T, s *store) {
	const n = 3000
	a, b := s.numbered(n, "app", "a"), s.numbered(n, "app", "b")
	for i := range b.Entries { // between those of a; a long gap before the last
		b.Entries[i].Time += int64(time.Millisecond) / 2
	}
	b.Entries[n-1].Time += 5 * minute
	s.append(a, b)
	var times []int64
	for _, e := range slices.Concat(a.Entries, b.Entries) {
		times = append(times, e.Time)
	}
	slices.Sort(times)
	for _, limit := range []int{1, 2, 100, 2500, 2*n - 1, 2 * n, 2*n + 10} {
		for _, forward := range []bool{false, true} {
			q := s.query()
			q.Limit, q.Forward, q.Parallel = limit, forward, true
			want := slices.Clone(times)
			if !forward {
				slices.Reverse(want)
			}
			want = want[:min(limit, len(want))]
			var got []int64
			for _, e := range s.selected(q) {
				got = append(got, e.Time)
			}
			require.Equal(t, want, got, "limit %d, forward %t", limit, forward)
		}
	}
	s.testOneTime()

	q := s.query()
	q.Limit, q.Lines = 5, []logs.LineFilter{{Text: "line 17"}, {Text: "line 171", Not: true}}
	q.Matchers = []*labels.Matcher{match("app", "a")}
	assert.Equal(t, []string{"line 1795", "line 1796", "line 1797", "line 1798", "line 1799"}, s.lines(q))
}
