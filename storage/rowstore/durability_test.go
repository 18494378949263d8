package rowstore

import (
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func openInternal(t *testing.T, dir string) *Store {
	cfg := DefaultConfig()
	cfg.Path = dir
	s, err := Open(cfg, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func allRows() Query {
	return Query{Start: time.Now().Add(-time.Hour).UnixNano(), End: time.Now().Add(time.Hour).UnixNano()}
}

func countRows(t *testing.T, s *Store, q Query) int {
	rows, err := s.Count(t.Context(), "t", q, Grouping{})
	require.NoError(t, err)
	if len(rows) == 0 {
		return 0
	}
	return int(rows[0].Rows)
}

func logFiles(t *testing.T, dir string) []string {
	files, err := filepath.Glob(filepath.Join(dir, "wal", "*.wal"))
	require.NoError(t, err)
	return files
}

func appendOne(t *testing.T, s *Store, stream, msg string) {
	require.NoError(t, s.Append(t.Context(), "t", []Row{{Time: time.Now().UnixNano(),
		Stream: []Field{{"s", stream}}, Fields: []Field{{MessageField, msg}}}}))
}

// TestCleanCloseLeavesNothingToReplay also looks for the lock on the folder.
func TestCleanCloseLeavesNothingToReplay(t *testing.T) {
	dir := t.TempDir()
	s := openInternal(t, dir)
	appendOne(t, s, "a", "x")
	require.NotEmpty(t, logFiles(t, dir))
	cfg := DefaultConfig()
	cfg.Path = dir
	_, err := Open(cfg, slog.New(slog.DiscardHandler), nil)
	require.ErrorContains(t, err, "in use")
	require.NoError(t, s.Close())
	require.Empty(t, logFiles(t, dir))
	require.Equal(t, 1, countRows(t, openInternal(t, dir), allRows()))
}

// TestCheckpointShortensTheLog looks whether the engine has everything on disk then:
// a copy of its folder alone has the rows.
func TestCheckpointShortensTheLog(t *testing.T) {
	dir := t.TempDir()
	s := openInternal(t, dir)
	for i := range 50 {
		appendOne(t, s, fmt.Sprint(i%3), fmt.Sprint(i))
	}
	require.NoError(t, s.waitReplayed(t.Context()))
	s.stop()
	s.background.Wait()
	require.NotEmpty(t, logFiles(t, dir))
	require.NoError(t, s.checkpoint(t.Context()))
	require.Empty(t, logFiles(t, dir))
	copied := t.TempDir()
	require.NoError(t, os.CopyFS(copied, os.DirFS(dir)))
	require.Equal(t, 50, countRows(t, openInternal(t, copied), allRows()))
}

// TestNewStreamsAreFoundAtOnce asks the same selector again while the engine
// still remembers which streams it had.
func TestNewStreamsAreFoundAtOnce(t *testing.T) {
	s := openInternal(t, t.TempDir())
	q := allRows()
	q.Streams = []StreamMatcher{{Name: "s", Op: Regex, Value: ".+"}}
	for i := range 30 {
		appendOne(t, s, fmt.Sprint("stream ", i), "x")
		if i%10 == 0 {
			time.Sleep(1100 * time.Millisecond) // the engine's own flush goes first
		}
		require.Equal(t, i+1, countRows(t, s, q))
	}
}

// TestReplayRepairsTheIndex takes from a copy of a closed store what the engine
// writes last, its index of streams, and replays over it.
func TestReplayRepairsTheIndex(t *testing.T) {
	dir := t.TempDir()
	s := openInternal(t, dir)
	for i := range 20 {
		appendOne(t, s, fmt.Sprint(i%4), "x")
	}
	saved := t.TempDir()
	require.NoError(t, os.CopyFS(saved, os.DirFS(filepath.Join(dir, "wal"))))
	require.NoError(t, s.Close())
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "wal")))
	require.NoError(t, os.CopyFS(filepath.Join(dir, "wal"), os.DirFS(saved)))
	removed := 0
	require.NoError(t, filepath.WalkDir(filepath.Join(dir, "rows"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "indexdb" {
			removed++
			require.NoError(t, os.RemoveAll(path))
			require.NoError(t, os.Mkdir(path, 0o750))
			return fs.SkipDir
		}
		return err
	}))
	require.Equal(t, 1, removed)

	s = openInternal(t, dir)
	require.Equal(t, 20, countRows(t, s, allRows()), "no row twice")
	for i := range 4 {
		q := allRows()
		q.Streams = []StreamMatcher{{Name: "s", Op: Equal, Value: fmt.Sprint(i)}}
		require.Equal(t, 5, countRows(t, s, q))
	}
	streams, err := s.Streams(t.Context(), "t", allRows(), 0)
	require.NoError(t, err)
	require.Len(t, streams, 4)
}

