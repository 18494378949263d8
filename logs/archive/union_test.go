package archive

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
)

func match(kind labels.MatchType, name, value string) *labels.Matcher {
	return labels.MustNewMatcher(kind, name, value)
}

// queries are questions of every kind, over a range.
func queries(start, end int64) map[string]logs.Query {
	base := logs.Query{Start: start, End: end}
	with := func(f func(q *logs.Query)) logs.Query { q := base; f(&q); return q }
	trace := logs.Field{Kind: logs.Metadata, Name: "trace_id"}
	return map[string]logs.Query{
		"all":       base,
		"stream":    with(func(q *logs.Query) { q.Matchers = []*labels.Matcher{match(labels.MatchEqual, "service_name", "web")} }),
		"no stream": with(func(q *logs.Query) { q.Matchers = []*labels.Matcher{match(labels.MatchEqual, "service_name", "none")} }),
		"absent":    with(func(q *logs.Query) { q.Matchers = []*labels.Matcher{match(labels.MatchEqual, "service_name", "")} }),
		"regexp": with(func(q *logs.Query) {
			q.Matchers = []*labels.Matcher{match(labels.MatchRegexp, "service_name", "w.*|db")}
		}),
		"text":      with(func(q *logs.Query) { q.Lines = []logs.LineFilter{{Text: "error"}, {Text: "POST", Not: true}} }),
		"bytes":     with(func(q *logs.Query) { q.Where = logs.Contains{Text: "\xff\xfe"} }),
		"fold":      with(func(q *logs.Query) { q.Where = logs.Contains{Text: "été", FoldCase: true} }),
		"needle":    with(func(q *logs.Query) { q.Where = logs.Equals{Field: trace, Value: fmt.Sprintf("%032x", 33)} }),
		"no needle": with(func(q *logs.Query) { q.Where = logs.Equals{Field: trace, Value: "0"} }),
		"without":   with(func(q *logs.Query) { q.Where = logs.Not{Filter: logs.Exists{Field: trace}} }),
		"number": with(func(q *logs.Query) {
			q.Where = logs.NumberRange{Field: logs.Field{Kind: logs.Metadata, Name: "took"}, Min: 10, Max: 50}
		}),
		"no lines":   with(func(q *logs.Query) { q.NoLines, q.Metadata = true, []string{"took"} }),
		"times":      with(func(q *logs.Query) { q.NoLines, q.Metadata = true, []string{} }),
		"lines only": with(func(q *logs.Query) { q.Metadata = []string{} }),
		"hidden line": with(func(q *logs.Query) {
			q.NoLines, q.Metadata, q.Lines = true, []string{}, []logs.LineFilter{{Regex: "^GET"}}
		}),
	}
}

// TestUnionAnswersAsTheLocalStore asks the same of a store that has everything and of
// one whose older hours are in the archive, whole or partly restored.
func TestUnionAnswersAsTheLocalStore(t *testing.T) {
	f := newFixture(t)
	for n := 3; n <= 6; n++ {
		f.push("a", someStreams(hoursAgo(n), 400, fmt.Sprint("h", n))...)
	}
	f.cfg.PartSize = 1 << 20
	a := f.archiver(f.bucket)
	a.windowBytes = 16 << 10
	require.NoError(t, a.RunOnce(t.Context()))
	none, some := f.restored(), f.restoredHours(a, hoursAgo(5))
	start, end := int64(hoursAgo(6)), hoursAgo(3).End()
	middle := int64(hoursAgo(5)) + hourLength/3
	ranges := [][2]int64{{start, end}, {middle, end - hourLength/2}, {middle, middle + hourLength/10}}
	for _, u := range []*Union{f.union(a, none, int64(hoursAgo(4))), f.union(a, some, int64(hoursAgo(4))), f.union(a, some, end)} {
		for _, r := range ranges {
			for name, q := range queries(r[0], r[1]) {
				want := texts(t.Context(), t, f.store, "a", q)
				assert.Equal(t, want, texts(including(t.Context()), t, u, "a", q), name)
				checkLimits(t, u, q, want, name)
				checkIndex(t, f, u, q)
			}
			checkCounts(t, f, u, logs.Query{Start: r[0], End: r[1]})
		}
	}
}

// checkLimits asks for the first entries from either end.
func checkLimits(t *testing.T, u *Union, q logs.Query, all []string, name string) {
	t.Helper()
	time := func(s string) string { at, _, _ := strings.Cut(s, " "); return at }
	var times []string
	for _, s := range all {
		times = append(times, time(s))
	}
	for _, forward := range []bool{false, true} {
		want := slices.Clone(times)
		slices.Sort(want)
		if !forward {
			slices.Reverse(want)
		}
		for _, limit := range []int{1, 7, 1 + rand.N(len(all)+1)} {
			q.Limit, q.Forward = limit, forward
			got := texts(including(t.Context()), t, u, "a", q)
			require.Len(t, got, min(limit, len(all)), name)
			for i, s := range got {
				require.Equal(t, want[i], time(s), "%s limit %d forward %t entry %d", name, limit, forward, i)
				require.Contains(t, all, s, name)
			}
		}
	}
}

