// Package tail hands log entries that were just acknowledged to live readers.
//
// Ingest tells a Hub of each batch; one worker matches it against the readers'
// queries, so that a push pays for little more than a place in a queue. Readers with
// the same query share its evaluation and the encoded lines; a stream is shown only
// to queries whose selector can match it. Each reader has a bounded ring: what does
// not fit is lost for that reader alone, counted and named.
//
// A Session is a reader that begins in the past or at a cursor and then follows
// live, without a gap and without repetition: positions count the numbers that the
// store gives to entries.
package tail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// ErrTooMany is what Subscribe returns when the tenant has too many tails.
var ErrTooMany = errors.New("max concurrent tail requests limit exceeded")

// Hub is where entries are published and subscribed to. It is safe for concurrent
// use.
type Hub struct {
	cfg     Config
	metrics *metrics

	// index is of the worker; Subscribe and Close wait for the end of a batch.
	indexing sync.Mutex
	index    map[tenant.ID]*index

	mu      sync.Mutex
	order   order
	readers map[owner]int
	queue   queue
	wake    chan struct{}

	ringBytes atomic.Int64 // of all rings together
	rings     atomic.Int64 // how many there are
	reading   chan struct{}
}

// New returns a hub without readers. Nothing reaches them before Run.
func New(cfg Config, reg prometheus.Registerer) *Hub {
	h := &Hub{
		cfg: cfg, metrics: newMetrics(reg), index: map[tenant.ID]*index{}, readers: map[owner]int{},
		wake: make(chan struct{}, 1), reading: make(chan struct{}, maxReading),
	}
	h.queue.limit = cfg.MaxMemory / 4
	return h
}

// Numbered says that the store numbers entries, and the last number that it gave.
// Without it cursors go by time. It must be called before the first Begin.
func (h *Hub) Numbered(last uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.order.start(last)
}

// Begin implements ingest.Tail.
func (h *Hub) Begin() (mark uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.order.begin()
}

// Abort implements ingest.Tail.
func (h *Hub) Abort(mark uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.order.end(mark, 0, 0)
}

// Publish implements ingest.Tail. It never waits for a reader.
func (h *Hub) Publish(mark uint64, t tenant.ID, streams []model.LogStream, first uint64) {
	lines := uint64(0)
	for i := range streams {
		lines += uint64(len(streams[i].Entries))
	}
	var bytes int64
	if h.rings.Load() > 0 { // before the lock; who subscribes right now gets one batch uncounted
		bytes = charge(streams)
	}
	h.mu.Lock()
	h.order.end(mark, first, lines)
	if h.readers[owner{tenant: t}] == 0 {
		h.mu.Unlock()
		return
	}
	p := h.order.position()
	p.batch = h.queue.added + 1
	whole := h.queue.add(batch{tenant: t, streams: streams, position: p, bytes: bytes})
	h.mu.Unlock()
	if !whole {
		h.metrics.overflowed.Add(float64(lines))
	}
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// Run matches what is published until ctx is done.
func (h *Hub) Run(ctx context.Context) error {
	var e evaluator
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-h.wake:
		}
		for {
			h.mu.Lock()
			b, ok := h.queue.take()
			h.mu.Unlock()
			if !ok {
				break
			}
			h.indexing.Lock()
			if ix := h.index[b.tenant]; ix != nil {
				e.begin(h.pressed(), h.groups())
				e.run(ix, b)
			}
			h.indexing.Unlock()
			h.mu.Lock()
			h.queue.finish(b)
			h.mu.Unlock()
		}
	}
}

