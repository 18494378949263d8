package esquery

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/pharosd/pharos/tenant"
)

type contextKind uint8

const (
	kindScroll contextKind = iota
	kindPIT
)

// savedContext is a scroll or a point in time. Neither holds documents: a scroll is a
// place in an order, and both see what was sent before they began (by its
// @timestamp).
type savedContext struct {
	kind      contextKind
	selection *selection
	end       int64
	request   *Request

	mu    sync.Mutex
	after []sortValue
	total *int64

	owner   owner
	keep    time.Duration
	expires time.Time
}

// counted is the number of hits that the first answer of a scroll found, -1 if there
// was none yet.
func (c *savedContext) counted() int64 {
	if c == nil || c.total == nil {
		return -1
	}
	return *c.total
}

// owner is who may use a context: another tenant, or another scope of it, sees none.
type owner struct {
	tenant tenant.ID
	scope  string
}

func ownerOf(ctx context.Context, t tenant.ID) owner {
	return owner{t, tenant.ScopeFrom(ctx).String()}
}

// contexts are those of all tenants, bounded in number and lifetime.
type contexts struct {
	cfg Config
	now func() time.Time

	mu   sync.Mutex
	byID map[string]*savedContext
}

func newContexts(cfg Config) *contexts {
	return &contexts{cfg: cfg, now: time.Now, byID: map[string]*savedContext{}}
}

func (c *contexts) add(ctx context.Context, t tenant.ID, s *savedContext, keep time.Duration) (string, error) {
	if keep > c.cfg.MaxKeepAlive {
		return "", illegalf("Keep alive for request (%s) is too large. It must be less than (%s). "+
			"This limit can be set by changing the [search.max_keep_alive] cluster level setting.", keep, c.cfg.MaxKeepAlive)
	}
	if keep <= 0 {
		return "", illegalf("[keep_alive] must be positive")
	}
	s.owner = ownerOf(ctx, t)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expire()
	n := 0
	for _, other := range c.byID {
		if other.owner.tenant == t {
			n++
		}
	}
	if n >= c.cfg.MaxContexts {
		return "", &Error{Status: 429, Type: "too_many_scroll_contexts_exception",
			Reason: "Trying to create too many scroll contexts. Must be less than or equal to: [" + string(appendWhole(nil, int64(c.cfg.MaxContexts))) +
				"]. This limit can be set by changing the [search.max_open_scroll_context] setting."}
	}
	id := rand.Text()
	s.keep, s.expires = keep, c.now().Add(keep)
	c.byID[id] = s
	return id, nil
}

// get returns a context and makes it live on, for keep if that is positive.
func (c *contexts) get(ctx context.Context, t tenant.ID, id string, kind contextKind, keep time.Duration) (*savedContext, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expire()
	s := c.byID[id]
	if s == nil || s.kind != kind || s.owner != ownerOf(ctx, t) {
		return nil, &Error{Status: 404, Type: "search_context_missing_exception", Reason: "No search context found for id [" + clip(id) + "]"}
	}
	if keep > 0 {
		s.keep = min(keep, c.cfg.MaxKeepAlive)
	}
	s.expires = c.now().Add(s.keep)
	return s, nil
}

// remove returns how many of the ids there were.
func (c *contexts) remove(ctx context.Context, t tenant.ID, ids ...string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, id := range ids {
		if s := c.byID[id]; s != nil && s.owner == ownerOf(ctx, t) {
			delete(c.byID, id)
			n++
		}
	}
	return n
}

// removeAll ends all contexts of one kind of a tenant.
func (c *contexts) removeAll(ctx context.Context, t tenant.ID, kind contextKind) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for id, s := range c.byID {
		if s.kind == kind && s.owner == ownerOf(ctx, t) {
			delete(c.byID, id)
			n++
		}
	}
	return n
}

func (c *contexts) expire() {
	now := c.now()
	for id, s := range c.byID {
		if s.expires.Before(now) {
			delete(c.byID, id)
		}
	}
}

// Scroll answers the next page of a scroll.
func (e *Engine) Scroll(ctx context.Context, t tenant.ID, id string, keep time.Duration, totalAsInt bool) ([]byte, error) {
	c, err := e.contexts.get(ctx, t, id, kindScroll, keep)
	if err != nil {
		return nil, err
	}
	r := *c.request
	r.aggs, r.TotalAsInt = nil, totalAsInt
	c.mu.Lock()
	place := &savedContext{kind: kindScroll, after: c.after, total: c.total}
	c.mu.Unlock()
	s := &search{Request: &r, run: &run{engine: e, tenant: t}, begin: e.now(), end: c.end, selection: c.selection, scrollID: id, context: place}
	b, err := s.answer(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.after = place.after
	c.mu.Unlock()
	return b, nil
}

// ClearScroll ends scrolls; no ids: all of the tenant's.
func (e *Engine) ClearScroll(ctx context.Context, t tenant.ID, ids []string) int {
	if len(ids) == 0 {
		return e.contexts.removeAll(ctx, t, kindScroll)
	}
	return e.contexts.remove(ctx, t, ids...)
}

// OpenPIT opens a point in time: entries up to now, of the indices that there are.
func (e *Engine) OpenPIT(ctx context.Context, t tenant.ID, indices string, o IndexOptions, keep time.Duration) (string, error) {
	sel, err := e.resolve(ctx, t, indices, o)
	if err != nil {
		return "", err
	}
	return e.contexts.add(ctx, t, &savedContext{kind: kindPIT, selection: sel, end: e.now().UnixNano()}, keep)
}

// ClosePIT ends a point in time and says whether there was one.
func (e *Engine) ClosePIT(ctx context.Context, t tenant.ID, id string) bool {
	return e.contexts.remove(ctx, t, id) > 0
}
