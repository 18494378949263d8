package tsdb

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/pharosd/pharos/tenant"
)

// expiryInterval is how often data is looked after whose tenant does not use it.
const expiryInterval = 6 * time.Hour

// expireClosed applies the retention to tenants whose data is closed, one at a time:
// a TSDB deletes expired blocks when it is opened. Data that is expired altogether
// is removed with its folder.
func (s *Store) expireClosed() {
	entries, err := os.ReadDir(s.deps.Dir)
	if err != nil {
		s.deps.Logger.Error("folder of metrics cannot be listed", "err", err)
		return
	}
	for _, entry := range entries {
		t, err := tenant.Parse(entry.Name())
		if err != nil || !entry.IsDir() || s.isOpen(t) {
			continue
		}
		if err := s.expire(t); err != nil {
			s.deps.Logger.Error("retention was not applied", "tenant", string(t), "err", err)
		}
	}
}

func (s *Store) isOpen(t tenant.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.instances[t]
	return in != nil && in.db != nil
}

func (s *Store) expire(t tenant.ID) error {
	in, db, err := s.acquire(t, false)
	if errors.Is(err, errNoData) {
		return nil
	}
	if err != nil {
		return err
	}
	oldest := time.Now().Add(-s.retention()).UnixMilli()
	expired := len(db.Blocks()) == 0 && db.Head().MaxTime() < oldest
	s.mu.Lock()
	uses := in.uses
	s.mu.Unlock()
	s.release(in)
	return in.close(s, false, func() error {
		s.mu.Lock()
		expired = expired && in.uses == uses // else somebody may have written since
		s.mu.Unlock()
		if !expired {
			return nil
		}
		if err := os.RemoveAll(in.dir); err != nil {
			return fmt.Errorf("remove expired data: %w", err)
		}
		return nil
	})
}
