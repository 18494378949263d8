package tracestore

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces"
)

const team tenant.ID = "team"

func openRows(t testing.TB) *rowstore.Store {
	t.Helper()
	cfg := rowstore.DefaultConfig()
	cfg.Path = t.TempDir()
	rows, err := rowstore.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rows.Close()) })
	return rows
}

func newStore(t testing.TB, change func(*Config)) *Store {
	t.Helper()
	cfg := DefaultConfig()
	if change != nil {
		change(&cfg)
	}
	s, err := New(openRows(t), cfg)
	require.NoError(t, err)
	return s
}

// span describes a span of a test.
type span struct {
	trace, id, parent byte
	service, name     string
	kind              ptrace.SpanKind
	start             time.Time
	duration          time.Duration
	edit              func(rs ptrace.ResourceSpans, s ptrace.Span)
}

func traceID(b byte) pcommon.TraceID { return pcommon.TraceID{15: b} }

func push(t testing.TB, s *Store, spans ...span) {
	t.Helper()
	td := ptrace.NewTraces()
	for _, in := range spans {
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr("service.name", in.service)
		out := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		out.SetTraceID(traceID(in.trace))
		out.SetSpanID(pcommon.SpanID{7: in.id})
		if in.parent != 0 {
			out.SetParentSpanID(pcommon.SpanID{7: in.parent})
		}
		out.SetName(in.name)
		out.SetKind(in.kind)
		out.SetStartTimestamp(pcommon.NewTimestampFromTime(in.start))
		out.SetEndTimestamp(pcommon.NewTimestampFromTime(in.start.Add(in.duration)))
		if in.edit != nil {
			in.edit(rs, out)
		}
	}
	require.NoError(t, s.Append(t.Context(), team, td))
}

// found returns the trace numbers of a search, in its order.
func found(t testing.TB, s *Store, q traces.Query) []byte {
	t.Helper()
	if q.End == 0 {
		q.End = time.Now().Add(time.Hour).UnixNano()
	}
	f, err := s.FindTraceIDs(t.Context(), team, q)
	require.NoError(t, err)
	var out []byte
	for _, tr := range f.Traces {
		out = append(out, tr.ID[15])
	}
	return out
}

func TestSpansComeBackAsTheyWereSent(t *testing.T) {
	s := newStore(t, nil)
	td := ptrace.NewTraces()
	now := time.Now()
	rs := td.ResourceSpans().AppendEmpty()
	rs.SetSchemaUrl("https://example.com/resource")
	rs.Resource().SetDroppedAttributesCount(3)
	rs.Resource().Attributes().PutStr("service.name", "web")
	rs.Resource().Attributes().PutEmptySlice("list").AppendEmpty().SetBool(true)
	ss := rs.ScopeSpans().AppendEmpty()
	ss.SetSchemaUrl("https://example.com/scope")
	ss.Scope().SetName("lib")
	ss.Scope().SetVersion("1")
	ss.Scope().Attributes().PutInt("n", 1)
	for i := range 3 {
		sp := ss.Spans().AppendEmpty()
		sp.SetTraceID(traceID(1))
		sp.SetSpanID(pcommon.SpanID{7: byte(i + 1)})
		sp.SetName("имя \"x\"\n\x00")
		sp.SetFlags(0x301)
		sp.TraceState().FromRaw("a=1")
		sp.SetDroppedEventsCount(7)
		sp.SetStartTimestamp(pcommon.NewTimestampFromTime(now))
		sp.Attributes().PutStr("text", "")
		sp.Attributes().PutDouble("double", 0.1)
		sp.Attributes().PutEmptyBytes("bytes").FromRaw([]byte{0, 0xff})
		sp.Attributes().PutEmptyMap("map").PutStr("k", "v")
		sp.Attributes().PutEmpty("empty")
		sp.Status().SetCode(ptrace.StatusCodeError)
		sp.Status().SetMessage("no")
		e := sp.Events().AppendEmpty()
		e.SetName("exception")
		e.SetTimestamp(pcommon.NewTimestampFromTime(now))
		e.Attributes().PutStr("exception.message", "it broke\nbadly")
		l := sp.Links().AppendEmpty()
		l.SetTraceID(traceID(9))
		l.TraceState().FromRaw("b=2")
	}
	td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty() // a scope without spans
	require.NoError(t, s.Append(t.Context(), team, td))

	got, err := s.GetTraces(t.Context(), team, []pcommon.TraceID{traceID(2), traceID(1), traceID(1)})
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, traceID(1), got[0].ID)
	want := ptrace.NewTraces()
	for i := range 3 {
		to := want.ResourceSpans().AppendEmpty()
		rs.CopyTo(to)
		n := -1
		to.ScopeSpans().At(0).Spans().RemoveIf(func(ptrace.Span) bool { n++; return n != i })
	}
	marshaler := ptrace.JSONMarshaler{}
	wantJSON, err := marshaler.MarshalTraces(want)
	require.NoError(t, err)
	gotJSON, err := marshaler.MarshalTraces(got[0].Spans)
	require.NoError(t, err)
	require.JSONEq(t, string(wantJSON), string(gotJSON))

	others, err := s.GetTraces(t.Context(), "other", []pcommon.TraceID{traceID(1)})
	require.NoError(t, err)
	require.Empty(t, others, "another tenant's trace")
}

