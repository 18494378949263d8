package logql

import (
	"container/list"
	"context"
	"sync"
	"time"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// Cache keeps results of range aggregations at steps whose windows are closed, and of
// log queries over a closed range: they ended some time ago, so that no entry is on
// its way to them. Entries that come
// late all the same are noticed by Appender, which every write must pass through,
// and take the results of their time away. A result from the cache is, to the bit,
// the one that would be computed.
//
// Memory is bounded; what was used last stays. Safe for concurrent use.
type Cache struct {
	max int64
	now func() time.Time
	// settled says whether what is shown of [start, end) changes only with writes and
	// invalidations; nil: it always does. See SetSettled.
	settled func(t tenant.ID, start, end int64) bool

	mu      sync.Mutex
	results map[string]*list.Element // of *cachedSteps
	order   list.List                // used last first
	bytes   int64
	tenants map[tenant.ID]*cacheTenant
	// clock counts late writes and invalidations; emptied is that of the last
	// InvalidateAll.
	clock, emptied uint64
	metrics        *cacheMetrics
}

const (
	// closedAfter is how long after its end a window is closed.
	closedAfter = time.Minute
	// cacheAge is how long a result is kept at most: the engine drops whole days
	// without a word.
	cacheAge = time.Hour
	// maxLateWrites is how many late writes of a tenant are remembered.
	maxLateWrites = 1024
)

// NewCache returns a cache of at most so many bytes.
func NewCache(bytes int64) *Cache {
	return &Cache{max: bytes, now: time.Now, results: map[string]*list.Element{}, tenants: map[tenant.ID]*cacheTenant{}, metrics: newCacheMetrics()}
}

// SetSettled makes the cache keep results only of times that f says are settled: ages
// and sizes hide entries without a word. Call it before the cache is used.
func (c *Cache) SetSettled(f func(t tenant.ID, start, end int64) bool) { c.settled = f }

func (c *Cache) isSettled(t tenant.ID, start, end int64) bool {
	return c.settled == nil || c.settled(t, start, end)
}

// cacheTenant is what the cache knows of a tenant.
type cacheTenant struct {
	results map[string]*list.Element
	// late are writes to closed windows, the newest last: those under way and those
	// that ended.
	late []*lateWrite
	// forgotten is the clock of the newest event that is not in late.
	forgotten uint64
}

// lateWrite is a write of entries within [from, to].
type lateWrite struct {
	from, to int64
	ended    uint64 // clock; 0 while under way
}

// cachedSteps are the results at the steps of a part of the time, or the answer to a
// log query. It is never changed.
type cachedSteps struct {
	tenant   tenant.ID
	key      string
	from, to int64 // all windows lie within [from, to)
	made     time.Time
	bytes    int64
	series   []cachedSeries
	steps    map[int64][]cachedValue // by time
	streams  Streams
}

type cachedSeries struct {
	labels model.Labels
	key    string
}

type cachedValue struct {
	series int32
	value  float64
}

func (s *cachedSteps) has(t int64) bool {
	if s == nil {
		return false
	}
	_, ok := s.steps[t]
	return ok
}

// vector returns the samples at a step.
func (s *cachedSteps) vector(t int64) []sample {
	values := s.steps[t]
	if len(values) == 0 {
		return nil
	}
	out := make([]sample, len(values))
	for i, v := range values {
		out[i] = sample{s.series[v.series].labels, s.series[v.series].key, v.value}
	}
	return out
}

// begin returns the time before which windows are closed for an evaluation that
// begins now, and what put must be told.
func (c *Cache) begin() (closed int64, clock uint64) {
	closed = c.now().Add(-closedAfter).UnixNano()
	c.mu.Lock()
	defer c.mu.Unlock()
	return closed, c.clock
}

// get returns a result, nil if there is none.
func (c *Cache) get(key string) *cachedSteps {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.results[key]
	if e == nil {
		return nil
	}
	s := e.Value.(*cachedSteps)
	if c.now().Sub(s.made) > cacheAge {
		c.remove(e)
		return nil
	}
	c.order.MoveToFront(e)
	return s
}

// put keeps a result that was computed since clock, unless something was written
// meanwhile to its windows.
func (c *Cache) put(s *cachedSteps, clock uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.tenant(s.tenant)
	if max(t.forgotten, c.emptied) > clock || s.bytes > c.max/4 {
		return
	}
	for _, w := range t.late {
		if (w.ended == 0 || w.ended > clock) && w.from < s.to && s.from <= w.to {
			return
		}
	}
	if e := c.results[s.key]; e != nil {
		c.remove(e)
	}
	s.made = c.now()
	e := c.order.PushFront(s)
	c.results[s.key], t.results[s.key] = e, e
	c.bytes += s.bytes
	for c.bytes > c.max {
		c.remove(c.order.Back())
	}
	c.metrics.bytes.Set(float64(c.bytes))
}

func (c *Cache) tenant(id tenant.ID) *cacheTenant {
	t := c.tenants[id]
	if t == nil {
		t = &cacheTenant{results: map[string]*list.Element{}}
		c.tenants[id] = t
	}
	return t
}

func (c *Cache) remove(e *list.Element) {
	s := c.order.Remove(e).(*cachedSteps)
	delete(c.results, s.key)
	delete(c.tenants[s.tenant].results, s.key)
	c.bytes -= s.bytes
	c.metrics.bytes.Set(float64(c.bytes))
}

// Invalidate forgets all results of a tenant: when entries were deleted, or came
// back from the archive.
func (c *Cache) Invalidate(id tenant.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.tenant(id)
	c.clock++
	t.forgotten = c.clock
	for _, e := range t.results {
		c.remove(e)
		c.metrics.invalidated.Inc()
	}
}

// InvalidateAll forgets all results: when the store found entries by itself.
func (c *Cache) InvalidateAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clock++
	c.emptied = c.clock
	for c.order.Len() > 0 {
		c.remove(c.order.Back())
		c.metrics.invalidated.Inc()
	}
}