// TestFullDiskRefusesWritesOnly uses a bound that no disk meets.
func TestFullDiskRefusesWritesOnly(t *testing.T) {
	dir := t.TempDir()
	s := openInternal(t, dir)
	appendOne(t, s, "a", "x")
	require.NoError(t, s.Health())
	require.NoError(t, s.Close())

	cfg := DefaultConfig()
	cfg.Path, cfg.MinFreeDisk = dir, 1<<62
	s, err := Open(cfg, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	err = s.Append(t.Context(), "t", []Row{{Time: time.Now().UnixNano(), Fields: []Field{{MessageField, "y"}}}})
	require.ErrorIs(t, err, ErrReadOnly)
	require.Equal(t, 1, countRows(t, s, allRows()), "reads go on")
	require.ErrorIs(t, s.Health(), ErrReadOnly)
	require.NoError(t, s.Close())

	s = openInternal(t, dir)
	appendOne(t, s, "a", "z")
	require.Equal(t, 2, countRows(t, s, allRows()))
}

// TestTooManyBytesUnderWay refuses before anything is written.
func TestTooManyBytesUnderWay(t *testing.T) {
	s := openInternal(t, t.TempDir())
	s.cfg.MaxInFlight = 10
	err := s.Append(t.Context(), "t", []Row{{Time: time.Now().UnixNano(), Fields: []Field{{MessageField, "more than ten bytes"}}}})
	require.ErrorIs(t, err, ErrOverloaded)
	require.Zero(t, s.inFlight.Load())
	require.Zero(t, countRows(t, s, allRows()))
}

// TestWritesAreAcceptedDuringReplay holds the replay back and writes meanwhile.
func TestWritesAreAcceptedDuringReplay(t *testing.T) {
	dir := t.TempDir()
	s := openInternal(t, dir)
	for i := range 100 {
		appendOne(t, s, "a", fmt.Sprint("before ", i))
	}
	saved := t.TempDir()
	require.NoError(t, os.CopyFS(saved, os.DirFS(filepath.Join(dir, "wal"))))
	require.NoError(t, s.Close())
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "rows")), "the engine lost everything")
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "wal")))
	require.NoError(t, os.CopyFS(filepath.Join(dir, "wal"), os.DirFS(saved)))
	s = openInternal(t, dir)
	for i := range 100 {
		appendOne(t, s, "a", fmt.Sprint("after ", i))
	}
	require.Equal(t, 200, countRows(t, s, allRows()))
	require.NoError(t, s.Close())
	require.Equal(t, 200, countRows(t, openInternal(t, dir), allRows()))
}

// TestDamagedRecordCostsItsRowsOnly flips a bit in the middle of the log.
func TestDamagedRecordCostsItsRowsOnly(t *testing.T) {
	dir := t.TempDir()
	s := openInternal(t, dir)
	for i := range 10 {
		appendOne(t, s, "a", fmt.Sprint("row ", i))
	}
	file := logFiles(t, dir)[0]
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	b[len(b)/2] ^= 1
	require.NoError(t, s.Close())
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "rows")))
	require.NoError(t, os.Remove(filepath.Join(dir, "wal", "checkpoint")))
	require.NoError(t, os.Remove(filepath.Join(dir, "wal", "checkpoint.copy")))
	require.NoError(t, os.WriteFile(file, b, 0o600))
	require.Equal(t, 9, countRows(t, openInternal(t, dir), allRows()))
}
