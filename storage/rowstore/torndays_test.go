package rowstore

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestADayThatAKillLeftUnfinished kills "between" the engine's steps of making and of
// removing a day: the store opens with all the rows of the other days.
func TestADayThatAKillLeftUnfinished(t *testing.T) {
	s := openDistinct(t, t.TempDir())
	now := time.Now().UTC()
	for _, ago := range []int{0, 1, 2} {
		require.NoError(t, s.Append(t.Context(), "t", rowsAt(now.AddDate(0, 0, -ago), 3)))
	}
	require.NoError(t, s.flushEngine(t.Context()))
	good := crashCopy(t, s, true)
	folder := func(dir string, ago int) string {
		return filepath.Join(dir, "rows", "partitions", now.AddDate(0, 0, -ago).Format(dayLayout))
	}

	for name, c := range map[string]struct {
		tear func(dir string) error
		size int64
		rows int
		says string // in the log, or in the error where no rows are expected
	}{
		"made, its folder only": {rows: 9, says: "it never held a row", tear: func(dir string) error {
			return os.Mkdir(folder(dir, 3), 0o750)
		}},
		"made, the index's folder only": {rows: 9, says: "it never held a row", tear: func(dir string) error {
			return os.MkdirAll(filepath.Join(folder(dir, 3), "indexdb"), 0o750)
		}},
		"made, without its list": {rows: 9, says: "it never held a row", tear: func(dir string) error {
			if err := os.MkdirAll(filepath.Join(folder(dir, 3), "indexdb"), 0o750); err != nil {
				return err
			}
			return os.Mkdir(filepath.Join(folder(dir, 3), "datadb"), 0o750)
		}},
		"behind the retention": {rows: 9, says: "older than the retention", tear: func(dir string) error {
			return os.CopyFS(folder(dir, 400), os.DirFS(folder(dir, 2)))
		}},
		"removed for its size, up to the list": {rows: 6, size: 1 << 40, says: "maximum size", tear: func(dir string) error {
			return os.Remove(filepath.Join(folder(dir, 2), "datadb", partsList))
		}},
		"removed for its size, part of the index": {rows: 6, size: 1 << 40, says: "maximum size", tear: func(dir string) error {
			return removeParts(filepath.Join(folder(dir, 2), "indexdb"))
		}},
		"damaged: no list": {says: "is damaged", tear: func(dir string) error {
			return os.Remove(filepath.Join(folder(dir, 0), "datadb", partsList))
		}},
		"damaged: a list that is none": {says: "parts.json: unexpected end of JSON input", tear: func(dir string) error {
			return os.WriteFile(filepath.Join(folder(dir, 0), "datadb", partsList), []byte(`["`), 0o600)
		}},
		"damaged: no parts": {says: "names a part that cannot be read", tear: func(dir string) error {
			if err := removeParts(filepath.Join(folder(dir, 0), "datadb")); err != nil {
				return err
			}
			return os.Mkdir(filepath.Join(folder(dir, 0), "datadb", "0000000000000000"), 0o750)
		}},
		"damaged: the index": {says: "names a part that cannot be read", tear: func(dir string) error {
			return removeParts(filepath.Join(folder(dir, 1), "indexdb"))
		}},
		"not a day": {says: "is not a day", tear: func(dir string) error {
			return os.Mkdir(filepath.Join(dir, "rows", "partitions", "lost+found"), 0o750)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := DefaultConfig()
			cfg.Path, cfg.Distinct, cfg.MaxSize = t.TempDir(), true, c.size
			require.NoError(t, os.CopyFS(cfg.Path, os.DirFS(good)))
			// The rows must come from the engine: the log would bring them back.
			require.NoError(t, os.RemoveAll(filepath.Join(cfg.Path, "wal")))
			require.NoError(t, c.tear(cfg.Path))
			var out bytes.Buffer
			s, err := Open(cfg, slog.New(slog.NewTextHandler(&out, nil)), nil)
			if c.rows == 0 {
				require.ErrorContains(t, err, c.says)
				return
			}
			require.NoError(t, err)
			defer s.Close()
			require.Contains(t, out.String(), c.says)
			q := allRows()
			q.Start = now.AddDate(0, 0, -10).UnixNano()
			counts, err := s.Count(t.Context(), "t", q, Grouping{})
			require.NoError(t, err)
			require.Len(t, counts, 1)
			require.EqualValues(t, c.rows, counts[0].Rows)
		})
	}
}

// removeParts leaves of a table its list.
func removeParts(table string) error {
	entries, err := os.ReadDir(table)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := os.RemoveAll(filepath.Join(table, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
