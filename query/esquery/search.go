package esquery

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/tenant"
)

// Search answers a search over the indices of an expression with the JSON that
// Elasticsearch answers. Errors are *Error, or of the store.
func (e *Engine) Search(ctx context.Context, t tenant.ID, indices string, o IndexOptions, r *Request) ([]byte, error) {
	s := &search{Request: r, run: &run{engine: e, tenant: t}, begin: e.now(), end: maxTime}
	var err error
	if r.pit != "" {
		if indices != "" {
			return nil, illegalf("[indices] cannot be used with point in time. Do not specify any index with point in time.")
		}
		pit, err := e.contexts.get(ctx, t, r.pit, kindPIT, r.pitKeepAlive)
		if err != nil {
			return nil, err
		}
		s.selection, s.end = pit.selection, pit.end
	} else if s.selection, err = e.resolve(ctx, t, indices, o); err != nil {
		return nil, err
	}
	if r.Scroll == 0 {
		return s.answer(ctx)
	}
	s.end = s.begin.UnixNano()
	c := &savedContext{kind: kindScroll, selection: s.selection, end: s.end, request: r}
	if s.scrollID, err = e.contexts.add(ctx, t, c, r.Scroll); err != nil {
		return nil, err
	}
	s.context = c
	b, err := s.answer(ctx)
	if err != nil {
		e.contexts.remove(ctx, t, s.scrollID)
	}
	return b, err
}

// search is a request that is being answered.
type search struct {
	*Request
	*run
	selection *selection
	begin     time.Time
	// end is what a point in time sees up to, nanoseconds.
	end int64

	scrollID string
	context  *savedContext

	found      atomic.Int64
	collected  atomic.Int64
	exactTotal bool // found is of the store's count
	stopped    bool // counting ended before all was seen
	timedOut   bool
	terminated atomic.Bool
	hits       []*hit
	results    *results
}

func (s *search) answer(ctx context.Context) ([]byte, error) {
	limit := s.engine.cfg.Timeout
	if s.timeout > 0 {
		limit = min(limit, s.timeout)
	}
	own, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := s.execute(own)
	if timedOut(ctx, own, err) {
		s.timedOut, err = true, nil
	}
	if err != nil {
		return nil, err
	}
	return s.render()
}

// order is the keys of the hits with what makes it whole: newest first, then a hash.
func (s *search) order() []sortKey {
	keys := s.sort
	if s.Scroll > 0 && len(keys) == 1 && keys[0].kind == byTie { // any order will do
		keys = nil
	}
	return append(keys[:len(keys):len(keys)], sortKey{kind: byTime, desc: true, hidden: true}, sortKey{kind: byTie, hidden: true})
}

// byTimeFirst says whether the order's first key is the time.
func byTimeFirst(keys []sortKey) (desc, ok bool) {
	for _, k := range keys {
		if k.kind == byScore {
			continue
		}
		if k.kind == byTime || k.kind == byField && k.path.kind == timestampPath {
			return k.desc, true
		}
		return false, false
	}
	return false, false
}

func (s *search) execute(ctx context.Context) error {
	if s.selection.empty() || s.minScore > 1 {
		return nil
	}
	if s.minScore > 0 {
		s.minScore = 0 // all score 1
	}
	pre := and(s.selection.prefilter(), s.query.prefilter())
	if s.end < maxTime {
		pre = and(pre, prefilter{filter: logs.Within{Start: minTime, End: s.end}, exact: true})
	}
	sc := s.scanner(pre)
	if pre.exact && s.postFilter == nil && s.total != 0 && s.terminateAfter == 0 && s.context.counted() < 0 {
		n, err := sc.count(ctx)
		if err != nil {
			return err
		}
		s.found.Store(n)
		s.exactTotal = true
	}
	if done, err := s.aggregateByCount(ctx, pre); err != nil || done && s.size == 0 {
		return err
	}
	if s.size == 0 && s.aggs == nil && s.exactTotal {
		return nil
	}
	if err := s.collect(ctx, sc); err != nil {
		return err
	}
	return s.global(ctx)
}

// scanner reads what a prefilter selects and the request's query matches.
func (s *search) scanner(pre prefilter) *scanner {
	sc := &scanner{run: s.run, where: pre.filter}
	if !pre.exact {
		sc.test = s.query // of streams and times the filter is exact
	}
	return sc
}

// searchWorker is what one worker of the store gathers.
type searchWorker struct {
	top  *top
	aggs *group
}

func (s *search) newWorker(keys []sortKey) *searchWorker {
	w := &searchWorker{top: &top{run: s.run, keys: keys, size: s.from + s.size, after: s.cursor(), collapse: s.collapse}}
	if s.aggs != nil && s.results == nil {
		w.aggs = s.aggs.collectors(s.run)
	}
	return w
}

// visit takes one document.
func (s *search) visit(w *searchWorker, d *document) error {
	if n := s.collected.Add(1); s.terminateAfter > 0 && n > s.terminateAfter {
		s.terminated.Store(true)
		return logs.ErrStop
	}
	if err := w.aggs.collect(d); err != nil {
		return err
	}
	if s.postFilter != nil && !s.postFilter.match(d) {
		return nil
	}
	if !s.exactTotal {
		s.found.Add(1)
	}
	return w.top.offer(d)
}

