package tail

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/ianaindex"

	"github.com/pharosd/pharos/agent/feed"
	"github.com/pharosd/pharos/agent/ship"
	"github.com/pharosd/pharos/pipeline"
)

// queue keeps batches as the queue on disk does: lines and states of one moment.
type queue struct {
	mu     sync.Mutex
	lines  []ship.Entry
	states map[string][]byte
}

func (q *queue) Append(ctx context.Context, b ship.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.lines = append(q.lines, b.Entries...)
	for _, s := range b.State {
		if len(s.Value) == 0 {
			delete(q.states, s.Key)
			continue
		}
		q.states[s.Key] = bytes.Clone(s.Value)
	}
	return nil
}

func (q *queue) texts() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := make([]string, len(q.lines))
	for i, e := range q.lines {
		out[i] = e.Entry.Line
	}
	return out
}

// rig is a directory with an agent that reads it and can be killed.
type rig struct {
	t       *testing.T
	dir     string
	q       *queue
	cfg     Config
	targets []Target
	chain   func() *pipeline.Chain
	tailer  *Tailer
	stop    func()
}

func newRig(t *testing.T, glob string) *rig {
	r := &rig{t: t, dir: t.TempDir(), q: &queue{states: map[string][]byte{}},
		chain: func() *pipeline.Chain { return pipeline.NewChain(nil, nil) }}
	r.cfg = Config{Job: "j", SyncPeriod: 50 * time.Millisecond, MinPoll: 10 * time.Millisecond, MaxPoll: 10 * time.Millisecond, Logger: slog.New(slog.DiscardHandler)}
	r.targets = []Target{{Path: filepath.Join(r.dir, glob), Labels: map[string]string{"job": "j"}}}
	t.Cleanup(func() { r.kill() })
	return r
}

// start runs an agent with what the queue holds.
func (r *rig) start() {
	cfg := r.cfg
	r.q.mu.Lock()
	cfg.States = maps.Clone(r.q.states)
	r.q.mu.Unlock()
	cfg.Feed = feed.New(feed.Config{Job: "j", Chain: r.chain(), Queue: r.q})
	r.tailer = New(cfg)
	r.tailer.SetTargets(r.targets)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.tailer.Run(ctx) }()
	r.stop = func() {
		cancel()
		require.NoError(r.t, <-done)
	}
}

// kill stops it at once: what is not in the queue is gone.
func (r *rig) kill() {
	if r.stop != nil {
		r.stop()
		r.stop = nil
	}
}

func (r *rig) path(name string) string { return filepath.Join(r.dir, name) }

