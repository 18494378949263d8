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
	"syscall"
	"time"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/storage/wal"
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
	wal     *wal.Log
	lock    *os.File
	// distinctSince is the number from which on rows carry LateColumn.
	distinctSince uint64

	// stop ends the background work, which background waits for.
	stop       context.CancelFunc
	background sync.WaitGroup
	// replayed is closed when rows of the write-ahead log are where queries see
	// them, or cannot be brought there: replayErr.
	replayed  chan struct{}
	replayErr error
	// adding is held for reading from before a row is in the write-ahead log until
	// the engine has it.
	adding  sync.RWMutex
	dropped uint64 // the last checkpoint, of the checkpoint loop only

	// users counts the calls under way; Close waits for them, because the engine
	// must not be closed under a query. closing guards adding to users.
	users   sync.WaitGroup
	closing sync.Mutex
	closed  bool

	inFlight atomic.Int64

	// appended counts batches given to the engine, visible how many of them
	// queries see.
	appended, visible atomic.Uint64
	// streams is how many streams were created when rows were last made visible.
	streams  atomic.Uint64
	flushing sync.Mutex
}

var (
	_ Reader = (*Store)(nil)
	_ Writer = (*Store)(nil)
)

// Open opens the store in cfg.Path, creating it if it does not exist. It returns
// before the write-ahead log is replayed: appends are accepted at once, queries
// wait for it. reg may be nil; two stores need registerers that tell them apart.
func Open(cfg Config, log *slog.Logger, reg prometheus.Registerer) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("row store: %w", err)
	}
	if err := errors.Join(checkEngine(), ensureSetup(log)); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Path, 0o750); err != nil {
		return nil, fmt.Errorf("create row store: %w", err)
	}
	lock, err := lockDir(cfg.Path)
	if err != nil {
		return nil, fmt.Errorf("open row store: %w", err)
	}
	s := &Store{cfg: cfg, log: log, lock: lock, metrics: newMetrics(reg), replayed: make(chan struct{})}
	if err := s.open(reg); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.background.Go(func() {
		s.replayErr = s.replay(ctx)
		close(s.replayed)
		if s.replayErr != nil {
			if ctx.Err() == nil {
				log.Error("row store answers no queries", "error", s.replayErr)
			}
			return
		}
		s.checkpointLoop(ctx)
	})
	return s, nil
}

func (s *Store) open(reg prometheus.Registerer) (err error) {
	if s.tenants, err = openTenants(s.cfg.Path); err != nil {
		return err
	}
	logConfig := wal.DefaultConfig()
	logConfig.Dir = filepath.Join(s.cfg.Path, "wal")
	if s.wal, err = wal.Open(logConfig, s.log, reg); err != nil {
		return err
	}
	s.engine = logstorage.MustOpenStorage(filepath.Join(s.cfg.Path, "rows"), &logstorage.StorageConfig{
		// The engine drops silently what is outside; check refuses a little earlier.
		Retention: s.cfg.Retention + time.Hour,
		// At start it deletes days that are further ahead, and the clock may be wrong.
		FutureRetention:       10 * 365 * 24 * time.Hour,
		FlushInterval:         flushInterval,
		MinFreeDiskSpaceBytes: s.cfg.MinFreeDisk,
	})
	return nil
}

// lockDir keeps a second process, or a second Open, from using the folder.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%s is in use by another process: %w", dir, err), f.Close())
	}
	return f, nil
}

// Close waits for calls under way, writes what is in memory to disk and closes
// the store, so that the next Open has nothing to replay. Further calls return
// ErrClosed.
func (s *Store) Close() error {
	s.closing.Lock()
	again := s.closed
	s.closed = true
	s.closing.Unlock()
	if again {
		return ErrClosed
	}
	s.users.Wait()
	s.stop()
	s.background.Wait()
	s.engine.MustClose()
	var err error
	if s.replayErr == nil {
		err = s.wal.DropBefore(s.wal.Next())
	}
	return errors.Join(err, s.wal.Close(), s.lock.Close())
}

// enter must precede any use of the engine; leave ends it.
func (s *Store) enter() error {
	s.closing.Lock()
	defer s.closing.Unlock()
	if s.closed {
		return ErrClosed
	}
	s.users.Add(1)
	return nil
}

