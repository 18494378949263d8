package tracestore

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/traces"
)

// oddTraces are n spans, each of a trace of its own, with odd attributes and values.
// They start within some minutes.
func oddTraces(t *testing.T, n int, now time.Time) ptrace.Traces {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 4))
	td := ptrace.NewTraces()
	for i := range n {
		one := oneSpan(r)
		if r.IntN(3) == 0 {
			one = twice(t, one, oneSpan(r))
		}
		span := one.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
		span.SetTraceID(pcommon.TraceID{0: 1, 14: byte(i >> 8), 15: byte(i)})
		span.SetSpanID(pcommon.SpanID{byte(i), 1})
		if i%2 == 0 {
			span.SetParentSpanID(pcommon.SpanID{byte(i), 2})
		}
		span.SetName([]string{"", "name", "GET /"}[i%3])
		start := pcommon.NewTimestampFromTime(now) - pcommon.Timestamp(i%7*i%300)*1e9
		span.SetStartTimestamp(start)
		span.SetEndTimestamp([]pcommon.Timestamp{0, start, start + 1, start + 1e9}[i%4])
		one.ResourceSpans().MoveAndAppendTo(td.ResourceSpans())
	}
	return td
}

// scanned are the spans of a scan, encoded, by trace.
func scanned(t *testing.T, s *Store, q traces.ScanQuery) map[pcommon.TraceID]string {
	t.Helper()
	out := map[pcommon.TraceID]string{}
	q.End = time.Now().Add(time.Hour).UnixNano()
	earliest, latest := int64(math.MaxInt64), int64(0) // of the slice
	before := int64(math.MaxInt64)                     // the earliest of slices before
	q.SliceDone = func() error {
		require.LessOrEqual(t, latest, before)
		before, latest = min(before, earliest), 0
		return nil
	}
	require.NoError(t, s.Scan(t.Context(), team, q, func(in *traces.ScannedSpan) error {
		_, twice := out[in.TraceID]
		require.False(t, twice, "each span once")
		at := int64(in.Span.StartTimestamp())
		earliest, latest = min(earliest, at), max(latest, at)
		out[in.TraceID] = encoded(t, in.Resource, in.Span)
		return nil
	}))
	return out
}

func encoded(t *testing.T, resource pcommon.Resource, span ptrace.Span) string {
	t.Helper()
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	resource.CopyTo(rs.Resource())
	span.CopyTo(rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty())
	b, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
	require.NoError(t, err)
	return string(b)
}

func TestScanReadsWhatWasSent(t *testing.T) {
	s := newStore(t, nil)
	td := oddTraces(t, 900, time.Now().Add(-time.Minute))
	want := map[pcommon.TraceID]string{}
	for _, rs := range td.ResourceSpans().All() {
		span := rs.ScopeSpans().At(0).Spans().At(0)
		want[span.TraceID()] = encoded(t, rs.Resource(), span)
	}
	require.NoError(t, s.Append(t.Context(), team, td))
	for _, newest := range []bool{false, true} {
		got := scanned(t, s, traces.ScanQuery{All: true, NewestFirst: newest})
		require.Len(t, got, len(want))
		for id, span := range want {
			require.True(t, got[id] == span, "span of trace %s, newest first %t", id, newest)
		}
	}
}

