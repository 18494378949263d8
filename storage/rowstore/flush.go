package rowstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
)

// engineInterval is when the engine would write to disk by itself: never. The
// store does it, in flushEngine.
const engineInterval = 10 * 365 * 24 * time.Hour

// flushMargin is free space, in bytes, beyond what is to be written, without which
// nothing is written.
const flushMargin = 8 << 20

// flushEngine brings to disk everything that was given to the engine before. After
// an error the rest is in memory as it was. One call at a time.
func (s *Store) flushEngine(ctx context.Context) error {
	s.engine.DebugFlush()
	mark := time.Now().Add(engineInterval)
	if err := s.roomToFlush(); err != nil {
		return err
	}
	days := holdDays(s.engine)
	defer releaseDays(days)
	for _, d := range days {
		for _, table := range []engineTable{d.data, d.index} {
			if err := table.flush(ctx, mark); err != nil {
				return fmt.Errorf("write rows of %s: %w", time.Unix(0, 0).UTC().AddDate(0, 0, int(d.day)).Format(time.DateOnly), err)
			}
		}
	}
	return s.faults.repair(days)
}

// roomToFlush says whether the disk has room for what is in memory.
func (s *Store) roomToFlush() error {
	var stats logstorage.StorageStats
	s.engine.UpdateStats(&stats)
	need := stats.CompressedInmemorySize + flushMargin
	free, err := freeDisk(s.cfg.Path)
	if err == nil && free < need {
		err = fmt.Errorf("%w: %d MiB are free, %d MiB are needed to write what is in memory", ErrReadOnly, free>>20, need>>20)
	}
	return err
}

// readOnly says whether the disk is too full for more rows.
func (s *Store) readOnly() error {
	free, err := freeDisk(s.cfg.Path)
	if err == nil && free < uint64(s.cfg.MinFreeDisk) {
		err = fmt.Errorf("%w: %d MiB are free, less than the minimum of %d MiB", ErrReadOnly, free>>20, s.cfg.MinFreeDisk>>20)
	}
	return err
}

func freeDisk(path string) (uint64, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(path, &fs); err != nil {
		return 0, fmt.Errorf("ask for the free space of %s: %w", path, err)
	}
	return fs.Bavail * uint64(fs.Bsize), nil
}

// flush writes the parts that are due at mark or before. Those that the engine is
// merging in memory meanwhile are waited for: what comes out is due when they were.
func (t engineTable) flush(ctx context.Context, mark time.Time) error {
	for {
		parts, busy := t.inMemory(mark)
		if len(parts) == 0 && busy == 0 {
			return nil
		}
		for len(parts) > 0 {
			var merge partList
			merge, parts = t.choose(parts)
			if err := t.guarded(func() error { return t.merge(t.pointer(), merge) }); err != nil {
				t.giveBack(parts)
				return err
			}
		}
		if busy > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(2 * time.Millisecond):
			}
		}
	}
}

// guarded is onFullDisk for a merge. The engine has given its parts back by then; the
// one that it began is removed.
func (t engineTable) guarded(write func() error) error {
	err := onFullDisk(write)
	if errors.Is(err, ErrReadOnly) {
		err = errors.Join(err, removeNamed(t.path(), err.Error(), partName))
	}
	return err
}

// onFullDisk turns the engine's panic about a full disk into an error.
func onFullDisk(write func() error) (err error) {
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if !isDiskFull(fmt.Sprint(r)) {
			panic(r)
		}
		err = fmt.Errorf("%w: %v", ErrReadOnly, r)
	}()
	return write()
}

func isDiskFull(message string) bool {
	return strings.Contains(message, syscall.ENOSPC.Error()) || strings.Contains(message, syscall.EDQUOT.Error())
}

// Names of the engine's folders, between separators.
var (
	partName      = regexp.MustCompile(`^/[0-9A-F]{16}\b`)
	partitionName = regexp.MustCompile(`^/[0-9]{8}\b`)
)

// removeNamed removes the folder in dir that the engine's message about a file names.
func removeNamed(dir, message string, name *regexp.Regexp) error {
	_, rest, found := strings.Cut(message, dir)
	if !found {
		return nil
	}
	if n := name.FindString(rest); n != "" {
		return os.RemoveAll(filepath.Join(dir, n))
	}
	return nil
}

// ensureDays lets the engine have the folders of the rows' days, which it would
// otherwise make when it gets the rows.
func (s *Store) ensureDays(rows []Row) error {
	last := int64(-1 << 62)
	for i := range rows {
		day := rows[i].Time / int64(24*time.Hour)
		if day == last {
			continue
		}
		last = day
		if _, ok := s.days.Load(day); ok {
			continue
		}
		if err := onFullDisk(func() error { partitionRelease(partitionForDay(s.engine, day)); return nil }); err != nil {
			return err
		}
		s.days.Store(day, true)
	}
	return nil
}
