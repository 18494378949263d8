package rowstore

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// noisyRows do not compress.
func noisyRows(from time.Time, first, n int) []Row {
	rows := make([]Row, n)
	for i := range rows {
		noise := make([]byte, 750)
		_, _ = rand.Read(noise)
		rows[i] = Row{Time: from.UnixNano() + int64(first+i), Stream: []Field{{"s", fmt.Sprint((first + i) % 5)}},
			Fields: []Field{{MessageField, base64.StdEncoding.EncodeToString(noise)}, {"id", fmt.Sprint(first + i)}}}
	}
	return rows
}

// fullLog returns the folder of a store that crashed with its log at the bound, of
// which the engine has nothing, and the number of rows in it.
func fullLog(t *testing.T, maxLog int64) (dir string, rows int) {
	cfg := DefaultConfig()
	cfg.Path, cfg.Distinct, cfg.MaxLog = t.TempDir(), true, maxLog
	s, err := Open(cfg, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.waitReplayed(t.Context()))
	s.stop() // nothing shortens the log
	s.background.Wait()
	now := time.Now()
	for s.wal.Size() < maxLog-maxLog/startShare-2<<20 {
		require.NoError(t, s.Append(t.Context(), "t", noisyRows(now, rows, 1000)))
		rows += 1000
	}
	return crashCopy(t, s, false), rows
}

// TestTortureWritesAreAcceptedSoonAfterAStart opens a log at its bound. Rows are taken at
// once and all the time while it is replayed, and the log stays within the bound.
func TestTortureWritesAreAcceptedSoonAfterAStart(t *testing.T) {
	maxLog := int64(48 << 20)
	if testing.Short() {
		maxLog = MinLog
	}
	if testkit.Torture() {
		maxLog = DefaultConfig().MaxLog
	}
	dir, old := fullLog(t, maxLog)
	cfg := DefaultConfig()
	cfg.Path, cfg.Distinct, cfg.MaxLog = dir, true, maxLog
	began := time.Now()
	s, err := Open(cfg, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	defer s.Close()
	now := time.Now()
	require.NoError(t, s.Append(t.Context(), "t", noisyRows(now, 0, 1000)))
	require.Less(t, time.Since(began), 2*time.Second)
	require.ErrorIs(t, s.Health(), ErrReplaying)
	fresh, largest := 1000, time.Duration(0)
	for done := false; !done; {
		select {
		case <-s.replayed:
			done = true
		default:
		}
		at := time.Now()
		err := s.Append(t.Context(), "t", noisyRows(now, fresh, 1000))
		if testing.Short() && errors.Is(err, ErrOverloaded) {
			t.Log("the race detector makes it too slow to keep up")
			continue
		}
		require.NoError(t, err)
		largest = max(largest, time.Since(at))
		fresh += 1000
		require.LessOrEqual(t, s.wal.Size(), maxLog)
	}
	t.Logf("%d old rows replayed and %d new ones taken in %s, one write waited %s", old, fresh, time.Since(began), largest)
	require.Equal(t, old+fresh, countRows(t, s, allRows()))
	require.NoError(t, s.Health())
}

// openOnlyDir, when set, makes the test binary a process that opens the store and
// does nothing.
const openOnlyDir = "PHAROS_OPEN_ONLY_DIR"

func TestOpenOnly(t *testing.T) {
	dir := os.Getenv(openOnlyDir)
	if dir == "" {
		t.Skip("only for TestKilledAgainAndAgainGetsOn")
	}
	s := openDistinct(t, dir)
	fmt.Println("opened")
	_ = s.waitReplayed(t.Context())
	select {}
}

// TestKilledAgainAndAgainGetsOn kills a process as soon as it has got on a little with
// its replay, again and again: the next one goes on from there.
func TestKilledAgainAndAgainGetsOn(t *testing.T) {
	if testing.Short() {
		t.Skip("runs without the race detector")
	}
	dir, rows := fullLog(t, 32<<20)
	checkpoint := func() (n uint64) {
		b, err := os.ReadFile(filepath.Join(dir, "wal", "checkpoint"))
		if err == nil {
			_, err = fmt.Sscanf(string(b), "pharos-wal-checkpoint 1 %d", &n)
			require.NoError(t, err)
		}
		return n
	}
	kills, last, longest := 0, checkpoint(), time.Duration(0)
	for ; last <= uint64(rows); kills++ {
		cmd := exec.Command(os.Args[0], "-test.run=^TestOpenOnly$")
		cmd.Env = append(os.Environ(), openOnlyDir+"="+dir)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		_, err = out.Read(make([]byte, 1))
		require.NoError(t, err)
		opened := time.Now()
		for checkpoint() == last && time.Since(opened) < 20*time.Second {
			time.Sleep(5 * time.Millisecond)
		}
		longest = max(longest, time.Since(opened))
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait()
		require.Greater(t, checkpoint(), last, "it got on")
		last = checkpoint()
	}
	require.Greater(t, kills, 2)
	t.Logf("%d kills, no process took longer than %s to get on", kills, longest)
	require.Equal(t, rows, countRows(t, openDistinct(t, dir), allRows()))
}

// TestFullSpeedStaysWithinTheBound writes as fast as it can: nothing is refused, and
// the log's files never exceed the bound.
func TestFullSpeedStaysWithinTheBound(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Path, cfg.Distinct, cfg.MaxLog = t.TempDir(), true, 32<<20
	s, err := Open(cfg, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	defer s.Close()
	batches := 30 // of each writer: some times the log's bound
	if testing.Short() {
		batches = 12
	}
	var written atomic.Int64
	now := time.Now()
	done := make(chan struct{})
	for w := range 4 {
		go func() {
			defer func() { done <- struct{}{} }()
			for n := range batches {
				if err := s.Append(t.Context(), "t", noisyRows(now, (w*batches+n)*1000, 1000)); err != nil {
					t.Error(err)
					return
				}
				written.Add(1000)
			}
		}()
	}
	for ended := 0; ended < 4; {
		select {
		case <-done:
			ended++
		case <-time.After(5 * time.Millisecond):
			require.LessOrEqual(t, s.wal.Size(), cfg.MaxLog)
			var onDisk int64
			for _, f := range logFiles(t, cfg.Path) {
				if info, err := os.Stat(f); err == nil {
					onDisk += info.Size()
				}
			}
			require.LessOrEqual(t, onDisk, cfg.MaxLog)
		}
	}
	require.EqualValues(t, 4*batches*1000, written.Load())
	require.Equal(t, 4*batches*1000, countRows(t, s, allRows()))
}
