package traceql

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/test/tracetest"
)

func TestWeights(t *testing.T) {
	for state, want := range map[string]float64{
		"": 1, "ot=th:0": 1, "ot=th:8": 2, "ot=th:c": 4, "vendor=x, ot=rv:1a;th:c": 4, "ot=th:ffffffffffffff": 1 << 56,
		"ot=th:x": 1, "ot=th:": 1, "ot=th:000000000000001": 1, "other=th:c": 1, "ot=p:3": 1,
	} {
		require.InDelta(t, want, weightOf(state), 1e-6, state)
	}
}

func TestExtrapolation(t *testing.T) {
	td := ptrace.NewTraces()
	for i, state := range []string{"ot=th:c", "ot=th:8", ""} {
		s := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		s.SetTraceID(pcommon.TraceID{15: byte(i + 1)})
		s.SetSpanID(pcommon.SpanID{7: 1})
		s.TraceState().FromRaw(state)
		s.Attributes().PutInt("n", int64(10*(i+1)))
		s.SetStartTimestamp(pcommon.NewTimestampFromTime(time.Now().Add(-time.Minute)))
		s.SetEndTimestamp(s.StartTimestamp() + 5)
	}
	e := storeOf(t, td)
	opts := RangeOptions{Start: time.Now().Add(-time.Hour).UnixNano(), End: time.Now().UnixNano()}
	for query, want := range map[string]float64{
		`{ } | count_over_time()`:                                      3,
		`{ } | count_over_time() with(extrapolate=true)`:               7,
		`{ } | count_over_time() with(extrapolate=false)`:              3,
		`{ } | sum_over_time(.n) with(extrapolate=true)`:               40 + 40 + 30,
		`{ } | max_over_time(.n) with(extrapolate=true)`:               30,
		`{ } | min_over_time(.n) with(extrapolate=true)`:               10,
		`{ } | avg_over_time(.n) with(extrapolate=true)`:               110.0 / 7,
		`{ } | count() > 0 | count_over_time() with(extrapolate=true)`: 7,
		`({ } | count_over_time()) * 2 with(extrapolate=true)`:         14,
		`{ } | quantile_over_time(.n, 0) with(extrapolate=true)`:       10,
	} {
		q, err := Parse(query)
		require.NoError(t, err, query)
		got, err := e.Metrics(t.Context(), team, q, opts)
		require.NoError(t, err, query)
		require.Len(t, got.Series, 1, query)
		require.InDelta(t, want, got.Series[0].Points[0].Value, 1e-6, query)
	}
	_, err := Parse(`{ } | compare({ status = error }) with(extrapolate=true)`)
	require.ErrorContains(t, err, "extrapolate does not work on compare()")
	_, err = Parse(`{ } | rate() with(extrapolate=2)`)
	require.ErrorContains(t, err, "true or false")
}

func storeOf(t *testing.T, td ptrace.Traces) *Engine {
	t.Helper()
	store := tracetest.Store(t)
	require.NoError(t, store.Append(t.Context(), team, td))
	return NewEngine(store, DefaultConfig())
}
