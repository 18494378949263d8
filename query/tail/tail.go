// Package tail hands log entries that were just acknowledged to live readers.
//
// Ingest calls Publish after a batch is on disk. Each subscriber has its query
// compiled once and a bounded ring of entries; what does not fit is dropped and
// counted, so that a slow reader costs memory of its own share and no time of
// ingest's.
package tail

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// Config bounds live tails.
type Config struct {
	// MaxSubscribers bounds the concurrent tails of one tenant.
	MaxSubscribers int `yaml:"max_concurrent_tail_requests"`
	// BufferEntries bounds the entries that wait for one reader.
	BufferEntries int `yaml:"buffer_entries"`
	// BufferBytes bounds the lines that wait for one reader, in bytes.
	BufferBytes int `yaml:"buffer_bytes"`
}

// DefaultConfig returns Loki's limit of tails and a ring that holds a few seconds
// of a busy stream.
func DefaultConfig() Config {
	return Config{MaxSubscribers: 10, BufferEntries: 10000, BufferBytes: 4 << 20}
}

// Validate says which setting makes no sense.
func (c Config) Validate() error {
	if c.MaxSubscribers <= 0 || c.BufferEntries <= 0 || c.BufferBytes <= 0 {
		return errors.New("max_concurrent_tail_requests, buffer_entries and buffer_bytes must be positive")
	}
	return nil
}

// ErrTooMany is what Subscribe returns when the tenant has too many tails.
var ErrTooMany = errors.New("max concurrent tail requests limit exceeded")

// Hub is where entries are published and subscribed to. It is safe for
// concurrent use.
type Hub struct {
	cfg   Config
	count atomic.Int64 // subscribers of all tenants

	mu      sync.RWMutex
	tenants map[tenant.ID]map[*Subscription]struct{}

	subscribers prometheus.Gauge
	dropped     prometheus.Counter
}

// New returns a hub without subscribers.
func New(cfg Config, reg prometheus.Registerer) *Hub {
	h := &Hub{
		cfg:     cfg,
		tenants: map[tenant.ID]map[*Subscription]struct{}{},
		subscribers: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "pharos_tail_subscribers", Help: "Live tails that are open.",
		}),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "pharos_tail_dropped_entries_total", Help: "Entries that a live tail was too slow to read.",
		}),
	}
	reg.MustRegister(h.subscribers, h.dropped)
	return h
}

// Publish offers entries to the tenant's subscribers. It never waits for one.
// The streams are not kept.
func (h *Hub) Publish(t tenant.ID, streams []model.LogStream) {
	if h.count.Load() == 0 {
		return
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	for s := range h.tenants[t] {
		s.offer(streams)
	}
}

// Subscribe starts a tail of a log query; Close ends it. Errors wrap ErrTooMany
// or are those of the query.
func (h *Hub) Subscribe(t tenant.ID, q *logql.LogExpr) (*Subscription, error) {
	m, err := logql.NewMatcher(q)
	if err != nil {
		return nil, err
	}
	s := &Subscription{hub: h, tenant: t, matcher: m, wake: make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.tenants[t]) >= h.cfg.MaxSubscribers {
		return nil, fmt.Errorf("%w, limit: %d", ErrTooMany, h.cfg.MaxSubscribers)
	}
	if h.tenants[t] == nil {
		h.tenants[t] = map[*Subscription]struct{}{}
	}
	h.tenants[t][s] = struct{}{}
	h.count.Add(1)
	h.subscribers.Inc()
	return s, nil
}

// Entry is a line with the labels that the query gives it.
type Entry struct {
	Labels model.Labels
	Time   int64 // nanoseconds
	Line   string
}

// Dropped is an entry that found no room.
type Dropped struct {
	Labels model.Labels
	Time   int64
}

// maxDroppedNamed bounds the dropped entries that Take names; all are counted.
const maxDroppedNamed = 100

// Subscription is one live tail.
type Subscription struct {
	hub    *Hub
	tenant tenant.ID
	wake   chan struct{}

	mu      sync.Mutex
	matcher *logql.Matcher // of one goroutine at a time
	entries []Entry
	bytes   int
	dropped []Dropped
	lost    uint64
	closed  bool
}

// offer runs the query on the streams and keeps what matches.
func (s *Subscription) offer(streams []model.LogStream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	before := len(s.entries) + len(s.dropped)
	for i := range streams {
		s.matcher.Match(&streams[i], func(ls model.Labels, t int64, line string) {
			if len(s.entries) >= s.hub.cfg.BufferEntries || s.bytes+len(line) > s.hub.cfg.BufferBytes {
				s.lost++
				s.hub.dropped.Inc()
				if len(s.dropped) < maxDroppedNamed {
					s.dropped = append(s.dropped, Dropped{ls, t})
				}
				return
			}
			s.entries = append(s.entries, Entry{ls, t, line})
			s.bytes += len(line)
		})
	}
	if len(s.entries)+len(s.dropped) > before {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

// Wake is signalled when there is something to Take.
func (s *Subscription) Wake() <-chan struct{} { return s.wake }

// Take returns what has arrived since the last call: entries in the order of
// their arrival, the first of those that were dropped, and how many were.
func (s *Subscription) Take() (entries []Entry, dropped []Dropped, lost uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries, dropped, lost = s.entries, s.dropped, s.lost
	s.entries, s.dropped, s.lost, s.bytes = nil, nil, 0, 0
	return entries, dropped, lost
}

// Close ends the tail. It may be called more than once.
func (s *Subscription) Close() {
	s.mu.Lock()
	was := s.closed
	s.closed = true
	s.entries, s.dropped = nil, nil
	s.mu.Unlock()
	if was {
		return
	}
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.tenants[s.tenant], s)
	if len(h.tenants[s.tenant]) == 0 {
		delete(h.tenants, s.tenant)
	}
	h.count.Add(-1)
	h.subscribers.Dec()
}
