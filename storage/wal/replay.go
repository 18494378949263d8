package wal

import (
	"context"
	"fmt"
)

// Replay calls fn, in order, for the records that were in the log when it was
// opened and that DropBefore has not released. Appending may go on meanwhile.
// What cannot be read is skipped, reported to the log and counted in
// pharos_wal_damaged_records_total.
func (l *Log) Replay(ctx context.Context, fn func(Record) error) (Damage, error) {
	var sum Damage
	l.files.Lock()
	segments, done := l.replay, l.done
	l.files.Unlock()
	for _, seg := range segments {
		b, err := readSegment(seg.path)
		if err != nil {
			return sum, err
		}
		s := scanFile(b)
		for r, ok := s.next(); ok; r, ok = s.next() {
			if err := ctx.Err(); err != nil {
				return sum, err
			}
			if r.First+uint64(r.Count) <= done {
				continue
			}
			if err := fn(r); err != nil {
				return sum, fmt.Errorf("replay record %d: %w", r.First, err)
			}
		}
		sum.Records += s.damage.Records
		sum.TornTail = sum.TornTail || s.damage.TornTail
		if s.damage.Records > 0 {
			l.metrics.damaged.Add(float64(s.damage.Records))
			l.log.Error("write-ahead log is damaged", "file", seg.path, "records_lost", s.damage.Records)
		}
	}
	return sum, nil
}
