package tsdb

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/compression"

	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/tenant"
)

// instance is one tenant's TSDB, open or not.
type instance struct {
	tenant tenant.ID
	dir    string

	// opening is held while the TSDB is opened or closed, so that both take their
	// time without holding up other tenants.
	opening sync.Mutex

	// Guarded by Store.mu. db is set while it is open; it is closed only when refs,
	// the number of queriers and appenders in use, is 0.
	db     *tsdb.DB
	stats  *tsdb.DBStats
	refs   int
	uses   int // how often it was acquired
	used   time.Time
	failed error

	registry *revocableRegisterer
	series   *seriesCallback
	// dirty says that the log was written since it was last synced.
	dirty atomic.Bool
}

// errNoData says that a tenant has none, so that there is nothing to open for a
// reader.
var errNoData = errors.New("tenant has no metrics")

// acquire returns the tenant's open TSDB; release must be called after use. With
// create it is made when the tenant has none, else the error is errNoData.
func (s *Store) acquire(t tenant.ID, create bool) (*instance, *tsdb.DB, error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, nil, metrics.ErrClosed
	}
	in := s.instances[t]
	if in == nil {
		if _, err := os.Stat(s.Dir(t)); err != nil && !create {
			s.mu.Unlock()
			return nil, nil, errNoData
		}
		in = &instance{tenant: t, dir: s.Dir(t)}
		s.instances[t] = in
	}
	in.refs++
	in.uses++
	in.used = time.Now()
	db := in.db
	s.mu.Unlock()
	if db != nil {
		return in, db, nil
	}
	db, err := s.open(in)
	if err != nil {
		s.release(in)
		return nil, nil, err
	}
	return in, db, nil
}

func (s *Store) release(in *instance) {
	s.mu.Lock()
	in.refs--
	in.used = time.Now()
	s.mu.Unlock()
}

// open opens the TSDB of an instance that the caller has acquired.
func (s *Store) open(in *instance) (*tsdb.DB, error) {
	in.opening.Lock()
	defer in.opening.Unlock()
	stats := tsdb.NewDBStats()
	s.mu.Lock()
	prom, db, closed, notify := s.prom, in.db, s.closed, s.notify[in.tenant]
	if db == nil {
		in.stats = stats
	}
	s.mu.Unlock()
	if closed {
		return nil, metrics.ErrClosed
	}
	if db != nil {
		return db, nil // somebody else opened it meanwhile
	}
	registry := newRevocableRegisterer(prometheus.WrapRegistererWith(prometheus.Labels{"tenant": string(in.tenant)}, s.deps.Registry))
	series := &seriesCallback{budget: s.budget}
	series.replaying.Store(true)
	log := s.deps.Logger.With("tenant", string(in.tenant))
	db, err := tsdb.Open(in.dir, log, registry, options(prom, series), stats)
	if err == nil {
		err = db.ApplyConfig(prom)
	}
	if err != nil {
		registry.revoke()
		series.forget()
		err = fmt.Errorf("open metrics of tenant %s: %w", in.tenant, err)
		s.mu.Lock()
		in.failed = err
		s.mu.Unlock()
		return nil, err
	}
	series.replaying.Store(false)
	if notify != nil {
		db.SetWriteNotified(notify)
	}
	s.mu.Lock()
	in.db, in.failed, in.registry, in.series = db, nil, registry, series
	s.mu.Unlock()
	return db, nil
}

// close closes the instance's TSDB unless it is in use, and calls after with nobody
// else able to open it; force closes it even when in use.
func (in *instance) close(s *Store, force bool, after func() error) error {
	in.opening.Lock()
	defer in.opening.Unlock()
	s.mu.Lock()
	if in.db == nil || in.refs > 0 && !force {
		s.mu.Unlock()
		return nil
	}
	db := in.db
	in.db = nil
	s.mu.Unlock()
	err := db.Close()
	in.registry.revoke()
	in.series.forget()
	if err != nil {
		return fmt.Errorf("close metrics of tenant %s: %w", in.tenant, err)
	}
	if after != nil {
		return after()
	}
	return nil
}

// closeIdle closes the tenants' data that nobody has used since then.
func (s *Store) closeIdle(since time.Time) {
	s.mu.Lock()
	var idle []*instance
	for _, in := range s.instances {
		if in.db != nil && in.refs == 0 && in.used.Before(since) {
			idle = append(idle, in)
		}
	}
	s.mu.Unlock()
	for _, in := range idle {
		if in.dirty.Swap(false) {
			s.syncLog(in)
		}
		if err := in.close(s, false, nil); err != nil {
			s.deps.Logger.Error("idle tenant's metrics did not close", "tenant", string(in.tenant), "err", err)
		}
	}
}

// stripes is the number of stripes of the TSDB's series map: a sixteenth of the
// default, which suits ten million series and costs every tenant megabytes.
const stripes = 1 << 10

// options translates prometheus.yml's storage section as Prometheus does from its
// flags.
func options(prom *config.Config, series tsdb.SeriesLifecycleCallback) *tsdb.Options {
	o := tsdb.DefaultOptions()
	storage := prom.StorageConfig
	retention := storage.TSDBConfig.Retention
	o.RetentionDuration = time.Duration(retention.Time).Milliseconds()
	o.MaxBytes = int64(retention.Size)
	o.MaxPercentage = retention.Percentage
	o.MaxBlockDuration = max(o.MinBlockDuration, min(o.RetentionDuration/10, (31*24*time.Hour).Milliseconds()))
	o.OutOfOrderTimeWindow = storage.TSDBConfig.OutOfOrderTimeWindow
	o.StaleSeriesCompactionThreshold = storage.TSDBConfig.StaleSeriesCompactionThreshold
	if storage.TSDBConfig.ChunkEncoding.Floats == config.FloatChunkEncodingXOR2 {
		o.FloatChunkEncoding = chunkenc.EncXOR2
	}
	o.MaxExemplars = storage.ExemplarsConfig.MaxExemplars
	o.EnableExemplarStorage = o.MaxExemplars > 0
	o.WALCompression = compression.Snappy
	o.StripeSize = stripes
	o.EnableDelayedCompaction = true
	o.SeriesLifecycleCallback = series
	return o
}
