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
)

// Store is a Reader and a Writer on one folder.
type Store struct {
	*reads
	cfg     Config
	log     *slog.Logger
	metrics *metrics
	tenants *tenants
	engine  *logstorage.Storage
	wal     *wal.Log
	lock    *os.File
	// shipments tells repeats of agents' numbered batches.
	shipments *shipments
	// recent is nil without Config.Distinct.
	recent *recent
	// distinctSince is the number from which on rows carry LateColumn.
	distinctSince uint64
	// markedSince is the number from which on rows carry lengthColumn and longColumn.
	markedSince uint64

	// days are those that the engine has a folder of.
	days sync.Map
	// faults are what a full disk did to the engine.
	faults *engineFaults

	// stop ends the background work, which background waits for.
	stop       context.CancelFunc
	background sync.WaitGroup
	// replayed is closed when rows of the write-ahead log are where queries see
	// them, or cannot be brought there: replayErr.
	replayed  chan struct{}
	replayErr error
	// adding is held for reading from before a row is in the write-ahead log until
	// the engine has it. It guards live: rows are given to the engine as they come;
	// before that, the replay does it in the order of the log.
	adding sync.RWMutex
	live   bool

	// logged counts bytes of the write-ahead log, flushed is its value at the last
	// checkpoint. An element of pressed asks for a checkpoint.
	logged, flushed atomic.Int64
	pressed         chan struct{}
	firstFresh      uint64 // the number of the first row that this process appends
	dropped         uint64 // the last checkpoint's number, of the background work only

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
	if err := errors.Join(checkEngine(), checkLinks(), ensureSetup(log)); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Path, 0o750); err != nil {
		return nil, fmt.Errorf("create row store: %w", err)
	}
	lock, err := lockDir(cfg.Path)
	if err != nil {
		return nil, fmt.Errorf("open row store: %w", err)
	}
	s := &Store{cfg: cfg, log: log, lock: lock, metrics: newMetrics(reg),
		replayed: make(chan struct{}), pressed: make(chan struct{}, 1)}
	if err := s.open(reg); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop, s.reads = stop, s.newReads()
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
	if s.shipments, err = openShipments(s.cfg.Path, s.log, s.metrics); err != nil {
		return err
	}
	logConfig := wal.DefaultConfig()
	logConfig.Dir, logConfig.MaxSize = filepath.Join(s.cfg.Path, "wal"), s.cfg.MaxLog
	logConfig.SegmentSize = min(logConfig.SegmentSize, s.cfg.MaxLog/segmentShare)
	if s.cfg.Distinct {
		s.recent = newRecent(s.cfg.Derived)
		logConfig.Keep = s.cfg.MaxLog / keepShare
	}
	if s.wal, err = wal.Open(logConfig, s.log, reg); err != nil {
		return err
	}
	s.firstFresh = s.wal.Next()
	if s.distinctSince, err = distinctFile.since(s.cfg.Path, s.cfg.Distinct, s.wal.Next()); err != nil {
		return errors.Join(err, s.wal.Close())
	}
	if s.markedSince, err = marksFile.since(s.cfg.Path, true, s.wal.Next()); err != nil {
		return errors.Join(err, s.wal.Close())
	}
	if err := mendDays(filepath.Join(s.cfg.Path, "rows", "partitions"), time.Now(), s.cfg, s.log); err != nil {
		return errors.Join(fmt.Errorf("open row engine: %w", err), s.wal.Close())
	}
	if err := onFullDisk(func() error { s.openEngine(); return nil }); err != nil {
		return errors.Join(fmt.Errorf("open row engine: %w", err), s.wal.Close())
	}
	s.faults = watchFaults(s.engine, filepath.Join(s.cfg.Path, "rows"))
	return nil
}

// engineRetention is a little longer than the store's: the engine drops silently what is
// outside of it, and check refuses earlier.
func engineRetention(cfg Config) time.Duration { return cfg.Retention + time.Hour }

func (s *Store) openEngine() {
	s.engine = logstorage.MustOpenStorage(filepath.Join(s.cfg.Path, "rows"), &logstorage.StorageConfig{
		Retention: engineRetention(s.cfg),
		// At start it deletes days that are further ahead, and the clock may be wrong.
		FutureRetention:        10 * 365 * 24 * time.Hour,
		MaxDiskSpaceUsageBytes: s.cfg.MaxSize,
		FlushInterval:          engineInterval,
		MinFreeDiskSpaceBytes:  s.cfg.MinFreeDisk,
	})
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

// closeWait is how long Close waits for a replay.
const closeWait = 5 * time.Second

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
	// A short replay may end, so that there is none at the next start.
	select {
	case <-s.replayed:
	case <-time.After(closeWait):
	}
	s.stop()
	s.background.Wait()
	err := s.closeEngine()
	if err == nil && s.replayErr == nil {
		if err = s.shipments.save(); err == nil {
			err = s.wal.DropAll()
		}
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
		return ErrReplaying
	}
	if s.replayErr != nil {
		return s.replayErr
	}
	return s.readOnly()
}

// makeVisible lets the queries that follow see every row appended before. The
// engine does so by itself only after up to a second. Queries that come at the
// same time share the work; without appends since the last one there is none.
func (s *Store) makeVisible(ctx context.Context) error {
	if err := s.waitReplayed(ctx); err != nil {
		return err
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

// replayWait is how long a query waits for the replay.
const replayWait = 10 * time.Second

func (s *Store) waitReplayed(ctx context.Context) error {
	select {
	case <-s.replayed:
		return s.replayErr
	default:
	}
	limit := time.NewTimer(replayWait)
	defer limit.Stop()
	select {
	case <-s.replayed:
		return s.replayErr
	case <-limit.C:
		return ErrReplaying
	case <-ctx.Done():
		return ctx.Err()
	}
}

// refusalName is the reason's name for metrics.
func refusalName(err error) string {
	var r *refusal
	if errors.As(err, &r) {
		return r.reason
	}
	return "other"
}
