package v1

import (
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/tenant"
)

func TestOverviewRates(t *testing.T) {
	reg := prometheus.NewRegistry()
	rows := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rows_total"}, []string{"store", "tenant"})
	reg.MustRegister(rows)
	now := time.UnixMilli(1_700_000_000_000)
	o := NewOverview(reg, []Signal{
		{Name: "log_lines", Counters: []string{"rows_total"}, Labels: map[string]string{"store": "logs"}},
		{Name: "nothing", Counters: []string{"other_total"}},
	}, slog.New(slog.DiscardHandler))
	o.now = func() time.Time { return now }
	for range overviewPoints + 5 {
		rows.WithLabelValues("logs", "a").Add(20)
		rows.WithLabelValues("logs", "b").Add(2000)
		rows.WithLabelValues("spans", "a").Add(7)
		o.sample()
		now = now.Add(2 * time.Second)
	}
	code, body := call(t, o.Routes(), "a", "GET", "/api/pharos/v1/overview", "")
	require.Equal(t, 200, code)
	var out struct{ Signals []signalRate }
	require.NoError(t, json.Unmarshal([]byte(body), &out))
	require.Equal(t, "log_lines", out.Signals[0].Name)
	require.Equal(t, 10.0, out.Signals[0].Rate, "only the tenant's own, only this store's")
	require.Equal(t, float64((overviewPoints+5)*20), out.Signals[0].Total)
	require.Len(t, out.Signals[0].Points, overviewPoints-1)
	require.Equal(t, [2]float64{float64(now.Add(-2 * time.Second).UnixMilli()), 10}, out.Signals[0].Points[overviewPoints-2])
	require.Equal(t, signalRate{Name: "nothing", Points: zeros(out.Signals[1].Points)}, out.Signals[1])
}

// What carries no tenant tells of the process, which is the default tenant's.
func TestOverviewOfTheProcess(t *testing.T) {
	reg := prometheus.NewRegistry()
	rows := prometheus.NewCounter(prometheus.CounterOpts{Name: "rows_total"})
	reg.MustRegister(rows)
	rows.Add(5)
	o := NewOverview(reg, []Signal{{Name: "rows", Counters: []string{"rows_total"}}}, slog.New(slog.DiscardHandler))
	o.sample()
	for id, want := range map[string]float64{"default": 5, "a": 0} {
		_, body := call(t, o.Routes(), tenant.ID(id), "GET", "/api/pharos/v1/overview", "")
		var out struct{ Signals []signalRate }
		require.NoError(t, json.Unmarshal([]byte(body), &out))
		require.Equal(t, want, out.Signals[0].Total, id)
	}
}

func zeros(points [][2]float64) [][2]float64 {
	out := make([][2]float64, len(points))
	for i, p := range points {
		out[i] = [2]float64{p[0], 0}
	}
	return out
}
