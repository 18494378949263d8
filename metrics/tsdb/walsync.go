package tsdb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/prometheus/prometheus/tsdb/wlog"
)

// syncLogs syncs the write-ahead logs that were written since the last time.
func (s *Store) syncLogs() {
	s.mu.Lock()
	var dirty []*instance
	for _, in := range s.instances {
		if in.db != nil && in.dirty.Swap(false) {
			dirty = append(dirty, in)
		}
	}
	s.mu.Unlock()
	for _, in := range dirty {
		s.syncLog(in)
	}
}

// syncLog syncs a tenant's two logs. The TSDB itself syncs a segment only when it
// begins the next one, so that the newest segment is all there is to sync.
func (s *Store) syncLog(in *instance) {
	err := errors.Join(
		syncNewestSegment(filepath.Join(in.dir, "wal")),
		syncNewestSegment(filepath.Join(in.dir, wlog.WblDirName)),
	)
	if err != nil {
		in.dirty.Store(true)
		s.metrics.syncFailures.Inc()
		s.deps.Logger.Error("write-ahead log of metrics was not synced", "tenant", string(in.tenant), "err", err)
	}
}

func syncNewestSegment(dir string) error {
	_, last, err := wlog.Segments(dir)
	if errors.Is(err, os.ErrNotExist) || err == nil && last < 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list segments: %w", err)
	}
	f, err := os.Open(wlog.SegmentName(dir, last))
	if errors.Is(err, os.ErrNotExist) {
		return nil // truncated since: what it held is in a block
	}
	if err != nil {
		return fmt.Errorf("open newest segment: %w", err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync newest segment: %w", err)
	}
	return nil
}