func TestTraceOfSeveralRequestsAndDays(t *testing.T) {
	s := newStore(t, nil)
	now := time.Now()
	push(t, s, span{trace: 1, id: 1, service: "a", name: "late", start: now})
	push(t, s, span{trace: 1, id: 2, service: "a", name: "days before", start: now.Add(-4 * 24 * time.Hour)}, span{trace: 2, id: 1, service: "a", name: "x", start: now})
	push(t, s, span{trace: 1, id: 3, service: "a", name: "weeks before", start: now.Add(-25 * 24 * time.Hour)})
	got, err := s.GetTraces(t.Context(), team, []pcommon.TraceID{traceID(1)})
	require.NoError(t, err)
	var names []string
	for _, rs := range got[0].Spans.ResourceSpans().All() {
		names = append(names, rs.ScopeSpans().At(0).Spans().At(0).Name())
	}
	require.Equal(t, []string{"late", "days before", "weeks before"}, names, "the order of receipt")
}

func TestSearch(t *testing.T) {
	s := newStore(t, nil)
	now := time.Now().Add(-time.Minute)
	at := func(seconds int) time.Time { return now.Add(time.Duration(seconds) * time.Second) }
	long := strings.Repeat("long ", 500)
	push(t, s,
		span{trace: 1, id: 1, service: "web", name: "GET /", kind: ptrace.SpanKindServer, start: at(1), duration: 10 * time.Millisecond, edit: func(rs ptrace.ResourceSpans, sp ptrace.Span) {
			sp.Attributes().PutStr("user", "anna")
			sp.Attributes().PutStr("empty", "")
			sp.Attributes().PutInt("code", 500)
			sp.Attributes().PutStr("long", long)
			sp.Attributes().PutStr(strings.Repeat("k", 300), "v")
			rs.Resource().Attributes().PutStr("host", "n1")
			rs.ScopeSpans().At(0).Scope().SetName("lib")
			for _, v := range []string{"one", "two", "two"} {
				e := sp.Events().AppendEmpty()
				e.SetName("retry " + v)
				e.Attributes().PutStr("cause", v)
			}
			sp.Status().SetCode(ptrace.StatusCodeError)
			sp.Status().SetMessage("no luck")
			sp.TraceState().FromRaw("v=1")
		}},
		span{trace: 2, id: 1, service: "web", name: "GET /cart", kind: ptrace.SpanKindServer, start: at(2), duration: 20 * time.Millisecond},
		span{trace: 2, id: 2, service: "db", name: "SELECT", kind: ptrace.SpanKindClient, start: at(3)},
		span{trace: 3, id: 1, service: "web", name: "GET /", kind: ptrace.SpanKindServer, start: at(3), duration: 2 * time.Second},
	)
	attr := func(p traces.Property, k, v string) traces.Query {
		return traces.Query{Where: []traces.AnyOf{{{Property: p, Key: k, Value: v}}}}
	}
	for name, c := range map[string]struct {
		q    traces.Query
		want []byte
	}{
		"all, newest first":      {traces.Query{}, []byte{3, 2, 1}},
		"limit":                  {traces.Query{Limit: 2}, []byte{3, 2}},
		"service":                {traces.Query{Service: "db"}, []byte{2}},
		"unknown service":        {traces.Query{Service: "d"}, nil},
		"operation":              {traces.Query{Service: "web", Operation: "GET /"}, []byte{3, 1}},
		"operation without more": {traces.Query{Operation: "SELECT"}, []byte{2}},
		"shortest":               {traces.Query{MinDuration: int64(20 * time.Millisecond)}, []byte{3, 2}},
		"longest":                {traces.Query{MaxDuration: int64(10 * time.Millisecond)}, []byte{2, 1}},
		"no duration is 1 ns":    {traces.Query{MaxDuration: 1}, []byte{2}},
		"start is included":      {traces.Query{Start: at(3).UnixNano()}, []byte{3, 2}},
		"end is not":             {traces.Query{End: at(3).UnixNano()}, []byte{2, 1}},
		"span attribute":         {attr(traces.SpanAttribute, "user", "anna"), []byte{1}},
		"not a part of it":       {attr(traces.SpanAttribute, "user", "ann"), nil},
		"number":                 {attr(traces.SpanAttribute, "code", "500"), []byte{1}},
		"empty value":            {attr(traces.SpanAttribute, "empty", ""), []byte{1}},
		"missing is not empty":   {attr(traces.SpanAttribute, "nothing", ""), nil},
		"long value":             {attr(traces.SpanAttribute, "long", long), []byte{1}},
		"another long value":     {attr(traces.SpanAttribute, "long", long+"x"), nil},
		"long name":              {attr(traces.SpanAttribute, strings.Repeat("k", 300), "v"), []byte{1}},
		"another long name":      {attr(traces.SpanAttribute, strings.Repeat("k", 301), "v"), nil},
		"resource attribute":     {attr(traces.ResourceAttribute, "host", "n1"), []byte{1}},
		"event attribute":        {attr(traces.EventAttribute, "cause", "two"), []byte{1}},
		"event":                  {attr(traces.EventName, "", "retry one"), []byte{1}},
		"scope":                  {attr(traces.ScopeName, "", "lib"), []byte{1}},
		"status":                 {attr(traces.StatusCode, "", "error"), []byte{1}},
		"status message":         {attr(traces.StatusMessage, "", "no luck"), []byte{1}},
		"trace state":            {attr(traces.TraceState, "", "v=1"), []byte{1}},
		"kind":                   {attr(traces.Kind, "", "client"), []byte{2}},
		"one of":                 {traces.Query{Where: []traces.AnyOf{{{Property: traces.SpanAttribute, Key: "user", Value: "x"}, {Property: traces.Kind, Value: "client"}}}}, []byte{2}},
		"all on one span":        {traces.Query{Service: "web", Where: []traces.AnyOf{{{Property: traces.Kind, Value: "client"}}}}, nil},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, found(t, s, c.q)) })
	}
}

