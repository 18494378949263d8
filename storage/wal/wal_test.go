package wal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func open(t testing.TB, dir string) *Log {
	t.Helper()
	return openWith(t, dir, func(*Config) {})
}

func openWith(t testing.TB, dir string, set func(*Config)) *Log {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Dir, cfg.SegmentSize = dir, 4<<10
	set(&cfg)
	l, err := Open(cfg, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func appendText(t testing.TB, l *Log, text string) uint64 {
	t.Helper()
	first, err := l.Append(t.Context(), []byte(text), 1)
	require.NoError(t, err)
	return first
}

func replayed(t testing.TB, l *Log) (texts []string, d Damage) {
	t.Helper()
	d, err := l.Replay(t.Context(), func(r Record) error {
		texts = append(texts, string(r.Payload))
		return nil
	})
	require.NoError(t, err)
	return texts, d
}

func TestReplayReturnsWhatWasAppended(t *testing.T) {
	dir := t.TempDir()
	var want []string
	var last uint64
	for round := range 3 {
		l := open(t, dir)
		got, damage := replayed(t, l)
		require.Equal(t, want, got)
		require.Zero(t, damage)
		for i := range 300 {
			text := fmt.Sprintf("round %d record %d", round, i)
			first := appendText(t, l, text)
			require.Greater(t, first, last, "numbers grow, over restarts too")
			last = first
			want = append(want, text)
		}
		require.NoError(t, l.Close())
	}
	segments, err := listSegments(dir)
	require.NoError(t, err)
	require.Greater(t, len(segments), 3)
}

func TestConcurrentAppendsShareSyncs(t *testing.T) {
	l := open(t, t.TempDir())
	syncs := 0
	gate := make(chan struct{})
	l.create = func(path string) (segmentFile, error) {
		f, err := createSegment(path)
		return &faultyFile{segmentFile: f, sync: func() error { syncs++; <-gate; return f.Sync() }}, err
	}
	var wg sync.WaitGroup
	seen := sync.Map{}
	appendOne := func() {
		defer wg.Done()
		first, err := l.Append(context.Background(), []byte("x"), 3)
		if err != nil {
			t.Error(err)
		}
		if _, dup := seen.LoadOrStore(first, true); dup {
			t.Error("number given twice")
		}
	}
	for range 100 {
		wg.Add(1)
		go appendOne()
	}
	// The first sync is held until all others have queued behind it.
	for l.Next() != 301 {
	}
	close(gate)
	wg.Wait()
	require.LessOrEqual(t, syncs, 2)
}

func TestDropBefore(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	var numbers []uint64
	for i := range 500 {
		numbers = append(numbers, appendText(t, l, fmt.Sprintf("record number %d of this log", i)))
	}
	require.NoError(t, l.DropBefore(numbers[250]))
	require.NoError(t, l.Close())
	segments, err := listSegments(dir)
	require.NoError(t, err)
	require.LessOrEqual(t, segments[0].first, numbers[250])
	require.Greater(t, segments[1].first, numbers[250], "earlier files are gone")

	l = open(t, dir)
	texts, _ := replayed(t, l)
	require.Len(t, texts, 250)
	require.Equal(t, "record number 250 of this log", texts[0])

	require.NoError(t, l.DropBefore(l.Next()))
	next := l.Next()
	require.NoError(t, l.Close())
	l = open(t, dir)
	texts, _ = replayed(t, l)
	require.Empty(t, texts)
	require.Equal(t, next, l.Next(), "numbers go on after everything was dropped")
}

// TestDamageCostsOneRecord flips each bit and cuts at each length of a small log.
func TestDamageCostsOneRecord(t *testing.T) {
	src := t.TempDir()
	l := open(t, src)
	for i := range 4 {
		appendText(t, l, fmt.Sprint("record ", i))
	}
	require.NoError(t, l.Close())
	segments, err := listSegments(src)
	require.NoError(t, err)
	require.Len(t, segments, 1)
	good, err := os.ReadFile(segments[0].path)
	require.NoError(t, err)

	read := func(b []byte) (n int, d Damage) {
		s := scanFile(b)
		for _, ok := s.next(); ok; _, ok = s.next() {
			n++
		}
		return n, s.damage
	}
	for bit := range len(good) * 8 {
		bad := bytes.Clone(good)
		bad[bit/8] ^= 1 << (bit % 8)
		n, d := read(bad)
		if bit/8 < len(fileHeader()) {
			require.Equal(t, 4, n, "bit %d is in the file's header", bit)
		} else {
			require.Equal(t, 3, n, "bit %d", bit)
		}
		require.Equal(t, 1, d.Records, "bit %d is reported", bit)
	}
	recordSize := (len(good) - len(fileHeader())) / 4
	for size := range good {
		n, d := read(good[:size])
		if size < len(fileHeader()) {
			require.Zero(t, n)
			continue
		}
		tail := (size - len(fileHeader())) % recordSize
		require.Equal(t, (size-len(fileHeader()))/recordSize, n)
		require.Equal(t, Damage{TornTail: tail != 0}, d, "size %d", size)
	}
	n, d := read(append(bytes.Clone(good), make([]byte, 4096)...))
	require.Equal(t, 4, n)
	require.Equal(t, Damage{TornTail: true}, d, "zeros at the end are a torn tail")
}

func TestLaterVersionIsRefused(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	appendText(t, l, "x")
	require.NoError(t, l.Close())
	segments, _ := listSegments(dir)
	b, err := os.ReadFile(segments[0].path)
	require.NoError(t, err)
	copy(b, fileHeader())
	b[8] = 9
	sum := appendUint32(b[:12], crcOf(b[:12]))
	copy(b, sum)
	require.NoError(t, os.WriteFile(segments[0].path, b, 0o600))
	_, err = Open(Config{Dir: dir}, slog.New(slog.DiscardHandler), nil)
	require.ErrorContains(t, err, "format version 9")
}

func TestDamagedCheckpoint(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	appendText(t, l, "x")
	require.NoError(t, l.DropAll())
	next := l.Next()
	require.NoError(t, l.Close())
	flip := func(name string) {
		b, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		b[len(b)/2] ^= 4
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	flip(checkpointName)
	l = open(t, dir)
	require.Equal(t, next, l.Next(), "the copy is read")
	require.NoError(t, l.Close())
	flip(copyName)
	_, err := Open(Config{Dir: dir}, slog.New(slog.DiscardHandler), nil)
	require.ErrorContains(t, err, "damaged", "numbers could be given out twice")
}

// faultyFile fails as it is told.
type faultyFile struct {
	segmentFile
	room     *int
	sync     func() error
	truncate error
}

func (f *faultyFile) Write(p []byte) (int, error) {
	if f.room == nil {
		return f.segmentFile.Write(p)
	}
	n := min(*f.room, len(p))
	n, err := f.segmentFile.Write(p[:n])
	*f.room -= n
	if err == nil && n < len(p) {
		err = &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	}
	return n, err
}

func (f *faultyFile) Sync() error {
	if f.sync != nil {
		return f.sync()
	}
	return f.segmentFile.Sync()
}

func (f *faultyFile) Truncate(size int64) error {
	if f.truncate != nil {
		return f.truncate
	}
	return f.segmentFile.Truncate(size)
}

func TestFullDiskLeavesNoTornLog(t *testing.T) {
	for _, truncate := range []error{nil, errors.New("cannot truncate")} {
		dir := t.TempDir()
		l := open(t, dir)
		room := 1000
		l.create = func(path string) (segmentFile, error) {
			f, err := createSegment(path)
			return &faultyFile{segmentFile: f, room: &room, truncate: truncate}, err
		}
		var want []string
		appendSome := func() {
			for i := range 40 {
				text := fmt.Sprint(len(want), " attempt ", i)
				_, err := l.Append(t.Context(), []byte(text), 1)
				if err == nil {
					want = append(want, text)
				} else {
					require.ErrorIs(t, err, ErrDiskFull)
				}
			}
		}
		appendSome()
		require.NotEmpty(t, want)
		require.Less(t, len(want), 40)
		room = 1000
		appendSome()
		require.NoError(t, l.Close())
		l = open(t, dir)
		got, damage := replayed(t, l)
		require.Equal(t, want, got)
		require.Zero(t, damage.Records)
		require.Equal(t, truncate != nil, damage.TornTail)
	}
}

func TestFailedSyncIsNotAcknowledged(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	failing := false
	l.create = func(path string) (segmentFile, error) {
		f, err := createSegment(path)
		return &faultyFile{segmentFile: f, sync: func() error {
			if failing {
				return errors.New("input/output error")
			}
			return f.Sync()
		}}, err
	}
	appendText(t, l, "one")
	failing = true
	_, err := l.Append(t.Context(), []byte("two"), 1)
	require.ErrorContains(t, err, "input/output error")
	failing = false
	appendText(t, l, "three")
	require.NoError(t, l.Close())
	got, damage := replayed(t, open(t, dir))
	require.Equal(t, []string{"one", "three"}, got)
	require.Zero(t, damage)
}

func TestSizeIsBounded(t *testing.T) {
	dir := t.TempDir()
	l := openWith(t, dir, func(c *Config) { c.MaxSize = 10_000 })
	var last uint64
	for {
		n, err := l.Append(t.Context(), make([]byte, 1000), 1)
		if err != nil {
			require.ErrorIs(t, err, ErrFull)
			break
		}
		last = n
	}
	require.LessOrEqual(t, sizeOf(t, dir), int64(10_000))
	require.ErrorIs(t, l.WaitRoom(t.Context(), 1000, 20*time.Millisecond), ErrFull)
	require.ErrorIs(t, l.WaitRoom(t.Context(), 20_000, time.Hour), ErrFull, "it never fits")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, l.WaitRoom(ctx, 1000, time.Hour), context.DeadlineExceeded)

	time.AfterFunc(20*time.Millisecond, func() { _ = l.DropBefore(last) })
	require.NoError(t, l.WaitRoom(t.Context(), 1000, time.Minute))
	appendText(t, l, "there is room again")
	require.Equal(t, sizeOf(t, dir), l.Size())
}

// TestConcurrentAppendsKeepTheBound also holds while records wait for the disk.
func TestConcurrentAppendsKeepTheBound(t *testing.T) {
	dir := t.TempDir()
	l := openWith(t, dir, func(c *Config) { c.MaxSize = 50_000 })
	var full atomic.Int64
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 10 {
				if _, err := l.Append(context.Background(), make([]byte, 1000), 1); errors.Is(err, ErrFull) {
					full.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	require.NotZero(t, full.Load())
	require.LessOrEqual(t, sizeOf(t, dir), int64(50_000))
}

func sizeOf(t *testing.T, dir string) (n int64) {
	segments, err := listSegments(dir)
	require.NoError(t, err)
	for _, s := range segments {
		n += s.size
	}
	return n
}

// TestAppliedFilesAreKept gives them up only when room is needed.
func TestAppliedFilesAreKept(t *testing.T) {
	dir := t.TempDir()
	keep := func(c *Config) { c.Keep, c.MaxSize = 10_000, 40_000 }
	l := openWith(t, dir, keep)
	var last uint64
	for range 30 {
		last, _ = l.Append(t.Context(), make([]byte, 1000), 1)
	}
	require.NoError(t, l.DropBefore(last))
	kept := sizeOf(t, dir)
	require.Less(t, kept, int64(20_000))
	require.Greater(t, kept, int64(8_000))
	require.NoError(t, l.Close())

	l = openWith(t, dir, keep)
	var applied, others int
	_, err := l.Replay(t.Context(), func(r Record) error {
		if r.Applied {
			applied++
			require.Less(t, r.First, last)
		} else {
			others++
			require.Equal(t, last, r.First)
		}
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 1, others)
	require.Greater(t, applied, 5)
	require.NoError(t, l.DropBefore(l.Next()))
	for range 35 { // fits only without what is kept
		_, err := l.Append(t.Context(), make([]byte, 1000), 1)
		require.NoError(t, err)
	}
	require.NoError(t, l.DropAll())
	require.Zero(t, sizeOf(t, dir))
}

func TestFollowReadsWhatIsAppendedMeanwhile(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	for i := range 10 {
		appendText(t, l, fmt.Sprint("before ", i))
	}
	require.NoError(t, l.Close())
	l = open(t, dir)
	from := l.Next()
	got, _ := replayed(t, l)
	require.Len(t, got, 10)

	var want, followed []string
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 300 {
			text := fmt.Sprint("while following, number ", i)
			if _, err := l.Append(context.Background(), []byte(text), 1); err != nil {
				t.Error(err)
			}
		}
	}()
	for i := range 300 {
		want = append(want, fmt.Sprint("while following, number ", i))
	}
	for deadline := time.Now().Add(30 * time.Second); len(followed) < len(want); {
		require.True(t, time.Now().Before(deadline))
		next, err := l.Follow(t.Context(), from, func(r Record) error {
			followed = append(followed, string(r.Payload))
			return nil
		})
		require.NoError(t, err)
		if len(followed)%7 == 0 { // what was passed may go
			require.NoError(t, l.DropBefore(next))
		}
		from = next
	}
	<-done
	require.Equal(t, want, followed)
	next, err := l.Follow(t.Context(), from, func(Record) error { t.Error("nothing is left"); return nil })
	require.NoError(t, err)
	require.Equal(t, from, next)
}

func TestClosedLog(t *testing.T) {
	l := open(t, t.TempDir())
	require.NoError(t, l.Close())
	_, err := l.Append(t.Context(), nil, 1)
	require.ErrorIs(t, err, ErrClosed)
	require.ErrorIs(t, l.Close(), ErrClosed)
}
