package archive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/thanos-io/objstore"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/tenant"
)

// Deps are what an archiver works on.
type Deps struct {
	// Source is the local store.
	Source logs.NumberedReader
	Bucket objstore.Bucket
	// Dir is a folder of the local disk for state and files on their way.
	Dir string
	// Retention is how long the local store keeps a tenant's entries, StoreRetention
	// how long the engine does before it drops whole days.
	Retention      func(tenant.ID) time.Duration
	StoreRetention time.Duration
	Logger         *slog.Logger
	Registry       prometheus.Registerer
}

// Archiver copies closed hours of the local store to object storage. It only reads
// from the store: storage that fails never holds up writing.
type Archiver struct {
	cfg     Config
	source  logs.NumberedReader
	bucket  objstore.Bucket
	dir     string
	store   string // ID of source
	deps    Deps
	log     *slog.Logger
	metrics *metrics
	catalog *Catalog
	state   *state
	now     func() time.Time
	// windowBytes bounds what is sorted at a time, for tests.
	windowBytes int

	running sync.Mutex // one round at a time
	mu      sync.Mutex
	err     error // of the last round
	listed  time.Time
}

// NewArchiver returns an archiver; nothing runs yet.
func NewArchiver(cfg Config, deps Deps) (*Archiver, error) {
	store, err := deps.Source.ID()
	if err != nil {
		return nil, err
	}
	a := &Archiver{
		cfg: cfg, source: deps.Source, bucket: deps.Bucket, dir: deps.Dir, store: store, deps: deps, log: deps.Logger,
		metrics: newMetrics(deps.Registry), catalog: newCatalog(deps.Bucket, store), state: openState(deps.Dir, store), now: time.Now,
	}
	// What a killed process left on its way has no value.
	if err := os.RemoveAll(a.spool()); err != nil {
		return nil, fmt.Errorf("clear archive's spool: %w", err)
	}
	return a, nil
}

func (a *Archiver) spool() string { return filepath.Join(a.dir, "spool") }

// Catalog is what the archive has.
func (a *Archiver) Catalog() *Catalog { return a.catalog }

// Bounds of the pause after a round that failed, and how often the bucket is listed.
const (
	minPause     = time.Second
	maxPause     = 5 * time.Minute
	listInterval = 15 * time.Minute
)

