package traceql

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/traces"
)

// fixedStore is a store of some spans, each of a trace of its own.
type fixedStore struct {
	traces.Reader
	spans int
	wait  time.Duration
}

func (f fixedStore) Scan(ctx context.Context, _ tenant.ID, q traces.ScanQuery, emit func(*traces.ScannedSpan) error) error {
	for i := range f.spans {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(f.wait):
		}
		tr := f.trace(pcommon.TraceID{1, 15: byte(i)})
		rs := tr.Spans.ResourceSpans().At(0)
		err := emit(&traces.ScannedSpan{TraceID: tr.ID, Resource: rs.Resource(), Scope: rs.ScopeSpans().At(0).Scope(), Span: rs.ScopeSpans().At(0).Spans().At(0)})
		if err == traces.ErrStop { //nolint:errorlint // returned bare
			return nil
		}
		if err != nil {
			return err
		}
	}
	if q.SliceDone != nil {
		if err := q.SliceDone(); err != traces.ErrStop { //nolint:errorlint // returned bare
			return err
		}
	}
	return nil
}

func (fixedStore) AttributeNames(context.Context, tenant.ID, int64, int64) ([]traces.Attribute, error) {
	return nil, nil
}

func (fixedStore) trace(id pcommon.TraceID) traces.Trace {
	td := ptrace.NewTraces()
	span := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.SetTraceID(id)
	span.SetName(string('a' + rune(id[15]%26)))
	span.SetStartTimestamp(pcommon.Timestamp(1 + uint64(id[15])))
	return traces.Trace{ID: id, Spans: td}
}

func (f fixedStore) GetTraces(_ context.Context, _ tenant.ID, ids []pcommon.TraceID) ([]traces.Trace, error) {
	var out []traces.Trace
	for _, id := range ids {
		out = append(out, f.trace(id))
	}
	return out, nil
}

