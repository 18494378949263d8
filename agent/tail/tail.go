// Package tail reads files that grow: those of one job, found by globs, through
// rotation of every kind, each line once.
//
// A file is its device, inode and first bytes, not its name: a renamed file is read on
// where it is, a number that the system gives to a new file is noticed, and a copy that
// somebody makes before they truncate the original continues it. How far a file is read
// is kept in the same record as its lines (package feed).
package tail

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/text/encoding"

	"github.com/pharosd/pharos/agent/feed"
)

// Bounds.
const (
	// MaxLine is the longest line in bytes; longer ones come in pieces.
	MaxLine = 1 << 20
	// readSize is what is read of one file before it is another's turn.
	readSize = 256 << 10
	// chunk is one read.
	chunk = 64 << 10
	// linger is for how long a file that has lost its name is read on after it last grew.
	linger = time.Minute
	// idlePoll is how often files that do not grow are looked at, unless configured to be
	// looked at less often.
	idlePoll = 500 * time.Millisecond
)

// Config is a tailer's.
type Config struct {
	Job string
	// Encoding of the files, nil: UTF-8, kept as it is.
	Encoding encoding.Encoding
	// Compressed, if set, says that the files are compressed and do not grow.
	Compressed *Compression
	// SyncPeriod is how often globs are looked at again, whatever the directories tell.
	SyncPeriod time.Duration
	// MinPoll and MaxPoll are how often files are looked at.
	MinPoll, MaxPoll time.Duration
	// MaxOpen bounds open descriptors; least recently read files are closed first.
	MaxOpen int
	// States are those that the queue holds of this job, and of jobs that do not exist any
	// more, by key.
	States map[string][]byte
	// Position is where another agent (Promtail) stopped reading a path; ok is false if
	// it says nothing of it. It is asked for files without a state of their own.
	Position func(path string) (offset int64, ok bool)
	Feed     *feed.Feed
	Logger   *slog.Logger
	// Metrics may be nil.
	Metrics *Metrics
}

// Compression is how files are compressed.
type Compression struct {
	Format string // gz, z or bz2
	// InitialDelay is how long a file must be known before it is read.
	InitialDelay time.Duration
}

// Target is a glob with labels.
type Target struct {
	// Path is a glob with **; files that Exclude matches are left out.
	Path, Exclude string
	Labels        map[string]string
}

// Tailer reads the files of one job. Run drives its feed.
type Tailer struct {
	cfg  Config
	log  *slog.Logger
	wake chan struct{}

	mu      sync.Mutex // guards wanted and files against those who look on
	wanted  []Target
	changed bool
	files   []*file // all, in no order

	// What follows belongs to Run's goroutine.
	targets map[string]*target
	pending map[string]*state // restored and not yet claimed, by key
	watch   *watcher
	synced  time.Time
	open    descriptors
	buf     []byte
	made    int   // keys
	stream  *file // the compressed file that is being read
	// wide says that the encoding has units of 16 bits, little which comes first.
	wide, little bool
}

// New returns a tailer.
func New(cfg Config) *Tailer {
	if cfg.Metrics == nil {
		cfg.Metrics = NewMetrics(nil)
	}
	if cfg.MaxOpen <= 0 {
		cfg.MaxOpen = 1024
	}
	t := &Tailer{
		cfg: cfg, log: cfg.Logger.With("job", cfg.Job), wake: make(chan struct{}, 1),
		targets: map[string]*target{}, pending: map[string]*state{}, buf: make([]byte, chunk),
		open: descriptors{most: cfg.MaxOpen},
	}
	if cfg.Encoding != nil {
		t.wide, t.little = sixteen(cfg.Encoding)
	}
	for key, value := range cfg.States {
		s, err := decodeState(value)
		if err != nil {
			t.log.Warn("state of a file in the queue cannot be read, the file may be read again", "key", key, "error", err)
			continue
		}
		s.key = key
		t.pending[key] = s
	}
	cfg.Metrics.add(t)
	return t
}

// SetTargets replaces the targets.
func (t *Tailer) SetTargets(targets []Target) {
	t.mu.Lock()
	t.wanted, t.changed = targets, true
	t.mu.Unlock()
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// Run reads until ctx is done. It returns an error only if lines cannot be kept any more.
func (t *Tailer) Run(ctx context.Context) error {
	defer t.close()
	t.watch = newWatcher(t.log)
	tick := min(max(t.cfg.MinPoll/2, 10*time.Millisecond), 100*time.Millisecond)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.wake:
		case path := <-t.watch.events:
			t.noticed(path)
		case <-timer.C:
		}
		more, err := t.round(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case more:
			timer.Reset(0)
		default:
			timer.Reset(tick)
		}
	}
}

// round applies new targets, looks at globs and files that are due, and keeps what was
// read. It reports whether there is more to read at once.
func (t *Tailer) round(ctx context.Context) (more bool, err error) {
	now := time.Now()
	t.applyTargets(now)
	if now.Sub(t.synced) >= t.cfg.SyncPeriod {
		t.sync(now)
	}
	t.checkShadows(now)
	for _, f := range t.files {
		if f.ended || f.next.After(now) {
			continue
		}
		again, err := t.poll(ctx, f, now)
		if err != nil {
			return false, err
		}
		more = more || again
	}
	if err := t.cfg.Feed.Tick(ctx); err != nil {
		return false, err
	}
	t.sweep()
	return more, nil
}

// add makes a file known.
func (t *Tailer) add(f *file) {
	f.source = t.cfg.Feed.Register(f)
	t.mu.Lock()
	t.files = append(t.files, f)
	t.mu.Unlock()
}

// sweep forgets the files that are read to their end and whose state is deleted.
func (t *Tailer) sweep() {
	kept := t.files[:0:0]
	for i, f := range t.files {
		if !f.ended {
			if kept != nil {
				kept = append(kept, f)
			}
			continue
		}
		if kept == nil {
			kept = append(make([]*file, 0, len(t.files)), t.files[:i]...)
		}
		t.cfg.Feed.Forget(f.source)
		t.closeFile(f)
		f.target.forget(f)
	}
	if kept != nil && len(kept) != len(t.files) {
		t.mu.Lock()
		t.files = kept
		t.mu.Unlock()
	}
}

func (t *Tailer) close() {
	for _, f := range t.files {
		t.closeFile(f)
		f.closeStream()
	}
	t.watch.close()
	t.cfg.Metrics.remove(t)
}

// File is how far one file is read.
type File struct {
	Path string
	// Name is the value of the label filename.
	Name string
	// Offset is the byte (of compressed files: the line) up to which everything is kept,
	// Read the one up to which it is read, Size the file's.
	Offset, Read, Size int64
	// Current is false for what lost its name and is being read to its end.
	Current bool
	// Target is the glob that found it.
	Target string
	Lines  int64
}

// Files tells how far each file is read; it is safe for concurrent use.
func (t *Tailer) Files() []File {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]File, 0, len(t.files))
	for _, f := range t.files {
		at := f.where.Load()
		out = append(out, File{
			Path: at.path, Name: f.name, Offset: f.kept.Load(), Read: f.read.Load(), Size: f.seen.Load(),
			Current: at.current, Target: f.target.Path, Lines: f.lines.Load(),
		})
	}
	return out
}