func (r *rig) write(name, text string) {
	r.t.Helper()
	require.NoError(r.t, os.MkdirAll(filepath.Dir(r.path(name)), 0o755))
	f, err := os.OpenFile(r.path(name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	require.NoError(r.t, err)
	_, err = f.WriteString(text)
	require.NoError(r.t, err)
	require.NoError(r.t, f.Close())
}

// opened is how many files of its folder the process has open.
func (r *rig) opened() int {
	descriptors, err := filepath.Glob("/proc/self/fd/*")
	require.NoError(r.t, err)
	n := 0
	for _, d := range descriptors {
		if to, err := os.Readlink(d); err == nil && strings.HasPrefix(to, r.dir+"/") {
			n++
		}
	}
	return n
}

// expect waits for exactly these lines, in any order.
func (r *rig) expect(want ...string) {
	r.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		got := r.q.texts()
		if len(got) >= len(want) || time.Now().After(deadline) {
			time.Sleep(40 * time.Millisecond)
			require.ElementsMatch(r.t, want, r.q.texts())
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestReadsWhatGrows(t *testing.T) {
	r := newRig(t, "**/*.log")
	r.targets[0].Exclude = r.path("*skip*")
	r.write("a.log", "one\ntwo\nhal")
	r.write("skip.log", "no\n")
	r.write("deep/er/b.log", "\nempty before\r\n")
	r.start()
	r.expect("one", "two", "", "empty before\r")
	r.write("a.log", "f\nthree\n")
	r.write("deep/new/c.log", "found\n")
	r.expect("one", "two", "", "empty before\r", "half", "three", "found")
	require.Equal(t, r.path("a.log"), r.q.lines[0].Labels.Get("filename"))
	require.Equal(t, "j", r.q.lines[0].Labels.Get("job"))
}

func TestRotations(t *testing.T) {
	rotate := map[string]func(r *rig){
		"rename inside the glob":  func(r *rig) { require.NoError(t, os.Rename(r.path("a.log"), r.path("a.1.log"))) },
		"rename outside the glob": func(r *rig) { require.NoError(t, os.Rename(r.path("a.log"), r.path("a.log.1"))) },
		"delete":                  func(r *rig) { require.NoError(t, os.Remove(r.path("a.log"))) },
		"copy and truncate": func(r *rig) {
			text, err := os.ReadFile(r.path("a.log"))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(r.path("a.1.log"), text, 0o644))
			require.NoError(t, os.Truncate(r.path("a.log"), 0))
		},
		"copy outside the glob and truncate": func(r *rig) {
			text, err := os.ReadFile(r.path("a.log"))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(r.path("a.log.1"), text, 0o644))
			require.NoError(t, os.Truncate(r.path("a.log"), 0))
		},
	}
	for name, rotation := range rotate {
		for _, away := range []bool{false, true} {
			if away && name == "delete" {
				continue // then the lines are gone with the file
			}
			t.Run(fmt.Sprintf("%s, away %v", name, away), func(t *testing.T) {
				r := newRig(t, "*.log")
				r.write("a.log", "first 1\nfirst 2\n")
				r.start()
				r.expect("first 1", "first 2")
				if away {
					r.kill()
				}
				if name != "delete" || !away {
					r.write("a.log", "late 1\nlate 2\n")
				}
				if !away {
					r.expect("first 1", "first 2", "late 1", "late 2")
				}
				rotation(r)
				r.write("a.log", "second 1\n")
				if away {
					r.start()
				}
				r.expect("first 1", "first 2", "late 1", "late 2", "second 1")
				r.write("a.log", "second 2\n")
				r.expect("first 1", "first 2", "late 1", "late 2", "second 1", "second 2")
				r.kill()
				r.start()
				time.Sleep(150 * time.Millisecond)
				r.expect("first 1", "first 2", "late 1", "late 2", "second 1", "second 2")
			})
		}
	}
}

func TestWriterGoesOnInARenamedFile(t *testing.T) {
	r := newRig(t, "a.log")
	w, err := os.Create(r.path("a.log"))
	require.NoError(t, err)
	defer w.Close()
	fmt.Fprintln(w, "one")
	r.start()
	r.expect("one")
	require.NoError(t, os.Rename(r.path("a.log"), r.path("a.log.1")))
	r.write("a.log", "new\n")
	r.expect("one", "new")
	fmt.Fprintln(w, "two, by the old descriptor")
	r.expect("one", "new", "two, by the old descriptor")
	require.NoError(t, os.Remove(r.path("a.log.1")))
	fmt.Fprintln(w, "three, in a deleted file")
	r.expect("one", "new", "two, by the old descriptor", "three, in a deleted file")
}

func TestLinkThatLeadsElsewhere(t *testing.T) {
	r := newRig(t, "current.log")
	r.write("data/1.txt", "one\n")
	require.NoError(t, os.Symlink(r.path("data/1.txt"), r.path("current.log")))
	r.start()
	r.expect("one")
	r.write("data/2.txt", "two\n")
	require.NoError(t, os.Symlink(r.path("data/2.txt"), r.path("next")))
	r.write("data/1.txt", "one more\n")
	require.NoError(t, os.Rename(r.path("next"), r.path("current.log")))
	r.expect("one", "one more", "two")
	r.kill()
	r.write("data/2.txt", "two more\n")
	r.write("data/3.txt", "three\n")
	require.NoError(t, os.Remove(r.path("current.log")))
	require.NoError(t, os.Symlink(r.path("data/3.txt"), r.path("current.log")))
	r.start()
	r.expect("one", "one more", "two", "two more", "three")
}

func TestNumberThatIsGivenOutAgain(t *testing.T) {
	r := newRig(t, "*.log")
	r.write("a.log", "old content that is long enough to tell files apart\n")
	r.start()
	r.expect("old content that is long enough to tell files apart")
	r.kill()
	// The same inode with other content, longer than what was read.
	require.NoError(t, os.WriteFile(r.path("a.log"), []byte("new content\nwith several lines\nof which none was read before, and more bytes than the old\n"), 0o644))
	r.start()
	r.expect("old content that is long enough to tell files apart", "new content", "with several lines", "of which none was read before, and more bytes than the old")
}

func TestHeldLinesAreReadAgain(t *testing.T) {
	r := newRig(t, "*.log")
	r.chain = func() *pipeline.Chain { return pipeline.NewChain([]pipeline.Step{{Stage: &join{}}}, nil) }
	r.write("a.log", "begin 1\n more\nbegin 2\n")
	r.start()
	r.expect("begin 1| more")
	r.kill()
	r.write("a.log", " more of 2\n")
	require.NoError(t, os.Rename(r.path("a.log"), r.path("a.1.log")))
	r.write("a.log", "begin 3\nbegin 4\n")
	r.start()
	require.Eventually(t, func() bool { return strings.Contains(strings.Join(r.q.texts(), ";"), "begin 2| more of 2") }, 5*time.Second, 5*time.Millisecond)
	r.expect("begin 1| more", "begin 2| more of 2", "begin 3")
}

// join joins lines that begin with a blank to the one before, in each file.
type join struct{ held map[string]*pipeline.Event }

func (j *join) Process(e *pipeline.Event, out pipeline.Output) {
	if j.held == nil {
		j.held = map[string]*pipeline.Event{}
	}
	file := e.Labels["filename"]
	last := j.held[file]
	if last != nil && strings.HasPrefix(e.Line, " ") {
		last.Line += "|" + e.Line
		last.Absorb(e)
		return
	}
	j.held[file] = e
	if last != nil {
		out.Emit(last)
	}
}

func TestPositionsOfAnotherAgent(t *testing.T) {
	r := newRig(t, "*.log")
	r.write("a.log", "read before\nnot read\n")
	r.write("b.log", "short\n")
	r.write("c.log", "unknown to positions\n")
	r.cfg.Position = func(path string) (int64, bool) {
		off, ok := map[string]int64{r.path("a.log"): 12, r.path("b.log"): 999}[path]
		return off, ok
	}
	r.start()
	r.expect("not read", "short", "unknown to positions")
	r.kill()
	// Positions speak of the file that was there, not of one that takes its place.
	require.NoError(t, os.Rename(r.path("a.log"), r.path("a.old")))
	r.write("a.log", "a new file\nof which nothing was read\n")
	r.start()
	r.expect("not read", "short", "unknown to positions", "a new file", "of which nothing was read")
}

func TestEncodings(t *testing.T) {
	for _, name := range []string{"utf-16le", "utf-16be", "utf-16", "iso-8859-1", "windows-1252", "shift_jis"} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, "*.log")
			e, err := ianaindex.IANA.Encoding(name)
			require.NoError(t, err)
			r.cfg.Encoding = e
			first, second := "Grüße 1", "zweite Zeile\u0A00"
			if name == "shift_jis" {
				first, second = "ログ 表示", "二"
			} else if !strings.HasPrefix(name, "utf") {
				second = "zweite"
			}
			text, err := e.NewEncoder().String(first + "\n" + second + "\nrest")
			require.NoError(t, err)
			r.write("a.log", text[:len(text)-3])
			r.start()
			r.expect(first, second)
			end, err := e.NewEncoder().String("\n")
			require.NoError(t, err)
			r.write("a.log", text[len(text)-3:]+strings.TrimPrefix(end, "\xfe\xff"))
			r.expect(first, second, "rest")
		})
	}
}

