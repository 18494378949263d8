package wal

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// checkpointName is a file of one line: header, number, checksum of what precedes
// it in hexadecimal.
const (
	checkpointName   = "checkpoint"
	checkpointHeader = "pharos-wal-checkpoint 1"
)

func readCheckpoint(dir string) (uint64, error) {
	b, err := os.ReadFile(filepath.Join(dir, checkpointName))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read checkpoint: %w", err)
	}
	var done uint64
	if _, err := fmt.Sscanf(string(b), checkpointHeader+" %d", &done); err != nil || string(b) != formatCheckpoint(done) {
		return 0, fmt.Errorf("read checkpoint %s: damaged or of another version", filepath.Join(dir, checkpointName))
	}
	return done, nil
}

func formatCheckpoint(done uint64) string {
	s := fmt.Sprintf("%s %d", checkpointHeader, done)
	return fmt.Sprintf("%s %08x\n", s, crc32.Checksum([]byte(s), castagnoli))
}

// DropBefore says that all items with numbers below done are applied and durable:
// they will not be replayed, and files that hold nothing else are removed.
func (l *Log) DropBefore(done uint64) error {
	l.files.Lock()
	defer l.files.Unlock()
	if done <= l.done && len(l.sealed) == 0 {
		return nil
	}
	l.done = max(l.done, done)
	if err := l.writeCheckpoint(); err != nil {
		return err
	}
	if l.active != nil && l.active.end <= l.done {
		if err := l.seal(); err != nil {
			return fmt.Errorf("close segment of the write-ahead log: %w", err)
		}
	}
	var errs []error
	l.sealed = slices.DeleteFunc(l.sealed, func(s segment) bool {
		if s.end > l.done {
			return false
		}
		err := os.Remove(s.path)
		errs = append(errs, err)
		return err == nil
	})
	l.metrics.size.Set(float64(l.sizeLocked()))
	return errors.Join(errs...)
}

func (l *Log) writeCheckpoint() error {
	path := filepath.Join(l.cfg.Dir, checkpointName)
	f, err := os.OpenFile(path+".tmp", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o640)
	if err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	_, err = f.WriteString(formatCheckpoint(l.done))
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(path+".tmp", path)
	}
	if err == nil {
		err = syncDir(l.cfg.Dir)
	}
	if err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	return nil
}
