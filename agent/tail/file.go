package tail

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pharosd/pharos/agent/feed"
	"github.com/pharosd/pharos/agent/ship"
)

// file is one file as long as it is read, under whatever name. It is its feed's source.
type file struct {
	t      *Tailer
	target *target
	source uint64
	key    string // of its state in the queue

	// path is where it is; name is where it was first, the value of the label filename.
	path, name string
	// dir is the directory behind path if path is a symbolic link.
	dir    string
	labels map[string]string

	id      ID
	head    print // of the first bytes that were there
	current bool  // path still leads to it
	born    time.Time
	grown   time.Time // when it was last seen to grow
	next    time.Time // when to look at it again
	pause   time.Duration

	f            *os.File // nil: closed
	newer, older *file    // see descriptors

	off    int64 // next byte (or line) to read
	size   int64 // that was looked at
	mtime  int64 // likewise
	ranges feed.Ranges
	tail   print // of the bytes before tailAt
	tailAt int64
	window []byte // the last bytes that were read, up to off
	// known is the print of the bytes before knownAt, of a process before.
	known   print
	knownAt int64
	// inflight is the chunk behind off of which lines are being pushed.
	inflight []byte
	// newline is how lines end; nil: it is not known yet.
	newline []byte

	stream *stream // of a compressed file
	whole  *whole

	changed  bool // the state is not kept yet
	late     bool // it was not there when its target was new
	finished bool // nothing more is read of it
	deleting bool // its state is being deleted
	ended    bool // it is, and the file can be forgotten
	warned   bool // of an error that lasts

	// What follows is for those who look on.
	where                   atomic.Pointer[where]
	kept, read, seen, lines atomic.Int64
}

type where struct {
	path    string
	current bool
}

// newFile makes a file that begins at off known to its target.
func (t *Tailer) newFile(tg *target, path string, in info, now time.Time) *file {
	f := &file{t: t, target: tg, path: path, name: path, id: in.id, current: true, born: now, grown: now, next: now, tailAt: -1}
	f.key = t.newKey(in.id)
	f.setDir()
	t.claim(f)
	return f
}

// KeyPrefix begins the keys of all states of files, and with a job's name those of its.
func KeyPrefix(job string) string {
	const prefix = "file\x00"
	if job == "" {
		return prefix
	}
	return prefix + job + "\x00"
}

// newKey is a key that no other file has.
func (t *Tailer) newKey(id ID) string {
	t.made++
	return KeyPrefix(t.cfg.Job) + strconv.FormatUint(id.Ino, 36) + "-" + strconv.FormatInt(time.Now().UnixNano(), 36) + "-" + strconv.Itoa(t.made)
}

// restore makes the file of a state known.
func (t *Tailer) restore(tg *target, s *state, path string, id ID, now time.Time) *file {
	f := &file{t: t, target: tg, path: path, name: s.Name, id: id, current: true, born: now, grown: now, next: now,
		key: s.key, head: s.Head, tail: s.Tail, tailAt: s.Low, ranges: s.ranges(), whole: s.Whole, known: s.Seen, knownAt: s.Read}
	f.off = f.ranges.Low
	f.kept.Store(f.ranges.Low)
	f.setDir()
	t.unpend(s)
	if off, ok := t.readOn(tg, s, path); ok && off > f.off {
		f.off, f.ranges = off, feed.Ranges{Low: off}
	}
	renamedJob := !strings.HasPrefix(s.key, KeyPrefix(t.cfg.Job))
	if renamedJob {
		f.key = t.newKey(id)
		t.cfg.Feed.Put(ship.State{Key: s.key})
	}
	t.claim(f)
	if renamedJob || f.off != s.Low || s.Target != tg.key || s.Path != path || s.ID != id {
		f.touch()
	}
	return f
}

// readOn is how far another agent has read the file of a state meanwhile. It knows paths
// only: of a file that was renamed since, if what is now at its path is too short to be
// meant.
func (t *Tailer) readOn(tg *target, s *state, path string) (int64, bool) {
	if !tg.fresh || t.cfg.Position == nil {
		return 0, false
	}
	off, ok := t.cfg.Position(s.Path)
	if !ok || t.cfg.Compressed != nil {
		return off, ok && path == s.Path
	}
	return off, off <= sizeOf(path) && (path == s.Path || sizeOf(s.Path) < off)
}