// Appender returns next with the cache in front of it, which notices what is written
// to closed windows.
func (c *Cache) Appender(next logs.Appender) logs.Appender { return &cacheAppender{c, next} }

type cacheAppender struct {
	cache *Cache
	next  logs.Appender
}

func (a *cacheAppender) Append(ctx context.Context, id tenant.ID, streams []model.LogStream) error {
	_, _, err := a.AppendNumbered(ctx, id, streams)
	return err
}

// AppendNumbered implements logs.NumberedAppender.
func (a *cacheAppender) AppendNumbered(ctx context.Context, id tenant.ID, streams []model.LogStream) (first uint64, repeated []int, err error) {
	if w := a.cache.late(id, streams); w != nil {
		defer a.cache.ended(id, w) // whatever the outcome
	}
	if next, ok := a.next.(logs.NumberedAppender); ok {
		return next.AppendNumbered(ctx, id, streams)
	}
	return 0, nil, a.next.Append(ctx, id, streams)
}

// LastNumber implements logs.NumberedAppender.
func (a *cacheAppender) LastNumber() (last uint64, ok bool) {
	if next, ok := a.next.(logs.NumberedAppender); ok {
		return next.LastNumber()
	}
	return 0, false
}

// late notes a write to closed windows before it is done; nil if it is none.
func (c *Cache) late(id tenant.ID, streams []model.LogStream) *lateWrite {
	closed := c.now().Add(-closedAfter).UnixNano()
	var w *lateWrite
	for i := range streams {
		for j := range streams[i].Entries {
			switch t := streams[i].Entries[j].Time; {
			case t > closed:
			case w == nil:
				w = &lateWrite{from: t, to: t}
			default:
				w.from, w.to = min(w.from, t), max(w.to, t)
			}
		}
	}
	if w == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.tenant(id)
	t.late = append(t.late, w)
	return w
}

// ended takes away the results that a write changed.
func (c *Cache) ended(id tenant.ID, w *lateWrite) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.tenant(id)
	c.clock++
	w.ended = c.clock
	for _, e := range t.results {
		if s := e.Value.(*cachedSteps); w.from < s.to && s.from <= w.to {
			c.remove(e)
			c.metrics.invalidated.Inc()
		}
	}
	for len(t.late) > maxLateWrites && t.late[0].ended != 0 {
		t.forgotten = max(t.forgotten, t.late[0].ended)
		t.late = t.late[1:]
	}
}
