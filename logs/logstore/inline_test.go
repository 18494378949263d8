package logstore

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logstest"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// openInLine opens a store that leaves values to lines: all that may be, if eager.
func openInLine(t testing.TB, eager bool) *Store {
	s := openStore(t, true)
	leave := s.LeaveInLines
	if eager {
		leave = s.LeaveAllInLines
	}
	require.NoError(t, leave(filepath.Join(t.TempDir(), "in_line")))
	return s
}

// TestStoreInLine checks the contract of a store that leaves every value to its line that
// may be.
func TestStoreInLine(t *testing.T) {
	logstest.Run(t, func(t *testing.T) (logs.Appender, logs.Reader) {
		s := openInLine(t, true)
		return s, s
	})
}

// storedInLine counts rows whose column says that the value is in the line.
func storedInLine(t *testing.T, s *Store, name string) int {
	n := 0
	q := rowstore.Query{End: 1 << 62, Filter: rowstore.Equals{Name: parsedPrefix + name, Value: inLine}}
	require.NoError(t, s.r.Query(context.Background(), tenant.Default, q, func(b *rowstore.Block) error {
		n += len(b.Times)
		return nil
	}))
	return n
}

func traceOf(i int) string { return fmt.Sprintf("%016x%016x", xxhash.Sum64String(fmt.Sprint(i)), i) }

// idLine has an id of each kind, a number and a quantity that differ, and a text that
// does not.
func idLine(i int) string {
	return fmt.Sprintf(`{"trace":"%s","at":"2026-11-26T10:%02d:%02d.%03dZ","event":"evt-%09d","n":"%d.%06d","took":"%d.%dms","level":"a long level name"}`,
		traceOf(i), i/60000%60, i/1000%60, i%1000, i, i, i, i, i)
}

// TestInLine finds out which fields are different everywhere, keeps their names and
// answers as if the values were in columns.
func TestInLine(t *testing.T) {
	s := openInLine(t, false)
	begin := time.Now().Add(-time.Hour).UnixNano()
	const lines = 6000
	for at := 0; at < lines; at += 500 {
		st := model.LogStream{Labels: labelsOf("app", "x")}
		for i := range 500 {
			st.Entries = append(st.Entries, model.LogEntry{Time: begin + int64(at+i), Line: idLine(at + i)})
		}
		require.NoError(t, s.Append(context.Background(), tenant.Default, []model.LogStream{st}))
	}
	for name, in := range map[string]bool{"trace": true, "at": true, "event": true, "n": false, "took": false, "level": false} {
		if n := storedInLine(t, s, name); in {
			require.Greater(t, n, lines-firstSample*firstEvery-500, name)
			require.Less(t, n, lines, name)
		} else {
			require.Zero(t, n, name)
		}
		require.Equal(t, in, s.inLine.of(tenant.Default)[name], name)
	}
	field := func(name string) logs.Field { return logs.Field{Kind: logs.Parsed, Name: name} }
	for _, want := range []int{3, lines - 3} {
		for _, f := range []logs.Filter{
			logs.Equals{Field: field("event"), Value: fmt.Sprintf("evt-%09d", want)},
			logs.In{Field: field("trace"), Values: []string{traceOf(want), "other"}},
			logs.MatchRegex{Field: field("event"), Expr: fmt.Sprintf("^evt-0*%d$", want)},
			logs.And{logs.Contains{Field: field("trace"), Text: traceOf(want)[8:]}, logs.Not{Filter: logs.Equals{Field: field("event"), Value: "evt"}}},
		} {
			q := logs.Query{Start: begin, End: begin + lines, Where: f, Parsed: []string{"event", "trace", "level"}, Metadata: []string{}, NoLines: true}
			n := 0
			require.NoError(t, s.Select(context.Background(), tenant.Default, q, func(b *logs.Block) error {
				for i := range b.Times {
					require.Nil(t, b.Lines)
					n++
					got := map[string]string{}
					for _, c := range b.Parsed {
						got[c.Name] = c.Values[i]
					}
					require.Equal(t, map[string]string{"event": fmt.Sprintf("evt-%09d", want), "trace": traceOf(want), "level": "a long level name"}, got)
				}
				return nil
			}))
			require.Equal(t, 1, n, "%#v", f)
		}
	}
	groups, err := s.Count(context.Background(), tenant.Default, logs.Query{Start: begin, End: begin + lines}, logs.Grouping{By: []logs.Field{field("event")}})
	require.NoError(t, err)
	require.Len(t, groups, lines)
	for _, g := range groups {
		require.True(t, strings.HasPrefix(g.By[0], "evt-"), g.By[0])
	}
}

// TestInLineNames keeps names, and lets none be used before queries that do not know
// it are over.
func TestInLineNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "names")
	n, err := openInLineNames(path)
	require.NoError(t, err)
	require.True(t, n.allow("a", "x"))
	end := n.reading()
	require.True(t, n.allow("a", "x"))
	require.False(t, n.allow("a", "y \"quoted\"\n"))
	require.True(t, n.of("a")["y \"quoted\"\n"])
	other := n.reading()
	end()
	require.True(t, n.allow("a", "y \"quoted\"\n"))
	require.False(t, n.allow("b", "x"))
	other()
	require.True(t, n.allow("b", "x"))
	n, err = openInLineNames(path)
	require.NoError(t, err)
	require.Equal(t, map[string]bool{"x": true, "y \"quoted\"\n": true}, n.of("a"))
	require.Equal(t, map[string]bool{"x": true}, n.of("b"))
	for _, text := range []string{"other 1\n", inLineHeader + "\n\"a\n", inLineHeader + "\nx y\n"} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err = openInLineNames(path)
		require.ErrorContains(t, err, path)
	}
}

// TestQuantities are what people calculate with.
func TestQuantities(t *testing.T) {
	for _, v := range []string{"1", "-1.5", "12.345678ms", "3µs", "1e9", "1h2m3.5s", "10MiB", "10 kB", "0.5"} {
		require.True(t, isQuantity(v), v)
	}
	for _, v := range []string{"evt-1", "2026-11-26T10:00:00.000Z", "7f3a", "", "10.0.0.1:8080", "abc", "deadbeef"} {
		require.False(t, isQuantity(v), v)
	}
}