func TestLimitTakesTheLatestTraces(t *testing.T) {
	s := newStore(t, nil)
	now := time.Now().Add(-time.Hour)
	// Trace i starts at i seconds; trace 1 has spans until long after all others,
	// and each has more spans than a page of a search for one trace.
	for i := range 40 {
		var list []span
		for j := range 30 {
			start := now.Add(time.Duration(i)*time.Second + time.Duration(j)*time.Millisecond)
			if i == 1 && j > 0 {
				start = now.Add(10*time.Minute + time.Duration(j)*time.Second)
			}
			list = append(list, span{trace: byte(i), id: byte(j + 1), service: "web", name: "x", start: start})
		}
		push(t, s, list...)
	}
	require.Equal(t, []byte{39}, found(t, s, traces.Query{Limit: 1}))
	require.Equal(t, []byte{39, 38, 37}, found(t, s, traces.Query{Limit: 3}))
	require.Len(t, found(t, s, traces.Query{}), 40)
}

func TestNames(t *testing.T) {
	s := newStore(t, func(c *Config) { c.MaxOperations = 3 })
	now := time.Now()
	for i := range 6 {
		push(t, s, span{trace: byte(i), id: 1, service: "web", name: fmt.Sprintf("op %d", i), kind: ptrace.SpanKindServer, start: now})
	}
	push(t, s, span{trace: 7, id: 1, service: "db", name: "q", start: now})
	services, err := s.Services(t.Context(), team)
	require.NoError(t, err)
	require.Equal(t, []string{"db", "web"}, services)
	ops, err := s.Operations(t.Context(), team, "web")
	require.NoError(t, err)
	require.Len(t, ops, 6, "names beyond max_operations too")
	require.Equal(t, traces.Operation{Name: "op 0", Kind: ptrace.SpanKindServer}, ops[0])
	require.Equal(t, []byte{5}, found(t, s, traces.Query{Service: "web", Operation: "op 5"}))
	ops, err = s.Operations(t.Context(), team, "db")
	require.NoError(t, err)
	require.Equal(t, []traces.Operation{{Name: "q"}}, ops)
	streams, err := s.rows.Streams(t.Context(), team, rowstore.Query{End: s.endOfTime(), Streams: spanStreams()}, 0)
	require.NoError(t, err)
	require.Len(t, streams, 5, "three operations and one stream for the rest of each service")
}

