package wal

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/pharosd/pharos/internal/durable"
)

// checkpointName is a file of one line: header, number, checksum of what precedes
// it in hexadecimal. copyName is a second one, which is read if the first is
// damaged.
const (
	checkpointName   = "checkpoint"
	copyName         = "checkpoint.copy"
	checkpointHeader = "pharos-wal-checkpoint 1"
)

// readCheckpoint returns 0 if there is none yet.
func (l *Log) readCheckpoint() (uint64, error) {
	done, found, err := readNumber(filepath.Join(l.cfg.Dir, checkpointName))
	if found {
		return done, nil
	}
	copied, found, cerr := readNumber(filepath.Join(l.cfg.Dir, copyName))
	switch {
	case found:
		l.metrics.damaged.Inc()
		l.log.Error("checkpoint of the write-ahead log is damaged, its copy is used", "error", err)
		return copied, nil
	case err != nil:
		return 0, err
	}
	return 0, cerr
}

func readNumber(path string) (done uint64, found bool, err error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("read checkpoint: %w", err)
	}
	if _, err := fmt.Sscanf(string(b), checkpointHeader+" %d", &done); err != nil || string(b) != formatCheckpoint(done) {
		return 0, false, fmt.Errorf("read checkpoint %s: damaged or of another version", path)
	}
	return done, true, nil
}

func formatCheckpoint(done uint64) string {
	s := fmt.Sprintf("%s %d", checkpointHeader, done)
	return fmt.Sprintf("%s %08x\n", s, crc32.Checksum([]byte(s), castagnoli))
}

// DropBefore says that all items with numbers below done are applied and durable.
// Files that hold nothing else are removed, except Config.Keep bytes of them.
func (l *Log) DropBefore(done uint64) error {
	l.files.Lock()
	defer l.files.Unlock()
	if done > l.done {
		l.done = done
		if err := l.writeCheckpoint(); err != nil {
			return err
		}
	}
	if l.cfg.Keep == 0 && l.active != nil && l.active.end <= l.done {
		if err := l.seal(); err != nil {
			return fmt.Errorf("close segment of the write-ahead log: %w", err)
		}
	}
	return l.trimLocked(l.cfg.Keep)
}

// DropAll says that everything is applied and durable, and removes all files.
func (l *Log) DropAll() error {
	l.mu.Lock()
	next := l.next
	l.mu.Unlock()
	l.files.Lock()
	defer l.files.Unlock()
	l.done = next
	err := l.writeCheckpoint()
	if err != nil {
		return err
	}
	if l.active != nil {
		err = l.seal()
	}
	return errors.Join(err, l.trimLocked(0))
}

// keepFiles is how many applied files are kept at most.
const keepFiles = 64

// trimLocked removes the oldest applied files until keep bytes are left.
func (l *Log) trimLocked(keep int64) error {
	applied, n := int64(0), 0
	for n < len(l.sealed) && l.sealed[n].end <= l.done {
		applied += l.sealed[n].size
		n++
	}
	var errs []error
	gone := 0
	for gone < n && (applied > keep || n-gone > keepFiles) {
		if err := os.Remove(l.sealed[gone].path); err != nil {
			errs = append(errs, err)
			break
		}
		applied -= l.sealed[gone].size
		gone++
	}
	l.sealed = slices.Delete(l.sealed, 0, gone)
	l.resizedLocked()
	if gone > 0 {
		l.moreRoom()
	}
	return errors.Join(errs...)
}

func (l *Log) writeCheckpoint() error {
	for _, name := range []string{checkpointName, copyName} {
		if err := durable.Replace(filepath.Join(l.cfg.Dir, name), []byte(formatCheckpoint(l.done))); err != nil {
			return fmt.Errorf("write checkpoint: %w", err)
		}
	}
	return nil
}
