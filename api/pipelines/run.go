package pipelines

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/codec"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// run is one trial at work: the probe of its chain and the output behind it.
type run struct {
	trial    *Trial
	ctx      context.Context //nolint:containedctx // a run is one call
	deadline time.Time
	decoder  codec.Decoder
	index    map[place]int
	out      Result
	steps    int
	bytes    int
	stopped  string
}

type place struct {
	name, file   string
	line, column int
}

// stop ends a run from inside a step: a chain has no other way back. Run recovers it,
// and the chain is not used any more.
type stop struct{ why string }

func newRun(ctx context.Context, t *Trial) *run {
	r := &run{trial: t, ctx: ctx, index: map[place]int{}}
	if t.Now == nil {
		t.Now = time.Now
	}
	if t.Limits.Time > 0 {
		r.deadline = time.Now().Add(t.Limits.Time)
	}
	r.out = Result{Problems: []Problem{}, Warnings: []Problem{}, Lines: []LineRun{}, Steps: []StepSum{}}
	return r
}

func (r *run) result() *Result {
	r.out.Stopped = r.stopped
	return &r.out
}

func (r *run) problem(p Problem) { r.out.Problems = append(r.out.Problems, p) }

// lines runs the lines, then what is held back.
func (r *run) lines(chain *pipeline.Chain) {
	defer func() {
		if v := recover(); v != nil {
			s, ok := v.(stop)
			if !ok {
				panic(v)
			}
			r.stopped = s.why
		}
	}()
	next := r.trial.Next
	if next == nil {
		lines := r.trial.Lines
		next = func() (line string, ok bool) {
			if len(lines) == 0 {
				return "", false
			}
			line, lines = lines[0], lines[1:]
			return line, true
		}
	}
	for number := 1; ; number++ {
		line, ok := next()
		if !ok {
			break
		}
		r.begin(line, number)
		r.process(chain, line)
		r.end()
	}
	r.begin("", 0)
	if r.decoder != nil {
		r.decoder.Flush(func(e *pipeline.Event) { r.feed(chain, e) })
	}
	chain.Flush(r.trial.Now(), true, r)
	if last := r.current(); len(last.Steps)+len(last.Events)+len(last.Dropped) == 0 {
		r.out.Lines = r.out.Lines[:len(r.out.Lines)-1]
		return
	}
	r.end()
}

// end hands a line's run over to whoever takes them one by one.
func (r *run) end() {
	if r.trial.Each != nil {
		r.trial.Each(r.current())
		r.out.Lines = r.out.Lines[:0]
	}
}

func (r *run) begin(line string, number int) {
	r.check()
	r.out.Lines = append(r.out.Lines, LineRun{Line: line, Number: number, Steps: []StepRun{}, Events: []Document{}})
}

func (r *run) current() *LineRun { return &r.out.Lines[len(r.out.Lines)-1] }

func (r *run) process(chain *pipeline.Chain, line string) {
	if r.decoder == nil {
		labels := make(map[string]string, len(r.trial.Labels))
		for k, v := range r.trial.Labels {
			labels[k] = v
		}
		chain.Process(&pipeline.Event{Time: r.trial.Now(), Line: line, Labels: labels}, r)
		return
	}
	r.decoder.Decode([]byte(line), func(e *pipeline.Event) { r.feed(chain, e) })
}

func (r *run) feed(chain *pipeline.Chain, e *pipeline.Event) {
	if e.Time.IsZero() {
		e.Time = r.trial.Now()
	}
	chain.Process(e, r)
}

// check ends the run when it took too long.
func (r *run) check() {
	if r.ctx.Err() != nil {
		panic(stop{"the request ended"})
	}
	if !r.deadline.IsZero() && time.Now().After(r.deadline) {
		panic(stop{fmt.Sprintf("it took longer than %s", r.trial.Limits.Time)})
	}
}

// spend counts text that is kept.
func (r *run) spend(bytes int) {
	if r.bytes += bytes; r.trial.Limits.Bytes > 0 && r.bytes > r.trial.Limits.Bytes {
		panic(stop{fmt.Sprintf("its result has more than %d bytes", r.trial.Limits.Bytes)})
	}
}

// Emit implements pipeline.Output: what comes out at the end.
func (r *run) Emit(e *pipeline.Event) {
	d := r.document(e)
	r.spend(len(d))
	line := r.current()
	line.Events = append(line.Events, d)
}

// Drop implements pipeline.Output.
func (r *run) Drop(_ *pipeline.Event, reason string) {
	line := r.current()
	line.Dropped = append(line.Dropped, reason)
}

// Step implements pipeline.Probe.
func (r *run) Step(s *pipeline.Step, before *pipeline.Event, after []*pipeline.Event, reason string, took time.Duration) {
	r.check()
	if s.Name == logstash.StepBranch {
		return // its arms spoke for themselves
	}
	if r.steps++; r.trial.Limits.Steps > 0 && r.steps > r.trial.Limits.Steps {
		panic(stop{fmt.Sprintf("it takes more than %d steps", r.trial.Limits.Steps)})
	}
	for _, e := range after {
		if most := r.trial.Limits.EventBytes; most > 0 && size(e) > most {
			panic(stop{fmt.Sprintf("line %d: %s makes an event of more than %d bytes", s.Line, s.Name, most)})
		}
	}
	sum := r.sum(s)
	step := StepRun{Step: sum, Name: s.Name, Line: s.Line, Out: len(after), Reason: reason, Took: took, Changes: []Change{}}
	if len(after) > 0 {
		step.Changes = r.changes(before, after[0])
		step.Failed = failures(before, after[0])
	}
	total := &r.out.Steps[sum]
	total.Runs++
	total.Took += took
	if reason != "" {
		total.Dropped++
	}
	if len(step.Failed) > 0 {
		total.Failed++
	}
	line := r.current()
	line.Steps = append(line.Steps, step)
}

// probe is the run itself, unless nobody asks for steps.
func (r *run) probe() pipeline.Probe {
	if r.trial.EventsOnly {
		return nil
	}
	return r
}

// sum is the index of a step's sum.
func (r *run) sum(s *pipeline.Step) int {
	name := strings.TrimSuffix(s.Name, " (does not hold)")
	at := place{name, s.File, s.Line, s.Column}
	i, ok := r.index[at]
	if !ok {
		i = len(r.out.Steps)
		r.index[at] = i
		r.out.Steps = append(r.out.Steps, StepSum{Name: name, File: s.File, Line: s.Line, Column: s.Column})
	}
	return i
}

// failures are the tags with an underscore in front, by which filters say that they
// failed, that an event has got.
func failures(before, after *pipeline.Event) []string {
	var had []string
	if before != nil {
		had = logstash.Tags(before)
	}
	var failed []string
	for _, tag := range logstash.Tags(after) {
		if strings.HasPrefix(tag, "_") && !slices.Contains(had, tag) {
			failed = append(failed, tag)
		}
	}
	return failed
}
