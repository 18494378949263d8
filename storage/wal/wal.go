// Package wal is a write-ahead log: numbered records in segment files, synced
// before Append returns. Appenders that come at the same time share one sync
// (group commit); nobody waits for a timer. docs/format/wal.md describes the
// files.
//
// The log knows nothing of what records hold. Its user gives each record a count
// of items, applies records elsewhere, calls DropBefore when that is durable, and
// after a crash reads with Replay what it may not have applied yet.
package wal

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// Errors of Append; test with errors.Is.
var (
	// ErrDiskFull: there is no room. The log is intact and Append may be tried again.
	ErrDiskFull = errors.New("no space left for the write-ahead log")
	// ErrFull: the log has reached Config.MaxSize, because what it holds is not
	// applied fast enough.
	ErrFull = errors.New("write-ahead log has reached its maximum size")
	// ErrClosed: the log was closed.
	ErrClosed = errors.New("write-ahead log is closed")
	// ErrTooLarge: the record exceeds MaxPayload.
	ErrTooLarge = errors.New("record too large")
)

// MaxPayload is the largest record in bytes.
const MaxPayload = 256 << 20

// crashGap is how far numbers jump when the log was not closed cleanly: more than
// the items that can have been under way, so that a number whose record was lost
// with the power is never given out again.
const crashGap = 1 << 24

// Config is a log's settings.
type Config struct {
	// Dir is the log's folder; it is created if it does not exist. One process at a
	// time may use it.
	Dir string
	// SegmentSize is the size in bytes at which a new file is begun.
	SegmentSize int64
	// MaxSize bounds all files in bytes, what is being written included.
	MaxSize int64
	// Keep is how many bytes of files whose items are applied stay nevertheless, as
	// long as there is room, so that Replay can tell what was written lately.
	Keep int64
}

// DefaultConfig returns segments of 8 MiB, 256 MiB in sum, of which nothing is
// kept.
func DefaultConfig() Config { return Config{SegmentSize: 8 << 20, MaxSize: 256 << 20} }

// Log is an open log. All methods are safe for concurrent use.
type Log struct {
	cfg     Config
	log     *slog.Logger
	metrics *metrics
	create  func(path string) (segmentFile, error)

	mu      sync.Mutex
	next    uint64 // the next number
	pending *batch // being filled
	queued  int64  // bytes of records that are not in a file yet
	limit   int64  // see Limit
	closed  bool
	wake    chan struct{} // has an element while pending has records
	stopped chan struct{} // closed when the committer has ended
	// room is closed, and replaced, when there may be more of it.
	room chan struct{}
	// size is the sum of all files.
	size atomic.Int64

	files  sync.Mutex // guards what follows
	active *segment   // being written, nil before the first record
	sealed []segment  // oldest first; replayed ones and full ones
	replay []segment  // what was there at Open
	done   uint64     // all numbers below are applied and durable
}

// batch is the records of one sync.
type batch struct {
	buf    []byte
	first  uint64
	end    uint64
	synced chan struct{}
	err    error
}

// Open opens the log. It reads the newest file only; the rest is read by Replay.
// reg may be nil; two logs need registerers that tell them apart.
func Open(cfg Config, log *slog.Logger, reg prometheus.Registerer) (*Log, error) {
	if err := os.MkdirAll(cfg.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("create write-ahead log: %w", err)
	}
	l := &Log{cfg: cfg, log: log, metrics: newMetrics(reg), create: createSegment, limit: cfg.MaxSize,
		wake: make(chan struct{}, 1), stopped: make(chan struct{}), room: make(chan struct{})}
	if err := l.load(); err != nil {
		return nil, err
	}
	l.pending = newBatch(nil)
	go l.commitLoop()
	return l, nil
}

// load finds out which numbers were used.
func (l *Log) load() error {
	done, err := l.readCheckpoint()
	if err != nil {
		return err
	}
	segments, err := listSegments(l.cfg.Dir)
	if err != nil {
		return err
	}
	l.done, l.next = done, max(done, 1)
	if len(segments) == 0 {
		return nil
	}
	for i := range segments {
		// The first number of the file after it ends a file; the last one must be read.
		if i+1 < len(segments) {
			segments[i].end = segments[i+1].first
			continue
		}
		end, err := lastNumber(segments[i].path)
		if err != nil {
			return err
		}
		segments[i].end = max(end, segments[i].first)
	}
	l.next = max(l.next, segments[len(segments)-1].end) + crashGap
	l.sealed = segments
	l.resizedLocked()
	l.replay = append(l.replay, segments...)
	return nil
}

// Next returns the number that the next item gets.
func (l *Log) Next() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.next
}

// Append writes a record of count items and returns when it is synced. The items
// have the numbers first to first+count-1; numbers grow from record to record and
// are never used twice. After an error the record is not in the log, unless the
// disk itself failed while syncing. Once writing has begun, ctx does not stop it.
// It does not wait for room: see WaitRoom.
func (l *Log) Append(ctx context.Context, payload []byte, count uint32) (first uint64, err error) {
	if len(payload) > MaxPayload {
		return 0, ErrTooLarge
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	sum := crc32.Checksum(payload, castagnoli)
	size := recordSize(len(payload))
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return 0, ErrClosed
	}
	if !l.fitsLocked(size) {
		l.mu.Unlock()
		return 0, ErrFull
	}
	l.queued += size
	first = l.next
	l.next += uint64(count)
	b := l.pending
	if len(b.buf) == 0 {
		b.first = first
		l.wake <- struct{}{}
	}
	b.buf = appendHeader(b.buf, header{length: uint32(len(payload)), first: first, count: count, sum: sum})
	b.buf = append(b.buf, payload...)
	b.end = l.next
	l.mu.Unlock()

	<-b.synced
	return first, b.err
}

// Close waits for appends under way and closes the files.
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return ErrClosed
	}
	l.closed = true
	close(l.wake)
	l.mu.Unlock()
	<-l.stopped
	l.files.Lock()
	defer l.files.Unlock()
	if l.active == nil {
		return nil
	}
	err := l.active.file.Close()
	l.active = nil
	return err
}
