package metrics_test

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/metrics/tsdb"
	"github.com/pharosd/pharos/tenant"
)

// TestScoped: every way to read shows a narrowed request its own series only, and
// what it writes outside is refused.
func TestScoped(t *testing.T) {
	cfg := metrics.DefaultConfig()
	loaded, err := cfg.Load(func(string) (string, bool) { return "", false }, promslog.NewNopLogger())
	require.NoError(t, err)
	store, err := tsdb.New(cfg, loaded, tsdb.Deps{Dir: t.TempDir(), MaxSeries: 1e6, Logger: promslog.NewNopLogger(), Registry: prometheus.NewRegistry()})
	require.NoError(t, err)
	defer store.Close()
	front := metrics.Scoped(store).Tenant("t")
	narrow := tenant.WithScope(t.Context(), tenant.NewScope(labels.MustNewMatcher(labels.MatchEqual, "project", "x")))
	now := time.Now().UnixMilli()
	series := func(project string) labels.Labels {
		return labels.FromStrings("__name__", "up", "project", project, "only_"+project, "1")
	}

	app := front.Appender(t.Context())
	_, known := app.(storage.GetRef)
	require.True(t, known, "who is not narrowed pays nothing")
	for _, project := range []string{"x", "y"} {
		ref, err := app.Append(0, series(project), now, 1)
		require.NoError(t, err)
		_, err = app.AppendExemplar(ref, series(project), exemplar.Exemplar{Labels: labels.FromStrings("trace_id", project), Value: 1, Ts: now, HasTs: true})
		require.NoError(t, err)
	}
	require.NoError(t, app.Commit())

	app = front.Appender(narrow)
	ref, err := app.Append(0, series("x"), now+1, 2)
	require.NoError(t, err)
	_, err = app.Append(ref, series("y"), now+1, 2)
	require.ErrorIs(t, err, storage.ErrOutOfOrderSample, "a refusal of one sample")
	require.ErrorContains(t, err, `narrowed to {project="x"}`)
	_, err = app.AppendHistogram(0, series("y"), now+1, nil, nil)
	require.Error(t, err)
	require.NoError(t, app.Commit())
	v2 := front.AppenderV2(narrow)
	_, err = v2.Append(0, series("y"), 0, now+2, 2, nil, nil, storage.AppendV2Options{})
	require.ErrorContains(t, err, "narrowed")
	require.NoError(t, v2.Rollback())

	any := labels.MustNewMatcher(labels.MatchEqual, "__name__", "up")
	for ctx, want := range map[context.Context]int{narrow: 1, t.Context(): 2} {
		q, err := front.Querier(0, now+10)
		require.NoError(t, err)
		n := 0
		for set := q.Select(ctx, true, nil, any); set.Next(); {
			n++
		}
		require.Equal(t, want, n)
		values, _, err := q.LabelValues(ctx, "project", nil)
		require.NoError(t, err)
		require.Len(t, values, want)
		names, _, err := q.LabelNames(ctx, nil)
		require.NoError(t, err)
		require.Len(t, names, 2+want)
		require.NoError(t, q.Close())

		chunks, err := front.ChunkQuerier(0, now+10)
		require.NoError(t, err)
		n = 0
		for set := chunks.Select(ctx, true, nil, any); set.Next(); {
			n++
		}
		require.Equal(t, want, n)
		require.NoError(t, chunks.Close())

		exemplars, err := front.ExemplarQuerier(ctx)
		require.NoError(t, err)
		found, err := exemplars.Select(0, now+10, []*labels.Matcher{any})
		require.NoError(t, err)
		require.Len(t, found, want)
	}
}
