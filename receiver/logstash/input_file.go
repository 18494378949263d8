package logstash

import (
	"context"
	"crypto/md5" //nolint:gosec // a name, as Logstash makes it
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// fileInput reads files as they grow, or once.
type fileInput struct {
	common
	env        *env
	paths      []string
	exclude    []string
	sincedb    string
	writeEvery time.Duration
	keep       time.Duration
	stat       time.Duration
	discover   int64
	fromStart  bool
	readMode   bool
	onceOnly   bool // exit_after_read
	closeOlder time.Duration
	ignore     time.Duration
	delimiter  string
	maxOpen    int
	completed  string // delete, log, log_and_delete
	completLog string
	byName     bool
	descending bool
	host       string
	pathRef    logstash.Ref
}

func newFileInput(s *logstash.Settings, v *env) (input, error) {
	s.Required("path")
	i := &fileInput{common: readCommon(s, v, "plain"), env: v, exclude: s.Strings("exclude"), host: hostname(), pathRef: ref("path")}
	for _, p := range s.Strings("path") {
		if !filepath.IsAbs(p) {
			s.Errorf("path", "%q: file paths must be absolute", p)
			continue
		}
		if _, err := path.Match(strings.ReplaceAll(p, "**", "*"), ""); err != nil {
			s.Errorf("path", "%q is no pattern", p)
		}
		i.paths = append(i.paths, p)
	}
	if v.ecs {
		i.pathRef = ref("[log][file][path]")
	}
	i.readMode = s.Enum("mode", "tail", "tail", "read") == "read"
	i.fromStart = s.Enum("start_position", "end", "beginning", "end") == "beginning" || i.readMode
	i.onceOnly = s.Bool("exit_after_read", false)
	if i.onceOnly && !i.readMode {
		s.Errorf("exit_after_read", "goes with mode read only")
	}
	i.stat = max(s.Duration("stat_interval", time.Second), 10*time.Millisecond)
	i.discover = max(1, s.Int("discover_interval", 15))
	i.writeEvery = min(s.Duration("sincedb_write_interval", time.Second), 15*time.Second)
	i.keep = time.Duration(s.Float("sincedb_clean_after", 14) * 24 * float64(time.Hour))
	i.closeOlder = s.Duration("close_older", time.Hour)
	i.ignore = s.Duration("ignore_older", 0)
	i.delimiter = unescape(s.String("delimiter", "\n"))
	i.maxOpen = int(max(1, s.Int("max_open_files", 4095)))
	i.readCompletion(s)
	i.byName = s.Enum("file_sort_by", "last_modified", "last_modified", "path") == "path"
	i.descending = s.Enum("file_sort_direction", "asc", "asc", "desc") == "desc"
	sum := md5.Sum([]byte(strings.Join(s.Strings("path"), ","))) //nolint:gosec // as above
	i.sincedb = v.path(s.String("sincedb_path", filepath.Join(v.state, "file", ".sincedb_"+hex.EncodeToString(sum[:]))))
	s.Known("file_chunk_size", "file_chunk_count", "check_archive_validity")
	if i.delimiter == "" {
		s.Errorf("delimiter", "is empty")
		i.delimiter = "\n"
	}
	return i, requireDecoder(s, &i.common)
}

func (i *fileInput) readCompletion(s *logstash.Settings) {
	i.completed = s.Enum("file_completed_action", "delete", "delete", "log", "log_and_delete")
	i.completLog = s.String("file_completed_log_path", "")
	if !i.readMode {
		i.completed = ""
		return
	}
	if i.completed != "delete" && i.completLog == "" {
		s.Errorf("file_completed_log_path", "is missing for file_completed_action %s", i.completed)
	}
}

// run implements input.
func (i *fileInput) run(ctx context.Context, q *queue) error {
	db, err := openSincedb(i.sincedb)
	if err != nil {
		return err
	}
	all := newPieces()
	w := &watcher{in: i, q: all.of(q), db: db, files: map[fileID]*watched{}, first: true}
	err = w.loop(ctx)
	all.drain()
	w.close()
	return err
}

// watcher follows the files of one input.
type watcher struct {
	in    *fileInput
	q     *queue
	files map[fileID]*watched
	first bool // nothing was looked for yet
	open  int

	mu sync.Mutex // db and what of files is done: acknowledgements come from elsewhere
	db *sincedb
}

// loop looks, reads and remembers until ctx is done, or until all is read.
func (w *watcher) loop(ctx context.Context) error {
	var wrote time.Time
	for round := int64(0); ; round++ {
		if round%w.in.discover == 0 || w.first {
			w.find()
			w.first = false
		}
		progress := true
		for progress {
			progress = false
			for _, f := range w.order() {
				more, err := w.read(ctx, f)
				if ctx.Err() != nil {
					return nil
				}
				if err != nil {
					w.in.env.health.failed(err)
				}
				progress = progress || more
			}
			if time.Since(wrote) >= w.in.writeEvery {
				wrote = time.Now()
				if err := w.remember(); err != nil {
					w.in.env.health.failed(err)
				}
			}
		}
		w.finish()
		if w.in.onceOnly && len(w.files) == 0 {
			return nil
		}
		if !wait(ctx, w.in.stat) {
			return nil
		}
	}
}

// order is the order in which files are read.
func (w *watcher) order() []*watched {
	out := make([]*watched, 0, len(w.files))
	for _, f := range w.files {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b *watched) int {
		c := strings.Compare(a.path, b.path)
		if !w.in.byName {
			if d := a.modified.Compare(b.modified); d != 0 {
				c = d
			}
		}
		if w.in.descending {
			c = -c
		}
		return c
	})
	return out
}

