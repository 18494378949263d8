package tail

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pharosd/pharos/agent/ship"
)

// maxSearched bounds the names of one directory that are looked through.
const maxSearched = 20_000

func (t *Tailer) pend(s *state) { t.pending[s.key] = s }

func (t *Tailer) unpend(s *state) { delete(t.pending, s.key) }

// drop forgets a state whose file was not found for long.
func (t *Tailer) drop(s *state) {
	t.unpend(s)
	t.cfg.Feed.Put(ship.State{Key: s.key})
}

// restoreTarget finds the files of a target's states, wherever they are by now.
func (t *Tailer) restoreTarget(tg *target, now time.Time) {
	var mine []*state
	for _, s := range t.pending {
		if (s.Target == tg.key || t.targets[s.Target] == nil) && tg.matches(s.Name) {
			mine = append(mine, s)
		}
	}
	slices.SortFunc(mine, func(a, b *state) int { return strings.Compare(a.key, b.key) })
	for _, s := range mine {
		if tg.files[s.ID] != nil {
			continue
		}
		path, in, found := t.locate(s)
		if found {
			f := t.restore(tg, s, path, in.id, now)
			if path != s.Path {
				t.log.Info("file was renamed while the agent was away", "path", s.Path, "now", path)
			}
			if !tg.matches(path) {
				t.lost(f)
			}
			continue
		}
		if t.cfg.Compressed != nil {
			continue
		}
		// The original may be truncated: a copy of it goes on.
		f := &file{t: t, path: s.Path, id: s.ID, head: s.Head, tail: s.Tail, tailAt: s.Low, ranges: s.ranges(), known: s.Seen, knownAt: s.Read, target: tg}
		f.off = s.Low
		f.setDir()
		if c, ok := t.findCopy(f); ok {
			restored := t.restore(tg, s, c.path, c.in.id, now)
			t.adopt(restored, c.fd)
			t.log.Info("file was copied and truncated while the agent was away", "path", s.Path, "copy", c.path)
			if !tg.matches(c.path) {
				t.lost(restored)
			}
		}
	}
}

// locate finds the file of a state by its number and first bytes.
func (t *Tailer) locate(s *state) (string, info, bool) {
	if in, err := stat(s.Path); err == nil && in.id == s.ID {
		return s.Path, in, t.isFile(s.Path, in, s.Head, s.Low)
	}
	f := &file{path: s.Path}
	f.setDir()
	return t.search(f.dirs(), s.ID, s.Head, s.Low)
}

// search finds a file in directories by its number and first bytes.
func (t *Tailer) search(dirs []string, id ID, head print, low int64) (path string, in info, found bool) {
	for _, dir := range dirs {
		for _, path := range names(dir) {
			in, err := stat(path)
			if err == nil && in.id == id && t.isFile(path, in, head, low) {
				return path, in, true
			}
		}
	}
	return "", info{}, false
}

// isFile reports whether the file at path begins as one with that head did, so that its
// number is not one that the system gave out again, and still has what was read of it.
func (t *Tailer) isFile(path string, in info, head print, low int64) bool {
	if !in.regular || t.cfg.Compressed == nil && in.size < low || in.size < int64(head.N) {
		return false
	}
	if head.N == 0 {
		return true
	}
	got, err := headAt(path, head.N)
	return err == nil && got == head
}

func headAt(path string, n int) (print, error) {
	fd, err := os.Open(path)
	if err != nil {
		return print{}, err
	}
	defer fd.Close()
	return headOf(fd, n)
}

// names returns the paths in a directory, maxSearched of them at most.
func names(dir string) []string {
	d, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer d.Close()
	list, _ := d.Readdirnames(maxSearched)
	slices.Sort(list)
	for i, name := range list {
		list[i] = filepath.Join(dir, name)
	}
	return list
}

// lost marks a file that no glob leads to any more: it is read to its end.
func (t *Tailer) lost(f *file) {
	f.current = false
	if f.target.paths[f.path] == f {
		delete(f.target.paths, f.path)
	}
	f.next = time.Time{}
	f.show()
}

