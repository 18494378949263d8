package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// Tail is told of what was acknowledged. Its methods must not block.
type Tail interface {
	// Begin announces a batch before it is stored. Publish or Abort, one of which
	// follows, gets the mark back.
	Begin() (mark uint64)
	// Publish says that the batch is on disk. first is the number of its first entry,
	// as in logs.NumberedAppender, 0 if the store does not number. Streams and their
	// texts may be kept, but not changed.
	Publish(mark uint64, t tenant.ID, streams []model.LogStream, first uint64)
	// Abort says that the batch was not stored.
	Abort(mark uint64)
}

// Logs is the LogSink in front of the log store. It validates as Loki's
// distributor does: what is valid of a push is stored, even if the answer is a
// Refusal that names the rest.
type Logs struct {
	budget  *Budget
	store   logs.Appender
	tail    Tail
	metrics *Metrics
	now     func() time.Time
}

var _ LogSink = (*Logs)(nil)

// NewLogs returns a sink before store; tail may be nil.
func NewLogs(b *Budget, store logs.Appender, tail Tail, m *Metrics) *Logs {
	return &Logs{budget: b, store: store, tail: tail, metrics: m, now: time.Now}
}

// PushLogs implements LogSink. Streams are not changed; the sink keeps their
// texts for live tails.
func (l *Logs) PushLogs(ctx context.Context, t tenant.ID, streams []model.LogStream) error {
	var size int64
	for i := range streams {
		size += streamSize(&streams[i])
	}
	if err := l.budget.reserve(size); err != nil {
		return l.refuse(t, err, countEntries(streams))
	}
	defer l.budget.release(size)

	now := l.now()
	tb := l.budget.tenant(t)
	p := push{tenant: t, scope: tenant.ScopeFrom(ctx), tb: tb, check: newValidator(tb.limits, now), metrics: l.metrics}
	for i := range streams {
		p.take(&streams[i])
	}
	if p.entries == 0 {
		return p.refusal()
	}
	if r := tb.takeRate(t, now, "lines", p.entries, p.bytes); r != nil {
		return l.refuse(t, r, p.entries)
	}
	limited := p.limitStreams(l.budget, t, now)
	if p.entries == 0 {
		return limited
	}
	if err := l.append(ctx, t, p.accepted); err != nil {
		return l.refuse(t, storeError(err), p.entries)
	}
	l.metrics.accepted(signalLogs, t, p.entries, p.bytes)
	if limited != nil {
		return limited
	}
	return p.refusal()
}

// append stores streams and tells live tails.
func (l *Logs) append(ctx context.Context, t tenant.ID, streams []model.LogStream) error {
	if l.tail == nil {
		return l.store.Append(ctx, t, streams)
	}
	mark := l.tail.Begin()
	var first uint64
	var err error
	if numbered, ok := l.store.(logs.NumberedAppender); ok {
		first, err = numbered.AppendNumbered(ctx, t, streams)
	} else {
		err = l.store.Append(ctx, t, streams)
	}
	if err != nil {
		l.tail.Abort(mark)
		return err
	}
	l.tail.Publish(mark, t, streams, first)
	return nil
}

// refuse counts n entries under err's reason and returns err.
func (l *Logs) refuse(t tenant.ID, err error, n int) error {
	var r *Refusal
	if errors.As(err, &r) {
		r.Refused = n
		l.metrics.Refused(signalLogs, t, r.Reason, n)
	}
	return err
}

// push is the state of one PushLogs.
type push struct {
	tenant  tenant.ID
	scope   tenant.Scope
	tb      *tenantBudget
	check   *validator
	metrics *Metrics

	accepted       []model.LogStream
	entries, bytes int
	faults         faults
	refused        int
}

