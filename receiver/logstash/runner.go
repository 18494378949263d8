package logstash

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/pipeline"
)

// stall is what keeps a plugin from its work.
type stall struct {
	since time.Time
	err   error
}

// health is whether a plugin works, for those who ask and for the log: a failure is
// logged when it begins, once a minute while it lasts, and when it is over.
type health struct {
	plugin string
	log    *slog.Logger
	fails  prometheus.Counter
	gauge  prometheus.Gauge
	now    func() time.Time

	state  atomic.Pointer[stall]
	logged atomic.Int64 // Unix seconds
}

func newHealth(v *env) *health {
	return &health{plugin: v.plugin, log: v.log, now: v.deps.Now,
		fails: v.m.all.failures.WithLabelValues(v.pipeline, v.plugin), gauge: v.m.all.stalled.WithLabelValues(v.pipeline, v.plugin)}
}

func (h *health) failed(err error) {
	h.fails.Inc()
	h.gauge.Set(1)
	now := h.now()
	since := now
	if old := h.state.Load(); old != nil {
		since = old.since
	}
	h.state.Store(&stall{since, err})
	if last := h.logged.Load(); now.Unix()-last >= 60 && h.logged.CompareAndSwap(last, now.Unix()) {
		h.log.Warn("does not get on and is tried again", "error", err)
	}
}

func (h *health) works() {
	if s := h.state.Swap(nil); s != nil {
		h.gauge.Set(0)
		h.logged.Store(0)
		h.log.Info("works again", "after", h.now().Sub(s.since).Round(time.Second))
	}
}

// err says since when the plugin stands still, nil if it does not. Why is in the log:
// whoever asks for health need not learn addresses.
func (h *health) err() error {
	s := h.state.Load()
	if s == nil {
		return nil
	}
	return fmt.Errorf("%s stands still since %s", h.plugin, s.since.UTC().Format(time.RFC3339))
}

const (
	firstPause   = 50 * time.Millisecond
	longestPause = 15 * time.Second
	// settled is how long an input runs until it counts as working again.
	settled = 3 * time.Second
)

// outputRunner asks an output until it has taken what it gets.
type outputRunner struct {
	output
	*health
	taken prometheus.Counter
	took  prometheus.Observer
}

// deliver hands events over, however long it takes; it reports false if ctx ended first.
func (o *outputRunner) deliver(ctx context.Context, events []*pipeline.Event) bool {
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		begin := time.Now()
		left, err := o.write(ctx, events)
		o.took.Observe(time.Since(begin).Seconds())
		o.taken.Add(float64(len(events) - len(left)))
		if err == nil {
			o.works()
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		o.failed(err)
		if len(left) < len(events) {
			pause = firstPause
		}
		events = left
		if !wait(ctx, pause) {
			return false
		}
	}
}

// inputRunner keeps an input running.
type inputRunner struct {
	input
	*health
}

// keep runs the input until ctx is done or its source has ended.
func (i *inputRunner) keep(ctx context.Context, q *queue) {
	for pause := time.Second; ; pause = min(2*pause, longestPause) {
		begin := time.Now()
		well := time.AfterFunc(settled, i.works)
		err := i.run(ctx, q)
		well.Stop()
		if ctx.Err() != nil || err == nil {
			return
		}
		i.failed(err)
		if time.Since(begin) > time.Minute {
			pause = time.Second
		}
		if !wait(ctx, pause) {
			return
		}
	}
}
