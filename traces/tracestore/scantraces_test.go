package tracestore

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/traces"
)

// readTraces returns the spans of traces by ScanTraces, each encoded, in the order in
// which they came.
func readTraces(t *testing.T, s *Store, ids []pcommon.TraceID, q traces.ScanQuery) map[pcommon.TraceID][]string {
	t.Helper()
	type one struct {
		number uint64
		text   string
	}
	got := map[pcommon.TraceID][]one{}
	_, err := s.ScanTraces(t.Context(), team, ids, q, func(in *traces.ScannedSpan) error {
		list := append(got[in.TraceID], one{in.Received, encoded(t, in.Resource, in.Span)})
		for i := len(list) - 1; i > 0 && list[i].number < list[i-1].number; i-- {
			list[i], list[i-1] = list[i-1], list[i]
		}
		got[in.TraceID] = list
		return nil
	})
	require.NoError(t, err)
	out := map[pcommon.TraceID][]string{}
	for id, list := range got {
		for _, o := range list {
			out[id] = append(out[id], o.text)
		}
	}
	return out
}

func TestScanTracesReadsWhatGetTracesDoes(t *testing.T) {
	s := newStore(t, nil)
	td := oddTraces(t, 300, time.Now().Add(-time.Minute))
	ids := []pcommon.TraceID{{1}} // one that does not exist
	for _, rs := range td.ResourceSpans().All() {
		ids = append(ids, rs.ScopeSpans().At(0).Spans().At(0).TraceID())
	}
	require.NoError(t, s.Append(t.Context(), team, td))
	more := ptrace.NewTraces() // of a trace that is there, hours later
	rs := more.ResourceSpans().AppendEmpty()
	span := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.SetTraceID(ids[7])
	span.SetSpanID(pcommon.SpanID{9})
	span.SetName("late")
	span.SetStartTimestamp(pcommon.NewTimestampFromTime(time.Now().Add(-time.Second)))
	span.SetEndTimestamp(span.StartTimestamp() + 5)
	require.NoError(t, s.Append(t.Context(), team, more))

	whole, err := s.GetTraces(t.Context(), team, ids)
	require.NoError(t, err)
	got := readTraces(t, s, ids, traces.ScanQuery{All: true})
	require.Len(t, got, len(whole))
	for _, tr := range whole {
		var want []string
		for _, rs := range tr.Spans.ResourceSpans().All() {
			want = append(want, encoded(t, rs.Resource(), rs.ScopeSpans().At(0).Spans().At(0)))
		}
		require.True(t, equal(want, got[tr.ID]), "trace %s", tr.ID)
	}
}

func equal(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// A projection keeps what it names as it was sent, and the rest of the span but its
// attributes, events and links.
func TestProjectionsKeepWhatTheyName(t *testing.T) {
	s := newStore(t, nil)
	td := oddTraces(t, 200, time.Now().Add(-time.Minute))
	require.NoError(t, s.Append(t.Context(), team, td))
	for i, rs := range td.ResourceSpans().All() {
		span := rs.ScopeSpans().At(0).Spans().At(0)
		keep := func(m pcommon.Map, keep ...string) pcommon.Map {
			out := pcommon.NewMap()
			for k, v := range m.All() { // also twice the same key
				for _, name := range keep {
					if k == name {
						v.CopyTo(out.PutEmpty(k))
						return out // the first counts
					}
				}
			}
			return out
		}
		var spanKey, resourceKey string
		for k := range span.Attributes().All() {
			spanKey = k
			break
		}
		for k := range rs.Resource().Attributes().All() {
			resourceKey = k
			break
		}
		for _, events := range []bool{false, true} {
			q := traces.ScanQuery{SpanKeys: []string{spanKey, "not there"}, ResourceKeys: []string{resourceKey}, NoEvents: !events, NoLinks: events}
			found := 0
			_, err := s.ScanTraces(t.Context(), team, []pcommon.TraceID{span.TraceID()}, q, func(in *traces.ScannedSpan) error {
				found++
				require.Equal(t, keep(span.Attributes(), spanKey).AsRaw(), keep(in.Span.Attributes(), spanKey).AsRaw(), "span %d", i)
				require.Equal(t, keep(rs.Resource().Attributes(), resourceKey).AsRaw(), keep(in.Resource.Attributes(), resourceKey).AsRaw(), "resource %d", i)
				for k := range in.Span.Attributes().All() {
					require.Equal(t, spanKey, k)
				}
				require.Equal(t, span.Name(), in.Span.Name())
				require.Equal(t, span.Kind(), in.Span.Kind())
				require.Equal(t, span.Status(), in.Span.Status())
				require.Equal(t, span.EndTimestamp(), in.Span.EndTimestamp())
				require.Equal(t, rs.ScopeSpans().At(0).Scope().Name(), in.Scope.Name())
				if events {
					require.Equal(t, span.Events().Len(), in.Span.Events().Len())
					require.Zero(t, in.Span.Links().Len())
				} else {
					require.Zero(t, in.Span.Events().Len())
					require.Equal(t, span.Links().Len(), in.Span.Links().Len())
				}
				return nil
			})
			require.NoError(t, err)
			require.Equal(t, 1, found)
		}
	}
}

func TestScanTracesSaysWhatItLeavesOut(t *testing.T) {
	s := newStore(t, func(c *Config) { c.MaxSpansPerTrace = 3 })
	td := ptrace.NewTraces()
	id := pcommon.TraceID{15: 1}
	for i := range 5 {
		span := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		span.SetTraceID(id)
		span.SetSpanID(pcommon.SpanID{7: byte(i + 1)})
		span.SetStartTimestamp(pcommon.NewTimestampFromTime(time.Now().Add(-time.Minute)))
	}
	require.NoError(t, s.Append(t.Context(), team, td))
	n := 0
	cut, err := s.ScanTraces(t.Context(), team, []pcommon.TraceID{id}, traces.ScanQuery{}, func(*traces.ScannedSpan) error { n++; return nil })
	require.NoError(t, err)
	require.Equal(t, 3, n)
	require.Equal(t, map[pcommon.TraceID]string{id: "2 spans are left out: a trace is shown with at most 3 (max_spans_per_trace)"}, cut)
}