// displaced is for a file whose path leads elsewhere or nowhere. It is read on by its
// descriptor; if that is closed, it is looked for.
func (t *Tailer) displaced(f *file, now time.Time) {
	t.lost(f)
	if f.f != nil || f.finished {
		return
	}
	path, _, found := t.search(f.dirs(), f.id, f.head, f.off)
	if !found {
		// Gone, and read as far as it was seen.
		f.finish()
		return
	}
	f.path = path
	if f.target.matches(path) {
		f.current = true
		f.target.paths[path] = f
	}
	f.touch()
	f.next = now
	f.show()
}

// consider is for a path that a glob found.
func (t *Tailer) consider(tg *target, path string, now time.Time) {
	in, err := stat(path)
	if err != nil || !in.regular {
		return
	}
	if f := tg.files[in.id]; f != nil {
		if f.path == path && f.current || !t.renamed(tg, f, path, in, now) {
			return
		}
	}
	if g := tg.paths[path]; g != nil && g.id != in.id {
		t.displaced(g, now)
	}
	for _, s := range t.pending {
		if s.ID == in.id && (s.Target == tg.key || t.targets[s.Target] == nil) && t.isFile(path, in, s.Head, s.Low) {
			t.restore(tg, s, path, in.id, now)
			return
		}
	}
	if t.cfg.Compressed == nil && t.isCopy(tg, path, in, !tg.fresh, now) {
		return
	}
	t.begin(tg, path, in, now)
}

// renamed is for a known file that is found at another path. It reports whether what is
// at the path is not that file at all but one that got its number.
func (t *Tailer) renamed(tg *target, f *file, path string, in info, now time.Time) (other bool) {
	if f.finished || !t.isFile(path, in, f.head, 0) {
		t.closeFile(f)
		t.lost(f)
		f.finish()
		delete(tg.files, in.id)
		return true
	}
	if at, err := stat(f.path); f.current && err == nil && at.id == in.id {
		return false // two names of one file: it is read by the first
	}
	t.log.Debug("file was renamed", "path", f.path, "now", path)
	if tg.paths[f.path] == f {
		delete(tg.paths, f.path)
	}
	f.path, f.current, f.next = path, true, now
	f.setDir()
	tg.paths[path] = f
	f.touch()
	f.show()
	return false
}

// begin starts to read a file that nothing is known of.
func (t *Tailer) begin(tg *target, path string, in info, now time.Time) {
	f := t.newFile(tg, path, in, now)
	f.late = !tg.fresh
	if !tg.fresh || t.cfg.Position == nil || t.hasState(path) {
		return
	}
	off, ok := t.cfg.Position(path)
	if !ok || off <= 0 || t.cfg.Compressed == nil && off > in.size {
		return // longer than the file is: another one was meant, as for Promtail
	}
	f.off, f.ranges.Low = off, off
	f.kept.Store(off)
	f.head, _ = headAt(path, printSize)
	if fd, err := os.Open(path); err == nil {
		f.tail, _ = tailOf(fd, off, printSize)
		f.tailAt = off
		_ = fd.Close()
	}
	f.show()
	f.touch()
}

// hasState reports whether a state speaks of a path: then what positions say of it is
// older, and of another file.
func (t *Tailer) hasState(path string) bool {
	for _, s := range t.pending {
		if s.Path == path || s.Name == path {
			return true
		}
	}
	for _, f := range t.files {
		if (f.path == path || f.name == path) && f.off > 0 {
			return true
		}
	}
	return false
}

// truncated is for a file that begins anew at the same place. What was not read of it
// before is read from a copy, if there is one.
func (t *Tailer) truncated(f *file, in info, now time.Time) {
	tg, path := f.target, f.path
	unread := max(f.size-f.off, 0)
	tg.forget(f)
	t.closeFile(f)
	if c, ok := t.findCopy(f); ok {
		t.log.Info("file was truncated, the rest is read from a copy", "path", path, "copy", c.path, "offset", f.off)
		delete(tg.shadows, c.in.id)
		f.path, f.id, f.size = c.path, c.in.id, 0
		f.current = tg.matches(c.path)
		t.adopt(f, c.fd)
		tg.enter(f)
		f.next, f.grown = now, now
		f.touch()
		f.show()
	} else {
		t.log.Info("file was truncated", "path", path, "unread_bytes", unread)
		t.cfg.Metrics.truncated(unread)
		f.finish()
	}
	if at, err := stat(path); err == nil && at.id == in.id {
		t.newFile(tg, path, at, now)
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.log.Warn("file cannot be looked at", "path", path, "error", err)
	}
}