func TestCompressed(t *testing.T) {
	r := newRig(t, "*.gz")
	r.cfg.Compressed = &Compression{Format: "gz", InitialDelay: 50 * time.Millisecond}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	var want []string
	for i := range 50_000 {
		want = append(want, fmt.Sprintf("compressed line %d", i))
		fmt.Fprintln(z, want[i])
	}
	require.NoError(t, z.Close())
	r.write("a.gz", b.String())
	r.cfg.Position = func(string) (int64, bool) { return 10, true } // lines
	r.start()
	require.Eventually(t, func() bool { return len(r.q.texts()) > 5000 }, 5*time.Second, time.Millisecond)
	r.kill()
	r.start()
	r.expect(want[10:]...)
	r.kill()
	r.start()
	time.Sleep(200 * time.Millisecond)
	r.expect(want[10:]...)
}

func TestLongLinesComeInPieces(t *testing.T) {
	r := newRig(t, "*.log")
	long := strings.Repeat("x", 2*MaxLine+100)
	r.write("a.log", "short\n"+long+"\nafter\n")
	r.start()
	r.expect("short", long[:MaxLine], long[:MaxLine], long[2*MaxLine:], "after")
}

func TestBatchesThatEndWithinAChunk(t *testing.T) {
	r := newRig(t, "*.log")
	var text strings.Builder
	var want []string
	for i := range 30_000 {
		want = append(want, fmt.Sprintf("line %d", i))
		fmt.Fprintln(&text, want[i])
	}
	r.write("a.log", text.String())
	r.start()
	require.Eventually(t, func() bool { return len(r.q.texts()) > 4096 }, 5*time.Second, time.Microsecond)
	r.kill()
	copied, err := os.ReadFile(r.path("a.log"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(r.path("a.copy"), copied, 0o644))
	require.NoError(t, os.Truncate(r.path("a.log"), 0))
	r.start()
	r.expect(want...)
}

func TestManyFilesWithFewDescriptors(t *testing.T) {
	r := newRig(t, "*.log")
	r.cfg.MaxOpen = 16
	const files = 300
	var want []string
	for i := range files {
		r.write(fmt.Sprintf("%d.log", i), fmt.Sprintf("first of %d\n", i))
		want = append(want, fmt.Sprintf("first of %d", i))
	}
	r.start()
	r.expect(want...)
	for i := range files {
		r.write(fmt.Sprintf("%d.log", i), fmt.Sprintf("late of %d\n", i))
		require.NoError(t, os.Rename(r.path(fmt.Sprintf("%d.log", i)), r.path(fmt.Sprintf("%d.old", i))))
		want = append(want, fmt.Sprintf("late of %d", i))
	}
	r.expect(want...)
	n := r.opened()
	require.LessOrEqual(t, n, 16)
	require.Positive(t, n)
}

func TestTargetsThatComeAndGo(t *testing.T) {
	r := newRig(t, "*.log")
	r.write("a.log", "one\n")
	r.start()
	r.expect("one")
	old := r.targets
	r.tailer.SetTargets(nil)
	time.Sleep(100 * time.Millisecond)
	r.write("a.log", "two\n")
	time.Sleep(100 * time.Millisecond)
	r.expect("one")
	// It comes back with other labels: that is the same file still.
	r.tailer.SetTargets([]Target{{Path: old[0].Path, Labels: map[string]string{"job": "j", "version": "2"}}})
	r.expect("one", "two")
	require.Equal(t, "2", r.q.lines[1].Labels.Get("version"))
}
