package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces"
)

// Traces is the TraceSink in front of the span store. Spans that break a limit
// are left out, the others of the push are stored.
type Traces struct {
	budget  *Budget
	store   traces.Appender
	metrics *Metrics
	now     func() time.Time
	// redactor takes out what must not be kept, unless it is nil.
	redactor *Redactor
}

var _ TraceSink = (*Traces)(nil)

// NewTraces returns a sink before store.
func NewTraces(b *Budget, store traces.Appender, m *Metrics) *Traces {
	return &Traces{budget: b, store: store, metrics: m, now: time.Now}
}

// SetRedactor makes the sink redact what comes before it is stored. Call it before the
// first push.
func (s *Traces) SetRedactor(r *Redactor) { s.redactor = r }

// PushTraces implements TraceSink. td is not changed.
func (s *Traces) PushTraces(ctx context.Context, t tenant.ID, td ptrace.Traces) error {
	spans := td.SpanCount()
	if spans == 0 {
		return nil
	}
	var sizer ptrace.ProtoMarshaler
	size := sizer.TracesSize(td)
	if err := s.budget.reserve(int64(size)); err != nil {
		return s.refuse(t, err, spans)
	}
	defer s.budget.release(int64(size))
	now := s.now()
	tb := s.budget.tenant(t)
	if r := tb.takeRate(t, now, "spans", spans, size); r != nil {
		return s.refuse(t, r, spans)
	}
	c := spanCheck{limits: tb.limits, validator: newValidator(tb.limits, now), small: size <= tb.limits.MaxSpanSize}
	td = c.filter(td)
	if n := td.SpanCount(); n > 0 {
		redact := s.redactor.begin(t)
		if err := s.store.Append(ctx, t, redact.spans(td)); err != nil {
			return s.refuse(t, storeError(err), n)
		}
		redact.stored()
		s.metrics.accepted(signalTraces, t, n, size)
	}
	if c.refused == 0 {
		return nil
	}
	r := &Refusal{Reason: c.faults.reason, Message: c.faults.String()}
	return s.refuse(t, r, c.refused)
}

func (s *Traces) refuse(t tenant.ID, err error, n int) error {
	var r *Refusal
	if errors.As(err, &r) {
		r.Refused = n
		s.metrics.Refused(signalTraces, t, r.Reason, n)
	}
	return err
}

// spanCheck finds spans that break a limit.
type spanCheck struct {
	*validator
	limits  *Limits
	small   bool // the whole push is smaller than a span may be
	faults  faults
	refused int
}

// filter returns td without the spans that break a limit; td itself if none does.
func (c *spanCheck) filter(td ptrace.Traces) ptrace.Traces {
	bad := map[ptrace.Span]bool{}
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if f := c.fault(span); f != nil {
					c.faults.add(f)
					bad[span] = true
				}
			}
		}
	}
	if len(bad) == 0 {
		return td
	}
	c.refused = len(bad)
	out := ptrace.NewTraces()
	for _, rs := range td.ResourceSpans().All() {
		ors := out.ResourceSpans().AppendEmpty()
		rs.Resource().CopyTo(ors.Resource())
		ors.SetSchemaUrl(rs.SchemaUrl())
		for _, ss := range rs.ScopeSpans().All() {
			oss := ors.ScopeSpans().AppendEmpty()
			ss.Scope().CopyTo(oss.Scope())
			oss.SetSchemaUrl(ss.SchemaUrl())
			for _, span := range ss.Spans().All() {
				if !bad[span] {
					span.CopyTo(oss.Spans().AppendEmpty())
				}
			}
		}
	}
	return out
}

func (c *spanCheck) fault(span ptrace.Span) *fault {
	start, end := span.StartTimestamp(), span.EndTimestamp()
	switch {
	case start > 1<<63-1 || end > 1<<63-1 || int64(start) > c.newest:
		return &fault{TooNew, fmt.Sprintf("span %s has start time too new: %s", span.SpanID(), start.AsTime().Format(time.RFC3339))}
	case int64(start) < c.oldest:
		return &fault{TooOld, fmt.Sprintf("span %s has start time too old: %s, oldest acceptable time is: %s",
			span.SpanID(), start.AsTime().Format(time.RFC3339), rfc3339(c.oldest))}
	}
	if c.small || c.limits.MaxSpanSize == 0 {
		return nil
	}
	if n := spanSize(span); n > c.limits.MaxSpanSize {
		return &fault{SpanTooLarge, fmt.Sprintf("max span size '%d' bytes exceeded by span %s with '%d' bytes", c.limits.MaxSpanSize, span.SpanID(), n)}
	}
	return nil
}

// spanSize is the size of a span's texts.
func spanSize(s ptrace.Span) int {
	n := len(s.Name()) + len(s.TraceState().AsRaw()) + len(s.Status().Message()) + mapSize(s.Attributes())
	for _, e := range s.Events().All() {
		n += len(e.Name()) + mapSize(e.Attributes())
	}
	for _, l := range s.Links().All() {
		n += 24 + len(l.TraceState().AsRaw()) + mapSize(l.Attributes())
	}
	return n
}

func mapSize(m pcommon.Map) int {
	n := 0
	for k, v := range m.All() {
		n += len(k) + valueSize(v)
	}
	return n
}

func valueSize(v pcommon.Value) int {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return len(v.Str())
	case pcommon.ValueTypeBytes:
		return v.Bytes().Len()
	case pcommon.ValueTypeMap:
		return mapSize(v.Map())
	case pcommon.ValueTypeSlice:
		n := 0
		for _, e := range v.Slice().All() {
			n += valueSize(e)
		}
		return n
	default:
		return 8
	}
}
