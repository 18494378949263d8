package rowstore_test

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/storage/rowstore"
)

// nasty are values that break naive quoting, tokenising or type guessing.
var nasty = []string{
	"", " ", "*", "\"", "'", "`", "\\", "\\\"", "a\"b", "#comment", "a #b", "a|b", "| delete _msg", ") or (", "!(*)",
	"foo", "foobar", "foo bar", "xfoo", "FOO Bar", "foo.bar", "foo*", "foo:bar", "_time:1d", "in(a)", "not", "or", "and",
	"\n", "a\nb", "a\r\nb", "\t", "\x00", "\x00a", "\xff", "a\xffb", "\ufffd", "☃ snow", "é", "É", "K", "\u212a", "ſ",
	"0", "1", "-1", "1.0", "1.5", "1e3", "1E+3", "100", "007", "+5", ".5", "5.", "10s", "1KB", "1.2.3.4", "NaN", "inf", "0x10", "1_000",
	"2024-01-02T03:04:05Z", "2024-01-02T03:04:05.123Z", "18446744073709551615", "18446744073709551616", "9007199254740993",
	"true", "null", "{}", "[1,2]", "<>", "a,b", "a=b", "(?i)x", "a.*b", "^foo$", "$", "user_id=42 status=500",
}

var decimal = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

// matches is what a filter means, in the plainest code.
func matches(f rowstore.Filter, v string) bool {
	switch f := f.(type) {
	case nil:
		return true
	case rowstore.And:
		return !slices.ContainsFunc(f, func(f rowstore.Filter) bool { return !matches(f, v) })
	case rowstore.Or:
		return slices.ContainsFunc(f, func(f rowstore.Filter) bool { return matches(f, v) })
	case rowstore.Not:
		return !matches(f.Filter, v)
	case rowstore.Contains:
		if f.FoldCase {
			return regexp.MustCompile("(?i)" + regexp.QuoteMeta(f.Text)).MatchString(v)
		}
		return strings.Contains(v, f.Text)
	case rowstore.MatchRegex:
		return regexp.MustCompile(f.Expr).MatchString(v)
	case rowstore.Equals:
		return v == f.Value
	case rowstore.In:
		return slices.Contains(f.Values, v)
	case rowstore.Exists:
		return v != ""
	case rowstore.NumberRange:
		if !decimal.MatchString(v) {
			return false
		}
		n, err := strconv.ParseFloat(v, 64)
		return err == nil && n >= f.Min && n <= f.Max
	}
	panic("unknown filter")
}

func filters(name string) []rowstore.Filter {
	fs := []rowstore.Filter{
		nil, rowstore.And{}, rowstore.Or{}, rowstore.Not{Filter: rowstore.And{}}, rowstore.Not{Filter: rowstore.Or{}},
		rowstore.Exists{Name: name}, rowstore.Not{Filter: rowstore.Exists{Name: name}},
		rowstore.In{Name: name}, rowstore.In{Name: name, Values: []string{"*"}}, rowstore.In{Name: name, Values: nasty},
		rowstore.In{Name: name, Values: []string{"", "foo", "1"}},
		rowstore.NumberRange{Name: name, Min: 1, Max: 1}, rowstore.NumberRange{Name: name, Min: 0, Max: 1000},
		rowstore.NumberRange{Name: name, Min: math.Inf(-1), Max: math.Inf(1)}, rowstore.NumberRange{Name: name, Min: -1, Max: 0.5},
		rowstore.NumberRange{Name: name, Min: 2, Max: 1}, rowstore.NumberRange{Name: name, Min: math.NaN(), Max: 1},
		rowstore.NumberRange{Name: name, Min: 1e18, Max: math.Inf(1)}, rowstore.NumberRange{Name: name, Min: 9007199254740993, Max: 9007199254740993},
	}
	for _, e := range []string{
		"", "foo", "^foo", "foo$", "^foo$", "^$", "^", "$", "o+", "(?i)FOO", "(?i)é", "(?i)k", "a.b", "(?s)a.b", "a.*b", ".*foo.*", ".+foo.+", ".+", ".*",
		"foo|bar", "^(foo|bar)", "foo|", "(foo|bar)$", "foo.*|x", "[0-9]{3}", `\bfoo\b`, `\d+\.\d+`, `"`, "`", `\\`, `\|`, "☃", `\x00`,
		"(?m)^b$", "^a\nb$", "user_id=42", "status=(4|5)..", "foo.bar", "[^a-z]", "(?i)user_ID=4", "foo\\*", "(foo)(bar)", "f(?:oo|xx)bar", "^.{3}$",
	} {
		fs = append(fs, rowstore.MatchRegex{Name: name, Expr: e}, rowstore.Not{Filter: rowstore.MatchRegex{Name: name, Expr: e}})
	}
	for _, v := range nasty {
		fs = append(fs, rowstore.Equals{Name: name, Value: v}, rowstore.Not{Filter: rowstore.Equals{Name: name, Value: v}})
		if strings.ToValidUTF8(v, "") != v {
			continue
		}
		if v != "\ufffd" { // which RE2 finds in broken UTF-8 too, unlike a search for its bytes
			fs = append(fs, rowstore.Contains{Name: name, Text: v, FoldCase: true})
		}
		fs = append(fs,
			rowstore.Contains{Name: name, Text: v},
			rowstore.Not{Filter: rowstore.Contains{Name: name, Text: v}},
			rowstore.And{rowstore.Contains{Name: name, Text: v}, rowstore.Contains{Name: name, Text: "o"}},
			rowstore.Or{rowstore.Equals{Name: name, Value: v}, rowstore.Contains{Name: name, Text: "foo"}},
			rowstore.Not{Filter: rowstore.Or{rowstore.Equals{Name: name, Value: v}, rowstore.And{}}})
	}
	return fs
}

