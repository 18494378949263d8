package logstash

import (
	"context"
	"time"

	"github.com/pharosd/pharos/pipeline"
)

// worker runs the filters on batches and hands what comes out to the outputs. It is the
// output of its chain.
type worker struct {
	p     *running
	chain *pipeline.Chain

	// What the events in hand made, until it is delivered.
	emitted []*pipeline.Event
	done    []pipeline.Origin
	dropped map[string]int

	current pipeline.Origin // of the event that the chain has
	clones  int64
	byPlace [][]*pipeline.Event // emitted, by output
}

// Emit implements pipeline.Output.
func (w *worker) Emit(e *pipeline.Event) {
	w.done = append(w.done, e.Origins...)
	if len(e.Origins) == 0 { // made by a filter: it stands for no input, but needs a number
		w.clones++
		e.Origins = []pipeline.Origin{{From: w.current.From, To: w.current.To + w.clones<<10}}
	}
	w.emitted = append(w.emitted, e)
}

// Drop implements pipeline.Output.
func (w *worker) Drop(e *pipeline.Event, reason string) {
	w.done = append(w.done, e.Origins...)
	w.dropped[reason]++
}

// run works until the queue is closed and everything in it, and everything that filters
// hold, is delivered. ctx ends what cannot be delivered any more.
func (w *worker) run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Reset(w.untilDue())
		select {
		case first, ok := <-w.p.queue.ch:
			if !ok {
				w.flush(ctx, true)
				return
			}
			w.take(ctx, first)
		case <-timer.C:
			w.flush(ctx, false)
		}
	}
}

const longest = time.Hour

func (w *worker) untilDue() time.Duration {
	due := w.chain.Due()
	if due.IsZero() {
		return longest
	}
	// Filters count in whole seconds at best; a floor keeps a wrong clock from spinning.
	return min(longest, max(10*time.Millisecond, due.Sub(w.p.clock.Now())))
}

// take works on what is in the queue, up to a batch.
func (w *worker) take(ctx context.Context, first work) {
	begin := time.Now()
	cost := first.cost
	n := w.filter(first.events)
	for more := true; more && n < w.p.batchSize; {
		select {
		case next, ok := <-w.p.queue.ch:
			if more = ok; ok {
				cost += next.cost
				n += w.filter(next.events)
			}
		default:
			more = false
		}
	}
	if due := w.chain.Due(); !due.IsZero() && !due.After(w.p.clock.Now()) {
		w.chain.Flush(w.p.clock.Now(), false, w)
	}
	w.p.m.filter.Observe(time.Since(begin).Seconds())
	w.deliver(ctx)
	w.p.queue.budget.Release(cost)
}

func (w *worker) filter(events []*pipeline.Event) int {
	for _, e := range events {
		w.current, w.clones = e.Origins[0], 0
		w.chain.Process(e, w)
	}
	return len(events)
}

func (w *worker) flush(ctx context.Context, all bool) {
	w.current = pipeline.Origin{From: w.p.queue.number.Add(1)}
	w.clones = 0
	w.chain.Flush(w.p.clock.Now(), all, w)
	w.deliver(ctx)
}

// deliver hands what was emitted to the outputs, and tells the inputs when all have it.
func (w *worker) deliver(ctx context.Context) {
	m := w.p.m
	m.filtered.Add(float64(len(w.emitted)))
	for reason, n := range w.dropped {
		m.ended.Add(uint64(n))
		m.all.dropped.WithLabelValues(m.id, reason).Add(float64(n))
	}
	clear(w.dropped)
	for _, e := range w.emitted {
		w.p.route(e, w.byPlace)
	}
	delivered := true
	for i, events := range w.byPlace {
		if len(events) > 0 && !w.p.outputs[i].deliver(ctx, events) {
			delivered = false
		}
		clear(events)
		w.byPlace[i] = events[:0]
	}
	if delivered {
		w.p.queue.acks.end(w.done)
	}
	clear(w.emitted)
	w.emitted, w.done = w.emitted[:0], w.done[:0]
}
