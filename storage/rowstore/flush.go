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
	return nil
}

// roomToFlush says whether the disk has room for what is in memory.
func (s *Store) roomToFlush() error {
	var stats logstorage.StorageStats
	s.engine.UpdateStats(&stats)
	need := stats.CompressedInmemorySize + flushMargin
	var fs syscall.Statfs_t
	if err := syscall.Statfs(s.cfg.Path, &fs); err != nil {
		return fmt.Errorf("ask for the free space of %s: %w", s.cfg.Path, err)
	}
	if free := fs.Bavail * uint64(fs.Bsize); free < need {
		return fmt.Errorf("%w: %d MiB are free, %d MiB are needed to write what is in memory", ErrReadOnly, free>>20, need>>20)
	}
	return nil
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

// guarded turns the engine's panic about a full disk into an error. The engine has
// given its parts back by then; the file that it began is removed.
func (t engineTable) guarded(write func() error) (err error) {
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if !isDiskFull(fmt.Sprint(r)) {
			panic(r)
		}
		err = errors.Join(fmt.Errorf("%w: %v", ErrReadOnly, r), removeBegun(t.path(), fmt.Sprint(r)))
	}()
	return write()
}

func isDiskFull(message string) bool {
	return strings.Contains(message, syscall.ENOSPC.Error()) || strings.Contains(message, syscall.EDQUOT.Error())
}

var partName = regexp.MustCompile(`^/[0-9A-F]{16}/`)

// removeBegun removes the part in the folder table whose file the engine's message is
// about.
func removeBegun(table, message string) error {
	_, rest, found := strings.Cut(message, table)
	if !found {
		return nil
	}
	if name := partName.FindString(rest); name != "" {
		return os.RemoveAll(filepath.Join(table, name))
	}
	return nil
}
