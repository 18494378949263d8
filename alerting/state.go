package alerting

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/pharosd/pharos/internal/durable"
)

// stateFile keeps a snapshot of a state in a file. Snapshots replace each other
// atomically: after a crash the file is the last one whose save returned, or a
// later one.
type stateFile struct {
	path  string
	write func(io.Writer) (int64, error) // snapshots the state

	asked atomic.Uint64 // number of calls to save
	mu    sync.Mutex
	saved uint64 // calls up to this one are covered by the file
}

// save returns when the file holds the state as it was at the call, or newer.
// Calls that wait for each other share one snapshot.
func (f *stateFile) save() (int64, error) {
	call := f.asked.Add(1)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.saved >= call {
		return 0, nil
	}
	covered := f.asked.Load()
	n, err := f.replace()
	if err != nil {
		return 0, fmt.Errorf("save %s: %w", f.path, err)
	}
	f.saved = covered
	return n, nil
}

func (f *stateFile) replace() (n int64, err error) {
	// One name for the temporary file, so that one left by a crash is overwritten.
	tmp, err := os.OpenFile(f.path+".tmp", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if n, err = f.write(tmp); err != nil {
		return 0, err
	}
	if err = tmp.Sync(); err != nil {
		return 0, err
	}
	if err = tmp.Close(); err != nil {
		return 0, err
	}
	if err = os.Rename(tmp.Name(), f.path); err != nil {
		return 0, err
	}
	return n, durable.SyncDir(filepath.Dir(f.path))
}
