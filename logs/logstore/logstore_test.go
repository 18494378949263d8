package logstore

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

func newStore(t testing.TB) *Store {
	t.Helper()
	cfg := rowstore.DefaultConfig()
	cfg.Path = t.TempDir()
	rows, err := rowstore.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rows.Close()) })
	return New(rows, rows)
}

func labelsOf(pairs ...string) model.Labels {
	var ls []model.Label
	for i := 0; i+1 < len(pairs); i += 2 {
		ls = append(ls, model.Label{Name: pairs[i], Value: pairs[i+1]})
	}
	return model.NewLabels(ls...)
}

// all reads what a query selects as streams, entries sorted by time and line.
func all(t *testing.T, s *Store, q logs.Query) map[string][]model.LogEntry {
	t.Helper()
	out := map[string][]model.LogEntry{}
	err := s.Select(context.Background(), tenant.Default, q, func(b *logs.Block) error {
		key := strings.Clone(b.Stream.String())
		for i, at := range b.Times {
			e := model.LogEntry{Time: at}
			if b.Lines != nil {
				e.Line = strings.Clone(b.Lines[i])
			}
			for _, c := range b.Metadata {
				if v := c.Values[i]; v != "" {
					e.Metadata = append(e.Metadata, model.Label{Name: strings.Clone(c.Name), Value: strings.Clone(v)})
				}
			}
			e.Metadata = model.NewLabels(e.Metadata...)
			out[key] = append(out[key], e)
		}
		return nil
	})
	require.NoError(t, err)
	for _, es := range out {
		slices.SortFunc(es, func(a, b model.LogEntry) int {
			if a.Time != b.Time {
				return int(a.Time - b.Time)
			}
			return strings.Compare(a.Line, b.Line)
		})
	}
	return out
}

func match(name, value string) *labels.Matcher {
	return labels.MustNewMatcher(labels.MatchEqual, name, value)
}

// TestRoundTrip stores names, values and lines that a store could trip over and
// wants them back as they were.
func TestRoundTrip(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	now := time.Now().Add(-time.Minute).UnixNano()
	streams := []model.LogStream{
		{Labels: labelsOf("app", "hostile", "_msg", "a", "_time", "b", "_stream", "c", "~x", "d", "m:n", "e", "l:_msg", "f", "l:x", "g", "é", "ü"),
			Entries: []model.LogEntry{
				{Time: now, Line: ""},
				{Time: now, Line: "same"},
				{Time: now, Line: "same"},
				{Time: now + 1, Line: "line\nbreak \x00 \xff \"quoted\" {a=\"b\"}"},
				{Time: now + 2, Line: "meta", Metadata: labelsOf("_msg", "x", "app", "y", "m:n", "z", "_stream_id", "1", "a b", "=,}")},
			}},
		{Labels: labelsOf("app", "values", "quoted", `a"b\c,d=e{f}`, "empty_after", " "),
			Entries: []model.LogEntry{{Time: now + 3, Line: "only line"}}},
	}
	require.NoError(t, s.Append(ctx, tenant.Default, streams))

	q := logs.Query{Start: now, End: now + 10}
	got := all(t, s, q)
	require.Len(t, got, 2)
	for _, st := range streams {
		want := slices.Clone(st.Entries)
		for i := range want {
			want[i].Metadata = model.NewLabels(want[i].Metadata...)
		}
		assert.Equal(t, want, got[st.Labels.String()])
	}

	// Every label can be asked for, and is listed.
	for _, st := range streams {
		for _, l := range st.Labels {
			q.Matchers = []*labels.Matcher{match("app", st.Labels.Get("app")), match(l.Name, l.Value)}
			assert.Len(t, all(t, s, q), 1, l.Name)
			values, err := s.LabelValues(ctx, tenant.Default, logs.Query{Start: now, End: now + 10}, l.Name)
			require.NoError(t, err)
			assert.Contains(t, values, l.Value)
		}
	}
	names, err := s.LabelNames(ctx, tenant.Default, logs.Query{Start: now, End: now + 10, Matchers: []*labels.Matcher{match("app", "hostile")}})
	require.NoError(t, err)
	var want []string
	for _, l := range streams[0].Labels {
		want = append(want, l.Name)
	}
	assert.Equal(t, want, names)
	series, err := s.Series(ctx, tenant.Default, logs.Query{Start: now, End: now + 10, Matchers: []*labels.Matcher{match("app", "hostile")}}, 0)
	require.NoError(t, err)
	assert.Equal(t, []model.Labels{streams[0].Labels}, series)

	// Another tenant sees nothing.
	err = s.Select(ctx, "other", logs.Query{Start: now, End: now + 10}, func(*logs.Block) error {
		t.Error("another tenant's entry")
		return nil
	})
	require.NoError(t, err)
}

// TestSelect narrows by line, reads fewer columns, and stops at a limit.
func TestSelect(t *testing.T) {
	s := newStore(t)
	ctx := context.Background()
	now := time.Now().Add(-time.Minute).UnixNano()
	st := model.LogStream{Labels: labelsOf("app", "web")}
	for i := range int64(100) {
		line := "GET /a"
		if i%10 == 3 {
			line = "POST /b\nsecond"
		}
		st.Entries = append(st.Entries, model.LogEntry{Time: now + i, Line: line, Metadata: labelsOf("user", "anna", "level", "info")})
	}
	require.NoError(t, s.Append(ctx, tenant.Default, []model.LogStream{st}))
	q := logs.Query{Start: now, End: now + 100}
	for _, c := range []struct {
		filters []logs.LineFilter
		want    int
	}{
		{nil, 100},
		{[]logs.LineFilter{{Text: "POST"}}, 10},
		{[]logs.LineFilter{{Text: "POST", Not: true}}, 90},
		{[]logs.LineFilter{{Regex: "P.*b"}}, 10},
		{[]logs.LineFilter{{Text: "/"}, {Regex: "^GET"}}, 90},
		{[]logs.LineFilter{{Text: "post"}}, 0},
	} {
		q.Lines = c.filters
		assert.Len(t, all(t, s, q)[st.Labels.String()], c.want, "%v", c.filters)
		n, err := s.Count(ctx, tenant.Default, q, logs.Grouping{})
		require.NoError(t, err)
		if c.want > 0 {
			require.Len(t, n, 1)
			assert.EqualValues(t, c.want, n[0].Entries)
		}
	}

	q.Lines, q.Metadata, q.NoLines = nil, []string{"level"}, true
	e := all(t, s, q)[st.Labels.String()][0]
	assert.Equal(t, model.LogEntry{Time: now, Metadata: labelsOf("level", "info")}, e)
	q.Metadata = []string{}
	e = all(t, s, q)[st.Labels.String()][0]
	assert.Equal(t, model.LogEntry{Time: now}, e)

	for _, forward := range []bool{false, true} {
		var times []int64
		lq := logs.Query{Start: now, End: now + 100, Limit: 3, Forward: forward}
		require.NoError(t, s.Select(ctx, tenant.Default, lq, func(b *logs.Block) error {
			times = append(times, b.Times...)
			return nil
		}))
		if forward {
			assert.Equal(t, []int64{now, now + 1, now + 2}, times)
		} else {
			assert.Equal(t, []int64{now + 99, now + 98, now + 97}, times)
		}
	}
	calls := 0
	require.NoError(t, s.Select(ctx, tenant.Default, logs.Query{Start: now, End: now + 100}, func(*logs.Block) error {
		calls++
		return logs.ErrStop
	}))
	assert.Equal(t, 1, calls)
}
