package ship

import (
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/golang/snappy"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
)

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func unsnappy(t testing.TB, r *http.Request) []byte {
	b, err := io.ReadAll(r.Body)
	if err == nil {
		b, err = snappy.Decode(nil, b)
	}
	if err != nil {
		t.Error(err)
	}
	return b
}

func value(t testing.TB, c prometheus.Collector) float64 { return testutil.ToFloat64(c) }

// counted adds up a metric over its labels.
func counted(t testing.TB, q *Queue, name string) (sum float64) {
	t.Helper()
	reg := prometheus.NewRegistry()
	reg.MustRegister(q.metrics.sentEntries, q.metrics.droppedEntries)
	families, err := reg.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			sum += m.GetCounter().GetValue()
		}
	}
	return sum
}
