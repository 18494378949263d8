package wal

import (
	"context"
	"time"
)

// recordSize is what a record takes in a file.
func recordSize(payload int) int64 { return headerSize + int64(payload) }

// fitsLocked says whether a record of that size may be appended; it may begin a
// file.
func (l *Log) fitsLocked(size int64) bool {
	return l.size.Load()+l.queued+fileHeaderSize+size <= l.limit
}

// Size is the sum of the files' sizes in bytes.
func (l *Log) Size() int64 { return l.size.Load() }

// Limit bounds the files below Config.MaxSize for a while: a user that still
// replays slows down what comes in by it.
func (l *Log) Limit(bytes int64) {
	l.mu.Lock()
	l.limit = min(bytes, l.cfg.MaxSize)
	l.mu.Unlock()
	l.moreRoom()
}

// WaitRoom waits until a record with a payload of that many bytes fits, at most for
// the given time: then, or if the record will never fit, it returns ErrFull.
func (l *Log) WaitRoom(ctx context.Context, payload int, timeout time.Duration) error {
	size := recordSize(payload)
	var expired <-chan time.Time
	for {
		l.mu.Lock()
		fits, room := l.fitsLocked(size), l.room
		l.mu.Unlock()
		if fits {
			return nil
		}
		if size+fileHeaderSize > l.cfg.MaxSize {
			return ErrFull
		}
		if expired == nil {
			t := time.NewTimer(timeout)
			defer t.Stop()
			expired = t.C
		}
		select {
		case <-room:
		case <-expired:
			return ErrFull
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// makeRoomLocked gives up what is only kept when the log gets full.
func (l *Log) makeRoomLocked() {
	l.mu.Lock()
	limit := l.limit
	l.mu.Unlock()
	if l.size.Load() < limit/4*3 {
		return
	}
	if err := l.trimLocked(0); err != nil {
		l.log.Warn("shorten write-ahead log", "error", err)
	}
}

// moreRoom wakes those that wait.
func (l *Log) moreRoom() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.room)
	l.room = make(chan struct{})
}

// resizedLocked adds up the files.
func (l *Log) resizedLocked() {
	var n int64
	for i := range l.sealed {
		n += l.sealed[i].size
	}
	if l.active != nil {
		n += l.active.size
	}
	l.size.Store(n)
	l.metrics.size.Set(float64(n))
}
