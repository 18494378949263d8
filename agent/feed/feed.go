// Package feed takes what a job's sources read through the job's stages into the queue.
//
// Each piece of input that stands for itself (a line of a file, a record of Kafka) has
// an origin. When it has come out of the stages, or was dropped by one, its source is
// told that it is done, and what the source makes of that, its state, goes into the
// queue in the same record as the lines. So a process that is killed at any moment
// finds lines and state of one moment, and neither loses a line nor reads it twice.
// Lines that a stage holds back (multiline, cri) are not done.
package feed

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/pharosd/pharos/agent/ship"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/pipeline"
)

// Bounds of one batch. It may exceed them by what the stages make of one line.
const (
	maxBatchEntries = 4096
	maxBatchBytes   = 512 << 10
)

// Queue is where batches are kept; see ship.Queue.
type Queue interface {
	Append(ctx context.Context, b ship.Batch) error
}

// Source is an input whose pieces are tracked. The feed calls it while it is locked,
// from whoever calls the feed.
type Source interface {
	// Done says that [from, to), as the source numbered them in a Line, are done.
	Done(from, to int64)
	// State is what holds when everything that is done so far is kept; ok is false if
	// that is the state already kept.
	State() (s ship.State, ok bool)
	// Kept says that the state last returned, and all lines before it, are on disk.
	Kept()
}

// Line is one piece of input.
type Line struct {
	Text string
	// Time is when it was read, or its own time; zero: now.
	Time time.Time
	// Labels are copied.
	Labels map[string]string
	// Metadata is the feed's from now on.
	Metadata map[string]string
	// Source is the number of who read it, 0 for nobody's; [From, To) is its place there.
	Source   uint64
	From, To int64
}

// Config is a feed's.
type Config struct {
	Job   string
	Chain *pipeline.Chain
	Queue Queue
	// Limits hold for what comes out of the stages; nil: there are none.
	Limits  *Limits
	Metrics *Metrics
	// Now is the clock; nil: the machine's.
	Now func() time.Time
}

// Feed is safe for concurrent use.
type Feed struct {
	cfg Config

	mu      sync.Mutex // guards what follows
	sources map[uint64]Source
	dirty   map[uint64]Source
	next    uint64
	states  []ship.State // of no source
	entries []ship.Entry
	bytes   int
	last    int64 // nanoseconds of the last line without a time of its own
	labels  labelCache
	free    []*pipeline.Event
	waiting bool // the rate limit asks for a pause
}

// New returns a feed.
func New(cfg Config) *Feed {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Metrics == nil {
		cfg.Metrics = NewMetrics(nil)
	}
	return &Feed{cfg: cfg, sources: map[uint64]Source{}, dirty: map[uint64]Source{}, labels: newLabelCache()}
}

// Register makes a source known and returns its number.
func (f *Feed) Register(s Source) uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next++
	f.sources[f.next] = s
	return f.next
}

// Forget ends a source: what is still held of it will tell nobody. With touched set
// earlier (Touch), its last state is still kept.
func (f *Feed) Forget(source uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.sources, source)
}

// Touch makes the source's state part of the next batch although no line of it is done.
func (f *Feed) Touch(source uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.sources[source]; s != nil {
		f.dirty[source] = s
	}
}

// Put makes a state that belongs to no source part of the next batch.
func (f *Feed) Put(s ship.State) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.states = append(f.states, s)
}

// Push takes a line through the stages. It waits while the queue is full.
func (f *Feed) Push(ctx context.Context, l Line) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cfg.Chain.Process(f.event(l), output{f})
	if err := f.pause(ctx); err != nil {
		return err
	}
	if len(f.entries) >= maxBatchEntries || f.bytes >= maxBatchBytes {
		return f.commit(ctx)
	}
	return nil
}

// Tick lets stages emit what is due and keeps what has come out. Whoever drives the
// feed calls it several times a second.
func (f *Feed) Tick(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.cfg.Now()
	if due := f.cfg.Chain.Due(); !due.IsZero() && !now.Before(due) {
		f.cfg.Chain.Flush(now, false, output{f})
	}
	return f.commit(ctx)
}

// Flush lets stages emit all that they hold and keeps it: for input that cannot be read
// again, at the end.
func (f *Feed) Flush(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cfg.Chain.Flush(f.cfg.Now(), true, output{f})
	return f.commit(ctx)
}

// Drive ticks until ctx is done; then it flushes within grace, since whoever feeds
// lines that are driven so cannot read them again.
func (f *Feed) Drive(ctx context.Context, grace time.Duration) error {
	const interval = 100 * time.Millisecond
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if err := f.Tick(ctx); err != nil && ctx.Err() == nil {
				return err
			}
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
			defer cancel()
			return f.Flush(last)
		}
	}
}

