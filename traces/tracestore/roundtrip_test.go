package tracestore

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/traces"
)

// oddValues are attribute values that columns hold exactly, in part or not at all.
var oddValues = []func(pcommon.Value){
	func(v pcommon.Value) { v.SetStr("") },
	func(v pcommon.Value) { v.SetStr("text") },
	func(v pcommon.Value) { v.SetStr("42") },
	func(v pcommon.Value) { v.SetStr("\x00") },
	func(v pcommon.Value) { v.SetStr("\x01text\x01") },
	func(v pcommon.Value) { v.SetStr("a\x01b") },
	func(v pcommon.Value) { v.SetStr("a\x04b") },
	func(v pcommon.Value) { v.SetStr("\x02text") },
	func(v pcommon.Value) { v.SetStr("\xff") },
	func(v pcommon.Value) { v.SetStr("\uFFFD") },
	func(v pcommon.Value) { v.SetStr(strings.Repeat("x", maxValue)) },
	func(v pcommon.Value) { v.SetStr(strings.Repeat("x", maxValue+1)) },
	func(v pcommon.Value) { v.SetInt(0) },
	func(v pcommon.Value) { v.SetInt(42) },
	func(v pcommon.Value) { v.SetInt(math.MinInt64) },
	func(v pcommon.Value) { v.SetDouble(42) },
	func(v pcommon.Value) { v.SetDouble(0.1 + 0.2) },
	func(v pcommon.Value) { v.SetBool(false) },
	func(v pcommon.Value) { v.SetEmptyBytes() },
	func(v pcommon.Value) { v.SetEmptyBytes().FromRaw([]byte("42")) },
	func(v pcommon.Value) { v.SetEmptySlice() },
	func(v pcommon.Value) { v.SetEmptyMap().PutStr("k", "") },
	func(pcommon.Value) {},
}

var oddKeys = []string{"a", "b", "", "service.name", "key with \"= and ü", "\xff", strings.Repeat("k", 300), "event"}

func TestOddSpansComeBackAsTheyWereSent(t *testing.T) {
	s := newStore(t, nil)
	r := rand.New(rand.NewPCG(1, 2))
	now := pcommon.NewTimestampFromTime(time.Now())
	td := ptrace.NewTraces()
	const n = 400
	for i := range n {
		one := oneSpan(r)
		if r.IntN(3) == 0 {
			more := oneSpan(r)
			one = twice(t, one, more)
		}
		one.ResourceSpans().MoveAndAppendTo(td.ResourceSpans())
		span := td.ResourceSpans().At(i).ScopeSpans().At(0).Spans().At(0)
		span.SetTraceID(pcommon.TraceID{14: byte(i >> 8), 15: byte(i)})
		if r.IntN(4) > 0 {
			span.SetSpanID(pcommon.SpanID{byte(i), 1})
		}
		if r.IntN(2) > 0 {
			span.SetParentSpanID(pcommon.SpanID{byte(i), 2})
		} else if r.IntN(2) > 0 {
			l := span.Links().AppendEmpty()
			l.SetTraceID(span.TraceID())
			l.SetSpanID(pcommon.SpanID{3})
		}
		span.SetName([]string{"", "name", "\xff\x00", strings.Repeat("n", 3000)}[r.IntN(4)])
		span.SetStartTimestamp(now)
		span.SetEndTimestamp([]pcommon.Timestamp{0, 1, now - 1, now, now + 1, now + 1e9, math.MaxInt64, math.MaxUint64}[r.IntN(8)])
		fill(r, span.Events().AppendEmpty().Attributes())
	}
	marshaler := ptrace.ProtoMarshaler{}
	var ids []pcommon.TraceID
	var want [][]byte
	for _, rs := range td.ResourceSpans().All() {
		one := ptrace.NewTraces()
		rs.CopyTo(one.ResourceSpans().AppendEmpty())
		b, err := marshaler.MarshalTraces(one)
		require.NoError(t, err)
		want = append(want, b)
		ids = append(ids, rs.ScopeSpans().At(0).Spans().At(0).TraceID())
	}
	require.NoError(t, s.Append(t.Context(), team, td))
	got, err := s.GetTraces(t.Context(), team, ids)
	require.NoError(t, err)
	require.Len(t, got, n)
	for i, tr := range got {
		b, err := marshaler.MarshalTraces(tr.Spans)
		require.NoError(t, err)
		require.Equal(t, string(want[i]), string(b), "span %d", i)
	}
	for i, rs := range td.ResourceSpans().All() {
		for k, v := range rs.ScopeSpans().At(0).Spans().At(0).Attributes().All() {
			q := traces.Query{End: time.Now().Add(time.Hour).UnixNano(), Where: []traces.AnyOf{{{Property: traces.SpanAttribute, Key: k, Value: traces.Text(v)}}}}
			f, err := s.FindTraceIDs(t.Context(), team, q)
			require.NoError(t, err)
			require.True(t, slices.ContainsFunc(f.Traces, func(tr traces.Trace) bool { return tr.ID == ids[i] }), "span %d by %q", i, k)
		}
		if i == 50 {
			break
		}
	}
}

// twice returns td, of one resource and span each, with the attributes of more
// added to it without a look at their keys, as a sender can do.
func twice(t *testing.T, td, more ptrace.Traces) ptrace.Traces {
	marshaler := ptrace.ProtoMarshaler{}
	var parts []wireSpan
	for _, td := range []ptrace.Traces{td, more} {
		b, err := marshaler.MarshalTraces(td)
		require.NoError(t, err)
		require.NoError(t, eachSpan(b, func(w wireSpan) error {
			parts = append(parts, w)
			return nil
		}))
	}
	require.Len(t, parts, 2)
	// Messages one after the other are one with the fields of both.
	w := parts[0]
	w.resource = slices.Concat(w.resource, parts[1].resource)
	w.span = slices.Concat(w.span, parts[1].span)
	unmarshaler := ptrace.ProtoUnmarshaler{}
	out, err := unmarshaler.UnmarshalTraces(w.appendTraces(nil))
	require.NoError(t, err)
	return out
}

func oneSpan(r *rand.Rand) ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	fill(r, rs.Resource().Attributes())
	span := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	fill(r, span.Attributes())
	return td
}

// fill adds attributes.
func fill(r *rand.Rand, m pcommon.Map) {
	for _, k := range oddKeys {
		if r.IntN(2) > 0 {
			oddValues[r.IntN(len(oddValues))](m.PutEmpty(k))
		}
	}
}
