package loki

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/query/tail"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// newServer starts a server with the API over an empty store on disk, and with a
// push endpoint before the ingest step, which discovers levels and services if
// it is told to.
func newServer(t *testing.T, discover bool) *httptest.Server {
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	reg := prometheus.NewRegistry()
	cfg := rowstore.DefaultConfig()
	cfg.Path, cfg.Distinct = t.TempDir(), true
	rows, err := rowstore.Open(cfg, log, reg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rows.Close()) })

	store := logstore.New(rows, rows)
	tails := tail.DefaultConfig()
	tails.MaxSubscribers = 10
	hub := tail.New(tails, reg)
	last, ok := store.LastNumber()
	require.True(t, ok)
	hub.Numbered(last)
	running, stop := context.WithCancel(context.Background())
	stopped := make(chan error)
	go func() { stopped <- hub.Run(running) }()
	t.Cleanup(func() { stop(); require.NoError(t, <-stopped) })
	api := New(store, logql.NewEngine(store, logql.DefaultConfig()), hub, log)
	mux := http.NewServeMux()
	for _, r := range api.Routes() {
		mux.Handle(r.Pattern, r.Handler)
	}
	limits := ingest.DefaultConfig()
	limits.Limits.IngestionRate = 0
	if !discover {
		limits.Limits.DiscoverServiceName, limits.Limits.DiscoverLogLevels = nil, false
	}
	sink := ingest.NewLogs(ingest.NewBudget(limits), store, hub, ingest.NewMetrics(reg))
	mux.Handle("POST /loki/api/v1/push", pushHandler(sink))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), tenant.Default)))
	}))
	t.Cleanup(srv.Close)
	return srv
}
