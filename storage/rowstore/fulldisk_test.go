package rowstore

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// smallDisk mounts a file system of that size.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("cannot mount a small file system: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// fillDisk writes a file until there is no room.
func fillDisk(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	require.NoError(t, err)
	defer f.Close()
	for size := 1 << 20; size >= 1; {
		if n, err := f.Write(make([]byte, size)); err != nil || n < size {
			size /= 2
		}
	}
}

// TestDiskFillsUpWhileTheEngineWrites takes all room away, again and again, while
// rows come in and the engine writes and merges, far below what MinFreeDisk would
// notice in time. Nothing that was acknowledged may be lost, nothing may panic, reads
// go on, and writing does when there is room.
func TestDiskFillsUpWhileTheEngineWrites(t *testing.T) {
	if testing.Short() {
		t.Skip("runs without the race detector")
	}
	dir := smallDisk(t, "300m")
	cfg := DefaultConfig()
	cfg.Path, cfg.Distinct, cfg.MaxLog, cfg.MinFreeDisk = filepath.Join(dir, "store"), true, 32<<20, 0
	s, err := Open(cfg, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.waitReplayed(t.Context()))

	quit := make(chan struct{})
	var mu sync.Mutex
	acked, refused := 0, 0
	var writers sync.WaitGroup
	now := time.Now()
	for w := range 3 {
		writers.Go(func() {
			for n := 0; n < 25; n++ {
				rows := noisyRows(now, (w*1000+n)*500, 500)
				for {
					err := s.Append(t.Context(), "t", rows)
					if err == nil {
						break
					}
					if !errors.Is(err, ErrReadOnly) && !errors.Is(err, ErrOverloaded) {
						t.Error(err)
						return
					}
					mu.Lock()
					refused++
					mu.Unlock()
					select {
					case <-quit:
						return
					case <-time.After(20 * time.Millisecond):
					}
				}
				mu.Lock()
				acked += len(rows)
				mu.Unlock()
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	ballast := filepath.Join(dir, "ballast")
	for i := range 4 {
		time.Sleep(time.Duration(50+i*31%200) * time.Millisecond)
		fillDisk(t, ballast)
		s.press()
		mu.Lock()
		atLeast := acked
		mu.Unlock()
		require.GreaterOrEqual(t, countRows(t, s, allRows()), atLeast, "reads go on")
		time.Sleep(250 * time.Millisecond)
		require.NoError(t, os.Remove(ballast))
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		close(quit)
		t.Error("writing does not go on when there is room")
		<-done
	}
	t.Logf("%d rows acknowledged, %d writes refused, merges ended: %v", acked, refused, s.faults.survived)
	require.NotZero(t, refused)
	require.Equal(t, acked, countRows(t, s, allRows()))
	require.NoError(t, s.Close())
	require.Empty(t, logFiles(t, cfg.Path))

	s, err = Open(cfg, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	defer s.Close()
	require.Equal(t, acked, countRows(t, s, allRows()))
}

// TestClosingOnAFullDisk keeps in the log what the engine could not write.
func TestClosingOnAFullDisk(t *testing.T) {
	dir := smallDisk(t, "64m")
	cfg := DefaultConfig()
	cfg.Path, cfg.MinFreeDisk = filepath.Join(dir, "store"), 0
	s, err := Open(cfg, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	for i := range 20 {
		require.NoError(t, s.Append(t.Context(), "t", noisyRows(time.Now(), i*100, 100)))
	}
	require.Equal(t, 2000, countRows(t, s, allRows()))
	fillDisk(t, filepath.Join(dir, "ballast"))
	err = s.Append(t.Context(), "t", noisyRows(time.Now(), 0, 1000))
	require.ErrorIs(t, err, ErrReadOnly)
	require.ErrorContains(t, err, "no space left")
	require.ErrorContains(t, s.Close(), "rows stay in the write-ahead log")
	require.NoError(t, os.Remove(filepath.Join(dir, "ballast")))
	s, err = Open(cfg, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	defer s.Close()
	require.Equal(t, 2000, countRows(t, s, allRows()))
}

// TestTortureEngineSurvivesAFullDisk takes the room away and gives it back every
// few milliseconds, while the engine has many small parts to merge in goroutines of
// its own: of data and of the index, from memory and from files.
func TestTortureEngineSurvivesAFullDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("runs without the race detector")
	}
	dir := smallDisk(t, "150m")
	cfg := DefaultConfig()
	cfg.Path, cfg.MinFreeDisk = filepath.Join(dir, "store"), 0
	s, err := Open(cfg, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	defer s.Close()
	ballast := filepath.Join(dir, "ballast")
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for i := 0; ; i++ {
			select {
			case <-quit:
				return
			case <-time.After(time.Duration(i%13) * time.Millisecond):
				fillDisk(t, ballast)
				time.Sleep(time.Duration(i%7) * time.Millisecond)
				_ = os.Remove(ballast)
			}
		}
	}()
	rows, now := 0, time.Now()
	lasts := 4 * time.Second
	if testkit.Torture() {
		lasts = time.Minute
	}
	for end := time.Now().Add(lasts); time.Now().Before(end); {
		batch := noisyRows(now, rows, 40)
		for i := range batch { // many streams, so that the index has something to merge
			batch[i].Stream = []Field{{"s", fmt.Sprint(rows + i)}}
			batch[i].Fields[0].Value = batch[i].Fields[0].Value[:100]
		}
		switch err := s.Append(t.Context(), "t", batch); {
		case err == nil:
			rows += len(batch)
		case !errors.Is(err, ErrReadOnly) && !errors.Is(err, ErrOverloaded):
			require.NoError(t, err)
		}
		s.press()
	}
	close(quit)
	<-ended
	t.Logf("%d rows, merges ended: %v, lists to repair: %v", rows, s.faults.survived, s.faults.stale)
	require.Equal(t, rows, countRows(t, s, allRows()))
	require.NoError(t, s.Close())
	s, err = Open(cfg, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	defer s.Close()
	require.Equal(t, rows, countRows(t, s, allRows()))
}

// TestStartOnAFullDisk neither panics nor loses anything, whether the engine has the
// rows, some of them, or not even the day.
func TestStartOnAFullDisk(t *testing.T) {
	for _, keepRows := range []bool{true, false} {
		src := openStill(t, t.TempDir())
		for i := range 10 {
			require.NoError(t, src.Append(t.Context(), "t", noisyRows(time.Now(), i*100, 100)))
			if i == 5 {
				require.NoError(t, src.flushEngine(t.Context()))
			}
		}
		from := crashCopy(t, src, keepRows)
		dir := smallDisk(t, "64m")
		cfg := DefaultConfig()
		cfg.Path, cfg.MinFreeDisk = filepath.Join(dir, "store"), 0
		require.NoError(t, os.CopyFS(cfg.Path, os.DirFS(from)))
		require.NoError(t, os.MkdirAll(filepath.Join(cfg.Path, "rows", "partitions"), 0o750))
		fillDisk(t, filepath.Join(dir, "ballast"))
		s, err := Open(cfg, slog.New(slog.DiscardHandler), nil)
		require.NoError(t, err)
		require.ErrorIs(t, s.Append(t.Context(), "t", noisyRows(time.Now(), 0, 1000)), ErrReadOnly)
		time.Sleep(700 * time.Millisecond)
		require.ErrorIs(t, s.Health(), ErrReplaying)
		require.NoError(t, os.Remove(filepath.Join(dir, "ballast")))
		require.Equal(t, 1000, countRows(t, s, allRows()), "rows kept: %v", keepRows)
		require.NoError(t, s.Append(t.Context(), "t", noisyRows(time.Now(), 0, 100)))
		require.NoError(t, s.Close())
	}
}

// TestANewDayOnAFullDisk refuses rows of a day that the engine has no folder of.
func TestANewDayOnAFullDisk(t *testing.T) {
	dir := smallDisk(t, "64m")
	cfg := DefaultConfig()
	cfg.Path, cfg.MinFreeDisk = filepath.Join(dir, "store"), 0
	s, err := Open(cfg, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	require.NoError(t, s.Append(t.Context(), "t", noisyRows(time.Now(), 0, 10)))
	fillDisk(t, filepath.Join(dir, "ballast"))
	yesterday := time.Now().Add(-30 * time.Hour)
	for range 3 {
		require.ErrorIs(t, s.Append(t.Context(), "t", noisyRows(yesterday, 0, 10)), ErrReadOnly)
		require.Equal(t, 10, countRows(t, s, allRows()), "reads go on")
	}
	require.NoError(t, os.Remove(filepath.Join(dir, "ballast")))
	require.NoError(t, s.Append(t.Context(), "t", noisyRows(yesterday, 0, 10)))
	q := allRows()
	q.Start = yesterday.Add(-time.Hour).UnixNano()
	require.Equal(t, 20, countRows(t, s, q))
	require.NoError(t, s.Close())
}
