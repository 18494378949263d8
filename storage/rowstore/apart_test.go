package rowstore

import (
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSpelling(t *testing.T) {
	for kind, values := range map[spelling][]string{
		exact: {"", "0", "7", "-7", "007", "-007", "1.5", "-0.25", ".5", "5.", "-", "1.2.3", "10.0.0.1", "1.2.3.4.5", "18446744073709551616",
			"2026-11-26T10:00:00.123Z", "2026-11-26", "2026-11-26T10:00:00Z", "2026-1x-26T10:00:00.123Z", "error", "1e3", "+5", "10s", "9007199254740993", "99999999999999999999999999999.0"},
		respeltNumber: {"0.000123", "0.3", "1.50", "0.0", "-0", "-1.0", "500.00", "9007199254740993.5"},
		respelt:       {"1_000", "_", "_1", "1.5_0", "01.2.3.4", "1.2.3.04", "2026-02-30T10:00:00.123Z", "2026-11-26 10:00:00.123Z", "2026-11-26T24:00:00.123Z", "1677-01-01T00:00:00.000Z"},
	} {
		for _, v := range values {
			assert.Equal(t, kind, spellingOf(v), "%q", v)
		}
	}
}

// TestMarkedRegex compares an expression on values with what finds them marked.
func TestMarkedRegex(t *testing.T) {
	values := []string{"1.50", "0.0", "-0", "1_000", "_", "01.2.3.4", "2026-02-30T10:00:00.123Z", "10.10"}
	for _, expr := range []string{"", "^", "$", "^$", "1", "^1", "0$", `^1\.50$`, "^.1", `\b0`, `\B0`, `^\B`, "[^a]", "(?i)t", "(?m)^0", "^1|0$", "a|^-", "^(0|1)+\\.", "(^1)?5", `\.\d{2}$`, "x*", `\A\d+\z`, "^^1", "1^0", "'", ".'", "(?:^|T)10", "[0-9]{3}"} {
		re := regexp.MustCompile(expr)
		marked := markedRegex(expr)
		for _, v := range values {
			got := marked != "" && regexp.MustCompile(marked).MatchString(apartMark+v)
			assert.Equal(t, re.MatchString(v), got, "%q on %q by %q", expr, v, marked)
		}
	}
	assert.Empty(t, markedRegex("^error 1"))
	assert.Empty(t, markedRegex("x*^1"), "is not supported")
}

// TestSpellings stores whole columns of values that the engine would respell.
func TestSpellings(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Path = t.TempDir()
	s, err := Open(cfg, slog.New(slog.NewTextHandler(io.Discard, nil)), nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	start := time.Now().Add(-time.Hour).UnixNano()
	kinds := map[string]func(i int) string{
		"frac":  func(i int) string { return fmt.Sprintf("%d.%d0", i, i%10) },
		"frac3": func(i int) string { return fmt.Sprintf("%d.%03d", i, i*7%1000) },
		"under": func(i int) string { return fmt.Sprintf("%d_000", i+1) },
		"neg":   func(i int) string { return fmt.Sprintf("-%d", i) },
		"ip":    func(i int) string { return fmt.Sprintf("0%d.1.1.1", i%90) },
		"time":  func(i int) string { return fmt.Sprintf("2024-02-%02dT03:04:05.%d00Z", i%40, i%10) },
		"big":   func(i int) string { return fmt.Sprintf("9007199254740%03d.%d", i, i%10) },
		"long":  func(i int) string { return fmt.Sprintf("0.%d%d", i+1, 9876543210123456) },
	}
	const n = 100
	want := map[string][]string{}
	for name, f := range kinds {
		var rows []Row
		for i := range n {
			v := f(i)
			want[name] = append(want[name], v)
			rows = append(rows, Row{Time: start + int64(i), Stream: []Field{{"app", name}, {"build", "1_000"}, {"version", "1.10"}}, Fields: []Field{{"_msg", v}, {"m", v}}})
		}
		require.NoError(t, s.Append(t.Context(), "t", rows))
	}
	count := func(t *testing.T, q Query, g Grouping) map[string]CountRow {
		rows, err := s.Count(t.Context(), "t", q, g)
		require.NoError(t, err)
		out := map[string]CountRow{}
		for _, r := range rows {
			out[strings.Join(r.By, " ")] = r
		}
		return out
	}
	r := rand.New(rand.NewPCG(1, 1))
	for name, values := range want {
		t.Run(name, func(t *testing.T) {
			q := Query{Start: start, End: start + n, Streams: []StreamMatcher{{"app", Equal, name}}}
			read := func(q Query) (got []string) {
				require.NoError(t, s.Query(t.Context(), "t", q, func(b *Block) error {
					require.Equal(t, "1.10", streamValue(b.Stream, "version"))
					require.Nil(t, b.Column("version"))
					for i := range b.Times {
						require.Equal(t, values[b.Times[i]-start], b.Column("m")[i])
						if q.Columns == nil {
							require.Equal(t, values[b.Times[i]-start], b.Column("_msg")[i])
						}
						got = append(got, strings.Clone(b.Column("m")[i]))
					}
					return nil
				}))
				return got
			}
			require.Len(t, read(q), n)
			q.Columns = []string{"m"}
			require.Len(t, read(q), n)

			check := func(f Filter, match func(string) bool) {
				q.Filter = f
				var some []string
				for _, v := range values {
					if match(v) {
						some = append(some, v)
					}
				}
				got := read(q)
				slices.Sort(some)
				slices.Sort(got)
				require.Equal(t, some, got, "%#v", f)
				rows := count(t, q, Grouping{By: []string{"m"}})
				sum := 0
				for v, row := range rows {
					require.Contains(t, some, v)
					sum += int(row.Rows)
				}
				require.Equal(t, len(some), sum)
			}
			for range 3 {
				v := values[r.IntN(n)]
				part := v[r.IntN(len(v)):]
				part = part[:1+r.IntN(len(part))]
				check(Equals{"m", v}, func(x string) bool { return x == v })
				check(Not{Equals{"", v}}, func(x string) bool { return x != v })
				check(Contains{Name: "m", Text: part}, func(x string) bool { return strings.Contains(x, part) })
				check(In{"m", []string{v, part, "x"}}, func(x string) bool { return x == v || x == part })
				for _, expr := range []string{"^" + regexp.QuoteMeta(part), regexp.QuoteMeta(part) + "$", "^" + regexp.QuoteMeta(v) + "$", "^.", "x*", "error"} {
					check(MatchRegex{"m", expr}, regexp.MustCompile(expr).MatchString)
				}
			}
			check(Exists{"m"}, func(string) bool { return true })
			check(Equals{"m", ""}, func(string) bool { return false })
			check(NumberRange{"m", 3, 50}, func(v string) bool {
				f, ok := parseBench(v)
				return ok && !strings.Contains(v, "_") && f >= 3 && f <= 50
			})
			q.Filter = nil
			size := 0
			for _, v := range values {
				size += len(v)
			}
			require.EqualValues(t, size, count(t, q, Grouping{SumLength: true})[""].Bytes)
			require.EqualValues(t, n, count(t, q, Grouping{By: []string{"version"}})["1.10"].Rows)
			require.EqualValues(t, n, count(t, q, Grouping{By: []string{"build"}})["1_000"].Rows)
			for label, value := range map[string]string{"version": "1.10", "build": "1_000"} {
				q.Filter = And{Equals{label, value}, MatchRegex{label, `^1.*0$`}, Contains{Name: label, Text: "0"}, Not{Equals{label, "1.1"}}, Not{Equals{label, "1000"}}}
				require.Len(t, read(q), n)
			}
			q.Filter = nil
			vs, err := s.FieldValues(t.Context(), "t", q, "m", 0)
			require.NoError(t, err)
			distinct := slices.Compact(slices.Sorted(slices.Values(values)))
			var got []string
			for _, v := range vs {
				got = append(got, v.Value)
			}
			slices.Sort(got)
			require.Equal(t, distinct, got)
			names, err := s.FieldNames(t.Context(), "t", q)
			require.NoError(t, err)
			got = nil
			for _, v := range names {
				got = append(got, v.Value)
			}
			slices.Sort(got)
			require.Equal(t, []string{"_msg", "app", "build", "m", "version"}, got)
		})
	}
}
