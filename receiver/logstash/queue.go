package logstash

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/pharosd/pharos/pipeline"
)

// batch is what an input hands over at once.
type batch struct {
	events []*pipeline.Event
	// size is how many bytes of input the events were made from.
	size int
	// done, unless it is nil, is called once when all events, and all that became of
	// them, are where they belong. It is not called if the pipeline ends before.
	done func()
}

// An event's number, Origins[0].From, tells it from others that are equal to it. A source
// that may send an event again, such as Kafka, gives it the same number again; for others
// the queue counts.
func setNumber(e *pipeline.Event, n int64) {
	e.Origins = []pipeline.Origin{{From: n, To: n + 1}}
}

// work is a part of a batch on its way to a worker.
type work struct {
	events []*pipeline.Event
	cost   int64
}

// queue is between a pipeline's inputs and workers. It bounds what is under way.
type queue struct {
	ch     chan work
	acks   *acks
	budget *semaphore.Weighted
	limit  int64
	most   int // events of one work
	m      *pipelineMetrics
	clock  *clock
	number *atomic.Int64
	// each, unless it is nil, sees every batch.
	each func(batch) batch
}

// eventCost is what an event takes in memory beside its bytes, which are there about
// three times: as text, as fields and as what is stored.
const eventCost = 1024

func newQueue(most, workers int, limit int64, m *pipelineMetrics, c *clock) *queue {
	q := &queue{ch: make(chan work, 2*workers), acks: &acks{open: map[uint64]*pending{}}, budget: semaphore.NewWeighted(limit), limit: limit,
		most: most, m: m, clock: c, number: &atomic.Int64{}}
	q.number.Store(c.Now().UnixNano())
	return q
}

// like returns a second handle of the queue.
func (q *queue) like() *queue {
	c := *q
	return &c
}

// push hands a batch over. It blocks while the pipeline has enough under way; the error
// is ctx's, and then a part of the batch may be on its way already.
func (q *queue) push(ctx context.Context, b batch) error {
	if q.each != nil {
		b = q.each(b)
	}
	if len(b.events) == 0 {
		if b.done != nil {
			b.done()
		}
		return nil
	}
	id := q.acks.begin(len(b.events), b.done)
	for _, e := range b.events {
		if len(e.Origins) == 0 {
			setNumber(e, q.number.Add(1))
		}
		e.Origins[0].Source = id
		if e.Time.IsZero() {
			e.Time = q.clock.next()
		}
	}
	each := int64(3*b.size/len(b.events) + eventCost)
	for rest := b.events; len(rest) > 0; {
		n := min(len(rest), q.most, int(max(1, q.limit/each)))
		cost := min(q.limit, each*int64(n))
		if err := q.budget.Acquire(ctx, cost); err != nil {
			q.acks.forget(id)
			return err
		}
		select {
		case q.ch <- work{rest[:n:n], cost}:
			q.m.in.Add(float64(n))
		case <-ctx.Done():
			q.budget.Release(cost)
			q.acks.forget(id)
			return ctx.Err()
		}
		rest = rest[n:]
	}
	return nil
}

// acks counts what is still under way of each batch.
type acks struct {
	mu   sync.Mutex
	last uint64
	open map[uint64]*pending
}

type pending struct {
	left int
	done func()
}

// begin announces n events; 0 is no batch's number.
func (a *acks) begin(n int, done func()) uint64 {
	if done == nil {
		return 0
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last++
	a.open[a.last] = &pending{n, done}
	return a.last
}

// forget drops a batch of which a part will never come: it is never done.
func (a *acks) forget(id uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.open, id)
}

// end tells that the events that these pieces belong to are where they belong.
func (a *acks) end(origins []pipeline.Origin) {
	var done []func()
	a.mu.Lock()
	for _, o := range origins {
		p := a.open[o.Source]
		if p == nil {
			continue
		}
		if p.left--; p.left == 0 {
			delete(a.open, o.Source)
			done = append(done, p.done)
		}
	}
	a.mu.Unlock()
	for _, f := range done {
		f()
	}
}

// clock gives events that come without a time one: never the same twice, so that equal
// events stay apart.
type clock struct {
	now  func() time.Time
	last atomic.Int64
}

func (c *clock) Now() time.Time { return c.now() }

func (c *clock) next() time.Time {
	for {
		last := c.last.Load()
		n := max(c.now().UnixNano(), last+1)
		if c.last.CompareAndSwap(last, n) {
			return time.Unix(0, n).UTC()
		}
	}
}