// TestFilters compares every filter with its meaning, over columns that the
// engine encodes in different ways: one value for all rows, few values, many
// values of mixed types, numbers only.
func TestFilters(t *testing.T) {
	columns := map[string][]string{
		"_msg":            nasty,
		"plain":           nasty,
		"with space: |\"": nasty,
		"dict":            {"foo", "", "1", "a\"b", "*"},
		"uint":            {"0", "1", "2", "100", "255", "7", "8", "9", "10", "11"},
		"float":           {"0.5", "1.5", "1000.25", "-1.5", "2.5", "3.5", "4.5", "5.5", "6.5"},
		"const":           {"foo bar"},
		"absent":          {""},
	}
	s := openStore(t)
	base := time.Now().Add(-time.Hour).UnixNano()
	rowsOf := map[string]int{}
	for name, values := range columns {
		var rows []rowstore.Row
		for i, v := range values {
			rows = append(rows, rowstore.Row{Time: base + int64(i), Stream: fields("column", strconv.Quote(name)), Fields: fields("n", fmt.Sprint(i), name, v)})
		}
		require.NoError(t, s.Append(t.Context(), "a", rows))
		rowsOf[name] = len(values)
	}
	for name, values := range columns {
		for _, f := range filters(name) {
			q := everything()
			q.Streams = []rowstore.StreamMatcher{{Name: "column", Op: rowstore.Equal, Value: strconv.Quote(name)}}
			q.Filter, q.Columns = f, []string{"n"}
			var want, got []string
			for i, v := range values {
				if matches(f, v) {
					want = append(want, fmt.Sprint(i))
				}
			}
			require.NoError(t, s.Query(t.Context(), "a", q, func(b *rowstore.Block) error {
				for _, v := range b.Column("n") {
					got = append(got, strings.Clone(v))
				}
				return nil
			}), "%q %#v", name, f)
			slices.SortFunc(got, func(a, b string) int { return len(a)*1000 + int(a[0]) - len(b)*1000 - int(b[0]) })
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(want, got) {
				t.Errorf("column %q filter %#v: want rows %v got %v", name, f, named(values, want), named(values, got))
			}
		}
	}
	q := everything()
	q.Filter = rowstore.Contains{Text: "a\xff"}
	require.ErrorContains(t, s.Query(t.Context(), "a", q, nil), "not UTF-8")
	q.Filter = rowstore.MatchRegex{Expr: "("}
	require.ErrorContains(t, s.Query(t.Context(), "a", q, nil), "missing closing")
}

func named(values, rows []string) (out []string) {
	for _, r := range rows {
		i, _ := strconv.Atoi(r)
		out = append(out, strconv.Quote(values[i]))
	}
	return out
}

