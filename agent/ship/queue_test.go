package ship

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/pharosd/pharos/model"
)

// collector is a server in memory that keeps what it takes in order.
type collector struct {
	mu    sync.Mutex
	lines []string
	seen  []shipment
	// answer, unless it is nil, is asked first; delivered takes the shipment.
	answer func(s *shipment) outcome
}

func (c *collector) encode(s *shipment) ([]byte, error) { return []byte(s.tenant), nil }
func (c *collector) close() error                       { return nil }

func (c *collector) send(_ context.Context, s *shipment, _ []byte) outcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.answer != nil {
		if o := c.answer(s); o.verdict != delivered {
			return o
		}
	}
	c.seen = append(c.seen, *s)
	for _, st := range s.streams {
		for _, e := range st.entries {
			c.lines = append(c.lines, strings.Clone(e.Line))
		}
	}
	return outcome{status: "204"}
}

func (c *collector) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.lines)
}

func testConfig(dir string) Config {
	return Config{Dir: dir, Clients: []ClientConfig{{URL: "http://127.0.0.1:1/loki/api/v1/push", BatchWait: time.Millisecond,
		Backoff: BackoffConfig{MinPeriod: time.Millisecond, MaxPeriod: 5 * time.Millisecond}}}}
}

func open(t testing.TB, cfg Config, to ...sender) *Queue {
	t.Helper()
	q, err := Open(cfg, Deps{Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Registry: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range to {
		q.clients[i].send = s
	}
	return q
}

// run ships until the returned function is called.
func run(t testing.TB, q *Queue) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- q.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func wait(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("timed out waiting for %s", what)
		}
	}
}

var web = model.NewLabels(model.Label{Name: "job", Value: "web"})

func lines(from, to int) (b Batch) {
	for i := from; i < to; i++ {
		b.Entries = append(b.Entries, Entry{Labels: web, Entry: model.LogEntry{Time: int64(i), Line: fmt.Sprintf("line %06d", i)}})
	}
	return b
}

func wantLines(t testing.TB, got []string, n int) {
	t.Helper()
	for i := range max(n, len(got)) {
		if i >= len(got) || i >= n || got[i] != fmt.Sprintf("line %06d", i) {
			t.Fatalf("got %d lines, want %d; the first difference is at %d: %q", len(got), n, i, got[min(i, len(got)-1)])
		}
	}
}