// event makes an event of a line, of a used one if there is one.
func (f *Feed) event(l Line) *pipeline.Event {
	var e *pipeline.Event
	if n := len(f.free); n > 0 {
		e, f.free = f.free[n-1], f.free[:n-1]
	} else {
		e = &pipeline.Event{Labels: make(map[string]string, len(l.Labels)+2)}
	}
	e.Line, e.Time, e.Metadata = l.Text, l.Time, l.Metadata
	if l.Time.IsZero() {
		// Two lines of one moment would be one to a server that knows each time, text and
		// stream only once.
		f.last = max(f.last+1, f.cfg.Now().UnixNano())
		e.Time = time.Unix(0, f.last)
	}
	for name, value := range l.Labels {
		e.Labels[name] = value
	}
	if l.Source != 0 {
		e.Origins = append(e.Origins, pipeline.Origin{Source: l.Source, From: l.From, To: l.To})
	}
	return e
}

// output is where the stages end.
type output struct{ f *Feed }

func (o output) Emit(e *pipeline.Event) {
	f := o.f
	if line, keep := f.limit(e); keep {
		entry := ship.Entry{Tenant: e.Tenant, Labels: f.labels.get(e.Labels), Entry: model.LogEntry{Time: e.Time.UnixNano(), Line: line}}
		if len(e.Metadata) > 0 {
			entry.Entry.Metadata = sorted(e.Metadata)
		}
		f.entries = append(f.entries, entry)
		f.bytes += len(line)
	}
	f.end(e)
}

func (o output) Drop(e *pipeline.Event, _ string) { o.f.end(e) } // the stage counted it

// end tells the sources of an event and keeps the event for use again.
func (f *Feed) end(e *pipeline.Event) {
	for _, o := range e.Origins {
		if s := f.sources[o.Source]; s != nil {
			s.Done(o.From, o.To)
			f.dirty[o.Source] = s
		}
	}
	const most = 64
	if len(f.free) < most && cap(e.Origins) <= most {
		clear(e.Labels)
		clear(e.Fields)
		*e = pipeline.Event{Labels: e.Labels, Fields: e.Fields, Origins: e.Origins[:0]}
		f.free = append(f.free, e)
	}
}

// commit keeps what has come out, together with the states of its sources.
func (f *Feed) commit(ctx context.Context) error {
	if len(f.entries) == 0 && len(f.dirty) == 0 && len(f.states) == 0 {
		return nil
	}
	batch := ship.Batch{Entries: f.entries, State: f.states}
	for _, s := range f.dirty {
		if state, ok := s.State(); ok {
			batch.State = append(batch.State, state)
		}
	}
	if len(batch.Entries) > 0 || len(batch.State) > 0 {
		if err := f.cfg.Queue.Append(ctx, batch); err != nil {
			return fmt.Errorf("keep %d lines of job %s: %w", len(batch.Entries), f.cfg.Job, err)
		}
	}
	f.cfg.Metrics.entries(f.cfg.Job, len(f.entries))
	for _, s := range f.dirty {
		s.Kept()
	}
	clear(f.entries)
	clear(f.dirty)
	f.entries, f.bytes, f.states = f.entries[:0], 0, nil
	return nil
}

// pause waits for the rate limit where it does not drop.
func (f *Feed) pause(ctx context.Context) error {
	if !f.waiting {
		return nil
	}
	f.waiting = false
	return f.cfg.Limits.limiter.WaitN(ctx, 1)
}

// limit applies the limits to a line and returns what is left of it.
func (f *Feed) limit(e *pipeline.Event) (line string, keep bool) {
	l := f.cfg.Limits
	if l == nil {
		return e.Line, true
	}
	if l.limiter != nil {
		switch {
		case l.limiter.Allow():
		case l.Drop:
			f.cfg.Metrics.drop(ReasonRate, len(e.Line))
			return "", false
		default:
			f.waiting = true
		}
	}
	return l.line(e, f.cfg.Metrics)
}

// Limits are limits_config. They are shared by all feeds.
type Limits struct {
	// Rate is lines a second, 0: any; Drop says that lines above it are dropped and do
	// not wait.
	Rate  float64
	Burst int
	Drop  bool
	// MaxLine is the longest line in bytes, 0: any; Truncate cuts longer ones instead of
	// dropping them.
	MaxLine  int
	Truncate bool

	limiter *rate.Limiter
}

// Init readies the limits.
func (l *Limits) Init() *Limits {
	if l.Rate > 0 {
		l.limiter = rate.NewLimiter(rate.Limit(l.Rate), max(l.Burst, 1))
	}
	return l
}

func (l *Limits) line(e *pipeline.Event, m *Metrics) (string, bool) {
	if l.MaxLine <= 0 || len(e.Line) <= l.MaxLine {
		return e.Line, true
	}
	if l.Truncate {
		m.cut(len(e.Line) - l.MaxLine)
		return e.Line[:l.MaxLine], true
	}
	m.drop(ReasonLength, len(e.Line))
	return "", false
}
