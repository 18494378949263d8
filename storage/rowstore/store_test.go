package rowstore_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

func openStore(t testing.TB) *rowstore.Store {
	t.Helper()
	return openStoreAt(t, t.TempDir())
}

func openStoreAt(t testing.TB, dir string) *rowstore.Store {
	t.Helper()
	return openStoreWith(t, dir, func(*rowstore.Config) {})
}

func openStoreWith(t testing.TB, dir string, set func(*rowstore.Config)) *rowstore.Store {
	t.Helper()
	cfg := rowstore.DefaultConfig()
	cfg.Path = dir
	set(&cfg)
	s, err := rowstore.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func fields(kv ...string) []rowstore.Field {
	var fs []rowstore.Field
	for i := 0; i < len(kv); i += 2 {
		fs = append(fs, rowstore.Field{Name: kv[i], Value: kv[i+1]})
	}
	return fs
}

// flat is a row as one text: time, stream, fields sorted by name.
func flat(r rowstore.Row) string {
	fs := slices.Clone(r.Fields)
	slices.SortFunc(fs, func(a, b rowstore.Field) int { return cmp.Compare(a.Name, b.Name) })
	return fmt.Sprintf("%d %q %q", r.Time, r.Stream, fs)
}

// collect returns the rows of a query, flat, in the order in which they came.
func collect(t testing.TB, s rowstore.Reader, id tenant.ID, q rowstore.Query) []string {
	t.Helper()
	var out []string
	err := s.Query(context.Background(), id, q, func(b *rowstore.Block) error {
		for i, ts := range b.Times {
			r := rowstore.Row{Time: ts, Stream: b.Stream}
			for _, c := range b.Columns {
				if c.Values[i] != "" {
					r.Fields = append(r.Fields, rowstore.Field{Name: strings.Clone(c.Name), Value: strings.Clone(c.Values[i])})
				}
			}
			out = append(out, flat(r))
		}
		return nil
	})
	require.NoError(t, err)
	return out
}

func everything() rowstore.Query {
	now := time.Now()
	return rowstore.Query{Start: now.Add(-29 * 24 * time.Hour).UnixNano(), End: now.Add(time.Hour).UnixNano()}
}

func TestAppendedRowsAreVisibleAtOnce(t *testing.T) {
	s := openStore(t)
	now := time.Now().UnixNano()
	for i := range 20 {
		row := rowstore.Row{Time: now + int64(i), Stream: fields("app", "web"), Fields: fields("_msg", fmt.Sprint("line ", i))}
		require.NoError(t, s.Append(t.Context(), "a", []rowstore.Row{row}))
		require.Len(t, collect(t, s, "a", everything()), i+1)
	}
	require.Empty(t, collect(t, s, "b", everything()), "another tenant sees nothing")
}

func TestStreamsOfEveryShape(t *testing.T) {
	s := openStore(t)
	now := time.Now().UnixNano()
	streams := [][]rowstore.Field{
		nil,
		fields("app", "web"),
		fields("app", "web", "env", "prod"),
		fields("app", "", "env", "dev"),
		fields("app", "a\"b,c=\"d\"}\\ \n{", "env", "☃ \x00"),
		fields("app", "\xff\xfe"),
	}
	var want []string
	for i, st := range streams {
		r := rowstore.Row{Time: now + int64(i), Stream: st, Fields: fields("_msg", "x", "k", fmt.Sprint(i))}
		require.NoError(t, s.Append(t.Context(), "a", []rowstore.Row{r}))
		r.Stream = slices.DeleteFunc(slices.Clone(st), func(f rowstore.Field) bool { return f.Value == "" })
		if len(r.Stream) == 0 {
			r.Stream = nil
		}
		want = append(want, flat(r))
	}
	require.ElementsMatch(t, want, collect(t, s, "a", everything()))

	match := func(n int, ms ...rowstore.StreamMatcher) {
		t.Helper()
		q := everything()
		q.Streams = ms
		require.Len(t, collect(t, s, "a", q), n, "%v", ms)
	}
	match(2, rowstore.StreamMatcher{Name: "app", Op: rowstore.Equal, Value: "web"})
	match(2, rowstore.StreamMatcher{Name: "app", Op: rowstore.Equal, Value: ""})
	match(4, rowstore.StreamMatcher{Name: "app", Op: rowstore.NotEqual, Value: "web"})
	match(4, rowstore.StreamMatcher{Name: "app", Op: rowstore.NotEqual, Value: ""})
	match(1, rowstore.StreamMatcher{Name: "app", Op: rowstore.Equal, Value: streams[4][0].Value})
	match(2, rowstore.StreamMatcher{Name: "app", Op: rowstore.Regex, Value: "w.b"})
	match(0, rowstore.StreamMatcher{Name: "app", Op: rowstore.Regex, Value: "w"})
	match(4, rowstore.StreamMatcher{Name: "app", Op: rowstore.Regex, Value: "web|"})
	match(2, rowstore.StreamMatcher{Name: "app", Op: rowstore.NotRegex, Value: "web|"})
	match(1, rowstore.StreamMatcher{Name: "app", Op: rowstore.Regex, Value: "w.*"},
		rowstore.StreamMatcher{Name: "env", Op: rowstore.Equal, Value: "prod"})
	match(6, rowstore.StreamMatcher{Name: "nothing", Op: rowstore.Equal, Value: ""})
	match(0, rowstore.StreamMatcher{Name: "nothing", Op: rowstore.NotEqual, Value: ""})

	all, err := s.Streams(t.Context(), "a", everything(), 0)
	require.NoError(t, err)
	require.Len(t, all, 6)
	names, err := s.StreamFieldNames(t.Context(), "a", everything())
	require.NoError(t, err)
	require.Equal(t, []rowstore.ValueCount{{Value: "app", Rows: 4}, {Value: "env", Rows: 3}}, names)
	values, err := s.StreamFieldValues(t.Context(), "a", everything(), "env", 0)
	require.NoError(t, err)
	require.ElementsMatch(t, []rowstore.ValueCount{{Value: "prod", Rows: 1}, {Value: "dev", Rows: 1}, {Value: "☃ \x00", Rows: 1}}, values)
}

func TestNamesAndValues(t *testing.T) {
	s := openStore(t)
	now := time.Now().UnixNano()
	for i := range 4 {
		require.NoError(t, s.Append(t.Context(), "a", []rowstore.Row{{
			Time: now + int64(i), Stream: fields("app", "web"),
			Fields: fields("_msg", "x", "even", fmt.Sprint(i%2 == 0), "odd name: | \"", "v"),
		}}))
	}
	names, err := s.FieldNames(t.Context(), "a", everything())
	require.NoError(t, err)
	require.ElementsMatch(t, []rowstore.ValueCount{{"_msg", 4}, {"app", 4}, {"even", 4}, {"odd name: | \"", 4}}, names)
	values, err := s.FieldValues(t.Context(), "a", everything(), "even", 0)
	require.NoError(t, err)
	require.ElementsMatch(t, []rowstore.ValueCount{{"true", 2}, {"false", 2}}, values)
	values, err = s.FieldValues(t.Context(), "a", everything(), "odd name: | \"", 0)
	require.NoError(t, err)
	require.Equal(t, []rowstore.ValueCount{{"v", 4}}, values)
	values, err = s.FieldValues(t.Context(), "a", everything(), "no such", 0)
	require.NoError(t, err)
	require.Empty(t, values)
}

func TestCount(t *testing.T) {
	s := openStore(t)
	day := time.Now().Add(-48 * time.Hour).Truncate(24 * time.Hour).UnixNano()
	var rows []rowstore.Row
	for i := range 100 {
		rows = append(rows, rowstore.Row{
			Time: day + int64(i)*int64(time.Second), Stream: fields("app", fmt.Sprint("a", i%2)),
			Fields: fields("_msg", strings.Repeat("m", i), "third", fmt.Sprint(i%3)),
		})
	}
	require.NoError(t, s.Append(t.Context(), "a", rows))
	got, err := s.Count(t.Context(), "a", everything(), rowstore.Grouping{SumLength: true})
	require.NoError(t, err)
	require.Equal(t, []rowstore.CountRow{{Rows: 100, Bytes: 4950}}, got)

	got, err = s.Count(t.Context(), "a", everything(), rowstore.Grouping{
		Step: int64(50 * time.Second), Offset: day - int64(25*time.Second), By: []string{"app", "third"}})
	require.NoError(t, err)
	want := map[string]uint64{}
	for i := range 100 {
		bucket := day + int64((i+25)/50*50-25)*int64(time.Second)
		want[fmt.Sprint(bucket, []string{fmt.Sprint("a", i%2), fmt.Sprint(i % 3)})]++
	}
	require.Len(t, got, len(want))
	for _, g := range got {
		require.Equal(t, want[fmt.Sprint(g.Time, g.By)], g.Rows, "%+v", g)
	}

	got, err = s.Count(t.Context(), "a", everything(), rowstore.Grouping{By: []string{rowstore.StreamField}})
	require.NoError(t, err)
	require.Equal(t, []rowstore.CountRow{{By: []string{`{app="a0"}`}, Rows: 50}, {By: []string{`{app="a1"}`}, Rows: 50}}, got)

	q := everything()
	q.Filter = rowstore.Equals{Name: "third", Value: "no such"}
	got, err = s.Count(t.Context(), "a", q, rowstore.Grouping{})
	require.NoError(t, err)
	require.Empty(t, got)
}

func TestLimitIsExact(t *testing.T) {
	s := openStore(t)
	base := time.Now().Add(-20 * 24 * time.Hour).UnixNano()
	var times []int64
	var rows []rowstore.Row
	add := func(ts int64) {
		times = append(times, ts)
		rows = append(rows, rowstore.Row{Time: ts, Stream: fields("app", fmt.Sprint(len(rows)%3)), Fields: fields("_msg", fmt.Sprint(len(rows)))})
	}
	for i := range 50 { // sparse, over days
		add(base + int64(i)*int64(7*time.Hour))
	}
	for i := range 500 { // dense, with ties
		add(base + int64(i/50))
	}
	for i := range 20_000 { // more than are worth reading, in less than a second and with ties
		add(base + int64(time.Hour) + int64(i/7)*1000)
	}
	for range 6000 { // more than are worth reading, at once
		add(base + int64(2*time.Hour))
	}
	require.NoError(t, s.Append(t.Context(), "a", rows))
	slices.Sort(times)
	for _, limit := range []int{1, 2, 7, 49, 50, 51, 75, 100, 499, 549, 550, 551, 5999, 6001, 10_000, 26_549, 30_000} {
		for _, oldest := range []bool{false, true} {
			q := everything()
			q.Limit, q.OldestFirst = limit, oldest
			var got []int64
			seen := map[string]bool{}
			require.NoError(t, s.Query(t.Context(), "a", q, func(b *rowstore.Block) error {
				got = append(got, b.Times...)
				for _, v := range b.Column("_msg") {
					require.False(t, seen[v], "row twice")
					seen[strings.Clone(v)] = true
				}
				return nil
			}))
			want := slices.Clone(times)
			if !oldest {
				slices.Reverse(want)
			}
			require.Equal(t, want[:min(limit, len(want))], got, "limit %d oldest %v", limit, oldest)
		}
	}
}

// TestEndlessRange has the widest range that a query can name.
func TestEndlessRange(t *testing.T) {
	s := openStore(t)
	now := time.Now().UnixNano()
	var rows []rowstore.Row
	for i := range 3000 {
		rows = append(rows, rowstore.Row{Time: now + int64(i), Fields: fields("_msg", fmt.Sprint(i))})
	}
	require.NoError(t, s.Append(t.Context(), "a", rows))
	for _, limit := range []int{0, 1, 10, 5000} {
		for _, oldest := range []bool{false, true} {
			q := rowstore.Query{Start: math.MinInt64, End: math.MaxInt64, Limit: limit, OldestFirst: oldest}
			want := 3000
			if limit > 0 {
				want = min(limit, want)
			}
			require.Len(t, collect(t, s, "a", q), want, "limit %d", limit)
		}
	}
	require.Empty(t, collect(t, s, "a", rowstore.Query{Start: math.MaxInt64, End: math.MinInt64, Limit: 1}))
}

func TestColumnsAndFieldsNamedLikeTheStream(t *testing.T) {
	s := openStore(t)
	now := time.Now().UnixNano()
	require.NoError(t, s.Append(t.Context(), "a", []rowstore.Row{
		{Time: now, Stream: fields("app", "web"), Fields: fields("_msg", "x", "app", "other", "b", "1")},
		{Time: now + 1, Stream: fields("app", "web"), Fields: fields("_msg", "y", "c", "2")},
	}))
	q := everything()
	q.Columns = []string{"_msg", "nothing"}
	require.NoError(t, s.Query(t.Context(), "a", q, func(b *rowstore.Block) error {
		require.Equal(t, fields("app", "web"), b.Stream)
		require.Equal(t, []int64{now, now + 1}, b.Times)
		require.Equal(t, []rowstore.Column{{Name: "_msg", Values: []string{"x", "y"}}}, b.Columns)
		require.Nil(t, b.Column("nothing"))
		return nil
	}))
	q.Columns = nil
	q.Filter = rowstore.Equals{Name: "app", Value: "other"}
	require.NoError(t, s.Query(t.Context(), "a", q, func(b *rowstore.Block) error {
		require.Equal(t, []string{"other"}, b.Column("app"))
		return nil
	}))
}

func TestRefusals(t *testing.T) {
	s := openStore(t)
	now := time.Now()
	row := func(change func(*rowstore.Row)) []rowstore.Row {
		good := rowstore.Row{Time: now.UnixNano(), Stream: fields("app", "web"), Fields: fields("_msg", "x")}
		bad := rowstore.Row{Time: good.Time, Stream: good.Stream, Fields: good.Fields}
		change(&bad)
		return []rowstore.Row{good, bad}
	}
	for name, c := range map[string]struct {
		rows []rowstore.Row
		want error
	}{
		"old":       {row(func(r *rowstore.Row) { r.Time = now.Add(-31 * 24 * time.Hour).UnixNano() }), rowstore.ErrTooOld},
		"new":       {row(func(r *rowstore.Row) { r.Time = now.Add(25 * time.Hour).UnixNano() }), rowstore.ErrTooNew},
		"large":     {row(func(r *rowstore.Row) { r.Fields = fields("_msg", strings.Repeat("x", rowstore.MaxRowSize)) }), rowstore.ErrRowTooLarge},
		"many":      {row(func(r *rowstore.Row) { r.Fields = make([]rowstore.Field, rowstore.MaxFields+1) }), rowstore.ErrRowTooLarge},
		"long name": {row(func(r *rowstore.Row) { r.Fields = fields(strings.Repeat("n", 129), "v") }), rowstore.ErrBadName},
		"own name":  {row(func(r *rowstore.Row) { r.Fields = fields("_time", "v") }), rowstore.ErrBadName},
		"no name":   {row(func(r *rowstore.Row) { r.Fields = fields("", "v") }), rowstore.ErrBadName},
		"stream":    {row(func(r *rowstore.Row) { r.Stream = fields("a=b", "v") }), rowstore.ErrBadName},
	} {
		require.ErrorIs(t, s.Append(t.Context(), "a", c.rows), c.want, name)
	}
	require.Error(t, s.Append(t.Context(), "Not A Tenant", row(func(*rowstore.Row) {})))
	require.Empty(t, collect(t, s, "a", everything()), "all rows of a batch or none")

	biggest := row(func(r *rowstore.Row) { r.Fields = fields("_msg", strings.Repeat("x", rowstore.MaxRowSize-10)) })
	require.NoError(t, s.Append(t.Context(), "a", biggest))
	require.Len(t, collect(t, s, "a", everything()), 2)

	require.NoError(t, s.Close())
	require.ErrorIs(t, s.Append(t.Context(), "a", biggest), rowstore.ErrClosed)
	require.ErrorIs(t, s.Query(t.Context(), "a", everything(), nil), rowstore.ErrClosed)
	require.ErrorIs(t, s.Close(), rowstore.ErrClosed)
}

func TestReopenKeepsRowsAndTenants(t *testing.T) {
	dir := t.TempDir()
	s := openStoreAt(t, dir)
	now := time.Now().UnixNano()
	for i, id := range []tenant.ID{"one", "two", "three"} {
		for range i + 1 {
			require.NoError(t, s.Append(t.Context(), id, []rowstore.Row{{Time: now, Fields: fields("_msg", string(id))}}))
		}
	}
	require.NoError(t, s.Close())
	s = openStoreAt(t, dir)
	for i, id := range []tenant.ID{"one", "two", "three"} {
		require.Len(t, collect(t, s, id, everything()), i+1)
	}
}

func TestQueryStopsEarly(t *testing.T) {
	s := openStore(t)
	now := time.Now().UnixNano()
	for i := range 50 {
		require.NoError(t, s.Append(t.Context(), "a", []rowstore.Row{{Time: now + int64(i), Stream: fields("app", fmt.Sprint(i)), Fields: fields("_msg", "x")}}))
	}
	calls := 0
	require.NoError(t, s.Query(t.Context(), "a", everything(), func(*rowstore.Block) error { calls++; return rowstore.ErrStop }))
	require.Equal(t, 1, calls)
	boom := fmt.Errorf("boom")
	require.ErrorIs(t, s.Query(t.Context(), "a", everything(), func(*rowstore.Block) error { return boom }), boom)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.Query(ctx, "a", everything(), func(*rowstore.Block) error { return nil }), context.Canceled)
}
