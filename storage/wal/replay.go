package wal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// Replay calls fn, in order, for the records that were in the log when it was
// opened and that DropBefore has not released; with Config.Keep also for those that
// it has released and that are still there, Record.Applied. Appending and dropping
// may go on meanwhile. What cannot be read is skipped, reported to the log and
// counted in pharos_wal_damaged_records_total.
func (l *Log) Replay(ctx context.Context, fn func(Record) error) (Damage, error) {
	var sum Damage
	l.files.Lock()
	segments, done := l.replay, l.done
	l.replay = nil
	l.files.Unlock()
	for _, seg := range segments {
		if seg.end <= done && l.cfg.Keep == 0 {
			continue
		}
		b, err := l.readUnlessGone(seg)
		if err != nil {
			return sum, err
		}
		d, err := l.scan(ctx, seg.path, b, func(r Record) error {
			r.Applied = r.First+uint64(r.Count) <= done
			if r.Applied && l.cfg.Keep == 0 {
				return nil
			}
			return fn(r)
		})
		sum.Records += d.Records
		sum.TornTail = sum.TornTail || d.TornTail
		if err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// Follow calls fn, in order, for the records that were appended since the log was
// opened, from number from on, and returns the number to go on with: all records
// below it that are synced by now were passed.
func (l *Log) Follow(ctx context.Context, from uint64, fn func(Record) error) (next uint64, err error) {
	l.files.Lock()
	segments := slices.Clone(l.sealed)
	if l.active != nil {
		segments = append(segments, *l.active)
	}
	l.files.Unlock()
	next = from
	for _, seg := range segments {
		if seg.end <= from {
			continue
		}
		b, err := l.readUnlessGone(seg)
		if err != nil {
			return next, err
		}
		// What is behind is being written.
		_, err = l.scan(ctx, seg.path, b[:min(int64(len(b)), seg.size)], func(r Record) error {
			if r.First < next {
				return nil
			}
			next = r.First + uint64(r.Count)
			return fn(r)
		})
		if err != nil {
			return next, err
		}
	}
	return next, nil
}

// scan passes the intact records of a file and reports the others.
func (l *Log) scan(ctx context.Context, path string, b []byte, fn func(Record) error) (Damage, error) {
	s := scanFile(b)
	for r, ok := s.next(); ok; r, ok = s.next() {
		if err := ctx.Err(); err != nil {
			return s.damage, err
		}
		if err := fn(r); err != nil {
			return s.damage, fmt.Errorf("replay record %d: %w", r.First, err)
		}
	}
	if s.damage.Records > 0 {
		l.metrics.damaged.Add(float64(s.damage.Records))
		l.log.Error("write-ahead log is damaged", "file", path, "records_lost", s.damage.Records)
	}
	if s.damage.TornTail {
		l.metrics.torn.Inc()
		l.log.Warn("file of the write-ahead log ends within a record, which was being written when the process ended", "file", path)
	}
	return s.damage, nil
}

// readUnlessGone reads a file, which is empty if it has been released and removed
// meanwhile.
func (l *Log) readUnlessGone(seg segment) ([]byte, error) {
	b, err := readSegment(seg.path)
	if errors.Is(err, fs.ErrNotExist) {
		l.files.Lock()
		defer l.files.Unlock()
		if seg.end <= l.done {
			return nil, nil
		}
	}
	return b, err
}
