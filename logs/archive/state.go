package archive

import (
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/pharosd/pharos/tenant"
)

// state is what the archiver knows of the local store without looking: for each
// tenant the hours that have entries which are not archived. It is a cache: without
// the file the local store is counted once and the manifests are asked.
type state struct {
	path string

	mu      sync.RWMutex
	store   string
	tenants map[tenant.ID]*tenantState
}

type tenantState struct {
	// Scanned is the number up to which entries were counted, ScannedAt the time of
	// the count in nanoseconds.
	Scanned   uint64 `json:"scanned"`
	ScannedAt int64  `json:"scanned_at"`
	// Pending are the hours with entries below Scanned that are not archived.
	Pending map[Hour]bool `json:"pending"`
}

// stateFile is the state on disk.
type stateFile struct {
	Version int                        `json:"version"`
	Store   string                     `json:"store"`
	Tenants map[tenant.ID]*tenantState `json:"tenants"`
}

func statePath(dir string) string { return filepath.Join(dir, "state.json") }

// openState reads the state of a store; another store's, or a damaged one, is none.
func openState(dir, store string) *state {
	s := &state{path: statePath(dir), store: store, tenants: map[tenant.ID]*tenantState{}}
	var f stateFile
	if ok, err := loadJSON(s.path, &f); ok && err == nil && f.Version == formatVersion && f.Store == store && f.Tenants != nil {
		s.tenants = f.Tenants
	}
	for _, ts := range s.tenants {
		if ts.Pending == nil {
			ts.Pending = map[Hour]bool{}
		}
	}
	return s
}

func (s *state) save() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return saveJSON(s.path, stateFile{formatVersion, s.store, s.tenants})
}

// scanned returns up to which number a tenant's entries were counted.
func (s *state) scanned(t tenant.ID) uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if ts := s.tenants[t]; ts != nil {
		return ts.Scanned
	}
	return 0
}

// found notes that everything below a number was counted at a time, with these hours.
func (s *state) found(t tenant.ID, before uint64, at time.Time, hours []Hour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ts := s.tenants[t]
	if ts == nil {
		ts = &tenantState{Pending: map[Hour]bool{}}
		s.tenants[t] = ts
	}
	for _, h := range hours {
		ts.Pending[h] = true
	}
	ts.Scanned, ts.ScannedAt = before, at.UnixNano()
}

// archived notes that an hour has nothing left below a number. What was counted since
// is still to come.
func (s *state) archived(t tenant.ID, h Hour, before uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ts := s.tenants[t]; ts != nil && ts.Scanned <= before {
		delete(ts.Pending, h)
	}
}

// pending returns a tenant's hours that are not archived, oldest first.
func (s *state) pending(t tenant.ID) []Hour {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if ts := s.tenants[t]; ts != nil {
		return slices.Sorted(maps.Keys(ts.Pending))
	}
	return nil
}

// safeBefore returns the time before which everything that was there at the last
// count is archived, and the time of that count; zeros if there was none.
func (s *state) safeBefore(t tenant.ID) (safe, scannedAt int64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	ts := s.tenants[t]
	if ts == nil || ts.ScannedAt == 0 {
		return 0, 0
	}
	safe = int64(HourOf(ts.ScannedAt))
	for h := range ts.Pending {
		safe = min(safe, int64(h))
	}
	return safe, ts.ScannedAt
}

// isArchived says whether an hour had nothing left when it was last counted, after
// its end.
func (s *state) isArchived(t tenant.ID, h Hour) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	ts := s.tenants[t]
	return ts != nil && ts.ScannedAt >= h.End() && !ts.Pending[h]
}

// OldestUnarchived returns the begin of the oldest hour that is not archived, by the
// state in an archiver's folder; ok is false if all is, or nothing is known. It lets
// a store be opened with a retention that drops nothing of it.
func OldestUnarchived(dir string) (oldest time.Time, ok bool) {
	var f stateFile
	if found, err := loadJSON(statePath(dir), &f); !found || err != nil {
		return time.Time{}, false
	}
	for _, ts := range f.Tenants {
		for h := range ts.Pending {
			if !ok || h.Time().Before(oldest) {
				oldest, ok = h.Time(), true
			}
		}
	}
	return oldest, ok
}
