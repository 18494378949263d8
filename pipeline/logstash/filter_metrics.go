package logstash

import (
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash/internal/meter"
)

// maxMetrics bounds how many metrics one filter keeps: their names come from events.
const maxMetrics = 10_000

// newMetricsFilter makes metrics { meter, timer, flush_interval, clear_interval,
// ignore_older_than, rates, percentiles }: it counts events and makes an event of the
// counts from time to time. Workers count together.
func newMetricsFilter(s *Settings, env *Env) (any, error) {
	f := &metricsFilter{
		env: env, older: seconds(s.Float("ignore_older_than", 0)), every: s.Duration("flush_interval", 5*time.Second),
		clear: s.Float("clear_interval", -1), meters: s.Templates("meter"),
		rates: f64s(s, "rates", []float64{1, 5, 15}), percentiles: f64s(s, "percentiles", []float64{1, 5, 10, 90, 95, 99, 100}),
	}
	for _, p := range s.Hash("timer") {
		f.timers = append(f.timers, timer{s.Compile("timer", p.Key), s.Compile("timer", Text(GoValue(p.Value)))})
	}
	for _, r := range f.rates {
		if r != 1 && r != 5 && r != 15 {
			s.Errorf("rates", "%v is none of 1, 5, 15", r)
		}
	}
	if f.every <= 0 {
		s.Errorf("flush_interval", "is not above 0")
	}
	f.host, _ = os.Hostname()
	now := env.Now()
	f.state = env.Shared("metrics", func() any {
		return &metricsState{meters: map[string]*meter.Meter{}, timers: map[string]*meter.Timer{}, flushed: now, cleared: now}
	}).(*metricsState)
	return f, nil
}

// f64s reads a list of numbers.
func f64s(s *Settings, name string, def []float64) []float64 {
	if !s.Has(name) {
		return def
	}
	var out []float64
	for _, text := range s.Strings(name) {
		f, ok := parseFloat(text)
		if !ok {
			s.Errorf(name, "%q is no number", text)
		}
		out = append(out, f)
	}
	return out
}

type timer struct{ name, value *Template }

type metricsFilter struct {
	env                *Env
	host               string
	older, every       time.Duration
	clear              float64 // seconds; not above 0: never
	meters             []*Template
	timers             []timer
	rates, percentiles []float64
	state              *metricsState
}

type metricsState struct {
	mu               sync.Mutex
	meters           map[string]*meter.Meter
	timers           map[string]*meter.Timer
	flushed, cleared time.Time
}

// Process implements pipeline.Stage.
func (f *metricsFilter) Process(e *pipeline.Event, out pipeline.Output) {
	now := f.env.Now()
	if f.older <= 0 || now.Sub(e.Time) <= f.older {
		f.count(e, now)
	}
	out.Emit(e)
}

func (f *metricsFilter) count(e *pipeline.Event, now time.Time) {
	s := f.state
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range f.meters {
		name := t.Expand(e)
		if s.meters[name] == nil {
			if len(s.meters) >= maxMetrics {
				continue
			}
			s.meters[name] = meter.New(now)
		}
		s.meters[name].Mark(now)
	}
	for _, t := range f.timers {
		name := t.name.Expand(e)
		if s.timers[name] == nil {
			if len(s.timers) >= maxMetrics {
				continue
			}
			s.timers[name] = meter.NewTimer(now)
		}
		v, _ := parseFloat(strip(t.value.Expand(e)))
		s.timers[name].Update(v, now)
	}
}

// Due implements pipeline.Holder: one worker speaks for all.
func (f *metricsFilter) Due() time.Time {
	s := f.state
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.env.Worker != 0 || len(s.meters)+len(s.timers) == 0 {
		return time.Time{}
	}
	return s.flushed.Add(f.every)
}

// Flush implements pipeline.Holder.
func (f *metricsFilter) Flush(now time.Time, all bool, out pipeline.Output) {
	due := f.Due()
	if due.IsZero() || now.Before(due) && !all {
		return
	}
	e := f.report(now)
	f.env.Matched(e)
	out.Emit(e)
}

// report makes the event, and forgets what it told after clear_interval.
func (f *metricsFilter) report(now time.Time) *pipeline.Event {
	s := f.state
	s.mu.Lock()
	defer s.mu.Unlock()
	e := NewEvent(map[string]any{"message": f.host}, now)
	for name, m := range s.meters {
		f.setRates(e, name, m, now)
	}
	for name, t := range s.timers {
		f.setRates(e, name, &t.Meter, now)
		snapshot := t.Snapshot()
		for field, v := range map[string]float64{"min": t.Min, "max": t.Max, "stddev": t.StdDev(), "mean": t.Mean()} {
			setMetric(e, name, field, v)
		}
		for _, p := range f.percentiles {
			setMetric(e, name, "p"+strings.TrimSuffix(Text(p), ".0"), snapshot.Quantile(p/100))
		}
	}
	s.flushed = now
	if f.clear > 0 && now.Sub(s.cleared).Seconds() >= f.clear {
		s.cleared = now
		clear(s.meters)
		clear(s.timers)
	}
	return e
}

func (f *metricsFilter) setRates(e *pipeline.Event, name string, m *meter.Meter, now time.Time) {
	m.Tick(now)
	setMetric(e, name, "count", m.Count)
	for i, minutes := range []float64{1, 5, 15} {
		if slices.Contains(f.rates, minutes) {
			setMetric(e, name, "rate_"+strings.TrimSuffix(Text(minutes), ".0")+"m", m.Rates[i])
		}
	}
}

// setMetric sets [name][field], as far as the name can be part of a reference.
func setMetric(e *pipeline.Event, name, field string, v any) {
	if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
		v = 0.0
	}
	if r, err := ParseRef("[" + name + "][" + field + "]"); err == nil {
		r.Set(e, v)
	}
}
