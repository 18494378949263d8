// Package remote adds the sections remote_write and remote_read of prometheus.yml to
// the metric store, with Prometheus' own client: what the owner of the file stores is
// sent on from the write-ahead log, and what remote storage has is found by queries.
package remote

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/config"
	promscrape "github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/storage"
	promremote "github.com/prometheus/prometheus/storage/remote"
	"github.com/prometheus/prometheus/tsdb/wlog"

	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/tenant"
)

// flushDeadline is how long a shutdown waits for samples under way, as in
// Prometheus.
const flushDeadline = time.Minute / 4

// Local is the store on this machine.
type Local interface {
	metrics.Store
	// Dir is the folder of a tenant's data, with its write-ahead log.
	Dir(t tenant.ID) string
	// NotifyWrites has wn called after each commit of a tenant.
	NotifyWrites(t tenant.ID, wn wlog.WriteNotified)
}

// Deps is what a Store is given.
type Deps struct {
	Local Local
	// Owner is the tenant that prometheus.yml belongs to.
	Owner      tenant.ID
	Prometheus *config.Config
	Logger     *slog.Logger
	Registry   prometheus.Registerer
}

// Store is the local store with remote storage for its owner.
type Store struct {
	deps    Deps
	remote  *promremote.Storage
	scrapes atomic.Pointer[promscrape.Manager]
	// configured says that there is a remote section: without one the owner's data
	// is not wrapped, which costs each sample.
	configured atomic.Bool
	close      func() error
}

var _ metrics.Store = (*Store)(nil)

// New returns the store. Prometheus' client begins to send here and not in Run;
// Close, which Run calls at its end, stops it.
func New(deps Deps) (*Store, error) {
	s := &Store{deps: deps}
	s.close = sync.OnceValue(func() error { return s.remote.Close() })
	local := deps.Local.Tenant(deps.Owner)
	s.remote = promremote.NewStorage(deps.Logger, deps.Registry, local.StartTime, deps.Local.Dir(deps.Owner), flushDeadline, s, false)
	deps.Local.NotifyWrites(deps.Owner, s.remote)
	if err := s.Reload(deps.Prometheus); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// SetScrapes names the scrape manager whose metadata is sent. Until then none is.
func (s *Store) SetScrapes(m *promscrape.Manager) { s.scrapes.Store(m) }

// Get implements the client's access to the scrape manager.
func (s *Store) Get() (*promscrape.Manager, error) {
	if m := s.scrapes.Load(); m != nil {
		return m, nil
	}
	return nil, errNotReady
}

var errNotReady = errors.New("scraping has not begun")

// Reload puts the remote sections of prom into effect.
func (s *Store) Reload(prom *config.Config) error {
	if len(prom.RemoteWriteConfigs) > 0 {
		// The client follows the write-ahead log, which the first use makes.
		if err := s.deps.Local.Tenant(s.deps.Owner).AppenderV2(context.Background()).Rollback(); err != nil {
			return fmt.Errorf("open the log that remote_write follows: %w", err)
		}
	}
	if err := s.remote.ApplyConfig(prom); err != nil {
		return fmt.Errorf("configure remote storage: %w", err)
	}
	s.configured.Store(len(prom.RemoteReadConfigs) > 0 || len(prom.RemoteWriteConfigs) > 0)
	return nil
}

// Run waits for ctx and then sends what is under way, at longest for a quarter of a
// minute.
func (s *Store) Run(ctx context.Context) error {
	<-ctx.Done()
	return s.Close()
}

// Close stops sending. It may be called more than once.
func (s *Store) Close() error {
	if err := s.close(); err != nil {
		return fmt.Errorf("close remote storage: %w", err)
	}
	return nil
}

// Tenant implements metrics.Store.
func (s *Store) Tenant(t tenant.ID) metrics.Tenant {
	local := s.deps.Local.Tenant(t)
	if t != s.deps.Owner {
		return local
	}
	both := storage.NewFanout(s.deps.Logger, primary{local}, s.remote)
	return &owned{Tenant: local, store: s, both: both}
}

// primary lets the local data be Prometheus' primary storage; its Close is its
// store's business.
type primary struct{ metrics.Tenant }

func (primary) Close() error { return nil }

// owned is the owner's data here and elsewhere. Exemplars and administration are
// local only.
type owned struct {
	metrics.Tenant
	store *Store
	both  storage.Storage
}

func (o *owned) Querier(mint, maxt int64) (storage.Querier, error) {
	if !o.store.configured.Load() {
		return o.Tenant.Querier(mint, maxt)
	}
	return o.both.Querier(mint, maxt)
}

func (o *owned) ChunkQuerier(mint, maxt int64) (storage.ChunkQuerier, error) {
	if !o.store.configured.Load() {
		return o.Tenant.ChunkQuerier(mint, maxt)
	}
	return o.both.ChunkQuerier(mint, maxt)
}

func (o *owned) Appender(ctx context.Context) storage.Appender {
	if !o.store.configured.Load() {
		return o.Tenant.Appender(ctx)
	}
	return o.both.Appender(ctx)
}

func (o *owned) AppenderV2(ctx context.Context) storage.AppenderV2 {
	if !o.store.configured.Load() {
		return o.Tenant.AppenderV2(ctx)
	}
	return o.both.AppenderV2(ctx)
}