func checkIndex(t *testing.T, f *fixture, u *Union, q logs.Query) {
	t.Helper()
	ctx := including(t.Context())
	q.Lines, q.Where, q.NoLines, q.Metadata = nil, nil, false, nil
	want, err := f.store.LabelNames(ctx, "a", q)
	require.NoError(t, err)
	got, err := u.LabelNames(ctx, "a", q)
	require.NoError(t, err)
	assert.ElementsMatch(t, want, got)
	want, err = f.store.LabelValues(ctx, "a", q, "service_name")
	require.NoError(t, err)
	got, err = u.LabelValues(ctx, "a", q, "service_name")
	require.NoError(t, err)
	assert.ElementsMatch(t, want, got)
	series, err := f.store.Series(ctx, "a", q, 0)
	require.NoError(t, err)
	found, err := u.Series(ctx, "a", q, 0)
	require.NoError(t, err)
	assert.ElementsMatch(t, series, found)
	found, err = u.Series(ctx, "a", q, 1)
	require.NoError(t, err)
	assert.Len(t, found, min(1, len(series)))
}

func checkCounts(t *testing.T, f *fixture, u *Union, q logs.Query) {
	t.Helper()
	took := logs.Field{Kind: logs.Metadata, Name: "took"}
	for _, g := range []logs.Grouping{
		{},
		{Step: int64(7 * time.Minute), Offset: 13, Bytes: true},
		{By: []logs.Field{{Kind: logs.Label, Name: "service_name"}, {Kind: logs.Metadata, Name: "detected_level"}}, Number: &took},
		{Step: int64(time.Hour), By: []logs.Field{{Kind: logs.Line}}},
	} {
		want, err := f.store.Count(t.Context(), "a", q, g)
		require.NoError(t, err)
		got, err := u.Count(including(t.Context()), "a", q, g)
		require.NoError(t, err)
		assert.ElementsMatch(t, want, got, "%+v", g)
	}
}

// restoredHours restores hours.
func (f *fixture) restoredHours(a *Archiver, hours ...Hour) *Restored {
	f.t.Helper()
	r, err := OpenRestored(f.t.Context(), f.t.TempDir(), 1<<30, quiet)
	require.NoError(f.t, err)
	for _, h := range hours {
		require.NoError(f.t, r.restore(f.t.Context(), a.catalog, "a", h, time.Now().Add(time.Hour), func(int64) {}))
	}
	return r
}

// A request that did not ask for the archive hears what it would have had.
func TestUseIsNoted(t *testing.T) {
	f := newFixture(t)
	for n := 3; n <= 6; n++ {
		f.push("a", someStreams(hoursAgo(n), 40, "x")...)
	}
	a := f.archiver(f.bucket)
	require.NoError(t, a.RunOnce(t.Context()))
	u := f.union(a, f.restoredHours(a, hoursAgo(6)), int64(hoursAgo(4)))
	hours := func(include bool, q logs.Query) (int, int, int) {
		use := logs.NewArchiveUse(include)
		n := len(texts(logs.WithArchiveUse(t.Context(), use), t, u, "a", q))
		used, available := use.Hours()
		return n, used, available
	}
	check := func(include bool, q logs.Query, entries, used, available int) {
		t.Helper()
		n, x, y := hours(include, q)
		assert.Equal(t, [3]int{entries, used, available}, [3]int{n, x, y})
	}
	q := everything()
	check(false, q, 41*3, 0, 1) // the hour that is restored is just there
	check(true, q, 41*4, 1, 0)
	q.Start = int64(hoursAgo(5))
	check(false, q, 41*2, 0, 1)
	check(true, q, 41*3, 1, 0)
	q.Start = int64(hoursAgo(4))
	check(false, q, 41*2, 0, 0)
	check(true, q, 41*2, 0, 0)
}

// An emit that has enough ends the query; an error of it is returned.
func TestStop(t *testing.T) {
	f := newFixture(t)
	f.push("a", someStreams(hoursAgo(4), 40, "x")...)
	a := f.archiver(f.bucket)
	require.NoError(t, a.RunOnce(t.Context()))
	for _, boundary := range []int64{int64(hoursAgo(5)), hoursAgo(3).End()} {
		u := f.union(a, f.restored(), boundary)
		for _, limit := range []int{0, 5} {
			for _, stop := range []error{logs.ErrStop, context.DeadlineExceeded} {
				q := everything()
				q.Limit = limit
				calls := 0
				err := u.Select(including(t.Context()), "a", q, func(*logs.Block) error { calls++; return stop })
				assert.Equal(t, 1, calls)
				if stop == logs.ErrStop { //nolint:errorlint // the very value
					assert.NoError(t, err)
				} else {
					assert.ErrorIs(t, err, stop)
				}
			}
		}
	}
}