// Subscribe starts a tail of a log query, narrowed by the scope of ctx; Close ends
// it. It gets what is published after the position that it begins at. Errors wrap
// ErrTooMany or are those of the query.
func (h *Hub) Subscribe(ctx context.Context, t tenant.ID, q *logql.LogExpr) (*Subscription, error) {
	q = narrowed(ctx, q)
	h.indexing.Lock()
	defer h.indexing.Unlock()
	if err := h.mayFollow(ctx, t); err != nil {
		return nil, err
	}
	ix := h.index[t]
	if ix == nil {
		ix = newIndex()
	}
	s := &Subscription{hub: h, tenant: t, scope: tenant.ScopeFrom(ctx).String(), wake: make(chan struct{}, 1)}
	if err := ix.add(q, s); err != nil {
		return nil, err
	}
	h.index[t] = ix
	h.rings.Add(1)
	h.metrics.subscribers.Inc()

	h.mu.Lock()
	defer h.mu.Unlock()
	h.count(s, 1)
	s.begin, s.after = h.order.position(), h.queue.added
	return s, nil
}

// owner is whose tails are counted together: a tenant's, and those of one scope.
type owner struct {
	tenant tenant.ID
	scope  string
}

// count adds n to what s counts for; h.mu is held.
func (h *Hub) count(s *Subscription, n int) {
	of := []owner{{tenant: s.tenant}}
	if s.scope != "" {
		of = append(of, owner{s.tenant, s.scope})
	}
	for _, o := range of {
		if h.readers[o] += n; h.readers[o] == 0 {
			delete(h.readers, o)
		}
	}
}

// mayFollow says whether there may be one more tail.
func (h *Hub) mayFollow(ctx context.Context, t tenant.ID) error {
	scope := tenant.ScopeFrom(ctx).String()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.readers[owner{tenant: t}] >= h.cfg.MaxSubscribers {
		return fmt.Errorf("%w, limit: %d", ErrTooMany, h.cfg.MaxSubscribers)
	}
	if scope != "" && h.readers[owner{t, scope}] >= h.cfg.MaxPerScope {
		return fmt.Errorf("%w, limit: %d for tokens narrowed to %s", ErrTooMany, h.cfg.MaxPerScope, scope)
	}
	return nil
}

func narrowed(ctx context.Context, q *logql.LogExpr) *logql.LogExpr {
	return &logql.LogExpr{Matchers: tenant.ScopeFrom(ctx).Narrow(q.Matchers), Stages: q.Stages}
}

func (h *Hub) unsubscribe(s *Subscription) {
	h.indexing.Lock()
	defer h.indexing.Unlock()
	ix := h.index[s.tenant]
	ix.remove(s)
	if len(ix.groups) == 0 {
		delete(h.index, s.tenant)
	}
	h.rings.Add(-1)
	h.metrics.subscribers.Dec()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.count(s, -1)
}

// here is the position of everything that was published.
func (h *Hub) here() *Position {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.order.position()
	p.batch = h.queue.added
	return p
}

// pressed reports that the worker falls behind.
func (h *Hub) pressed() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.queue.bytes > h.queue.limit/2
}

// groups counts the groups of all tenants; h.indexing is held.
func (h *Hub) groups() (n int) {
	for _, ix := range h.index {
		n += len(ix.groups)
	}
	return n
}

// settled is a position up to which everything was matched: what a reader whose ring
// is empty afterwards has had.
func (h *Hub) settled() *Position {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.queue.idle() {
		return h.order.position()
	}
	return h.queue.finished
}

// mayGrow reports whether a ring of so many bytes may take n more. Half of the rings'
// memory is whose needs it, the other half is shared fairly, so that a slow reader
// cannot take what a fast one needs.
func (h *Hub) mayGrow(ring, n int64) bool {
	limit := h.cfg.MaxMemory / 4 * 3
	used := h.ringBytes.Load()
	if ring+n > int64(h.cfg.BufferBytes) || used+n > limit {
		return false
	}
	return used < limit/2 || ring+n <= limit/2/max(h.rings.Load(), 1)
}

// EmbedOrigins are the other sites whose pages may tail, see Config.
func (h *Hub) EmbedOrigins() []string { return h.cfg.EmbedOrigins }

// MayEmbed reports whether pages of the origin (a request's header) may tail with a
// token of their own.
func (h *Hub) MayEmbed(origin string) bool { return slices.Contains(h.cfg.EmbedOrigins, origin) }

func now() int64 { return time.Now().UnixNano() }
