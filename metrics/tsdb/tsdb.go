// Package tsdb is the metric store of one machine: a Prometheus TSDB for each
// tenant under <dir>/<tenant>, opened by the first use and closed when idle, under
// one budget of series in memory.
//
// # Durability
//
// A commit is in the TSDB's write-ahead log when it returns: it outlives the
// process. The logs are synced to disk at an interval (metrics.wal_sync_interval),
// which is what a power cut may cost.
package tsdb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/wlog"

	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/tenant"
)

// Deps is what a Store is given.
type Deps struct {
	// Dir is where the tenants' folders are; it is created.
	Dir string
	// MaxSeries is the budget of series in memory of all tenants together.
	MaxSeries int64
	Logger    *slog.Logger
	Registry  prometheus.Registerer
}

// Store implements metrics.Store.
type Store struct {
	deps    Deps
	cfg     metrics.Config
	metrics *storeMetrics
	budget  *seriesBudget

	mu        sync.Mutex // guards what follows and the instances' refs, db and used
	prom      *config.Config
	instances map[tenant.ID]*instance
	notify    map[tenant.ID]wlog.WriteNotified
	closed    bool
}

var _ metrics.Store = (*Store)(nil)

// New returns a store with the retention, out-of-order window and exemplars of
// loaded. It opens nothing.
func New(cfg metrics.Config, loaded *metrics.Loaded, deps Deps) (*Store, error) {
	if err := os.MkdirAll(deps.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("create folder of metrics: %w", err)
	}
	s := &Store{
		deps:      deps,
		cfg:       cfg,
		prom:      loaded.Prometheus,
		instances: map[tenant.ID]*instance{},
		notify:    map[tenant.ID]wlog.WriteNotified{},
	}
	s.metrics = newStoreMetrics(deps.Registry, s)
	s.budget = newSeriesBudget(deps.MaxSeries, cfg.Limits)
	return s, nil
}

// Tenant returns the view of one tenant's data.
func (s *Store) Tenant(t tenant.ID) metrics.Tenant { return &view{store: s, tenant: t} }

// Dir returns the folder of a tenant's data, whether it exists or not.
func (s *Store) Dir(t tenant.ID) string { return filepath.Join(s.deps.Dir, string(t)) }

// NotifyWrites has wn called after each commit of a tenant, so that what follows the
// tenant's write-ahead log need not poll it. It must be called before the tenant's
// first use.
func (s *Store) NotifyWrites(t tenant.ID, wn wlog.WriteNotified) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notify[t] = wn
}

// Run syncs the write-ahead logs and closes what is idle until ctx is done; then it
// closes the store. Writers must have stopped by then.
func (s *Store) Run(ctx context.Context) error {
	syncs := time.NewTicker(time.Duration(s.cfg.WALSyncInterval))
	defer syncs.Stop()
	idle := time.NewTicker(time.Minute)
	defer idle.Stop()
	expiry := time.NewTicker(expiryInterval)
	defer expiry.Stop()
	for {
		select {
		case <-ctx.Done():
			return s.Close()
		case <-syncs.C:
			s.syncLogs()
		case <-idle.C:
			s.closeIdle(time.Now().Add(-time.Duration(s.cfg.IdleClose)))
		case <-expiry.C:
			s.expireClosed()
		}
	}
}

// Reload puts retention, out-of-order window and exemplars of loaded into effect.
func (s *Store) Reload(loaded *metrics.Loaded) error {
	s.mu.Lock()
	s.prom = loaded.Prometheus
	var open []*tsdb.DB
	for _, in := range s.instances {
		if in.db != nil {
			open = append(open, in.db)
		}
	}
	s.mu.Unlock()
	var errs []error
	for _, db := range open {
		errs = append(errs, db.ApplyConfig(loaded.Prometheus))
	}
	return errors.Join(errs...)
}

// Ready returns why the store cannot be used: it was closed, or a tenant's data
// could not be opened when it was last tried.
func (s *Store) Ready() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return metrics.ErrClosed
	}
	var errs []error
	for _, in := range s.instances {
		errs = append(errs, in.failed)
	}
	return errors.Join(errs...)
}

// Close syncs and closes all tenants' data. Queriers and appenders that are still
// open fail from then on.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	instances := make([]*instance, 0, len(s.instances))
	for _, in := range s.instances {
		instances = append(instances, in)
	}
	s.mu.Unlock()
	s.syncLogs()
	var errs []error
	for _, in := range instances {
		errs = append(errs, in.close(s, true, nil))
	}
	return errors.Join(errs...)
}

// retention returns how long samples are kept.
func (s *Store) retention() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Duration(s.prom.StorageConfig.TSDBConfig.Retention.Time)
}
