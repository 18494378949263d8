package rowstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/tenant"
)

// flushInterval is how long the engine may keep rows in memory only; the
// write-ahead log has them meanwhile.
const flushInterval = 5 * time.Second

// Store is a Reader and a Writer on one folder.
type Store struct {
	cfg     Config
	log     *slog.Logger
	metrics *metrics
	tenants *tenants
	engine  *logstorage.Storage

	// users counts the calls under way; Close waits for them, because the engine
	// must not be closed under a query.
	users  sync.RWMutex
	closed bool

	inFlight atomic.Int64

	// appended counts batches given to the engine, visible how many of them
	// queries see.
	appended, visible atomic.Uint64
	flushing          sync.Mutex
}

var (
	_ Reader = (*Store)(nil)
	_ Writer = (*Store)(nil)
)

// Open opens the store in cfg.Path, creating it if it does not exist. Two stores
// must not share a folder: the second Open ends the process, as the engine locks
// it.
func Open(cfg Config, log *slog.Logger, reg prometheus.Registerer) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("row store: %w", err)
	}
	if err := ensureSetup(log); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Path, 0o750); err != nil {
		return nil, fmt.Errorf("create row store: %w", err)
	}
	ts, err := openTenants(cfg.Path)
	if err != nil {
		return nil, err
	}
	s := &Store{cfg: cfg, log: log, tenants: ts, metrics: newMetrics(reg)}
	s.engine = logstorage.MustOpenStorage(filepath.Join(cfg.Path, "rows"), &logstorage.StorageConfig{
		Retention:             cfg.Retention,
		FutureRetention:       24 * time.Hour,
		FlushInterval:         flushInterval,
		MinFreeDiskSpaceBytes: cfg.MinFreeDisk,
	})
	return s, nil
}

// Close waits for calls under way, writes what is in memory to disk and closes
// the store. Further calls return ErrClosed.
func (s *Store) Close() error {
	s.users.Lock()
	defer s.users.Unlock()
	if s.closed {
		return ErrClosed
	}
	s.closed = true
	s.engine.MustClose()
	return nil
}

// enter must precede any use of the engine; leave ends it.
func (s *Store) enter() error {
	s.users.RLock()
	if s.closed {
		s.users.RUnlock()
		return ErrClosed
	}
	return nil
}

func (s *Store) leave() { s.users.RUnlock() }

// Append implements Writer.
func (s *Store) Append(ctx context.Context, t tenant.ID, rows []Row) error {
	if len(rows) == 0 {
		return nil
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	size, err := s.check(rows)
	if err != nil {
		s.metrics.refused.WithLabelValues(refusalName(err)).Add(float64(len(rows)))
		return err
	}
	defer s.inFlight.Add(-size)
	if s.inFlight.Add(size) > s.cfg.MaxInFlight {
		s.metrics.refused.WithLabelValues(refusalName(ErrOverloaded)).Add(float64(len(rows)))
		return ErrOverloaded
	}
	if s.engine.IsReadOnly() {
		s.metrics.refused.WithLabelValues(refusalName(ErrReadOnly)).Add(float64(len(rows)))
		return ErrReadOnly
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	id, err := s.tenants.number(t)
	if err != nil {
		return err
	}
	s.add(id, rows)
	s.metrics.rows.Add(float64(len(rows)))
	return nil
}

// makeVisible lets the queries that follow see every row appended before. The
// engine does so by itself only after up to a second. Queries that come at the
// same time share the work; without appends since the last one there is none.
func (s *Store) makeVisible() {
	want := s.appended.Load()
	if s.visible.Load() >= want {
		return
	}
	s.flushing.Lock()
	defer s.flushing.Unlock()
	if s.visible.Load() >= want {
		return
	}
	n := s.appended.Load()
	s.engine.DebugFlush()
	s.visible.Store(n)
}

func refusalName(err error) string {
	for _, r := range []struct {
		err  error
		name string
	}{
		{ErrTooOld, "too_old"}, {ErrTooNew, "too_new"}, {ErrRowTooLarge, "row_too_large"},
		{ErrBadName, "bad_name"}, {ErrReadOnly, "disk_full"}, {ErrOverloaded, "overloaded"},
	} {
		if errors.Is(err, r.err) {
			return r.name
		}
	}
	return "other"
}
