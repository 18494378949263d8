package pipeline

import "time"

// Step is a stage with the place in a configuration file that it comes from.
type Step struct {
	Stage
	// Name is the stage's or filter's type, such as json or grok.
	Name string
	// File, Line and Column are where it is written; Line 0: nowhere.
	File         string
	Line, Column int
}

// Probe looks at a chain at work. It is for people who try a configuration: a chain
// with a probe is slow.
type Probe interface {
	// Step tells what one step of a chain made of one event: before is a copy, after are
	// what it emitted, reason is why it dropped it ("": it did not).
	Step(s *Step, before *Event, after []*Event, reason string, took time.Duration)
}

// Chain runs events through steps, one after the other. It is itself a stage, so that
// chains nest (Promtail's match, Logstash's if).
type Chain struct {
	steps []Step
	probe Probe
}

// NewChain returns a chain of steps; probe may be nil.
func NewChain(steps []Step, probe Probe) *Chain { return &Chain{steps: steps, probe: probe} }

// Steps are the chain's own, not those nested in them.
func (c *Chain) Steps() []Step { return c.steps }

// Process implements Stage.
func (c *Chain) Process(e *Event, out Output) { c.from(0, e, out) }

func (c *Chain) from(i int, e *Event, out Output) {
	if i == len(c.steps) {
		out.Emit(e)
		return
	}
	next := link{c, i + 1, out}
	if c.probe == nil {
		c.steps[i].Process(e, next)
		return
	}
	c.observe(i, e, func(o Output) { c.steps[i].Process(e, o) }, next)
}

// observe runs a step for the probe, which must see what the step did before the next
// one changes it.
func (c *Chain) observe(i int, e *Event, run func(Output), next Output) {
	var before *Event
	if e != nil {
		before = e.Clone()
	}
	var got recorder
	start := time.Now()
	run(&got)
	took := time.Since(start)
	after := make([]*Event, len(got.emitted))
	for j, ev := range got.emitted {
		after[j] = ev.Clone()
	}
	if before != nil || len(after) > 0 || len(got.dropped) > 0 {
		reason := ""
		if len(got.dropped) > 0 {
			reason = got.dropped[0].reason
		}
		c.probe.Step(&c.steps[i], before, after, reason, took)
	}
	for _, d := range got.dropped {
		next.Drop(d.event, d.reason)
	}
	for _, ev := range got.emitted {
		next.Emit(ev)
	}
}

// Flush implements Holder: what a step lets go runs through the steps behind it.
func (c *Chain) Flush(now time.Time, all bool, out Output) {
	for i := range c.steps {
		h, ok := c.steps[i].Stage.(Holder)
		if !ok {
			continue
		}
		next := link{c, i + 1, out}
		if c.probe == nil {
			h.Flush(now, all, next)
			continue
		}
		c.observe(i, nil, func(o Output) { h.Flush(now, all, o) }, next)
	}
}

// Due implements Holder.
func (c *Chain) Due() time.Time {
	var due time.Time
	for i := range c.steps {
		if h, ok := c.steps[i].Stage.(Holder); ok {
			if d := h.Due(); !d.IsZero() && (due.IsZero() || d.Before(due)) {
				due = d
			}
		}
	}
	return due
}

// link is the output of one step: the steps behind it.
type link struct {
	chain *Chain
	next  int
	out   Output
}

func (l link) Emit(e *Event)                { l.chain.from(l.next, e, l.out) }
func (l link) Drop(e *Event, reason string) { l.out.Drop(e, reason) }

type recorder struct {
	emitted []*Event
	dropped []dropped
}

type dropped struct {
	event  *Event
	reason string
}

func (r *recorder) Emit(e *Event)                { r.emitted = append(r.emitted, e) }
func (r *recorder) Drop(e *Event, reason string) { r.dropped = append(r.dropped, dropped{e, reason}) }