// Run archives until ctx is done.
func (a *Archiver) Run(ctx context.Context) error {
	pause := minPause
	for {
		wait := a.cfg.Interval
		if err := a.RunOnce(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			a.log.Error("archiving failed, it will be tried again", "error", err, "pause", pause)
			wait = pause/2 + rand.N(pause) //nolint:gosec // spreads load
			pause = min(2*pause, maxPause)
		} else {
			pause = minPause
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
	}
}

// Err is why the last round did not archive everything, nil if it did.
func (a *Archiver) Err() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

// RunOnce archives every hour that is due, oldest first.
func (a *Archiver) RunOnce(ctx context.Context) error {
	a.running.Lock()
	defer a.running.Unlock()
	err := a.round(ctx)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.err = err
	return err
}

func (a *Archiver) round(ctx context.Context) error {
	// Counting needs no storage: what is pending is known even if it fails.
	tenants := a.source.Tenants()
	for _, t := range tenants {
		if err := a.scan(ctx, t); err != nil {
			return err
		}
	}
	if a.now().Sub(a.listed) > listInterval {
		if err := a.list(ctx); err != nil {
			a.metrics.failed(a.bucket, err)
			return errors.Join(err, a.finishRound(tenants))
		}
	}
	var errs []error
	for _, t := range tenants {
		for _, h := range a.state.pending(t) {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			due, err := a.due(ctx, t, h)
			if err == nil && due {
				err = a.archiveHour(ctx, t, h)
			}
			if err != nil {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				a.metrics.failed(a.bucket, err)
				errs = append(errs, err)
				break // the storage may be down; other tenants have a try
			}
		}
	}
	return errors.Join(append(errs, a.finishRound(tenants))...)
}

// list looks into the bucket, and whether hours that the local store should answer
// for have another store's entries.
func (a *Archiver) list(ctx context.Context) error {
	if err := a.catalog.Refresh(ctx); err != nil {
		return err
	}
	for _, t := range a.catalog.Tenants() {
		if err := a.catalog.learn(ctx, t, a.Boundary(t)); err != nil {
			return err
		}
	}
	a.listed = a.now()
	return nil
}

// scan finds hours with entries that came since the last scan.
func (a *Archiver) scan(ctx context.Context, t tenant.ID) error {
	at := a.now()
	before, err := a.source.Settled(ctx)
	if err != nil {
		return err
	}
	since := a.state.scanned(t)
	var hours []Hour
	if since < before {
		r := logs.NumberedRange{Start: 0, End: at.Add(48 * time.Hour).UnixNano(), First: since, Before: before}
		counts, err := a.source.CountNumbered(ctx, t, r, hourLength)
		if err != nil {
			return fmt.Errorf("count entries of %s that are not archived: %w", t, err)
		}
		for _, c := range counts {
			hours = append(hours, Hour(c.Time))
		}
	}
	a.state.found(t, before, at, hours)
	return nil
}

// due says whether an hour's time has come. Late entries wait for others, but not
// until the local store drops them.
func (a *Archiver) due(ctx context.Context, t tenant.ID, h Hour) (bool, error) {
	now := a.now()
	if now.UnixNano() < h.End()+int64(a.cfg.Grace) {
		return false, nil
	}
	if h.End() < now.Add(time.Hour-a.deps.Retention(t)).UnixNano() {
		return true, nil
	}
	m, err := a.catalog.Manifest(ctx, t, h)
	if m == nil || err != nil {
		return true, err
	}
	// After a lost state, or an upload that was resumed, there may be nothing left.
	r := logs.NumberedRange{Start: int64(h), End: h.End(), First: m.archivedBefore(a.store), Before: a.state.scanned(t)}
	if r.First < r.Before {
		counts, err := a.source.CountNumbered(ctx, t, r, 0)
		if err != nil {
			return false, err
		}
		if len(counts) > 0 {
			return now.Sub(m.lastCreated(a.store)) >= a.cfg.LateEvery, nil
		}
	}
	a.state.archived(t, h, r.Before)
	return false, nil
}

// finishRound saves what is known and shows how far archiving is behind.
func (a *Archiver) finishRound(tenants []tenant.ID) error {
	now := a.now()
	for _, t := range tenants {
		a.metrics.lag.WithLabelValues(string(t)).Set(a.lag(t, now).Seconds())
	}
	return a.state.save()
}

// lag is the age of the oldest hour that should be archived. Late entries of an hour
// may wait until the retention's end.
func (a *Archiver) lag(t tenant.ID, now time.Time) time.Duration {
	for _, h := range a.state.pending(t) {
		age := now.Sub(h.Time())
		if age > time.Hour+a.cfg.Grace && (!a.catalog.has(t, h) || age > a.deps.Retention(t)) {
			return age
		}
	}
	return 0
}

// Archived says whether all entries of an hour that the local store had, when they
// were last counted after the hour's end, are archived and verified.
func (a *Archiver) Archived(t tenant.ID, h Hour) bool { return a.state.isArchived(t, h) }

// SafeBefore returns the time before which that holds for every hour: local data
// older than it may go. It is the zero time if nothing is known to be safe.
func (a *Archiver) SafeBefore(t tenant.ID) time.Time {
	safe, at := a.state.safeBefore(t)
	if at == 0 {
		return time.Time{}
	}
	return time.Unix(0, safe).UTC()
}

// slack covers what ingest may let in a moment after the retention's end.
const slack = 5 * time.Minute

// Boundary returns the time that divides the work of a query: the local store has
// every entry of a tenant from it on, and the archive every one before it that was not
// dropped unarchived. It is the begin of an hour.
//
// Entries older than the retention are refused on push, so that an hour before
// ScannedAt-retention cannot get entries after the count that found it archived.
func (a *Archiver) Boundary(t tenant.ID) int64 {
	safe, scanned := a.state.safeBefore(t)
	final := int64(HourOf(scanned - int64(a.deps.Retention(t)) - int64(slack)))
	// The engine has dropped days before this one; what of them was not archived in
	// time is nowhere.
	const day = int64(24 * time.Hour)
	dropped := (a.now().UnixNano() - int64(a.deps.StoreRetention+time.Hour)) / day * day
	return max(min(safe, final), dropped)
}
