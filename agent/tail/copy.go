package tail

import (
	"os"
	"path/filepath"
	"time"
)

// shadow is a file that begins as one that is read, and has no more than that: most
// likely a copy whose original is truncated next (logrotate's copytruncate). Then the
// copy holds what was not read yet, and nothing else of it must be read.
type shadow struct {
	of    *file
	path  string
	size  int64
	since time.Time // when it was last seen to grow
}

const (
	// shadowAge is how long a copy may wait for its original to be truncated. After that
	// it is a file of its own.
	shadowAge = 10 * time.Second
	// maxUnread bounds the files that nothing was read of that a new file is compared with.
	maxUnread = 64
)

// isCopy reports whether a new file is a copy of one that is read, which is dealt with
// later. late says that it was not there when its target was new.
func (t *Tailer) isCopy(tg *target, path string, in info, late bool, now time.Time) bool {
	if s := tg.shadows[in.id]; s != nil {
		return !t.resolve(tg, s, in, now)
	}
	if in.size == 0 {
		return false
	}
	fd, err := os.Open(path)
	if err != nil {
		return false
	}
	defer fd.Close()
	of := t.original(tg, path, fd, in, late)
	if of == nil {
		return false
	}
	t.log.Debug("file is a copy of one that is read", "path", path, "original", of.path, "size", in.size, "off", of.off)
	tg.shadows[in.id] = &shadow{of, path, in.size, now}
	return true
}

// original is the file that a new one is a copy of, nil if there is none.
func (t *Tailer) original(tg *target, path string, fd *os.File, in info, late bool) *file {
	var b [printSize]byte
	n, err := readUpTo(fd, b[:], 0)
	if err != nil {
		return nil
	}
	dir := filepath.Dir(path)
	fits := func(of *file) bool {
		return of != nil && !of.finished && of.id != in.id && filepath.Dir(of.path) == dir && t.holds(of, fd, in.size)
	}
	if len(tg.heads) > 0 {
		for k := n; k > 0; k-- { // heads of files that were shorter when they were looked at
			if of := tg.heads[printOf(b[:k])]; fits(of) {
				return of
			}
		}
	}
	if !late {
		return nil // comparing all with all would take long
	}
	looked := 0
	for of := range tg.unread {
		if looked++; looked > maxUnread {
			break
		}
		if head, err := headAt(of.path, printSize); err == nil && head.N > 0 && head.N <= n && head == printOf(b[:head.N]) && fits(of) {
			return of
		}
	}
	return nil
}

// holds reports whether a file holds all that fd has, as far as it can be known.
func (t *Tailer) holds(of *file, fd *os.File, size int64) bool {
	at := size
	if of.off > 0 {
		at = min(size, of.off)
	}
	switch {
	case at == of.off && len(of.window) > 0:
		got, err := tailOf(fd, at, len(of.window))
		return err == nil && got == printOf(of.window)
	case at == of.tailAt && of.tail.N > 0:
		got, err := tailOf(fd, at, of.tail.N)
		return err == nil && got == of.tail
	}
	got, err := tailOf(fd, at, printSize)
	if err != nil || got.N == 0 || t.use(of) != nil {
		return false
	}
	want, err := tailOf(of.f, at, printSize)
	return err == nil && got == want
}

// resolve looks at a shadow again and reports whether it is one no more; then it may
// have become a file already, or is to be read from its beginning.
func (t *Tailer) resolve(tg *target, s *shadow, in info, now time.Time) (begin bool) {
	if s.of.finished { // what the original had is done
		delete(tg.shadows, in.id)
		f := t.newFile(tg, s.path, in, now)
		f.off = min(in.size, s.of.off)
		f.ranges.Low = f.off
		f.kept.Store(f.off)
		f.touch()
		return false
	}
	original, err := stat(s.of.path)
	if s.of.current && err == nil && original.id == s.of.id && original.size < s.of.off {
		return false // truncated: that is noticed when the original is polled
	}
	if in.size != s.size {
		s.size, s.since = in.size, now
		fd, err := os.Open(s.path)
		same := err == nil && t.holds(s.of, fd, in.size)
		if err == nil {
			_ = fd.Close()
		}
		if !same || in.size > max(original.size, s.of.off) {
			delete(tg.shadows, in.id)
			return true
		}
	}
	if now.Sub(s.since) > shadowAge {
		delete(tg.shadows, in.id)
		return true
	}
	return false
}

// checkShadows looks at all shadows again.
func (t *Tailer) checkShadows(now time.Time) {
	for _, tg := range t.targets {
		for id, s := range tg.shadows {
			in, err := stat(s.path)
			switch {
			case err != nil || in.id != id:
				delete(tg.shadows, id) // gone, or found under its new name
			case t.resolve(tg, s, in, now):
				t.begin(tg, s.path, in, now)
			}
		}
	}
}

// copied is a copy of a file, open.
type copied struct {
	path string
	in   info
	fd   *os.File
}

// findCopy finds a copy of a file that was truncated: a file of the same directory that
// begins alike, has as much as was done, and ends it alike.
func (t *Tailer) findCopy(f *file) (copied, bool) {
	f.printTail()
	at, tail := f.mark()
	if f.head.N == 0 || tail.N == 0 {
		return copied{}, false
	}
	for _, dir := range f.dirs() {
		for _, path := range names(dir) {
			in, err := stat(path)
			if err != nil || !in.regular || in.id == f.id || in.size < at {
				continue
			}
			other := f.target.files[in.id]
			if other != nil && (other.off > 0 || other.head.N > 0) {
				continue
			}
			fd, err := os.Open(path)
			if err != nil {
				continue
			}
			head, err := headOf(fd, f.head.N)
			if err == nil && head == f.head {
				if got, err := tailOf(fd, at, tail.N); err == nil && got == tail {
					if other != nil { // found, but not read
						f.target.forget(other)
						other.ended = true
					}
					return copied{path, in, fd}, true
				}
			}
			_ = fd.Close()
		}
	}
	return copied{}, false
}