func TestDependencies(t *testing.T) {
	s := newStore(t, nil)
	now := time.Now().Add(-time.Hour)
	push(t, s,
		span{trace: 1, id: 1, service: "web", name: "root", start: now},
		span{trace: 1, id: 2, parent: 1, service: "web", name: "inner", start: now},
		span{trace: 1, id: 3, parent: 2, service: "db", name: "q", start: now.Add(time.Hour / 2)},
		span{trace: 1, id: 4, parent: 99, service: "db", name: "orphan", start: now},
		span{trace: 1, id: 5, service: "mail", name: "follows", start: now, edit: func(_ ptrace.ResourceSpans, sp ptrace.Span) {
			l := sp.Links().AppendEmpty()
			l.SetTraceID(traceID(1))
			l.SetSpanID(pcommon.SpanID{7: 1})
		}},
		span{trace: 2, id: 1, service: "web", name: "root", start: now.Add(-2 * time.Hour)},
		span{trace: 2, id: 2, parent: 1, service: "db", name: "q", start: now.Add(-2 * time.Hour)},
	)
	at := now.UnixNano()
	got, err := s.Dependencies(t.Context(), team, at, at+1)
	require.NoError(t, err)
	require.Equal(t, []traces.Link{{Parent: "web", Child: "db", Calls: 1}, {Parent: "web", Child: "mail", Calls: 1}}, got.Links, "all spans of a trace count")
	require.Empty(t, got.Incomplete)
	got, err = s.Dependencies(t.Context(), team, 0, at+1)
	require.NoError(t, err)
	require.EqualValues(t, 2, got.Links[0].Calls)
}

func TestBoundsAreTold(t *testing.T) {
	s := newStore(t, func(c *Config) { c.MaxSpansPerTrace, c.MaxTraces, c.MaxDependencySpans = 3, 2, 2 })
	now := time.Now().Add(-time.Minute)
	for i := range 4 {
		for j := range 4 {
			push(t, s, span{trace: byte(i), id: byte(j + 1), service: "web", name: "x", start: now.Add(time.Duration(i) * time.Second)})
		}
	}
	got, err := s.GetTraces(t.Context(), team, []pcommon.TraceID{traceID(1)})
	require.NoError(t, err)
	require.Equal(t, 3, got[0].Spans.SpanCount())
	require.Contains(t, got[0].Incomplete, "1 spans are left out")
	f, err := s.FindTraces(t.Context(), team, traces.Query{End: time.Now().UnixNano(), Limit: 10})
	require.NoError(t, err)
	require.Len(t, f.Traces, 2)
	require.Contains(t, f.Incomplete, "max_traces")
	d, err := s.Dependencies(t.Context(), team, 0, time.Now().UnixNano())
	require.NoError(t, err)
	require.Contains(t, d.Incomplete, "max_dependency_spans")

	s.cfg.MaxSpansPerTrace, s.cfg.MaxAnswerBytes = 100, 100
	got, err = s.GetTraces(t.Context(), team, []pcommon.TraceID{traceID(1)})
	require.NoError(t, err)
	require.Contains(t, got[0].Incomplete, "max_answer_bytes")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.FindTraces(ctx, team, traces.Query{End: time.Now().UnixNano()})
	require.ErrorIs(t, err, context.Canceled)
}