// A filter may pass too much but must lose nothing.
func TestScanLosesNothingThatMatches(t *testing.T) {
	s := newStore(t, nil)
	td := oddTraces(t, 60, time.Now().Add(-time.Minute))
	require.NoError(t, s.Append(t.Context(), team, td))
	for i, rs := range td.ResourceSpans().All() {
		span := rs.ScopeSpans().At(0).Spans().At(0)
		has := func(c traces.Condition) {
			t.Helper()
			_, ok := scanned(t, s, traces.ScanQuery{Where: traces.AllOf{traces.SomeOf{c}}})[span.TraceID()]
			require.True(t, ok, "span %d, %+v", i, c)
		}
		for _, m := range []struct {
			property   traces.Property
			attributes pcommon.Map
		}{{traces.SpanAttribute, span.Attributes()}, {traces.ResourceAttribute, rs.Resource().Attributes()}} {
			for k := range m.attributes.All() {
				v, _ := m.attributes.Get(k) // of attributes of one name the first counts
				text := traces.Text(v)
				has(traces.Condition{Property: m.property, Key: k, Op: traces.Exists})
				if v.Type() == pcommon.ValueTypeEmpty {
					continue // has no value to compare with
				}
				has(traces.Condition{Property: m.property, Key: k, Op: traces.Is, Value: text})
				if v.Type() == pcommon.ValueTypeStr && len(text) < 100 && strings.ToValidUTF8(text, "") == text {
					has(traces.Condition{Property: m.property, Key: k, Op: traces.Matches, Value: regexp.QuoteMeta(text)})
				}
				if n, err := strconv.ParseFloat(text, 64); err == nil && v.Type() != pcommon.ValueTypeStr && v.Type() != pcommon.ValueTypeBytes {
					has(traces.Condition{Property: m.property, Key: k, Op: traces.Between, Min: n - math.Abs(n)*1e-9, Max: n + math.Abs(n)*1e-9})
				}
			}
		}
		has(traces.Condition{Property: traces.SpanName, Op: traces.Is, Value: span.Name()})
		has(traces.Condition{Property: traces.SpanName, Op: traces.Matches, Value: regexp.QuoteMeta(span.Name())})
		has(traces.Condition{Property: traces.TraceOf, Op: traces.Is, Value: hexTrace(span.TraceID())})
		if span.ParentSpanID().IsEmpty() {
			has(traces.Condition{Property: traces.Root, Op: traces.Exists})
		}
	}
	roots := scanned(t, s, traces.ScanQuery{Where: traces.Condition{Property: traces.Root, Op: traces.Exists}})
	require.Len(t, roots, 30, "what can be told exactly is")
}

func TestAttributeNames(t *testing.T) {
	s := newStore(t, nil)
	now := time.Now()
	push(t, s, span{trace: 1, id: 1, service: "web", name: "a", start: now, edit: func(rs ptrace.ResourceSpans, s ptrace.Span) {
		rs.Resource().Attributes().PutStr("cluster", "eu")
		s.Attributes().PutInt("n", 1)
		s.Attributes().PutStr(strings.Repeat("k", 300), "too long a name")
		s.Events().AppendEmpty().Attributes().PutStr("exception.type", "x")
	}})
	names, err := s.AttributeNames(t.Context(), team, 0, now.Add(time.Hour).UnixNano())
	require.NoError(t, err)
	require.Equal(t, []traces.Attribute{
		{Property: traces.SpanAttribute, Key: "n"},
		{Property: traces.ResourceAttribute, Key: "cluster"}, {Property: traces.ResourceAttribute, Key: "service.name"},
		{Property: traces.EventAttribute, Key: "exception.type"},
	}, names)
}

// BenchmarkScan reads one attribute of a million spans, as a metric by that attribute
// does.
func BenchmarkScan(b *testing.B) {
	const n = 200_000
	s := newStore(b, nil)
	begin := time.Now().Add(-time.Hour)
	for batch := range n / 2000 {
		var spans []span
		for i := range 2000 {
			at := batch*2000 + i
			spans = append(spans, span{
				trace: byte(i), id: byte(i), parent: byte(i % 3), service: fmt.Sprintf("service-%d", i%10), name: fmt.Sprintf("operation-%d", i%50), kind: ptrace.SpanKindServer,
				start: begin.Add(time.Duration(at) * 10 * time.Millisecond), duration: time.Duration(1+i%1000) * time.Millisecond,
				edit: func(_ ptrace.ResourceSpans, s ptrace.Span) { s.Attributes().PutInt("http.status_code", int64(200+i%5)) },
			})
		}
		push(b, s, spans...)
	}
	for _, newest := range []bool{false, true} {
		b.Run(fmt.Sprintf("newest first %t", newest), func(b *testing.B) {
			for b.Loop() {
				seen := 0
				q := traces.ScanQuery{End: time.Now().Add(time.Hour).UnixNano(), SpanKeys: []string{"http.status_code"}, ResourceKeys: []string{"service.name"}, NewestFirst: newest}
				if err := s.Scan(b.Context(), team, q, func(in *traces.ScannedSpan) error {
					if v, ok := in.Span.Attributes().Get("http.status_code"); ok && v.Int() >= 200 {
						seen++
					}
					return nil
				}); err != nil {
					b.Fatal(err)
				}
				if seen != n {
					b.Fatal(seen)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "spans/s")
		})
	}
}
