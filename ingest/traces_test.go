package ingest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/tenant"
)

type spanMemory struct {
	got ptrace.Traces
	err error
}

func (m *spanMemory) Append(_ context.Context, _ tenant.ID, td ptrace.Traces) error {
	m.got = td
	return m.err
}

func spans(starts ...time.Time) ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "web")
	ss := rs.ScopeSpans().AppendEmpty()
	ss.Scope().SetName("scope")
	for i, start := range starts {
		s := ss.Spans().AppendEmpty()
		s.SetSpanID([8]byte{byte(i + 1)})
		s.SetName("op")
		s.SetStartTimestamp(pcommon.NewTimestampFromTime(start))
		s.SetEndTimestamp(pcommon.NewTimestampFromTime(start.Add(time.Second)))
	}
	return td
}

func TestValidSpansAreStored(t *testing.T) {
	now := time.Now()
	store := &spanMemory{}
	sink := NewTraces(NewBudget(DefaultConfig()), store, NewMetrics(nil))
	require.NoError(t, sink.PushTraces(t.Context(), "t", spans(now, now)))
	require.Equal(t, 2, store.got.SpanCount())

	td := spans(now, now.Add(-31*24*time.Hour), now.Add(time.Hour), time.Unix(0, 0), now)
	spansOf := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	spansOf.At(4).Events().AppendEmpty().Attributes().PutStr("stack", strings.Repeat("x", 300<<10))
	r := requireRefusal(t, sink.PushTraces(t.Context(), "t", td))
	require.Equal(t, 4, r.Refused)
	require.Contains(t, r.Message, "span 0200000000000000 has start time too old")
	require.Contains(t, r.Message, "span 0300000000000000 has start time too new")
	require.Contains(t, r.Message, "max span size '262144' bytes exceeded by span 0500000000000000")
	require.Equal(t, 1, store.got.SpanCount())
	rs := store.got.ResourceSpans().At(0)
	service, _ := rs.Resource().Attributes().Get("service.name")
	require.Equal(t, "web", service.Str())
	require.Equal(t, "scope", rs.ScopeSpans().At(0).Scope().Name())
	require.Equal(t, 5, td.SpanCount(), "the caller's spans are not changed")

	spansOf.RemoveIf(func(s ptrace.Span) bool { return s.SpanID() != [8]byte{1} })
	spansOf.At(0).SetEndTimestamp(1 << 63)
	require.Equal(t, TooNew, requireRefusal(t, sink.PushTraces(t.Context(), "t", td)).Reason)
	require.NoError(t, sink.PushTraces(t.Context(), "t", ptrace.NewTraces()))

	store.err = diskFull{errors.New("no space")}
	require.Equal(t, DiskFull, requireRefusal(t, sink.PushTraces(t.Context(), "t", spans(now))).Reason)
}
