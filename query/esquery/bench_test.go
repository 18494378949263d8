package esquery

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// BenchmarkSearch asks 200,000 documents of 300 bytes what dashboards and people ask.
func BenchmarkSearch(b *testing.B) {
	cfg := rowstore.DefaultConfig()
	cfg.Path = b.TempDir()
	rows, err := rowstore.Open(cfg, slog.New(slog.NewTextHandler(io.Discard, nil)), prometheus.NewRegistry())
	require.NoError(b, err)
	defer rows.Close()
	store := logstore.New(rows, rows)
	rnd := rand.New(rand.NewPCG(1, 1))
	began := time.Now().Add(-6 * time.Hour)
	const documents = 200_000
	for batch := range documents / 10_000 {
		st := model.LogStream{Labels: model.NewLabels(model.Label{Name: "index", Value: fmt.Sprintf("logs-%d", batch%4)})}
		for i := range 10_000 {
			n := batch*10_000 + i
			at := began.Add(time.Duration(n) * 100 * time.Millisecond)
			st.Entries = append(st.Entries, model.LogEntry{Time: at.UnixNano(), Metadata: model.NewLabels(model.Label{Name: "_id", Value: fmt.Sprint("id", n)}), Line: fmt.Sprintf(
				`{"@timestamp":%q,"level":%q,"message":"GET /api/v1/orders/%d took %dms for customer %d in region eu-central","status":%d,"took":%d,"service":{"name":"svc-%d"},"trace":{"id":"%016x"},"host":{"name":"host-%d"}}`,
				at.UTC().Format(time.RFC3339Nano), []string{"info", "info", "info", "warn", "error"}[n%5], n, n%900, n%500, 200+n%4*100, n%3000, n%20, rnd.Uint64(), n%50)})
		}
		require.NoError(b, store.Append(context.Background(), tenant.Default, []model.LogStream{st}))
	}
	e := NewEngine(store, DefaultConfig(), nil)
	for _, c := range []struct{ name, body string }{
		{"newest 500 of all", `{"size":500,"query":{"query_string":{"query":"*"}},"sort":[{"@timestamp":"desc"}]}`},
		{"histogram", `{"size":0,"aggs":{"t":{"date_histogram":{"field":"@timestamp","fixed_interval":"5m"}}}}`},
		{"terms of level by histogram", `{"size":0,"aggs":{"l":{"terms":{"field":"level"},"aggs":{"t":{"date_histogram":{"field":"@timestamp","fixed_interval":"5m"}}}}}}`},
		{"average of a number by histogram", `{"size":0,"aggs":{"t":{"date_histogram":{"field":"@timestamp","fixed_interval":"5m"},"aggs":{"m":{"avg":{"field":"took"}}}}}}`},
		{"one trace id", `{"query":{"term":{"trace.id.keyword":"0000000000000000"}}}`},
		{"errors of a service, newest 100", `{"size":100,"query":{"bool":{"filter":[{"term":{"level.keyword":"error"}},{"term":{"service.name.keyword":"svc-4"}}]}},"sort":[{"@timestamp":"desc"}]}`},
		{"words in a message", `{"size":10,"query":{"query_string":{"query":"message:(orders AND customer) AND status:>=500"}},"track_total_hits":true}`},
		{"rare word anywhere", `{"size":10,"query":{"query_string":{"query":"nothinglikeit"}}}`},
		{"terms of a filtered query", `{"size":0,"query":{"term":{"level.keyword":"error"}},"aggs":{"s":{"terms":{"field":"service.name.keyword"}}}}`},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				r, err := e.ParseRequest([]byte(c.body), nil)
				require.NoError(b, err)
				_, err = e.Search(context.Background(), tenant.Default, "", IndexOptions{}, r)
				require.NoError(b, err)
			}
		})
	}
}