// take moves what is valid of a stream to accepted.
func (p *push) take(s *model.LogStream) {
	if len(s.Entries) == 0 {
		return
	}
	labels := withService(s.Labels, p.tb.limits.DiscoverServiceName)
	if f := p.check.labels(labels); f != nil {
		p.refuse(f, len(s.Entries))
		return
	}
	if !p.scope.Allows(labels.Get) {
		p.refuse(&fault{OutsideOfScope, fmt.Sprintf("stream '%s' is outside of %s, which the token is narrowed to", streamText(labels), p.scope)}, len(s.Entries))
		return
	}
	entries := make([]model.LogEntry, 0, len(s.Entries))
	for i := range s.Entries {
		e := s.Entries[i]
		f := p.check.entry(labels, &e)
		if f == nil {
			f = p.derive(labels, &e)
		}
		if f != nil {
			p.refuse(f, 1)
			continue
		}
		entries = append(entries, e)
		p.bytes += len(e.Line) + metadataSize(e.Metadata)
	}
	if len(entries) > 0 {
		p.entries += len(entries)
		p.accepted = append(p.accepted, model.LogStream{Labels: labels, Entries: entries})
	}
}

// derive puts an entry's metadata in the form in which it is kept.
func (p *push) derive(labels model.Labels, e *model.LogEntry) *fault {
	clean, err := cleanMetadata(e.Metadata)
	if err != nil {
		return &fault{Malformed, err.Error()}
	}
	e.Metadata = clean
	if !p.tb.limits.DiscoverLogLevels {
		return nil
	}
	if v := clean.Get(levelLabel); v != "" {
		if level := levelOf(v); level != "" && level != v {
			e.Metadata = slices.Clone(clean)
			at := slices.IndexFunc(clean, func(l model.Label) bool { return l.Name == levelLabel })
			e.Metadata[at].Value = level
		}
		return nil
	}
	if level := detectLevel(labels, e); level != "" {
		grown := make(model.Labels, len(clean), len(clean)+1)
		copy(grown, clean)
		e.Metadata = insertLabel(grown, model.Label{Name: levelLabel, Value: level})
	}
	return nil
}

func (p *push) refuse(f *fault, n int) {
	p.faults.add(f)
	p.refused += n
	p.metrics.Refused(signalLogs, p.tenant, f.reason, n)
}

// refusal is the answer to what was not valid, nil if all was.
func (p *push) refusal() error {
	if p.faults.total == 0 {
		return nil
	}
	return &Refusal{Reason: p.faults.reason, Message: p.faults.String(), Refused: p.refused}
}

// limitStreams drops streams that would be one too many.
func (p *push) limitStreams(b *Budget, t tenant.ID, now time.Time) error {
	var first *Refusal
	p.accepted = slices.DeleteFunc(p.accepted, func(s model.LogStream) bool {
		if p.tb.takeStream(b.hash(s.Labels), now) {
			return false
		}
		if first == nil {
			first = &Refusal{Reason: StreamLimit, Temporary: true, RetryAfter: time.Minute,
				Message: "maximum active stream limit exceeded when trying to create stream " + streamText(s.Labels) +
					", reduce the number of active streams (reduce labels or reduce label values), or contact your Loki administrator to see if the limit can be increased, user: '" + string(t) + "'",
				Refused: p.refused}
		}
		first.Refused += len(s.Entries)
		p.entries -= len(s.Entries)
		p.metrics.Refused(signalLogs, t, StreamLimit, len(s.Entries))
		return true
	})
	if first == nil {
		return nil
	}
	return first
}

func countEntries(streams []model.LogStream) int {
	n := 0
	for i := range streams {
		n += len(streams[i].Entries)
	}
	return n
}

// entryOverhead is what an entry takes besides its texts while it is under way.
const entryOverhead = 64

func streamSize(s *model.LogStream) int64 {
	n := 0
	for i := range s.Entries {
		e := &s.Entries[i]
		n += entryOverhead + len(e.Line)
		for _, l := range e.Metadata {
			n += len(l.Name) + len(l.Value)
		}
	}
	return int64(n)
}

// storeError turns a store's refusal into ours.
func storeError(err error) error {
	var r interface {
		error
		Refusal() (reason string, temporary bool)
	}
	if !errors.As(err, &r) {
		return err
	}
	reason, temporary := r.Refusal()
	out := &Refusal{Reason: Reason(reason), Message: err.Error(), Temporary: temporary}
	if temporary {
		out.RetryAfter = 5 * time.Second
	}
	return out
}