func (f fixedStore) ScanTraces(_ context.Context, _ tenant.ID, ids []pcommon.TraceID, _ traces.ScanQuery, emit func(*traces.ScannedSpan) error) (map[pcommon.TraceID]string, error) {
	for i, id := range ids {
		rs := f.trace(id).Spans.ResourceSpans().At(0)
		if err := emit(&traces.ScannedSpan{
			TraceID: id, Resource: rs.Resource(), Scope: rs.ScopeSpans().At(0).Scope(), Span: rs.ScopeSpans().At(0).Spans().At(0), Received: uint64(i),
		}); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func parse(t *testing.T, text string) *Query {
	t.Helper()
	q, err := Parse(text)
	require.NoError(t, err)
	return q
}

func TestAnswersThatReachABoundSaySo(t *testing.T) {
	cfg := DefaultConfig()
	cfg.MaxSpans = 5
	e := NewEngine(fixedStore{spans: 10}, cfg)
	found, err := e.Search(t.Context(), team, parse(t, "{ }"), SearchOptions{End: 100, Limit: 100})
	require.NoError(t, err)
	require.Len(t, found.Traces, 5)
	require.Contains(t, found.Incomplete, "max_spans")
	series, err := e.Metrics(t.Context(), team, parse(t, "{ } | count_over_time()"), RangeOptions{End: 100})
	require.NoError(t, err)
	require.Contains(t, series.Incomplete, "max_spans")
	require.InDelta(t, 5, series.Series[0].Points[0].Value, 0)

	cfg = DefaultConfig()
	cfg.MaxSeries, cfg.MaxTraces = 3, 4
	e = NewEngine(fixedStore{spans: 10}, cfg)
	series, err = e.Metrics(t.Context(), team, parse(t, "{ } | count_over_time() by (name)"), RangeOptions{End: 100})
	require.NoError(t, err)
	require.Len(t, series.Series, 3)
	require.Contains(t, series.Incomplete, "max_series")
	found, err = e.Search(t.Context(), team, parse(t, "{ }"), SearchOptions{End: 100, Limit: 100})
	require.NoError(t, err)
	require.Len(t, found.Traces, 4)
	_, err = e.Metrics(t.Context(), team, parse(t, "{ } | rate()"), RangeOptions{End: 1e12, Step: 1})
	require.ErrorContains(t, err, "max_points")
}

func TestAQueryEndsInTime(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Timeout = strictyaml.Duration(20 * time.Millisecond)
	e := NewEngine(fixedStore{spans: 1000, wait: 5 * time.Millisecond}, cfg)
	_, err := e.Search(t.Context(), team, parse(t, "{ }"), SearchOptions{End: 100, Limit: 10})
	var limit *LimitError
	require.ErrorAs(t, err, &limit)
	require.Contains(t, err.Error(), "traces.traceql.timeout")
}

func TestParserIsBounded(t *testing.T) {
	for _, text := range []string{
		"{ " + strings.Repeat("(", 10_000) + ".a = 1" + strings.Repeat(")", 10_000) + " }",
		"{ " + strings.Repeat("!", 10_000) + ".a }",
		strings.Repeat("(", 10_000) + "{ }" + strings.Repeat(")", 10_000),
		"{ .a = " + strings.Repeat("1 ^ ", 10_000) + "1 }",
		"{ .a = \"" + strings.Repeat("x", maxQuery) + "\" }",
	} {
		_, err := Parse(text)
		var bad *ParseError
		require.ErrorAs(t, err, &bad, "%.40s", text)
	}
	_, err := Parse("{ " + strings.Repeat(".a = 1 || ", 2000) + ".a = 1 }")
	require.NoError(t, err, "long is fine")
}

// tree makes a trace of spans "id parent kind".
func treeOf(spans ...[3]byte) *tree {
	td := ptrace.NewTraces()
	for _, s := range spans {
		out := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		out.SetSpanID(pcommon.SpanID{7: s[0]})
		if s[1] != 0 {
			out.SetParentSpanID(pcommon.SpanID{7: s[1]})
		}
		out.SetKind(ptrace.SpanKind(s[2]))
	}
	return newTree(traces.Trace{Spans: td})
}

func TestOddTraces(t *testing.T) {
	const client, server = byte(ptrace.SpanKindClient), byte(ptrace.SpanKindServer)
	// A cycle ends somewhere, and numbering it does too.
	cycle := treeOf([3]byte{1, 2, 0}, [3]byte{2, 3, 0}, [3]byte{3, 1, 0}, [3]byte{4, 4, 0})
	cycle.number()
	for _, s := range cycle.spans {
		require.Positive(t, s.left)
		require.Greater(t, s.right, s.left)
	}
	// Client and server of Zipkin share an id.
	for _, order := range [][][3]byte{
		{{1, 0, server}, {2, 1, client}, {2, 1, server}, {3, 2, server}},
		{{3, 2, server}, {2, 1, server}, {2, 1, client}, {1, 0, server}},
	} {
		tr := treeOf(order...)
		byKind := map[ptrace.SpanKind]*span{}
		for _, s := range tr.spans {
			if s.span.SpanID() == (pcommon.SpanID{7: 2}) {
				byKind[s.span.Kind()] = s
			}
		}
		require.Equal(t, byKind[ptrace.SpanKindClient], byKind[ptrace.SpanKindServer].parent)
		require.Equal(t, tr.root, byKind[ptrace.SpanKindClient].parent)
		for _, s := range tr.spans {
			if s.span.SpanID() == (pcommon.SpanID{7: 3}) {
				require.Equal(t, byKind[ptrace.SpanKindServer], s.parent)
			}
		}
	}
	// As deep as long.
	var chain [][3]byte
	for i := range 250 {
		chain = append(chain, [3]byte{byte(i + 1), byte(i), 0})
	}
	deep := treeOf(chain...)
	deep.number()
	require.Equal(t, 1, deep.root.left)
	require.Equal(t, 500, deep.root.right)
}

func TestParsePartial(t *testing.T) {
	for text, want := range map[string]string{
		`{ resource.env = "prod" && name = }`: `{ resource.env = "prod" }`,
		`{ name = "a" && .b = 1 && .c }`:      `{ ((name = "a") && (.b = 1)) && .c }`,
		`{ .a = 1 && foo = 2 && .c > 3`:       `{ (.a = 1) && (.c > 3) }`,
		`{ (.a = 1 || .b = 2) && status = }`:  `{ (.a = 1) || (.b = 2) }`,
		`{ status = }`:                        "",
		`{}`:                                  "",
		``:                                    "",
		`nonsense`:                            "",
		`{ .a = 1 } | rate()`:                 `{ .a = 1 } | rate()`,
	} {
		q := ParsePartial(text)
		if want == "" {
			require.Nil(t, q, text)
			continue
		}
		require.NotNil(t, q, text)
		require.Equal(t, want, q.String(), text)
	}
}

// cuttingStore is a store whose answers hold two spans: further ones are left out.
type cuttingStore struct {
	fixedStore
	reads *int
}

func (c cuttingStore) ScanTraces(ctx context.Context, t tenant.ID, ids []pcommon.TraceID, q traces.ScanQuery, emit func(*traces.ScannedSpan) error) (map[pcommon.TraceID]string, error) {
	*c.reads++
	cut := map[pcommon.TraceID]string{}
	for i, id := range ids {
		if i >= 2 || id[15] == 7 { // of one not even alone
			cut[id] = "too much"
		}
	}
	_, err := c.fixedStore.ScanTraces(ctx, t, ids, q, emit)
	return cut, err
}

func TestTracesThatDoNotFitTogetherAreReadWithFewer(t *testing.T) {
	reads := 0
	e := NewEngine(cuttingStore{fixedStore{spans: 40}, &reads}, DefaultConfig())
	found, err := e.Search(t.Context(), team, parse(t, "{ } | count() > 0"), SearchOptions{End: 100, Limit: 100})
	require.NoError(t, err)
	require.Len(t, found.Traces, 40)
	for _, tr := range found.Traces {
		require.Equal(t, tr.ID[15] == 7, tr.Incomplete != "", tr.ID)
	}
	require.Contains(t, found.Incomplete, "too much")
	require.Less(t, reads, 100)
}