// collect reads documents: hits, their number and aggregations in one go.
func (s *search) collect(ctx context.Context, sc *scanner) error {
	keys := s.order()
	workers := newPerWorker(func() *searchWorker { return s.newWorker(keys) })
	err := s.windows(ctx, sc, keys, func(id int, d *document) error { return s.visit(workers.get(id), d) }, func() bool {
		n := 0
		for _, w := range workers.all {
			n += len(w.top.hits)
		}
		return n >= s.from+s.size
	})
	if err != nil && ctx.Err() == nil { // out of time, there is an answer all the same
		return err
	}
	all := s.newWorker(keys)
	tops := []*top{all.top}
	for _, w := range workers.all {
		tops = append(tops, w.top)
		if err := all.aggs.merge(w.aggs); err != nil {
			return err
		}
	}
	s.hits = merged(tops)
	if all.aggs == nil {
		return err
	}
	results, aggErr := all.aggs.results(&reduction{run: s.run})
	if aggErr != nil {
		return aggErr
	}
	s.results = results
	return err
}

// cursor is what hits must be behind: of search_after, or of a scroll.
func (s *search) cursor() []sortValue {
	if s.context != nil && s.context.after != nil {
		return s.context.after
	}
	return s.after
}

// windows reads ever wider windows of time from the wanted end on when the order is by
// time and enough hits are enough, else all at once.
func (s *search) windows(ctx context.Context, sc *scanner, keys []sortKey, visit func(int, *document) error, full func() bool) error {
	desc, byTime := byTimeFirst(keys)
	start, end := timeRange(sc.where)
	enough := func() bool {
		counted := s.exactTotal || s.total == 0 || s.context.counted() >= 0 || s.total > 0 && s.found.Load() > s.total
		return counted && full()
	}
	early := byTime && (s.aggs.none() || s.results != nil) && s.collapse == nil && s.terminateAfter == 0 && (desc || start > minTime)
	if !early {
		return sc.scan(ctx, start, end, visit)
	}
	now := s.begin.UnixNano()
	if desc {
		hi := end
		for lo, width := min(end, now)-int64(time.Minute), int64(time.Minute); ; width *= 4 {
			if width > int64(365*24*time.Hour) || lo < start {
				lo = start
			}
			if err := sc.scan(ctx, lo, hi, visit); err != nil || lo == start {
				return err
			}
			if enough() {
				s.stopped = true
				return nil
			}
			hi, lo = lo, lo-4*width
		}
	}
	lo := start
	for width := int64(time.Minute); ; width *= 4 {
		hi := lo + width
		if width > int64(365*24*time.Hour) || hi > end {
			hi = end
		}
		if err := sc.scan(ctx, lo, hi, visit); err != nil || hi == end {
			return err
		}
		if enough() {
			s.stopped = true
			return nil
		}
		lo = hi
	}
}

// global aggregates over everything in the indices, whatever the query.
func (s *search) global(ctx context.Context) error {
	if s.aggs == nil || s.results == nil {
		return nil
	}
	for _, a := range s.aggs.list {
		spec, ok := a.spec.(*globalAgg)
		if !ok {
			continue
		}
		pre := s.selection.prefilter()
		sc := &scanner{run: s.run, where: pre.filter}
		workers := newPerWorker(func() *singleCollector { return spec.start(s.run) })
		if err := sc.scan(ctx, minTime, s.end, func(id int, d *document) error { return workers.get(id).add(d) }); err != nil {
			return err
		}
		all := spec.start(s.run)
		for _, w := range workers.all {
			if err := all.merge(w); err != nil {
				return err
			}
		}
		r, err := all.result(&reduction{run: s.run})
		if err != nil {
			return err
		}
		s.results.replace(a.name, r)
	}
	return nil
}

// Count answers _count.
func (e *Engine) Count(ctx context.Context, t tenant.ID, indices string, o IndexOptions, r *Request) ([]byte, error) {
	s := &search{Request: r, run: &run{engine: e, tenant: t}, begin: e.now(), end: maxTime}
	r.size, r.from, r.total, r.aggs = 0, 0, -1, nil
	var err error
	if s.selection, err = e.resolve(ctx, t, indices, o); err != nil {
		return nil, err
	}
	own, cancel := context.WithTimeout(ctx, e.cfg.Timeout)
	defer cancel()
	if err := s.execute(own); err != nil {
		if timedOut(ctx, own, err) {
			return nil, &Error{Status: 503, Type: "timeout_exception", Reason: "counting took longer than " + e.cfg.Timeout.String()}
		}
		return nil, err
	}
	b := appendWhole([]byte(`{"count":`), s.found.Load())
	if s.terminated.Load() {
		b = append(b, `,"terminated_early":true`...)
	}
	return append(b, `,`+shards+`}`...), nil
}

// Validate answers _validate/query: whether a query can be read.
func (e *Engine) Validate(ctx context.Context, t tenant.ID, indices string, o IndexOptions, parse func() error, explain bool) ([]byte, error) {
	if _, err := e.resolve(ctx, t, indices, o); err != nil {
		return nil, err
	}
	err := parse()
	var bad *Error
	if err != nil && (!errors.As(err, &bad) || bad.Status != 400) {
		return nil, err
	}
	b := []byte(`{"_shards":{"total":1,"successful":1,"failed":0},"valid":` + map[bool]string{true: "true", false: "false"}[err == nil])
	if err != nil && explain {
		b = append(appendString(append(b, `,"error":`...), bad.Error()), '}')
		return b, nil
	}
	return append(b, '}'), nil
}