func sizeOf(path string) int64 {
	in, err := stat(path)
	if err != nil {
		return 0
	}
	return in.size
}

// claim enters a new file everywhere.
func (t *Tailer) claim(f *file) {
	f.labels = make(map[string]string, len(f.target.Labels)+1)
	for name, value := range f.target.Labels {
		f.labels[name] = value
	}
	f.labels["filename"] = f.name
	t.add(f)
	f.target.enter(f)
	f.show()
	t.log.Debug("file found", "path", f.path, "offset", f.off)
}

// setDir remembers the directory behind a symbolic link, for the time when the link
// leads elsewhere.
func (f *file) setDir() {
	f.dir = ""
	if real, err := filepath.EvalSymlinks(f.path); err == nil && filepath.Dir(real) != filepath.Dir(f.path) {
		f.dir = filepath.Dir(real)
	}
}

// dirs are where the file may be under another name.
func (f *file) dirs() []string {
	if f.dir != "" {
		return []string{f.dir, filepath.Dir(f.path)}
	}
	return []string{filepath.Dir(f.path)}
}

// show lets those who look on see where the file is.
func (f *file) show() {
	f.where.Store(&where{f.path, f.current})
	f.read.Store(f.off)
	f.seen.Store(f.size)
}

// touch makes the file's state part of the next batch.
func (f *file) touch() {
	f.changed = true
	f.t.cfg.Feed.Touch(f.source)
}

// Done implements feed.Source.
func (f *file) Done(from, to int64) {
	f.ranges.Add(from, to)
	f.changed = true
}

// State implements feed.Source.
func (f *file) State() (ship.State, bool) {
	if f.deleting {
		return ship.State{Key: f.key}, true
	}
	if !f.changed {
		return ship.State{}, false
	}
	f.changed = false
	f.printTail()
	s := state{
		Version: stateVersion, Target: f.target.key, Path: f.path, Name: f.name, ID: f.id, Head: f.head, Tail: f.tail,
		Low: f.ranges.Low, Done: f.ranges.Done, At: time.Now().Unix(), Whole: f.whole,
	}
	s.Read, s.Seen = f.mark()
	return ship.State{Key: f.key, Value: s.encode()}, true
}

// printTail makes tail that of what is done, from memory where it can: the file may be
// truncated by now. Without it a copy of the file is not recognised.
func (f *file) printTail() {
	low := f.ranges.Low
	if f.tailAt == low {
		return
	}
	f.tail, f.tailAt = print{}, low
	n := int64(len(f.window)) - (f.off - low)
	switch {
	case low > f.off: // in the middle of a chunk
		if behind := low - f.off; behind <= int64(len(f.inflight)) {
			last := append(f.window[:len(f.window):len(f.window)], f.inflight[max(behind-printSize, 0):behind]...)
			f.tail = printOf(last[max(len(last)-printSize, 0):])
		}
	case n > 0:
		f.tail = printOf(f.window[:n])
	case f.f != nil:
		f.tail, _ = tailOf(f.f, low, printSize)
	}
}

// mark is a place in the file and the print of the bytes before it, by which a copy is
// recognised: as far behind as is known.
func (f *file) mark() (at int64, before print) {
	switch {
	case len(f.window) > 0:
		return f.off, printOf(f.window)
	case f.known.N > 0:
		return f.knownAt, f.known
	}
	return f.tailAt, f.tail
}

// remember keeps the end of what was read.
func (f *file) remember(data []byte) {
	if n := len(data); n > printSize {
		data = data[n-printSize:]
	}
	if f.window == nil {
		f.window = make([]byte, 0, printSize)
	}
	if over := len(f.window) + len(data) - printSize; over > 0 {
		f.window = f.window[:copy(f.window, f.window[over:])]
	}
	f.window = append(f.window, data...)
}

// Kept implements feed.Source.
func (f *file) Kept() {
	f.kept.Store(f.ranges.Low)
	f.ended = f.ended || f.deleting
}

// finish ends the reading of a file. Its state goes when everything that was read of it
// is done.
func (f *file) finish() {
	f.finished = true
	f.current = false
	f.show()
}

// forgetWhenDone deletes the state of a finished file once nothing of it is held back.
func (f *file) forgetWhenDone(now time.Time) {
	f.next = now.Add(f.t.cfg.MinPoll)
	if f.ranges.Low < f.off {
		return // held by a stage
	}
	f.deleting = true
	f.t.cfg.Feed.Touch(f.source)
}
