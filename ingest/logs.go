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
	// maxAge says how long the entries of a tenant's streams are kept; nil: MaxAge says
	// it all.
	maxAge func(tenant.ID) func(model.Labels) time.Duration
	// redactor takes out what must not be kept, unless it is nil.
	redactor *Redactor
}

var _ LogItemSink = (*Logs)(nil)

// NewLogs returns a sink before store; tail may be nil.
func NewLogs(b *Budget, store logs.Appender, tail Tail, m *Metrics) *Logs {
	return &Logs{budget: b, store: store, tail: tail, metrics: m, now: time.Now}
}

// SetMaxAge makes the sink refuse what is older than its stream is kept, beside what
// is older than its tenant's limit. Call it before the first push.
func (l *Logs) SetMaxAge(f func(tenant.ID) func(model.Labels) time.Duration) { l.maxAge = f }

// SetRedactor makes the sink redact what comes before it looks at its size, stores it
// or shows it to tails. Call it before the first push.
func (l *Logs) SetRedactor(r *Redactor) { l.redactor = r }

// PushLogs implements LogSink. Streams are not changed; the sink keeps their
// texts for live tails.
func (l *Logs) PushLogs(ctx context.Context, t tenant.ID, streams []model.LogStream) error {
	partial, err := l.push(ctx, t, streams, nil)
	if err != nil {
		return err
	}
	return partial
}

// PushLogItems implements LogItemSink.
func (l *Logs) PushLogItems(ctx context.Context, t tenant.ID, streams []model.LogStream, refused func(stream, entry int, r *Refusal)) error {
	_, err := l.push(ctx, t, streams, refused)
	return err
}

// push stores what is valid of streams. partial is what was refused of them while
// the rest is stored; after err nothing is.
func (l *Logs) push(ctx context.Context, t tenant.ID, streams []model.LogStream, each func(stream, entry int, r *Refusal)) (partial, err error) {
	var size int64
	for i := range streams {
		size += streamSize(&streams[i])
	}
	if err := l.budget.reserve(size); err != nil {
		return nil, l.refuse(t, err, countEntries(streams))
	}
	defer l.budget.release(size)

	now := l.now()
	tb := l.budget.tenant(t)
	p := push{tenant: t, scope: tenant.ScopeFrom(ctx), tb: tb, check: newValidator(tb.limits, now), metrics: l.metrics, each: each, redact: l.redactor.begin(t)}
	if l.maxAge != nil {
		p.check.keptFor(l.maxAge(t))
	}
	for i := range streams {
		p.take(i, &streams[i])
	}
	if p.entries == 0 {
		return p.refusal(), nil
	}
	if r := tb.takeRate(t, now, "lines", p.entries, p.bytes); r != nil {
		return nil, l.refuse(t, r, p.entries)
	}
	limited := p.limitStreams(l.budget, t, now)
	if p.entries == 0 {
		return limited, nil
	}
	if limited != nil {
		// The sender repeats all of it for the sake of what a limit refused: the store must
		// not take its number for stored. It knows the other entries by themselves.
		ctx = model.WithoutShipment(ctx)
	}
	if err := l.append(ctx, t, p.accepted); err != nil {
		return nil, l.refuse(t, storeError(err), p.entries)
	}
	p.redact.stored()
	l.metrics.accepted(signalLogs, t, p.entries, p.bytes)
	l.metrics.truncated.WithLabelValues(string(t)).Add(float64(p.truncated))
	if limited != nil {
		return limited, nil
	}
	return p.refusal(), nil
}

// append stores streams and tells live tails of what is new in them.
func (l *Logs) append(ctx context.Context, t tenant.ID, streams []model.LogStream) error {
	if l.tail == nil {
		return l.store.Append(ctx, t, streams)
	}
	mark := l.tail.Begin()
	var first uint64
	var repeated []int
	var err error
	if numbered, ok := l.store.(logs.NumberedAppender); ok {
		first, repeated, err = numbered.AppendNumbered(ctx, t, streams)
	} else {
		err = l.store.Append(ctx, t, streams)
	}
	if err == nil {
		streams = withoutRepeated(streams, repeated)
	}
	if err != nil || len(streams) == 0 {
		l.tail.Abort(mark)
		return err
	}
	l.tail.Publish(mark, t, streams, first)
	return nil
}

// withoutRepeated leaves out the entries at these places, counted over all streams.
func withoutRepeated(streams []model.LogStream, repeated []int) []model.LogStream {
	if len(repeated) == 0 {
		return streams
	}
	var out []model.LogStream
	at := 0
	for _, s := range streams {
		fresh := make([]model.LogEntry, 0, len(s.Entries))
		for _, e := range s.Entries {
			if len(repeated) > 0 && repeated[0] == at {
				repeated = repeated[1:]
			} else {
				fresh = append(fresh, e)
			}
			at++
		}
		if len(fresh) > 0 {
			out = append(out, model.LogStream{Labels: s.Labels, Entries: fresh})
		}
	}
	return out
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
	redact  *redacting

	// each is told of refusals, unless it is nil; see LogItemSink.
	each func(stream, entry int, r *Refusal)

	accepted       []model.LogStream
	origin         []int // of accepted: which of the pushed streams it is
	entries, bytes int
	truncated      int
	faults         faults
	refused        int
}

