package rowstore

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
)

func openDistinct(t *testing.T, dir string) *Store {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Path, cfg.Distinct = dir, true
	s, err := Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// marksOf returns, of the rows with each message, the values of LateColumn.
func marksOf(t *testing.T, s *Store) map[string][]string {
	t.Helper()
	q := allRows()
	q.Late = true
	found := map[string][]string{}
	require.NoError(t, s.Query(t.Context(), "t", q, func(b *Block) error {
		marks := b.Column(LateColumn)
		for i, m := range b.Column(MessageField) {
			mark := ""
			if marks != nil {
				mark = string(append([]byte{}, marks[i]...))
			}
			found[string(append([]byte{}, m...))] = append(found[string(append([]byte{}, m...))], mark)
		}
		return nil
	}))
	for _, ms := range found {
		slices.Sort(ms)
	}
	return found
}

func rowsAt(from time.Time, n int, extra ...Field) []Row {
	rows := make([]Row, n)
	for i := range rows {
		rows[i] = Row{Time: from.UnixNano() + int64(i), Stream: []Field{{"s", fmt.Sprint(i % 3)}},
			Fields: append([]Field{{MessageField, fmt.Sprintf("%s %d", from.Format("05.000000000"), i)}}, extra...)}
	}
	return rows
}

func TestARepeatIsNotStoredTwice(t *testing.T) {
	dir := t.TempDir()
	s := openDistinct(t, dir)
	require.NoError(t, s.waitReplayed(t.Context()))
	now := time.Now()
	rows := rowsAt(now, 100)
	require.NoError(t, s.Append(t.Context(), "t", rows))
	require.NoError(t, s.Append(t.Context(), "t", rows))
	require.NoError(t, s.Append(t.Context(), "t", append(slices.Clone(rows[50:]), rowsAt(now.Add(time.Second), 50)...)))
	require.Equal(t, 150, countRows(t, s, allRows()))
	require.EqualValues(t, 150, testutil.ToFloat64(s.metrics.duplicates))
	require.EqualValues(t, 150, testutil.ToFloat64(s.metrics.rows))
	require.NoError(t, s.Append(t.Context(), "other", rows), "tenants do not repeat each other")
	require.EqualValues(t, 250, testutil.ToFloat64(s.metrics.rows))
	for message, marks := range marksOf(t, s) {
		require.Equal(t, []string{""}, marks, message)
	}
	// What differs in another field only is stored, and marked.
	require.NoError(t, s.Append(t.Context(), "t", rowsAt(now, 10, Field{"trace", "1"})))
	for i := range 10 {
		require.Equal(t, []string{"", "1"}, marksOf(t, s)[rows[i].Fields[0].Value])
	}
	q := allRows()
	q.Filter = MaybeEqual{}
	require.Equal(t, 10, countRows(t, s, q))
	q.Filter = Not{MaybeEqual{}}
	require.Equal(t, 150, countRows(t, s, q))
}

func TestConcurrentRepeatsAreStoredOnce(t *testing.T) {
	s := openDistinct(t, t.TempDir())
	now := time.Now()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for b := range 10 {
				if err := s.Append(t.Context(), "t", rowsAt(now.Add(time.Duration(b)*time.Second), 50)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	require.Equal(t, 500, countRows(t, s, allRows()))
}

// crashCopy returns a copy of the store's folder as a crash would leave it. Nothing
// may be appended meanwhile.
func crashCopy(t *testing.T, s *Store, keepRows bool) string {
	t.Helper()
	s.stop()
	s.background.Wait()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(s.cfg.Path)))
	if !keepRows {
		require.NoError(t, os.RemoveAll(filepath.Join(dir, "rows")))
	}
	return dir
}

// TestARepeatAfterACrashIsNotStoredTwice repeats at once, while the log is replayed,
// and later; of rows that the engine has, of some that it lost, and of some that the
// log has as applied only.
func TestARepeatAfterACrashIsNotStoredTwice(t *testing.T) {
	s := openDistinct(t, t.TempDir())
	require.NoError(t, s.waitReplayed(t.Context()))
	now := time.Now()
	n := 20_000
	if testing.Short() {
		n = 6_000
	}
	applied, flushed, lost := rowsAt(now, n), rowsAt(now.Add(time.Second), n), rowsAt(now.Add(2*time.Second), n)
	require.NoError(t, s.Append(t.Context(), "t", applied))
	s.stop()
	s.background.Wait()
	require.NoError(t, s.checkpoint(t.Context()))
	require.NoError(t, s.Append(t.Context(), "t", flushed))
	require.NoError(t, s.flushEngine(t.Context()))
	require.NoError(t, s.Append(t.Context(), "t", lost))
	require.NoError(t, s.Append(t.Context(), "t", rowsAt(now.Add(2*time.Second), 10, Field{"trace", "1"})))
	dir := crashCopy(t, s, true)

	s = openDistinct(t, dir)
	live := 0
	for _, rows := range [][]Row{lost, flushed, applied, rowsAt(now.Add(2*time.Second), 10, Field{"trace", "1"}), lost} {
		s.adding.RLock()
		if s.live {
			live++
		}
		s.adding.RUnlock()
		require.NoError(t, s.Append(t.Context(), "t", rows))
	}
	require.Less(t, live, 5, "some came while the log was replayed")
	require.NoError(t, s.waitReplayed(t.Context()))
	require.NoError(t, s.Append(t.Context(), "t", applied))
	require.Equal(t, 3*n+10, countRows(t, s, allRows()))
	q := allRows()
	q.Filter = MaybeEqual{}
	require.Equal(t, 10, countRows(t, s, q), "marks are as they were")

	// Again, with what was undecided in the log.
	s = openDistinct(t, crashCopy(t, s, true))
	require.NoError(t, s.Append(t.Context(), "t", lost))
	require.Equal(t, 3*n+10, countRows(t, s, allRows()))
}

// TestAfterACleanStartMarksAreSound: newer rows are distinct, older ones may equal
// what the store has.
func TestAfterACleanStartMarksAreSound(t *testing.T) {
	dir := t.TempDir()
	s := openDistinct(t, dir)
	now := time.Now()
	require.NoError(t, s.Append(t.Context(), "t", rowsAt(now, 9)))
	require.NoError(t, s.Append(t.Context(), "t", []Row{{Time: now.Add(time.Minute).UnixNano(), Stream: []Field{{"empty", ""}, {"s", "ahead"}}, Fields: []Field{{MessageField, "ahead"}}}}))
	require.NoError(t, s.Close())

	s = openDistinct(t, dir)
	require.Zero(t, s.distinctSince)
	require.NoError(t, s.waitReplayed(t.Context()))
	require.NoError(t, s.Append(t.Context(), "t", rowsAt(now, 9, Field{"trace", "1"})))
	require.NoError(t, s.Append(t.Context(), "t", rowsAt(now.Add(time.Second), 9)))
	require.NoError(t, s.Append(t.Context(), "t", []Row{{Time: now.Add(30 * time.Second).UnixNano(), Stream: []Field{{"s", "ahead"}}, Fields: []Field{{MessageField, "behind"}}}}))
	marks := marksOf(t, s)
	for _, r := range rowsAt(now, 9) {
		require.Equal(t, []string{"", "1"}, marks[r.Fields[0].Value])
	}
	for _, r := range rowsAt(now.Add(time.Second), 9) {
		require.Equal(t, []string{""}, marks[r.Fields[0].Value])
	}
	require.Equal(t, []string{"1"}, marks["behind"], "its stream has a newer row")
}

// TestRowsBeforeDistinctMayBeEqual turns the setting on, off and on again.
func TestRowsBeforeDistinctMayBeEqual(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	maybe := func(s *Store) int {
		q := allRows()
		q.Filter = MaybeEqual{}
		return countRows(t, s, q)
	}
	s := openInternal(t, dir)
	require.NoError(t, s.Append(t.Context(), "t", rowsAt(now, 5)))
	require.Equal(t, 5, maybe(s), "nobody knows")
	require.NoError(t, s.Close())
	s = openDistinct(t, dir)
	require.NoError(t, s.Append(t.Context(), "t", rowsAt(now.Add(time.Second), 7)))
	require.Equal(t, 5, maybe(s))
	require.NoError(t, s.Close())
	s = openDistinct(t, dir)
	require.Equal(t, 5, maybe(s), "it is on disk")
	require.NoError(t, s.Close())
	s = openInternal(t, dir)
	require.NoError(t, s.Append(t.Context(), "t", rowsAt(now, 5)))
	require.NoError(t, s.Close())
	s = openDistinct(t, dir)
	require.Equal(t, 17, maybe(s))
}