// TestStreamsAndTimesInFilters joins selectors and times with "or" and "not".
func TestStreamsAndTimesInFilters(t *testing.T) {
	s := openStore(t)
	base := time.Now().Add(-time.Hour).Truncate(time.Minute).UnixNano()
	for i, app := range []string{"a", "b", "c"} {
		for j := range 3 {
			require.NoError(t, s.Append(t.Context(), "a", []rowstore.Row{{Time: base + int64(j), Stream: fields("app", app), Fields: fields("_msg", fmt.Sprint(i, j))}}))
		}
	}
	app := func(v string) rowstore.Filter {
		return rowstore.InStreams{Streams: []rowstore.StreamMatcher{{Name: "app", Op: rowstore.Equal, Value: v}}}
	}
	for _, c := range []struct {
		filter rowstore.Filter
		want   int
	}{
		{app("a"), 3}, {rowstore.Not{Filter: app("a")}, 6}, {rowstore.Or{app("a"), app("b")}, 6}, {rowstore.InStreams{}, 9},
		{rowstore.Within{Start: base, End: base + 1}, 3}, {rowstore.Not{Filter: rowstore.Within{Start: base, End: base + 1}}, 6},
		{rowstore.Within{Start: base, End: base}, 0}, {rowstore.Within{Start: math.MinInt64, End: math.MaxInt64}, 9},
		{rowstore.Or{rowstore.And{app("a"), rowstore.Within{Start: base + 1, End: base + 3}}, rowstore.Equals{Value: "2 0"}}, 3},
	} {
		q := everything()
		q.Filter = c.filter
		require.Len(t, collect(t, s, "a", q), c.want, "%#v", c.filter)
		n, err := s.Count(t.Context(), "a", q, rowstore.Grouping{})
		require.NoError(t, err)
		if c.want > 0 {
			require.EqualValues(t, c.want, n[0].Rows)
		}
	}
}

// TestKeep drops rows that the engine found.
func TestKeep(t *testing.T) {
	s := openStore(t)
	base := time.Now().Add(-time.Hour).UnixNano()
	var rows []rowstore.Row
	for i := range 5000 {
		rows = append(rows, rowstore.Row{Time: base + int64(i), Stream: fields("app", fmt.Sprint(i%3)), Fields: fields("_msg", fmt.Sprint(i), "k", fmt.Sprint(i%7))})
	}
	require.NoError(t, s.Append(t.Context(), "a", rows))
	q := everything()
	q.Columns = []string{"_msg"}
	q.Keep = func(b *rowstore.Block, keep []bool) {
		for i, v := range b.Column("_msg") {
			keep[i] = strings.HasSuffix(v, "99")
		}
	}
	require.Len(t, collect(t, s, "a", q), 50)
	got, err := s.Count(t.Context(), "a", q, rowstore.Grouping{By: []string{"app"}, SumLength: true, Step: 1000, Offset: base})
	require.NoError(t, err)
	var n, size uint64
	for _, g := range got {
		require.Zero(t, (g.Time-base)%1000)
		n, size = n+g.Rows, size+g.Bytes
	}
	require.EqualValues(t, 50, n)
	require.EqualValues(t, 2*1+3*9+4*40, size)
	q.Limit = 3
	require.Equal(t, []string{"4999", "4899", "4799"}, messages(t, s, q))
	q.OldestFirst = true
	require.Equal(t, []string{"99", "199", "299"}, messages(t, s, q))
}

func messages(t *testing.T, s *rowstore.Store, q rowstore.Query) (out []string) {
	require.NoError(t, s.Query(t.Context(), "a", q, func(b *rowstore.Block) error {
		for _, v := range b.Column("_msg") {
			out = append(out, strings.Clone(v))
		}
		return nil
	}))
	return out
}

// TestBrokenTextInOneValue has blocks whose rows all have a value that is not UTF-8.
func TestBrokenTextInOneValue(t *testing.T) {
	for _, v := range []string{"a\ufffdb", "a\xffb", "\ufffdb", "b\xff"} {
		s := openStore(t)
		require.NoError(t, s.Append(t.Context(), "a", []rowstore.Row{{Time: time.Now().UnixNano(), Fields: fields("k", v, "_msg", "x")}}))
		for _, f := range []rowstore.Filter{
			rowstore.Equals{Name: "k", Value: v}, rowstore.In{Name: "k", Values: []string{v}}, rowstore.MatchRegex{Name: "k", Expr: "b|\ufffd"},
			rowstore.And{rowstore.Equals{Name: "k", Value: v}, rowstore.Exists{Name: "k"}},
		} {
			q := everything()
			q.Filter = f
			require.Len(t, collect(t, s, "a", q), 1, "%q %#v", v, f)
		}
	}
}