// take moves what is valid of a stream to accepted.
func (p *push) take(stream int, s *model.LogStream) {
	if len(s.Entries) == 0 {
		return
	}
	labels := withService(p.redact.labels(s.Labels), p.tb.limits.DiscoverServiceName)
	if f := p.check.labels(labels); f != nil {
		p.refuse(f, len(s.Entries), stream, -1)
		return
	}
	if !p.scope.Allows(labels.Get) {
		p.refuse(&fault{OutsideOfScope, fmt.Sprintf("stream '%s' is outside of %s, which the token is narrowed to", streamText(labels), p.scope)}, len(s.Entries), stream, -1)
		return
	}
	p.check.stream(labels)
	entries := make([]model.LogEntry, 0, len(s.Entries))
	for i := range s.Entries {
		e := s.Entries[i]
		p.redact.entry(&e) // before the line is cut: half a secret would not be found
		cut := truncate(p.tb.limits, &e)
		f := p.check.entry(labels, &e)
		if f == nil {
			f = p.derive(labels, &e)
		}
		if f == nil && cut > 0 {
			markTruncated(&e, cut)
			p.truncated++
		}
		if f != nil {
			p.refuse(f, 1, stream, i)
			continue
		}
		entries = append(entries, e)
		p.bytes += len(e.Line) + metadataSize(e.Metadata)
	}
	if len(entries) > 0 {
		p.entries += len(entries)
		p.accepted = append(p.accepted, model.LogStream{Labels: labels, Entries: entries})
		p.origin = append(p.origin, stream)
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

func (p *push) refuse(f *fault, n, stream, entry int) {
	p.refused += n
	if p.each != nil {
		p.each(stream, entry, &Refusal{Reason: f.reason, Message: f.text, Refused: n})
	} else {
		p.faults.add(f)
	}
	p.metrics.Refused(signalLogs, p.tenant, f.reason, n)
}

// refusal is the answer to what was not valid, nil if all was.
func (p *push) refusal() error {
	if p.faults.total == 0 {
		return nil
	}
	return &Refusal{Reason: p.faults.reason, Message: p.faults.String(), Refused: p.refused}
}

// limitStreams drops streams that would be one too many, or that have had their
// bytes.
func (p *push) limitStreams(b *Budget, t tenant.ID, now time.Time) error {
	var first *Refusal
	at := -1
	p.accepted = slices.DeleteFunc(p.accepted, func(s model.LogStream) bool {
		at++
		bytes := entriesSize(&s)
		v := p.tb.active.take(p.tb.limits, b.hash(s.Labels), bytes, now)
		if v == streamTaken {
			return false
		}
		r := p.streamRefusal(v, &s, bytes)
		if first == nil {
			first = r
			first.Refused = p.refused
		}
		first.Refused += len(s.Entries)
		if p.each != nil {
			p.each(p.origin[at], -1, r)
		}
		p.entries -= len(s.Entries)
		p.bytes -= bytes
		p.metrics.Refused(signalLogs, t, r.Reason, len(s.Entries))
		return true
	})
	if first == nil {
		return nil
	}
	return first
}

// streamRefusal is why a stream's entries do not come, in Loki's words.
func (p *push) streamRefusal(v verdict, s *model.LogStream, bytes int) *Refusal {
	if v == tooManyStreams {
		return &Refusal{Reason: StreamLimit, Temporary: true, RetryAfter: time.Minute,
			Message: fmt.Sprintf("maximum active stream limit exceeded when trying to create stream %s (limit: %d), reduce the number of active streams (reduce labels or reduce label values), or contact your Loki administrator to see if the limit can be increased, user: '%s'",
				streamText(s.Labels), p.tb.limits.MaxStreams, p.tenant)}
	}
	limit := p.tb.limits.PerStreamRateLimit
	return &Refusal{Reason: StreamRateLimited, Temporary: true,
		RetryAfter: max(time.Second, min(time.Minute, time.Duration(float64(bytes)/float64(limit)*float64(time.Second)))),
		Message: fmt.Sprintf("Per stream rate limit exceeded (limit: %d bytes/sec) while attempting to ingest for stream '%s' totaling %d bytes, consider splitting a stream via additional labels or contact your Loki administrator to see if the limit can be increased",
			limit, streamText(s.Labels), bytes)}
}

// entriesSize is what a stream's entries count against rates.
func entriesSize(s *model.LogStream) int {
	n := 0
	for i := range s.Entries {
		n += len(s.Entries[i].Line) + metadataSize(s.Entries[i].Metadata)
	}
	return n
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