func TestRefusedSpans(t *testing.T) {
	s := newStore(t, nil)
	td := func(edit func(ptrace.Span)) ptrace.Traces {
		td := ptrace.NewTraces()
		sp := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		sp.SetTraceID(traceID(1))
		sp.SetName("x")
		sp.SetStartTimestamp(pcommon.NewTimestampFromTime(time.Now()))
		edit(sp)
		return td
	}
	for name, c := range map[string]struct {
		edit func(ptrace.Span)
		want error
	}{
		"large":   {func(sp ptrace.Span) { sp.Attributes().PutStr("a", strings.Repeat("x", 1<<20)) }, traces.ErrSpanTooLarge},
		"no time": {func(sp ptrace.Span) { sp.SetStartTimestamp(0) }, rowstore.ErrTooOld},
		"old":     {func(sp ptrace.Span) { sp.SetStartTimestamp(pcommon.NewTimestampFromTime(time.Now().AddDate(0, -2, 0))) }, rowstore.ErrTooOld},
		"future":  {func(sp ptrace.Span) { sp.SetStartTimestamp(1<<63 + 5) }, rowstore.ErrTooNew},
	} {
		err := s.Append(t.Context(), team, td(c.edit))
		require.ErrorIs(t, err, c.want, name)
		var refusal interface{ Refusal() (string, bool) }
		require.ErrorAs(t, err, &refusal, name)
	}
	// What is odd but possible is kept.
	require.NoError(t, s.Append(t.Context(), team, td(func(sp ptrace.Span) {
		for i := range 3000 {
			sp.Attributes().PutStr(fmt.Sprintf("key %d", i), "v")
		}
		for i := range 3000 {
			e := sp.Events().AppendEmpty()
			e.SetName(fmt.Sprintf("event %d", i))
		}
		sp.SetName(strings.Repeat("n", 5000))
		sp.Attributes().PutStr("\xff", "\xff")
	})))
	for _, key := range []string{"key 1", "key 2999"} {
		require.Equal(t, []byte{1}, found(t, s, traces.Query{Where: []traces.AnyOf{{{Property: traces.SpanAttribute, Key: key, Value: "v"}}}}), key)
	}
	require.Equal(t, []byte{1}, found(t, s, traces.Query{Where: []traces.AnyOf{{{Property: traces.EventName, Value: "event 2999"}}}}))
	require.Equal(t, []byte{1}, found(t, s, traces.Query{Operation: strings.Repeat("n", 5000)}))
	require.Nil(t, found(t, s, traces.Query{Operation: strings.Repeat("n", 4999)}))
	require.Equal(t, []byte{1}, found(t, s, traces.Query{Service: traces.MissingServiceName}))
}

func TestEmptyRequestWritesNothing(t *testing.T) {
	require.NoError(t, newStore(t, nil).Append(t.Context(), team, ptrace.NewTraces()))
}

func TestSearchLooksPastATraceOfManySpans(t *testing.T) {
	s := newStore(t, nil)
	now := time.Now().Add(-time.Minute)
	push(t, s, span{trace: 1, id: 1, service: "web", name: "old", start: now.Add(-time.Minute)})
	many := make([]span, 3000)
	for i := range many {
		many[i] = span{trace: 2, id: 1, service: "web", name: "new", start: now.Add(time.Duration(i%7) * time.Millisecond)}
	}
	push(t, s, many...)
	require.Equal(t, []byte{2, 1}, found(t, s, traces.Query{Limit: 2}))

	s.cfg.MaxSearchRows = 100
	f, err := s.FindTraceIDs(t.Context(), team, traces.Query{End: time.Now().UnixNano(), Limit: 2})
	require.NoError(t, err)
	require.Len(t, f.Traces, 1)
	require.Contains(t, f.Incomplete, "max_search_rows")
}