// maxWatched bounds how many files are followed.
const maxWatched = 100_000

// find looks for files.
func (w *watcher) find() {
	now := time.Now()
	for _, pattern := range w.in.paths {
		for _, name := range glob(pattern) {
			if w.in.excluded(name) {
				continue
			}
			info, err := os.Stat(name)
			if err != nil || !info.Mode().IsRegular() {
				continue
			}
			id, ok := idOf(info)
			if !ok {
				continue
			}
			if f := w.files[id]; f != nil {
				w.mu.Lock()
				f.path = name // who acknowledges writes it down
				w.mu.Unlock()
				continue
			}
			if w.in.ignore > 0 && now.Sub(info.ModTime()) > w.in.ignore || len(w.files) >= maxWatched {
				continue
			}
			w.add(id, name, info)
		}
	}
}

func (w *watcher) add(id fileID, name string, info os.FileInfo) {
	f := &watched{id: id, path: name, modified: info.ModTime(), active: time.Now(), decoder: w.in.codec.Decoder(), packed: w.in.readMode && isGzip(name)}
	w.mu.Lock()
	defer w.mu.Unlock()
	p, known := w.db.files[id]
	switch {
	case known && p.offset <= info.Size():
		f.offset = p.offset
	case known, w.in.fromStart, !w.first:
	default:
		f.offset = info.Size()
	}
	if known && p.offset > info.Size() {
		w.db.forget(id)
	}
	if w.in.readMode && known && p.offset >= info.Size() && info.Size() > 0 {
		f.complete = true // it was read by an earlier run
	}
	f.done = f.offset
	w.db.files[id] = position{f.offset, time.Now(), name}
	w.files[id] = f
}

func (i *fileInput) excluded(name string) bool {
	for _, pattern := range i.exclude {
		if ok, _ := path.Match(pattern, filepath.Base(name)); ok {
			return true
		}
	}
	return false
}

// glob finds files; ** stands for any folders.
func glob(pattern string) []string {
	before, after, deep := strings.Cut(pattern, "**")
	if !deep {
		found, _ := filepath.Glob(pattern) // the pattern was checked
		return found
	}
	after = strings.TrimPrefix(after, "/")
	roots, _ := filepath.Glob(strings.TrimRight(before, "/"))
	var out []string
	for _, root := range roots {
		_ = filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return nil //nolint:nilerr // what cannot be read is not there
			}
			found, _ := filepath.Glob(filepath.Join(p, after))
			out = append(out, found...)
			if len(out) > maxWatched {
				return filepath.SkipAll
			}
			return nil
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// remember writes the positions.
func (w *watcher) remember() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.db.write(w.in.keep, time.Now())
}

// finish ends with files that are read whole, are gone or have been still for long.
func (w *watcher) finish() {
	for id, f := range w.files {
		w.mu.Lock()
		settled := f.done == f.offset && f.pending == 0
		w.mu.Unlock()
		switch {
		case w.in.readMode && f.complete && settled:
			if err := w.completed(f); err != nil {
				w.in.env.log.Error("a file that was read could not be finished with", "path", f.path, "error", err)
			}
			w.closeFile(f)
			delete(w.files, id)
		case f.gone && settled && time.Since(f.active) > goneAfter:
			w.closeFile(f)
			delete(w.files, id)
		case f.file != nil && time.Since(f.active) > w.in.closeOlder:
			w.closeFile(f)
		}
	}
}

// goneAfter is how long a file that was deleted or renamed away is still read.
const goneAfter = 5 * time.Second

// completed does what file_completed_action says.
func (w *watcher) completed(f *watched) error {
	if err := w.remember(); err != nil {
		return err
	}
	if f.told {
		return nil
	}
	f.told = true
	if w.in.completed == "log" || w.in.completed == "log_and_delete" {
		log, err := os.OpenFile(w.in.completLog, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(log, f.path)
		if cerr := log.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return err
		}
	}
	if w.in.completed == "delete" || w.in.completed == "log_and_delete" {
		return os.Remove(f.path)
	}
	return nil
}

func (w *watcher) close() {
	for _, f := range w.files {
		w.closeFile(f)
	}
	if err := w.remember(); err != nil {
		w.in.env.log.Error("positions were not written", "error", err)
	}
}

func (i *fileInput) finishEvent(e *pipeline.Event, f *watched, offset int64) {
	put(e, i.pathRef, f.path)
	setHost(e, i.env.ecs, i.host)
	i.decorate(e)
	setNumber(e, offset+int64(f.id.inode%1e6)*cloneStep)
}
