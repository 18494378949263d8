package logql

import (
	"context"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

func TestMetrics(t *testing.T) {
	store := &memStore{streams: []model.LogStream{{
		Labels:  model.NewLabels(model.Label{Name: "app", Value: "web"}),
		Entries: []model.LogEntry{{Time: scriptEpoch, Line: "four"}, {Time: scriptEpoch + 1, Line: "5five"}},
	}}}
	e := NewEngine(store, DefaultConfig())
	reg := prometheus.NewRegistry()
	require.NoError(t, e.Register(reg))
	require.Error(t, e.Register(reg))
	x, err := Parse(`{app="web"}`)
	require.NoError(t, err)
	_, err = e.Eval(context.Background(), tenant.Default, x, Params{Start: scriptEpoch, End: scriptEpoch + 10, Limit: 5})
	require.NoError(t, err)
	assert.EqualValues(t, 2, testutil.ToFloat64(e.metrics.entries))
	assert.EqualValues(t, 9, testutil.ToFloat64(e.metrics.bytes))
	assert.Equal(t, 1, testutil.CollectAndCount(e.metrics.duration, "pharos_logql_query_duration_seconds"))
}