func mustAppend(t testing.TB, q *Queue, b Batch) {
	t.Helper()
	if err := q.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

func TestEverythingArrivesInOrder(t *testing.T) {
	var c collector
	q := open(t, testConfig(t.TempDir()), &c)
	stop := run(t, q)
	const n = 5000
	for i := 0; i < n; i += 10 {
		mustAppend(t, q, lines(i, i+10))
	}
	if err := q.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantLines(t, c.all(), n)
	stop()
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	if err := q.Append(t.Context(), lines(0, 1)); !errors.Is(err, ErrClosed) {
		t.Fatalf("append to a closed queue: %v", err)
	}
}

// A process that is killed leaves its files as they are, and its lock.
func kill(t testing.TB, q *Queue) {
	t.Helper()
	if err := q.lock.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestStatesAndEntriesOutliveTheProcess(t *testing.T) {
	dir := t.TempDir()
	q := open(t, testConfig(dir))
	b := lines(0, 3)
	b.State = []State{{"a", []byte("1")}, {"b", []byte("1")}, {"c", []byte{0, 255}}}
	mustAppend(t, q, b)
	b = lines(3, 5)
	b.State = []State{{"a", []byte("2")}, {"b", nil}}
	mustAppend(t, q, b)
	kill(t, q)

	var c collector
	q = open(t, testConfig(dir), &c)
	want := map[string][]byte{"a": []byte("2"), "c": {0, 255}}
	if got := q.States(); !reflect.DeepEqual(got, want) {
		t.Fatalf("states are %v, want %v", got, want)
	}
	mustAppend(t, q, lines(5, 7))
	stop := run(t, q)
	wait(t, "all lines", func() bool { return len(c.all()) >= 7 })
	stop()
	wantLines(t, c.all(), 7)
	for i := 1; i < len(c.seen); i++ {
		if c.seen[i].first <= c.seen[i-1].last {
			t.Fatalf("numbers do not grow: %+v", c.seen)
		}
	}
	kill(t, q)

	// What has arrived is not sent again, and the states do not depend on it.
	var again collector
	q = open(t, testConfig(dir), &again)
	stop = run(t, q)
	mustAppend(t, q, Batch{Entries: []Entry{{Entry: model.LogEntry{Line: "the last"}}}})
	wait(t, "the last line", func() bool { return len(again.all()) > 0 })
	stop()
	if got := again.all(); len(got) != 1 {
		t.Fatalf("sent again: %q", got)
	}
	if got := q.States(); !reflect.DeepEqual(got, want) {
		t.Fatalf("states are %v, want %v", got, want)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*"+segmentSuffix)); len(files) != 1 {
		t.Fatalf("files of what has arrived are still there: %q", files)
	}
}

func TestFullQueueMakesReadersWait(t *testing.T) {
	cfg := testConfig(t.TempDir())
	cfg.MaxBytes = minBytes
	away := true
	c := collector{}
	c.answer = func(*shipment) outcome {
		if away {
			return outcome{verdict: again, status: "-1", err: errors.New("away")}
		}
		return outcome{}
	}
	q := open(t, cfg, &c)
	defer run(t, q)()
	const n = 60_000
	appended := make(chan int, n)
	go func() {
		defer close(appended)
		for i := 0; i < n; i += 100 {
			b := lines(i, i+100)
			for j := range b.Entries { // text that does not compress
				b.Entries[j].Entry.Metadata = model.NewLabels(model.Label{Name: "x", Value: noise(i+j, 40)})
			}
			if q.Append(t.Context(), b) == nil {
				appended <- i
			}
		}
	}()
	wait(t, "the queue to be full", func() bool { return testutil.ToFloat64(q.metrics.full) == 1 })
	before := len(appended)
	time.Sleep(50 * time.Millisecond)
	if got := len(appended); got != before || got == n/100 {
		t.Fatalf("the queue took %d batches, then %d", before, got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	large := Batch{Entries: []Entry{{Entry: model.LogEntry{Line: noise(1, 20_000)}}}}
	if err := q.Append(ctx, large); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("append to a full queue: %v", err)
	}
	q.mu.Lock()
	size := q.size
	q.mu.Unlock()
	if size > cfg.MaxBytes {
		t.Fatalf("the queue has %d bytes, more than its bound of %d", size, cfg.MaxBytes)
	}
	c.mu.Lock()
	away = false
	c.mu.Unlock()
	wait(t, "all lines", func() bool { return len(c.all()) >= n })
	wantLines(t, c.all(), n)
}

// noise is text that is the same for the same seed.
func noise(seed, n int) string {
	b := make([]byte, n)
	x := uint64(seed)*0x9e3779b97f4a7c15 + 1
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = 'a' + byte(x%26)
	}
	return string(b)
}

// damage changes the newest segment that has records.
func damage(t *testing.T, dir string, change func([]byte) []byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"+segmentSuffix))
	if err != nil || len(files) == 0 {
		t.Fatal("no segment", err)
	}
	path := files[len(files)-1]
	b, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, change(b), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestDamageCostsOnlyItsRecord(t *testing.T) {
	tests := []struct {
		name    string
		change  func(b []byte, at []int) []byte // at are the records' places
		missing []int                           // records of ten lines
		damaged float64
	}{
		{"nothing", func(b []byte, _ []int) []byte { return b }, nil, 0},
		{"torn in the payload", func(b []byte, at []int) []byte { return b[:at[9]+40] }, []int{9}, 0},
		{"torn in the header", func(b []byte, at []int) []byte { return b[:at[9]+5] }, []int{9}, 0},
		{"bit in a payload", func(b []byte, at []int) []byte { b[at[4]+recordHeaderSize+9] ^= 4; return b }, []int{4}, 1},
		{"bit in a header", func(b []byte, at []int) []byte { b[at[4]+6] ^= 4; return b }, []int{4}, 1},
		{"zeros over two", func(b []byte, at []int) []byte { clear(b[at[2]+3 : at[4]-1]); return b }, []int{2, 3}, 1},
		{"rubbish at the end", func(b []byte, _ []int) []byte { return append(b, noise(1, 100)...) }, nil, 1},
		{"file header", func(b []byte, _ []int) []byte { b[9] ^= 1; return b }, nil, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			q := open(t, testConfig(dir))
			var at []int
			for i := range 10 {
				at = append(at, int(q.active().Size))
				mustAppend(t, q, lines(i*10, i*10+10))
			}
			kill(t, q)
			damage(t, dir, func(b []byte) []byte { return tt.change(b, at) })
			var c collector
			q = open(t, testConfig(dir), &c)
			stop := run(t, q)
			mustAppend(t, q, lines(100, 110))
			var want []string
			for i := range 11 {
				if !slices.Contains(tt.missing, i) {
					for _, e := range lines(i*10, i*10+10).Entries {
						want = append(want, e.Entry.Line)
					}
				}
			}
			wait(t, "the last line", func() bool { got := c.all(); return len(got) > 0 && got[len(got)-1] == "line 000109" })
			stop()
			if got := c.all(); !slices.Equal(got, want) {
				t.Fatalf("got %d lines, want %d: %q", len(got), len(want), got)
			}
			if got := testutil.ToFloat64(q.metrics.damaged); got != tt.damaged {
				t.Errorf("%v places are reported, want %v", got, tt.damaged)
			}
		})
	}
}

func TestStatesOutliveSegments(t *testing.T) {
	dir := t.TempDir()
	cfg := testConfig(dir)
	cfg.MaxBytes = minBytes
	var c collector
	q := open(t, cfg, &c)
	stop := run(t, q)
	mustAppend(t, q, Batch{State: []State{{"early", []byte("x")}}})
	for i := range 400 {
		b := Batch{State: []State{{"late", []byte(fmt.Sprint(i))}}}
		for j := range 100 {
			b.Entries = append(b.Entries, Entry{Entry: model.LogEntry{Line: noise(i*100+j, 80)}})
		}
		mustAppend(t, q, b)
	}
	wait(t, "all lines", func() bool { return len(c.all()) == 40_000 })
	stop()
	kill(t, q)
	if files, _ := filepath.Glob(filepath.Join(dir, "*"+segmentSuffix)); len(files) > 2 {
		t.Fatalf("%d files are left of what has arrived", len(files))
	}
	q = open(t, cfg)
	if got := q.States(); string(got["early"]) != "x" || string(got["late"]) != "399" {
		t.Fatalf("states are %q", got)
	}
}

func TestClientsKeepTheirPlaces(t *testing.T) {
	dir := t.TempDir()
	two := testConfig(dir)
	two.Clients = append(two.Clients, two.Clients[0])
	two.Clients[0].Name, two.Clients[1].Name = "fast", "slow"
	var fast, slow collector
	slow.answer = func(*shipment) outcome { return outcome{verdict: again} }
	q := open(t, two, &fast, &slow)
	stop := run(t, q)
	mustAppend(t, q, lines(0, 10))
	wait(t, "the fast one", func() bool { return len(fast.all()) == 10 })
	stop()
	kill(t, q)

	// The slow one is renamed, and a third one is new: it gets what is still there.
	three := two
	three.Clients = append(slices.Clone(two.Clients), two.Clients[0])
	three.Clients[1].Name, three.Clients[2].Name = "renamed", "new"
	fast, slow = collector{}, collector{}
	var fresh collector
	q = open(t, three, &fast, &slow, &fresh)
	stop = run(t, q)
	mustAppend(t, q, lines(10, 12))
	wait(t, "all", func() bool { return len(fast.all()) == 2 && len(slow.all()) == 12 && len(fresh.all()) == 12 })
	stop()
	wantLines(t, slow.all(), 12)
	agents := map[string]bool{fast.seen[0].agent: true, slow.seen[0].agent: true, fresh.seen[0].agent: true}
	if len(agents) != 3 {
		t.Fatalf("clients share numbers: %v", agents)
	}
}

// TestNumbersDoNotFallBehindACursor deletes the segments of a machine whose clock was
// ahead.
func TestNumbersDoNotFallBehindACursor(t *testing.T) {
	cfg := testConfig(t.TempDir())
	ahead := time.Now().Add(24 * time.Hour).UnixMicro()
	cursors := fmt.Sprintf(`{"version":1,"clients":[{"client":%q,"slot":0,"next":%d}]}`, cfg.Clients[0].URL, ahead)
	if err := os.WriteFile(filepath.Join(cfg.Dir, cursorsName), []byte(cursors), 0o600); err != nil {
		t.Fatal(err)
	}
	var c collector
	q := open(t, cfg, &c)
	defer run(t, q)()
	mustAppend(t, q, lines(0, 3))
	if err := q.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantLines(t, c.all(), 3)
	if got := c.seen[0].first; got < uint64(ahead) {
		t.Fatalf("the first number is %d, the server may have it", got)
	}
}

// TestAFullDiskMakesReadersWait mounts a small file system and fills it.
func TestAFullDiskMakesReadersWait(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("cannot mount a small file system: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 3<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	away := true
	c := collector{}
	c.answer = func(*shipment) outcome {
		if away {
			return outcome{verdict: again}
		}
		return outcome{}
	}
	q := open(t, testConfig(filepath.Join(dir, "queue")), &c)
	defer run(t, q)()
	const n = 40_000
	go func() {
		for i := 0; i < n; i += 100 {
			b := lines(i, i+100)
			for j := range b.Entries {
				b.Entries[j].Entry.Metadata = model.NewLabels(model.Label{Name: "x", Value: noise(i+j, 60)})
			}
			b.State = []State{{"next", []byte(fmt.Sprint(i + 100))}}
			if q.Append(t.Context(), b) != nil {
				return
			}
		}
	}()
	wait(t, "the disk to be full", func() bool { return testutil.ToFloat64(q.metrics.diskFull) > 0 })
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	away = false
	c.mu.Unlock()
	wait(t, "all lines", func() bool { return len(c.all()) >= n })
	wantLines(t, c.all(), n)
	if got := string(q.States()["next"]); got != fmt.Sprint(n) {
		t.Fatalf("the state says %s", got)
	}
}

func TestRefusesWhatItCannotKeep(t *testing.T) {
	cfg := testConfig(t.TempDir())
	cfg.MaxBytes = minBytes
	q := open(t, cfg)
	b := Batch{Entries: []Entry{{Entry: model.LogEntry{Line: noise(1, 1<<20)}}}}
	if err := q.Append(t.Context(), b); !errors.Is(err, ErrTooLarge) {
		t.Fatalf("a line as large as the queue: %v", err)
	}
	if _, err := Open(cfg, Deps{Logger: slog.Default()}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Fatalf("a second process on the same folder: %v", err)
	}
}