func (s *Store) leave() { s.users.Done() }

// Health says why the store does not do all it should: it is replaying, cannot
// replay, is closed or takes no rows. nil is well.
func (s *Store) Health() error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	select {
	case <-s.replayed:
	default:
		return errReplaying
	}
	if s.replayErr != nil {
		return s.replayErr
	}
	if s.engine.IsReadOnly() {
		return ErrReadOnly
	}
	return nil
}

var errReplaying = errors.New("the write-ahead log is being replayed")

// Append implements Writer.
func (s *Store) Append(ctx context.Context, t tenant.ID, rows []Row) error {
	_, err := s.AppendNumbered(ctx, t, rows)
	return err
}

// AppendNumbered is Append; first is the first row's number, see SequenceColumn.
func (s *Store) AppendNumbered(ctx context.Context, t tenant.ID, rows []Row) (first uint64, err error) {
	if len(rows) == 0 {
		return 0, nil
	}
	if err := s.enter(); err != nil {
		return 0, err
	}
	defer s.leave()
	size, err := s.check(rows)
	if err != nil {
		s.metrics.refused.WithLabelValues(refusalName(err)).Add(float64(len(rows)))
		return 0, err
	}
	defer s.inFlight.Add(-size)
	if s.inFlight.Add(size) > s.cfg.MaxInFlight {
		s.metrics.refused.WithLabelValues(refusalName(ErrOverloaded)).Add(float64(len(rows)))
		return 0, ErrOverloaded
	}
	if s.engine.IsReadOnly() {
		s.metrics.refused.WithLabelValues(refusalName(ErrReadOnly)).Add(float64(len(rows)))
		return 0, ErrReadOnly
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	id, err := s.tenants.number(t)
	if err != nil {
		return 0, err
	}
	s.adding.RLock()
	defer s.adding.RUnlock()
	first, err = s.logRows(ctx, id.AccountID, rows)
	if err != nil {
		s.metrics.refused.WithLabelValues(refusalName(err)).Add(float64(len(rows)))
		return 0, err
	}
	s.add(id, rows, first)
	s.metrics.rows.Add(float64(len(rows)))
	return first, nil
}

// LastNumber returns the highest number that a row may have by now.
func (s *Store) LastNumber() uint64 { return s.wal.Next() - 1 }

// logRows writes rows to the write-ahead log and returns the first one's number.
func (s *Store) logRows(ctx context.Context, tenantNumber uint32, rows []Row) (first uint64, err error) {
	err = encodeBatch(tenantNumber, rows, func(b []byte) error {
		first, err = s.wal.Append(ctx, b, uint32(len(rows)))
		return err
	})
	switch {
	case errors.Is(err, wal.ErrDiskFull):
		err = fmt.Errorf("%w: %w", ErrReadOnly, err)
	case errors.Is(err, wal.ErrFull), errors.Is(err, wal.ErrTooLarge):
		err = fmt.Errorf("%w: %w", ErrOverloaded, err)
	}
	return first, err
}

// makeVisible lets the queries that follow see every row appended before. The
// engine does so by itself only after up to a second. Queries that come at the
// same time share the work; without appends since the last one there is none.
func (s *Store) makeVisible(ctx context.Context) error {
	select {
	case <-s.replayed:
	case <-ctx.Done():
		return ctx.Err()
	}
	if s.replayErr != nil {
		return s.replayErr
	}
	want := s.appended.Load()
	if s.visible.Load() >= want {
		return nil
	}
	s.flushing.Lock()
	defer s.flushing.Unlock()
	if s.visible.Load() >= want {
		return nil
	}
	n := s.appended.Load()
	s.engine.DebugFlush()
	var stats logstorage.StorageStats
	s.engine.UpdateStats(&stats)
	s.streams.Store(stats.StreamsCreatedTotal)
	s.visible.Store(n)
	return nil
}

// refusalName is the reason's name for metrics.
func refusalName(err error) string {
	var r *refusal
	if errors.As(err, &r) {
		return r.reason
	}
	return "other"
}
