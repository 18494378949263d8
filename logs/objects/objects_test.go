package objects

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/thanos-io/objstore"

	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/objects"
	"github.com/pharosd/pharos/storage/rowstore"
)

var web = model.NewLabels(model.Label{Name: "job", Value: "web"})

// world is what outlives the process: the store's and the spool's folders and the bucket.
type world struct {
	t      *testing.T
	dir    string
	bucket *flaky
	action *recorder
	cfg    Config
}

// flaky is a bucket that can be away.
type flaky struct {
	objstore.Bucket
	mu   sync.Mutex
	away bool
}

func (f *flaky) set(away bool) { f.mu.Lock(); f.away = away; f.mu.Unlock() }

func (f *flaky) Upload(ctx context.Context, name string, r io.Reader, o ...objstore.ObjectUploadOption) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.away {
		return errors.New("away")
	}
	return f.Bucket.Upload(ctx, name, r, o...)
}

type recorder struct {
	mu    sync.Mutex
	told  []Object
	fails int
}

func (r *recorder) Name() string { return "recorder" }

func (r *recorder) Finished(_ context.Context, o Object) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fails > 0 {
		r.fails--
		return errors.New("not now")
	}
	r.told = append(r.told, o)
	return nil
}

func (r *recorder) objects() []Object {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Object(nil), r.told...)
}

func newWorld(t *testing.T) *world {
	dir := t.TempDir()
	b, err := objects.Open(objects.Config{Type: objects.Directory, Directory: filepath.Join(dir, "bucket")})
	require.NoError(t, err)
	cfg := DefaultConfig()
	cfg.Every = 100 * time.Millisecond
	return &world{t: t, dir: dir, bucket: &flaky{Bucket: b}, action: &recorder{}, cfg: cfg}
}

