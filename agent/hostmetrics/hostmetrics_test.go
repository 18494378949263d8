package hostmetrics

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheHostsMetrics(t *testing.T) {
	var out bytes.Buffer
	g, err := New(Config{}, slog.New(slog.NewTextHandler(&out, nil)))
	require.NoError(t, err)
	var logged int
	for range 2 {
		families, err := g.Gather()
		require.NoError(t, err)
		names := map[string]int{}
		for _, f := range families {
			names[f.GetName()] = len(f.GetMetric())
		}
		for _, name := range []string{"node_cpu_seconds_total", "node_memory_MemTotal_bytes", "node_load1", "node_uname_info", "node_scrape_collector_success"} {
			require.Positive(t, names[name], name)
		}
		if logged > 0 {
			require.Equal(t, logged, strings.Count(out.String(), "collector failed"), "a failure is told once")
		}
		logged = strings.Count(out.String(), "collector failed")
	}
	require.NotContains(t, out.String(), "level=ERROR")
}

func TestOtherMounts(t *testing.T) {
	_, err := New(Config{Collectors: []string{"nonesuch"}}, slog.New(slog.DiscardHandler))
	require.ErrorContains(t, err, `no collector "nonesuch"`)
	g, err := New(Config{ProcFS: "testdata/proc", Collectors: []string{"loadavg"}}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	families, err := g.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() == "node_load5" {
			require.InDelta(t, 0.37, f.GetMetric()[0].GetGauge().GetValue(), 1e-9)
			return
		}
	}
	t.Fatal("no load average of the other mount")
}
