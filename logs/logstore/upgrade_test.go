package logstore

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// upgradeStart is the time of the first of the fixture's 300 entries.
var upgradeStart = time.Date(2026, 11, 26, 11, 0, 0, 0, time.UTC).UnixNano()

func upgradeTrace(n int) string { return fmt.Sprintf("%032x", 1<<62+n) }

func upgradeEntries(from, to int) []model.LogStream {
	st := model.LogStream{Labels: labelsOf("app", "web")}
	for n := from; n < to; n++ {
		st.Entries = append(st.Entries, model.LogEntry{Time: upgradeStart + int64(n),
			Line: fmt.Sprintf(`{"level":"%s","n":%d,"trace":"%s"}`, []string{"info", "error"}[n%2], n, upgradeTrace(n))})
	}
	return []model.LogStream{st}
}

// TestUpgrade opens a store of version 1, over rows of version 2: all values are in
// columns, and numbers of rows in one. New entries, whose values stay in lines, and old
// ones are found by the same queries.
func TestUpgrade(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata/version1")))
	cfg := rowstore.DefaultConfig()
	cfg.Path, cfg.Distinct, cfg.Derived, cfg.Retention = dir, true, DerivedFields, 100*365*24*time.Hour
	rows, err := rowstore.Open(cfg, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	s := New(rows, rows)
	require.NoError(t, s.LeaveAllInLines(filepath.Join(dir, "in_line")))
	before := rows.LastNumber()
	require.GreaterOrEqual(t, before, uint64(300))
	require.NoError(t, s.Append(context.Background(), tenant.Default, upgradeEntries(300, 600)))
	require.Greater(t, storedInLine(t, s, "trace"), 100) // others are numbers

	field := func(name string) logs.Field { return logs.Field{Kind: logs.Parsed, Name: name} }
	numbers := map[uint64]bool{}
	q := logs.Query{Start: upgradeStart, End: upgradeStart + 1000, AllParsed: true}
	require.NoError(t, s.SelectNumbered(context.Background(), tenant.Default, q, 0, rows.LastNumber(), func(b *logs.Block, ns []uint64) error {
		for i, n := range ns {
			numbers[n] = true
			for _, c := range b.Parsed {
				if c.Name == "trace" {
					require.Equal(t, upgradeTrace(int(b.Times[i]-upgradeStart)), c.Values[i])
				}
			}
		}
		return nil
	}))
	require.Len(t, numbers, 600)
	for _, n := range []int{7, 307} {
		q := logs.Query{Start: upgradeStart, End: upgradeStart + 1000, Where: logs.Equals{Field: field("trace"), Value: upgradeTrace(n)}}
		found, err := s.Count(context.Background(), tenant.Default, q, logs.Grouping{By: []logs.Field{field("n"), field("trace")}})
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Equal(t, []string{fmt.Sprint(n), upgradeTrace(n)}, found[0].By)
	}
	counts, err := s.Count(context.Background(), tenant.Default, logs.Query{Start: upgradeStart, End: upgradeStart + 1000}, logs.Grouping{By: []logs.Field{field("level")}})
	require.NoError(t, err)
	require.Len(t, counts, 2)
	require.EqualValues(t, 300, counts[0].Entries)
	require.EqualValues(t, 300, counts[1].Entries)
}
