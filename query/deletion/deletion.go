// Package deletion keeps tenants' requests to delete log entries and hides at once
// what they select. Requests survive a restart in the metastore; the entries are
// masked (see logs/retain) until their day leaves the store, so that a request can
// be taken back.
package deletion

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/logs/retain"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// Config is how tenants may delete.
type Config struct {
	// Mode is filter-and-delete, filter-only (which is the same here) or disabled, as
	// Loki's deletion_mode.
	Mode string `yaml:"deletion_mode"`
	// CancelPeriod is how long a request can be taken back without force.
	CancelPeriod time.Duration `yaml:"delete_request_cancel_period"`
	// MaxRequests bounds the requests of a tenant that hide lines.
	MaxRequests int `yaml:"max_requests"`
}

// Disabled is the mode in which nobody may delete.
const Disabled = "disabled"

// DefaultConfig returns Loki's, with at most 200 requests for each tenant.
func DefaultConfig() Config {
	return Config{Mode: "filter-and-delete", CancelPeriod: 24 * time.Hour, MaxRequests: 200}
}

// Validate says what is wrong with the settings, all at once.
func (c Config) Validate() error {
	var errs []error
	if !slices.Contains([]string{Disabled, "filter-only", "filter-and-delete"}, c.Mode) {
		errs = append(errs, fmt.Errorf("deletion_mode: %q is none of filter-and-delete, filter-only and disabled", c.Mode))
	}
	if c.CancelPeriod < 0 {
		errs = append(errs, fmt.Errorf("delete_request_cancel_period: %s is negative", c.CancelPeriod))
	}
	if c.MaxRequests <= 0 || c.MaxRequests > maxRequests {
		errs = append(errs, fmt.Errorf("max_requests: %d, want 1 to %d", c.MaxRequests, maxRequests))
	}
	return errors.Join(errs...)
}

const (
	maxRequests = 2000
	maxQuery    = 8 << 10 // bytes
)

// Status is how far a request has come.
type Status string

// The two states, with Loki's names.
const (
	// Received: the entries are hidden and still on disk.
	Received Status = "received"
	// Processed: the entries are gone.
	Processed Status = "processed"
)

// Errors of the service, beside logql's; test with errors.Is.
var (
	ErrNotFound = errors.New("could not find delete request with given id")
	ErrGone     = errors.New("deletion of request which is in process or already processed is not allowed")
	ErrTooLate  = errors.New("past the deadline")
	ErrTooMany  = errors.New("too many delete requests")
	ErrDisabled = errors.New("deletion is not enabled")
	// ErrQueryTooLong: every query of the tenant would carry it.
	ErrQueryTooLong = errors.New("query too long")
)

// Store is where requests survive; metastore.DB is one.
type Store interface {
	LogDeletions(ctx context.Context) ([]metastore.LogDeletion, error)
	CreateLogDeletion(ctx context.Context, d metastore.LogDeletion) error
	RemoveLogDeletion(ctx context.Context, t tenant.ID, id string) error
}

// Service is safe for concurrent use.
type Service struct {
	store Store
	// kept is how long the log store keeps entries.
	kept time.Duration
	now  func() time.Time

	// changing is held while a request is made or taken back.
	changing sync.Mutex
	onChange []func(tenant.ID)

	mu  sync.RWMutex
	cfg Config
	// requests are replaced, not changed: queries hold them.
	requests map[tenant.ID][]*request
}

var _ retain.Source = (*Service)(nil)

// request is a request with its filters.
type request struct {
	metastore.LogDeletion
	streams []*labels.Matcher
	entries logs.Filter
	// start and end (exclusive) are nanoseconds.
	start, end int64
}

// New reads the requests. kept is how long the log store keeps entries: what is
// older is gone.
func New(ctx context.Context, cfg Config, store Store, kept time.Duration) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("log deletions: %w", err)
	}
	all, err := store.LogDeletions(ctx)
	if err != nil {
		return nil, fmt.Errorf("read log deletions: %w", err)
	}
	s := &Service{cfg: cfg, store: store, kept: kept, now: time.Now, requests: map[tenant.ID][]*request{}}
	for _, d := range all {
		r, err := compile(d)
		if err != nil {
			return nil, fmt.Errorf("read log deletion %s of tenant %s: %w", d.ID, d.Tenant, err)
		}
		s.requests[d.Tenant] = append(s.requests[d.Tenant], r)
	}
	return s, nil
}

// SetConfig replaces the settings.
func (s *Service) SetConfig(cfg Config) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg = cfg
	return nil
}

// OnChange calls f after each change of what is hidden of a tenant, before the
// change is answered: caches forget the tenant there. Call it before the service is
// used.
func (s *Service) OnChange(f func(tenant.ID)) { s.onChange = append(s.onChange, f) }

func compile(d metastore.LogDeletion) (*request, error) {
	r := &request{LogDeletion: d, start: d.Start.UnixNano(), end: d.End.UnixNano() + 1}
	var err error
	r.streams, r.entries, err = logql.ParseDeletion(d.Query)
	return r, err
}

// Hidden implements retain.Source.
func (s *Service) Hidden(t tenant.ID, start, end int64) retain.Hidden {
	var h retain.Hidden
	var streams, entries logs.Or
	for _, r := range s.of(t) {
		if r.start >= end || r.end <= start {
			continue
		}
		f := logs.And{logs.Within{Start: r.start, End: r.end}, logs.InStreams{Matchers: r.streams}}
		if r.entries == nil {
			streams = append(streams, f)
		} else {
			entries = append(entries, append(f, r.entries))
		}
	}
	if len(streams) > 0 {
		h.Streams = streams
	}
	if len(entries) > 0 {
		h.Entries = entries
	}
	return h
}

func (s *Service) of(t tenant.ID) []*request {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.requests[t]
}

func (s *Service) config() Config {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.cfg
}

// set replaces a tenant's requests and tells of it.
func (s *Service) set(t tenant.ID, rs []*request) {
	s.mu.Lock()
	s.requests[t] = rs
	if len(rs) == 0 {
		delete(s.requests, t)
	}
	s.mu.Unlock()
	for _, f := range s.onChange {
		f(t)
	}
}

func newID() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
