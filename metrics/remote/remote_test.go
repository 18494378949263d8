package remote_test

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	promremote "github.com/prometheus/prometheus/storage/remote"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/metrics/remote"
	"github.com/pharosd/pharos/metrics/tsdb"
	"github.com/pharosd/pharos/tenant"

	remoteapi "github.com/prometheus/client_golang/exp/api/remote"
)

func open(t *testing.T, yaml string) (*tsdb.Store, *metrics.Loaded) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "prometheus.yml")
	require.NoError(t, os.WriteFile(path, []byte(yaml), 0o600))
	cfg := metrics.DefaultConfig()
	cfg.PrometheusConfig = path
	loaded, err := cfg.Load(os.LookupEnv, promslog.NewNopLogger())
	require.NoError(t, err)
	store, err := tsdb.New(cfg, loaded, tsdb.Deps{Dir: t.TempDir(), MaxSeries: 1000, Logger: promslog.NewNopLogger(), Registry: prometheus.NewRegistry()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store, loaded
}

func put(t *testing.T, data storage.AppendableV2, name string, v float64) {
	t.Helper()
	app := data.AppenderV2(t.Context())
	_, err := app.Append(0, labels.FromStrings("__name__", name), 0, time.Now().UnixMilli(), v, nil, nil, storage.AOptions{})
	require.NoError(t, err)
	require.NoError(t, app.Commit())
}

func names(t *testing.T, data storage.Queryable) string {
	t.Helper()
	q, err := data.Querier(0, math.MaxInt64)
	require.NoError(t, err)
	defer q.Close()
	set := q.Select(t.Context(), true, nil, labels.MustNewMatcher(labels.MatchRegexp, "__name__", ".+"))
	var found []string
	for set.Next() {
		found = append(found, set.At().Labels().String())
	}
	require.NoError(t, set.Err())
	return strings.Join(found, " ")
}

// What the owner stores is sent on, what remote storage has is found; other tenants
// have neither.
func TestRemoteWriteAndRead(t *testing.T) {
	far, farLoaded := open(t, "")
	farData := far.Tenant(tenant.Default)
	put(t, farData, "only_there", 1)
	mux := http.NewServeMux()
	mux.Handle("/write", promremote.NewWriteHandler(promslog.NewNopLogger(), prometheus.NewRegistry(), farData, remoteapi.MessageTypes{remoteapi.WriteV1MessageType}, false, false, false))
	mux.Handle("/read", promremote.NewReadHandler(promslog.NewNopLogger(), prometheus.NewRegistry(), farData, func() config.Config { return *farLoaded.Prometheus }, 1e6, 10, 1<<20))
	server := httptest.NewServer(mux)
	defer server.Close()

	local, loaded := open(t, `
global: {external_labels: {cluster: a}}
remote_write: [{url: '`+server.URL+`/write', queue_config: {batch_send_deadline: 100ms}}]
remote_read: [{url: '`+server.URL+`/read', read_recent: true, filter_external_labels: false}]
`)
	both, err := remote.New(remote.Deps{Local: local, Owner: tenant.Default, Prometheus: loaded.Prometheus, Logger: promslog.NewNopLogger(), Registry: prometheus.NewRegistry()})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- both.Run(ctx) }()

	own, other := both.Tenant(tenant.Default), both.Tenant("other")
	put(t, other, "mine", 1)
	require.Eventually(t, func() bool {
		put(t, own, "here", 1) // what is stored before the client follows the log is not sent
		return strings.Contains(names(t, farData), `{__name__="here", cluster="a"}`)
	}, 30*time.Second, 100*time.Millisecond)
	require.NotContains(t, names(t, farData), "mine")
	require.Contains(t, names(t, own), `{__name__="only_there"}`)
	require.Equal(t, `{__name__="mine"}`, names(t, other))
	stop()
	require.NoError(t, <-done)
	require.NoError(t, both.Close())
}
