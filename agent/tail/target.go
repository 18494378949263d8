package tail

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"time"

	"github.com/bmatcuk/doublestar/v4"
)

// target is a Target at work.
type target struct {
	Target
	key   string
	fresh bool // its glob was not looked at yet

	files   map[ID]*file
	paths   map[string]*file
	heads   map[print]*file // of files that are read in part at least
	unread  map[*file]bool  // nothing was read of them
	shadows map[ID]*shadow
}

func newTarget(t Target) *target {
	if abs, err := filepath.Abs(t.Path); err == nil {
		t.Path = abs
	}
	if t.Exclude != "" {
		if abs, err := filepath.Abs(t.Exclude); err == nil {
			t.Exclude = abs
		}
	}
	return &target{Target: t, key: t.key(), fresh: true,
		files: map[ID]*file{}, paths: map[string]*file{}, heads: map[print]*file{}, unread: map[*file]bool{}, shadows: map[ID]*shadow{}}
}

// key tells targets of one job apart.
func (t Target) key() string {
	names := make([]string, 0, len(t.Labels))
	for name := range t.Labels {
		names = append(names, name)
	}
	sort.Strings(names)
	h := fnv.New64a()
	fmt.Fprintf(h, "%q%q", t.Path, t.Exclude)
	for _, name := range names {
		fmt.Fprintf(h, "%q%q", name, t.Labels[name])
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// matches reports whether the glob is for a path.
func (tg *target) matches(path string) bool {
	ok, err := doublestar.PathMatch(tg.Path, path)
	return (ok && err == nil || path == tg.Path) && !tg.excludes(path)
}

func (tg *target) excludes(path string) bool {
	if tg.Exclude == "" {
		return false
	}
	ok, err := doublestar.PathMatch(tg.Exclude, path)
	return ok && err == nil || path == tg.Exclude
}

// glob returns the paths that exist now, sorted.
func (tg *target) glob() ([]string, error) {
	var paths []string
	if fi, err := os.Stat(tg.Path); err == nil && !fi.IsDir() {
		paths = []string{tg.Path}
	} else if paths, err = doublestar.FilepathGlob(tg.Path); err != nil {
		return nil, fmt.Errorf("glob %s: %w", tg.Path, err)
	}
	paths = slices.DeleteFunc(paths, tg.excludes)
	slices.Sort(paths)
	return paths, nil
}

func (tg *target) enter(f *file) {
	tg.files[f.id] = f
	if f.current {
		tg.paths[f.path] = f
	}
	tg.enterHead(f)
}

// enterHead makes a file one that copies are compared with.
func (tg *target) enterHead(f *file) {
	if f.off == 0 {
		tg.unread[f] = true
		return
	}
	delete(tg.unread, f)
	if f.head.N > 0 {
		tg.heads[f.head] = f
	}
}

func (tg *target) forget(f *file) {
	if tg.files[f.id] == f {
		delete(tg.files, f.id)
	}
	if tg.paths[f.path] == f {
		delete(tg.paths, f.path)
	}
	if tg.heads[f.head] == f {
		delete(tg.heads, f.head)
	}
	delete(tg.unread, f)
}

// applyTargets starts new targets and ends those that are gone.
func (t *Tailer) applyTargets(now time.Time) {
	t.mu.Lock()
	wanted, changed := t.wanted, t.changed
	t.changed = false
	t.mu.Unlock()
	if !changed {
		return
	}
	next := map[string]*target{}
	for _, w := range wanted {
		tg := newTarget(w)
		if old := t.targets[tg.key]; old != nil {
			tg = old
		}
		next[tg.key] = tg
	}
	for key, tg := range t.targets {
		if next[key] == nil {
			t.release(tg)
		}
	}
	t.targets = next
	for _, tg := range next {
		if tg.fresh {
			t.syncTarget(tg, now)
		}
	}
	t.cfg.Metrics.targets(t, len(next))
}

// release ends the reading of a target's files. Their states stay, for the target may
// come back or have got other labels.
func (t *Tailer) release(tg *target) {
	for _, f := range t.files {
		if f.target == tg && !f.ended {
			f.changed = true
			if s, ok := f.State(); ok && !f.deleting {
				if st, err := decodeState(s.Value); err == nil {
					st.key = f.key
					t.pend(st)
				}
			}
			f.ended = true
		}
	}
	t.log.Info("target is gone", "path", tg.Path)
}

// sync looks at all globs.
func (t *Tailer) sync(now time.Time) {
	t.synced = now
	for _, tg := range t.targets {
		t.syncTarget(tg, now)
	}
	for _, s := range t.pending {
		if now.Unix()-s.At > int64(maxStateAge/time.Second) {
			t.drop(s)
		}
	}
}

// syncTarget looks at one glob.
func (t *Tailer) syncTarget(tg *target, now time.Time) {
	if tg.fresh {
		t.restoreTarget(tg, now)
	}
	paths, err := tg.glob()
	if err != nil {
		t.log.Error("target cannot be read", "path", tg.Path, "error", err)
		return
	}
	base, _ := doublestar.SplitPattern(tg.Path)
	t.watch.add(base)
	watchedDir := ""
	for _, path := range paths {
		if dir := filepath.Dir(path); dir != watchedDir {
			t.watch.add(dir)
			watchedDir = dir
		}
		t.consider(tg, path, now)
	}
	tg.fresh = false
}

// noticed is what a directory's watcher tells; "" that something was missed.
func (t *Tailer) noticed(path string) {
	now := time.Now()
	for more := true; more; {
		if path == "" {
			t.synced = time.Time{}
		} else {
			t.noticedPath(path, now)
		}
		select {
		case path = <-t.watch.events:
		default:
			more = false
		}
	}
}

func (t *Tailer) noticedPath(path string, now time.Time) {
	mine := false
	for _, tg := range t.targets {
		if f := tg.paths[path]; f != nil {
			f.next = now
			mine = true
		}
		if tg.matches(path) {
			t.consider(tg, path, now)
			mine = true
		}
	}
	if mine {
		return
	}
	// A new directory may be one that a glob leads through.
	if fi, err := os.Stat(path); err == nil && fi.IsDir() {
		const soon = 100 * time.Millisecond
		if due := now.Add(soon - t.cfg.SyncPeriod); t.synced.After(due) {
			t.synced = due
		}
	}
}
