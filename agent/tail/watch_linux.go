package tail

import (
	"bytes"
	"encoding/binary"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
)

// watcher tells of names that appear in directories and go from them. It does not tell
// of writes: there are as many as lines.
type watcher struct {
	// events are paths, "" when some were lost.
	events chan string

	log  *slog.Logger
	fd   *os.File // nil: there are no events
	done chan struct{}
	stop chan struct{}

	mu   sync.Mutex
	dirs map[int32]string
	byID map[string]int32
}

const watched = unix.IN_CREATE | unix.IN_MOVED_TO | unix.IN_MOVED_FROM | unix.IN_DELETE | unix.IN_ONLYDIR | unix.IN_EXCL_UNLINK

func newWatcher(log *slog.Logger) *watcher {
	w := &watcher{events: make(chan string, 256), log: log, done: make(chan struct{}), stop: make(chan struct{}),
		dirs: map[int32]string{}, byID: map[string]int32{}}
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		log.Warn("directories cannot be watched, new files are found at each sync_period", "error", err)
		close(w.done)
		return w
	}
	w.fd = os.NewFile(uintptr(fd), "inotify")
	go w.read()
	return w
}

// add watches a directory.
func (w *watcher) add(dir string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fd == nil {
		return
	}
	if _, ok := w.byID[dir]; ok {
		return
	}
	raw, err := w.fd.SyscallConn()
	if err != nil {
		return
	}
	var id int
	var addErr error
	_ = raw.Control(func(fd uintptr) { id, addErr = unix.InotifyAddWatch(int(fd), dir, watched) })
	if addErr != nil {
		if !errors.Is(addErr, os.ErrNotExist) {
			w.log.Warn("directory cannot be watched, its new files are found at each sync_period", "directory", dir, "error", addErr)
		}
		return
	}
	w.dirs[int32(id)], w.byID[dir] = dir, int32(id)
}

func (w *watcher) read() {
	defer close(w.done)
	buf := make([]byte, 64<<10)
	for {
		n, err := w.fd.Read(buf)
		if err != nil {
			return // closed
		}
		for b := buf[:n]; len(b) >= unix.SizeofInotifyEvent; {
			id := int32(binary.NativeEndian.Uint32(b))
			mask := binary.NativeEndian.Uint32(b[4:])
			size := int(binary.NativeEndian.Uint32(b[12:]))
			name := string(bytes.TrimRight(b[unix.SizeofInotifyEvent:unix.SizeofInotifyEvent+size], "\x00"))
			b = b[unix.SizeofInotifyEvent+size:]
			if !w.tell(id, mask, name) {
				return
			}
		}
	}
}

// tell passes one event on and reports whether somebody still listens.
func (w *watcher) tell(id int32, mask uint32, name string) bool {
	w.mu.Lock()
	dir, known := w.dirs[id]
	if mask&unix.IN_IGNORED != 0 { // the directory is gone
		delete(w.dirs, id)
		delete(w.byID, dir)
	}
	w.mu.Unlock()
	path := ""
	switch {
	case mask&unix.IN_Q_OVERFLOW != 0:
	case !known || name == "":
		return true
	default:
		path = filepath.Join(dir, name)
	}
	select {
	case w.events <- path:
		return true
	case <-w.stop:
		return false
	}
}

func (w *watcher) close() {
	if w == nil {
		return
	}
	close(w.stop)
	if w.fd != nil {
		_ = w.fd.Close()
	}
	<-w.done
}
