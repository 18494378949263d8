package e2e

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/agent/hostmetrics"
	"github.com/pharosd/pharos/agent/remotewrite"
	"github.com/pharosd/pharos/internal/testkit"
)

// TestTheHostsMetricsArrive asks for them by PromQL.
func TestTheHostsMetricsArrive(t *testing.T) {
	s := testkit.Start(t, "", "--auth=off")
	g, err := hostmetrics.New(hostmetrics.Config{}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	p := remotewrite.New(remotewrite.Config{URL: remotewrite.URLFor(s.URL + "/loki/api/v1/push"), Instance: "host1", Interval: time.Second},
		http.DefaultClient, slog.New(slog.DiscardHandler), nil, remotewrite.Source{Job: hostmetrics.Job, Gatherer: g})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	defer func() { cancel(); require.NoError(t, <-done) }()
	for _, query := range []string{
		`sum(node_cpu_seconds_total{job="node", instance="host1", mode="idle"}) > 0`,
		`node_memory_MemTotal_bytes{job="node", instance="host1"} > 1e8`,
		`up{job="node", instance="host1"} == 1`,
		`sum(rate(node_cpu_seconds_total{instance="host1"}[30s])) > 0`, // at least two scrapes
	} {
		require.Eventually(t, func() bool {
			status, body := s.Get("/api/v1/query?" + url.Values{"query": {query}}.Encode())
			var ans struct{ Data struct{ Result []any } }
			return status == http.StatusOK && json.Unmarshal([]byte(body), &ans) == nil && len(ans.Data.Result) == 1
		}, 20*time.Second, 100*time.Millisecond, query)
	}
}
