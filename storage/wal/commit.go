package wal

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/pharosd/pharos/internal/durable"
)

func newBatch(buf []byte) *batch {
	return &batch{buf: buf[:0], synced: make(chan struct{})}
}

// keepBuffer is the largest buffer that is kept for the next batch.
const keepBuffer = 4 << 20

// commitLoop writes and syncs what has gathered, again and again. While it syncs,
// further records gather: the slower the disk, the larger the batches.
func (l *Log) commitLoop() {
	defer close(l.stopped)
	var spare []byte
	for range l.wake {
		l.mu.Lock()
		b := l.pending
		l.pending = newBatch(spare)
		l.mu.Unlock()

		b.err = l.commit(b)
		l.mu.Lock()
		l.queued -= int64(len(b.buf)) // the files' size has them now
		l.mu.Unlock()
		if b.err != nil {
			l.moreRoom()
		}
		spare = nil
		if cap(b.buf) <= keepBuffer {
			spare = b.buf
		}
		close(b.synced)
	}
}

func (l *Log) commit(b *batch) error {
	l.files.Lock()
	defer l.files.Unlock()
	if l.active != nil && l.active.size+int64(len(b.buf)) > l.cfg.SegmentSize {
		if err := l.seal(); err != nil {
			l.log.Warn("close segment of the write-ahead log", "error", err)
		}
	}
	err := l.write(b)
	l.resizedLocked()
	l.makeRoomLocked()
	if err == nil {
		l.metrics.bytes.Add(float64(len(b.buf)))
		l.metrics.syncs.Inc()
		return nil
	}
	l.metrics.failed.Inc()
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrDiskFull, err)
	}
	return fmt.Errorf("append to the write-ahead log: %w", err)
}

// write appends b to the active segment and syncs it. After an error the file
// ends where it ended before, and if that cannot be had, another file is begun
// with the next batch.
func (l *Log) write(b *batch) error {
	if l.active == nil {
		if err := l.begin(b.first); err != nil {
			return err
		}
	}
	s := l.active
	_, err := s.file.Write(b.buf)
	if err == nil {
		if err = s.file.Sync(); err == nil {
			s.size += int64(len(b.buf))
			s.end = b.end
			return nil
		}
		// After a failed sync the kernel may have dropped the pages: this file must
		// not be trusted with more.
		err = errors.Join(err, s.file.Truncate(s.size), l.seal())
		return err
	}
	if terr := s.file.Truncate(s.size); terr != nil {
		err = errors.Join(err, terr, l.seal())
	}
	return err
}

// begin creates the active segment. Its name must be on disk before a record in
// it is acknowledged.
func (l *Log) begin(first uint64) error {
	path := durable.SegmentPath(l.cfg.Dir, first, segmentSuffix)
	f, err := l.create(path)
	if err != nil {
		return err
	}
	h := fileHeader()
	if _, err = f.Write(h); err == nil {
		err = durable.SyncDir(l.cfg.Dir)
	}
	if err != nil {
		return errors.Join(err, f.Close(), os.Remove(path))
	}
	l.active = &segment{path: path, first: first, end: first, size: int64(len(h)), file: f}
	return nil
}

// seal closes the active segment.
func (l *Log) seal() error {
	s := *l.active
	l.active = nil
	err := s.file.Close()
	s.file = nil
	l.sealed = append(l.sealed, s)
	return err
}
