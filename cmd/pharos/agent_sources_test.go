package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/golang/snappy"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/prompb"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/agent/ship"
)

func parseSources(t *testing.T, args ...string) *agentSources {
	t.Helper()
	var s agentSources
	p, err := kong.New(&s, kong.Vars(map[string]string{}))
	require.NoError(t, err)
	_, err = p.Parse(args)
	require.NoError(t, err)
	return &s
}

// TestSourcesGoWhereTheLogsGo sends to a server that notes jobs and credentials.
func TestSourcesGoWhereTheLogsGo(t *testing.T) {
	t.Setenv("DOCKER_HOST", "unix:///nonexistent.sock")
	type push struct {
		path, auth, tenant string
		instances          map[string]string // by job
	}
	got := make(chan push, 100)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		b, err := snappy.Decode(nil, b)
		var w prompb.WriteRequest
		if err != nil || w.Unmarshal(b) != nil {
			return
		}
		p := push{r.URL.Path, r.Header.Get("Authorization"), r.Header.Get("X-Scope-OrgID"), map[string]string{}}
		for _, ts := range w.Timeseries {
			labels := map[string]string{}
			for _, l := range ts.Labels {
				labels[l.Name] = l.Value
			}
			p.instances[labels["job"]] = labels["instance"] + " " + labels["dc"]
		}
		got <- p
	}))
	defer srv.Close()
	s := parseSources(t, "--host-metrics", "--docker", "--instance=here", "--postgres=postgres://u:p@127.0.0.1:1/x?sslmode=disable", "--metrics-interval=1h")
	clients := []ship.ClientConfig{{URL: srv.URL + "/loki/api/v1/push", TenantID: "team", BearerToken: "secret", ExternalLabels: map[string]string{"dc": "x"}}}
	parts, err := s.build(clients, nil, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	require.Len(t, parts.gatherers, 3)
	require.Len(t, parts.run, 2)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, len(parts.run))
	for _, run := range parts.run {
		go func() { done <- run(ctx) }()
	}
	instances := map[string]string{}
	for range 3 {
		select {
		case p := <-got:
			require.Equal(t, "/api/v1/write", p.path)
			require.Equal(t, "Bearer secret", p.auth)
			require.Equal(t, "team", p.tenant)
			for job, instance := range p.instances {
				instances[job] = instance
			}
		case <-time.After(20 * time.Second):
			t.Fatal("nothing was sent")
		}
	}
	cancel()
	for range parts.run {
		require.NoError(t, <-done)
	}
	require.Equal(t, map[string]string{"node": "here x", "cadvisor": "here x", "postgres": "127.0.0.1:1 x"}, instances)
}

func TestSourcesThatCannotBe(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	grpc := []ship.ClientConfig{{URL: "grpc://pharos:4317"}}
	parts, err := parseSources(t).build(nil, nil, log, nil)
	require.NoError(t, err)
	require.Empty(t, parts.run)
	_, err = parseSources(t, "--host-metrics").build(grpc, nil, log, nil)
	require.ErrorContains(t, err, "--metrics-url")
	_, err = parseSources(t, "--host-metrics", "--metrics-url=http://pharos:8400/api/v1/write").build(grpc, nil, log, nil)
	require.NoError(t, err)
	_, err = parseSources(t, "--host-metrics").build(nil, nil, log, nil)
	require.ErrorContains(t, err, "nowhere to send")
	_, err = parseSources(t, "--docker", "--docker-host=ssh://x").build(grpc, nil, log, nil)
	require.ErrorContains(t, err, "docker address")
	require.Equal(t, "db:5432", postgresInstance("postgresql://u:p@db/x", "here"))
	require.Equal(t, "here", postgresInstance("host=db user=u", "here"))
}
