package loki

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// benchLines is how many lines the benchmark's queries run over.
const benchLines = 500_000

// BenchmarkQueries evaluates queries of several kinds over an hour of lines.
func BenchmarkQueries(b *testing.B) {
	cfg := rowstore.DefaultConfig()
	cfg.Path = b.TempDir()
	rows, err := rowstore.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(b, err)
	defer func() { require.NoError(b, rows.Close()) }()
	store := logstore.New(rows, rows)
	end := time.Now().UnixNano()
	start := end - int64(time.Hour)
	levels := []string{"info", "info", "info", "warn", "error"}
	for i := 0; i < benchLines; i += 5000 {
		streams := make([]model.LogStream, 10)
		for s := range streams {
			streams[s].Labels = model.NewLabels(model.Label{Name: "app", Value: "web"}, model.Label{Name: "pod", Value: fmt.Sprint("pod-", s)})
		}
		for j := i; j < i+5000; j++ {
			level := levels[j%len(levels)]
			streams[j%10].Entries = append(streams[j%10].Entries, model.LogEntry{
				Time:     start + int64(j)*(int64(time.Hour)/benchLines),
				Line:     fmt.Sprintf(`{"level":%q,"method":"GET","path":"/api/v1/items/%d","status":%d,"took":%d,"trace":"%032x"}`, level, j%1000, 200+j%3*100, j%977, j),
				Metadata: model.Labels{{Name: "detected_level", Value: level}},
			})
		}
		require.NoError(b, store.Append(context.Background(), tenant.Default, streams))
	}
	engine := logql.NewEngine(store, logql.DefaultConfig())
	for _, q := range []string{
		`{app="web"}`,
		`{app="web"} |= "items/777"`,
		`{app="web"} |= "no such text"`,
		`{app="web"} | json | status="500" | took > 970`,
		`sum(count_over_time({app="web"}[1m]))`,
		`sum by (detected_level) (count_over_time({app="web"}[1m]))`,
		`sum by (status) (rate({app="web"} | json [1m]))`,
		`quantile_over_time(0.99, {app="web"} | json | unwrap took [5m]) by (pod)`,
	} {
		b.Run(q, func(b *testing.B) {
			e, err := logql.Parse(q)
			require.NoError(b, err)
			for b.Loop() {
				_, err := engine.Eval(context.Background(), tenant.Default, e,
					logql.Params{Start: start, End: end, Step: int64(time.Minute), Limit: 1000})
				require.NoError(b, err)
			}
		})
	}
}