// start opens everything, and returns the writer and what ends it. An end without
// closing is a crash.
func (w *world) start(run bool) (*Writer, func(crash bool)) {
	cfg := rowstore.DefaultConfig()
	cfg.Path, cfg.Distinct = filepath.Join(w.dir, "store"), true
	rows, err := rowstore.Open(cfg, slog.New(slog.DiscardHandler), nil)
	require.NoError(w.t, err)
	writer, err := NewWriter(w.cfg, logstore.New(rows, rows), Deps{Dir: filepath.Join(w.dir, "spool"), Bucket: w.bucket, Labels: web, Actions: []Action{w.action}, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(w.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	if run {
		go func() { done <- writer.Run(ctx) }()
	} else {
		done <- nil
	}
	return writer, func(crash bool) {
		cancel()
		require.NoError(w.t, <-done)
		if !crash {
			require.NoError(w.t, writer.Close())
		}
		require.NoError(w.t, rows.Close())
	}
}

func batch(at time.Time, labels model.Labels, lines ...string) []model.LogStream {
	s := model.LogStream{Labels: labels}
	for i, l := range lines {
		s.Entries = append(s.Entries, model.LogEntry{Time: at.UnixNano() + int64(i), Line: l})
	}
	return []model.LogStream{s}
}

// inObjects are the lines of all objects.
func (w *world) inObjects() map[string]int {
	out := map[string]int{}
	require.NoError(w.t, filepath.Walk(filepath.Join(w.dir, "bucket"), func(name string, info os.FileInfo, err error) error {
		if errors.Is(err, os.ErrNotExist) {
			return nil // no object yet, or one that got its name just now
		}
		if err != nil || info.IsDir() || strings.HasPrefix(filepath.Base(name), ".") {
			return err
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			return err
		}
		b, err := io.ReadAll(z)
		for _, l := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
			out[l]++
		}
		return err
	}))
	return out
}

func TestLinesBecomeObjectsAndActionsAreTold(t *testing.T) {
	w := newWorld(t)
	w.action.fails = 2
	writer, stop := w.start(true)
	defer stop(false)
	now := time.Now()
	require.NoError(t, writer.Append(t.Context(), "a", batch(now, web, "one", "two")))
	require.NoError(t, writer.Append(t.Context(), "b", append(batch(now, web, "three"), batch(now, model.NewLabels(model.Label{Name: "job", Value: "other"}), "no")...)))
	require.Eventually(t, func() bool { return len(w.action.objects()) == 2 }, 20*time.Second, 20*time.Millisecond)
	require.Equal(t, map[string]int{"one": 1, "two": 1, "three": 1}, w.inObjects())
	for _, o := range w.action.objects() {
		require.True(t, strings.HasPrefix(o.Key, string(o.Tenant)+"/20"), o.Key)
		attributes, err := w.bucket.Attributes(t.Context(), o.Key)
		require.NoError(t, err)
		require.Equal(t, attributes.Size, o.Size)
		require.Equal(t, map[string]int{"a": 2, "b": 1}[string(o.Tenant)], o.Lines)
		require.Len(t, o.MD5, 32)
	}
	require.Eventually(t, func() bool {
		left, _ := filepath.Glob(filepath.Join(w.dir, "spool", "*", "*"))
		return len(left) == 0 && writer.spool.size.Load() == 0
	}, 5*time.Second, 20*time.Millisecond, "nothing stays in the spool")
}

func TestRepeatsAreNotCopiedTwice(t *testing.T) {
	w := newWorld(t)
	writer, stop := w.start(true)
	now := time.Now()
	lines := batch(now, web, "one", "two")
	require.NoError(t, writer.Append(t.Context(), "a", lines))
	require.NoError(t, writer.Append(t.Context(), "a", append(lines, batch(now.Add(time.Second), web, "three")...)))
	require.Eventually(t, func() bool { return w.inObjects()["three"] == 1 }, 10*time.Second, 20*time.Millisecond)
	require.Equal(t, map[string]int{"one": 1, "two": 1, "three": 1}, w.inObjects())
	stop(false)
	// A request that ended between store and spool comes again: the store has it, the
	// objects must get it.
	writer, stop = w.start(true)
	defer stop(false)
	late := batch(now.Add(2*time.Second), web, "late")
	require.NoError(t, writer.store.(*logstore.Store).Append(t.Context(), "a", late))
	require.NoError(t, writer.Append(t.Context(), "a", late))
	require.Eventually(t, func() bool { return w.inObjects()["late"] == 1 }, 10*time.Second, 20*time.Millisecond)
}

// TestNothingIsLostWhenTheStorageIsAwayAndTheProcessDies: what was acknowledged is in
// the objects once, whatever was between.
func TestNothingIsLostWhenTheStorageIsAwayAndTheProcessDies(t *testing.T) {
	w := newWorld(t)
	w.cfg.MaxBytes = 4 << 10
	w.bucket.set(true)
	n := 0
	for round := range 4 {
		writer, stop := w.start(true)
		var wg sync.WaitGroup
		for c := range 4 {
			wg.Go(func() {
				for i := range 50 {
					at := time.Now()
					if err := writer.Append(context.Background(), "a", batch(at, web, fmt.Sprintf("line %d %d %d", round, c, i))); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		n += 200
		if round == 2 {
			w.bucket.set(false)
			time.Sleep(150 * time.Millisecond) // some are uploaded, some are not
		}
		stop(true)
		// A crash leaves half a record.
		for _, name := range must(filepath.Glob(filepath.Join(w.dir, "spool", "a", "*.open"))) {
			f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
			require.NoError(t, err)
			_, err = f.Write([]byte{20, 0, 0, 0, 1, 2, 3, 4, 5, 6})
			require.NoError(t, errors.Join(err, f.Close()))
		}
	}
	_, stop := w.start(true)
	defer stop(false)
	require.Eventually(t, func() bool { return len(w.inObjects()) >= n }, 30*time.Second, 100*time.Millisecond)
	for line, times := range w.inObjects() {
		require.Equal(t, 1, times, line)
	}
	require.Len(t, w.inObjects(), n)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestAFullSpoolRefusesForAWhile(t *testing.T) {
	w := newWorld(t)
	w.cfg.MaxBytes, w.cfg.MaxSpool = 1<<10, 1<<10
	w.bucket.set(true)
	writer, stop := w.start(true)
	defer stop(false)
	var err error
	for i := 0; err == nil; i++ {
		require.Less(t, i, 1000)
		err = writer.Append(t.Context(), "a", batch(time.Now(), web, strings.Repeat("x", 100)))
	}
	var refusal interface{ Refusal() (string, bool) }
	require.ErrorAs(t, err, &refusal)
	reason, temporary := refusal.Refusal()
	require.Equal(t, "disk_full", reason)
	require.True(t, temporary)
	require.NoError(t, writer.Append(t.Context(), "a", batch(time.Now(), model.NewLabels(model.Label{Name: "job", Value: "other"}), "x")), "other streams go on")
	w.bucket.set(false)
	require.Eventually(t, func() bool {
		return writer.Append(context.Background(), "a", batch(time.Now(), web, "again")) == nil
	}, 20*time.Second, 50*time.Millisecond)
}

func TestAJobOutlivesTheProcess(t *testing.T) {
	w := newWorld(t)
	w.action.fails = 1 << 30
	writer, stop := w.start(true)
	require.NoError(t, writer.Append(t.Context(), "a", batch(time.Now(), web, "x")))
	var jobs []string
	require.Eventually(t, func() bool {
		jobs, _ = filepath.Glob(filepath.Join(w.dir, "spool", "jobs", "*.json"))
		return len(jobs) == 1
	}, 10*time.Second, 20*time.Millisecond)
	stop(true)
	b, err := os.ReadFile(jobs[0])
	require.NoError(t, err)
	require.True(t, json.Valid(b))
	w.action.fails = 0
	_, stop = w.start(true)
	defer stop(false)
	require.Eventually(t, func() bool { return len(w.action.objects()) == 1 }, 10*time.Second, 20*time.Millisecond)
}

// TestFormatVersion1 reads a segment that version 1 wrote.
func TestFormatVersion1(t *testing.T) {
	f, err := os.Open("testdata/segment_v1.sealed")
	require.NoError(t, err)
	defer f.Close()
	var lines []string
	end, err := eachRecord(f, func(e spooled) error { lines = append(lines, fmt.Sprintf("%x %s", e.hash, e.line)); return nil })
	require.NoError(t, err)
	require.Equal(t, []string{"1 first", "2 second\nof two"}, lines)
	info, err := f.Stat()
	require.NoError(t, err)
	require.Equal(t, info.Size(), end)
}

// BenchmarkAppend measures what the spool adds to a push of 500 lines.
func BenchmarkAppend(b *testing.B) {
	s, err := openSpool(b.TempDir(), DefaultConfig(), &seen{}, newMetrics(nil))
	require.NoError(b, err)
	lines := make([]spooled, 500)
	for i := range lines {
		lines[i] = spooled{uint64(i), `10.0.0.1 - - [26/Nov/2026:10:00:00 +0000] "GET /items/123 HTTP/1.1" 200 1234`}
	}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := s.append("a", lines); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N*len(lines))/b.Elapsed().Seconds(), "lines/s")
}
