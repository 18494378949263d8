package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/agent/dockerstats"
	"github.com/pharosd/pharos/agent/hostmetrics"
	"github.com/pharosd/pharos/agent/postgres"
	"github.com/pharosd/pharos/agent/remotewrite"
	"github.com/pharosd/pharos/agent/ship"
	"github.com/pharosd/pharos/model"
)

// agentSources are what the agent gathers besides the logs of its configuration.
type agentSources struct {
	HostMetrics bool   `name:"host-metrics" help:"Gather the host's metrics with node_exporter's collectors."`
	HostRoot    string `name:"host-root" help:"Where the host's file system is mounted, for an agent in a container." placeholder:"DIR"`

	Postgres         []string      `help:"Watch a PostgreSQL server: postgres_exporter's metrics, and slow queries and lock waits as log lines. May be given several times." placeholder:"DSN" sep:"none"`
	PostgresSlow     time.Duration `help:"From how long on a query is a log line." default:"1s"`
	PostgresLockWait time.Duration `help:"From how long on a wait for a lock is a log line." default:"1s"`

	Docker     bool   `help:"Gather the containers' CPU, memory and network from the Docker API."`
	DockerHost string `help:"Address of the Docker API." default:"unix:///var/run/docker.sock" env:"DOCKER_HOST"`

	MetricsURL      string        `name:"metrics-url" help:"Where metrics are sent by remote write. Without it, beside the first client's push API." placeholder:"URL"`
	MetricsInterval time.Duration `help:"How often metrics are gathered." default:"15s"`
	Instance        string        `help:"The label instance of metrics, and of log lines of PostgreSQL. Without it, the host's name." placeholder:"NAME"`
}

// wanted says whether anything is to be gathered.
func (s *agentSources) wanted() bool { return s.HostMetrics || s.Docker || len(s.Postgres) > 0 }

// entryQueue is where log lines go.
type entryQueue interface {
	Append(ctx context.Context, b ship.Batch) error
}

// sourceParts are what agentSources come to.
type sourceParts struct {
	// run are to be run beside the agent until their context is done.
	run []func(context.Context) error
	// gatherers are what the agent's own /metrics shows as well.
	gatherers prometheus.Gatherers
}

// build sets the sources up. Metrics go to --metrics-url, with the credentials of the
// first client, or to the same server as its logs.
func (s *agentSources) build(clients []ship.ClientConfig, queue entryQueue, log *slog.Logger, reg prometheus.Registerer) (*sourceParts, error) {
	parts := &sourceParts{}
	if !s.wanted() {
		return parts, nil
	}
	if s.Instance == "" {
		s.Instance, _ = os.Hostname()
	}
	sources, err := s.sources(parts, queue, log)
	if err != nil {
		return nil, err
	}
	for _, source := range sources {
		parts.gatherers = append(parts.gatherers, source.Gatherer)
	}
	pusher, err := s.pusher(clients, sources, log, reg)
	if err != nil {
		return nil, err
	}
	parts.run = append(parts.run, pusher.Run)
	return parts, nil
}

// sources builds what is asked for.
func (s *agentSources) sources(parts *sourceParts, queue entryQueue, log *slog.Logger) (out []remotewrite.Source, err error) {
	add := func(job string, g prometheus.Gatherer, failed error) {
		err = errors.Join(err, failed)
		out = append(out, remotewrite.Source{Job: job, Gatherer: g})
	}
	if s.HostMetrics {
		cfg := hostmetrics.Config{}
		if s.HostRoot != "" {
			cfg = hostmetrics.Config{RootFS: s.HostRoot, ProcFS: s.HostRoot + "/proc", SysFS: s.HostRoot + "/sys"}
		}
		g, failed := hostmetrics.New(cfg, log.With("component", "host metrics"))
		add(hostmetrics.Job, g, failed)
	}
	if s.Docker {
		g, failed := dockerstats.New(s.DockerHost, log.With("component", "docker"))
		add(dockerstats.Job, g, failed)
	}
	for _, dsn := range s.Postgres {
		cfg := postgres.DefaultConfig()
		cfg.DSN, cfg.Slow, cfg.LockWait, cfg.Instance = dsn, s.PostgresSlow, s.PostgresLockWait, postgresInstance(dsn, s.Instance)
		w, failed := postgres.New(cfg, log.With("component", "postgres", "server", cfg.Instance), toQueue(queue))
		if failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		parts.run = append(parts.run, w.Run)
		out = append(out, remotewrite.Source{Job: postgres.Job, Gatherer: w.Gatherer(), Instance: cfg.Instance})
	}
	return out, err
}

// postgresInstance names a server as host:port, without its credentials.
func postgresInstance(dsn, fallback string) string {
	u, err := url.Parse(dsn)
	if err != nil || u.Host == "" {
		return fallback
	}
	if u.Port() == "" {
		return u.Host + ":5432"
	}
	return u.Host
}

func toQueue(queue entryQueue) postgres.Emit {
	return func(ctx context.Context, streams []model.LogStream) error {
		var b ship.Batch
		for _, st := range streams {
			for _, e := range st.Entries {
				b.Entries = append(b.Entries, ship.Entry{Labels: st.Labels, Entry: e})
			}
		}
		return queue.Append(ctx, b)
	}
}

func (s *agentSources) pusher(clients []ship.ClientConfig, sources []remotewrite.Source, log *slog.Logger, reg prometheus.Registerer) (*remotewrite.Pusher, error) {
	if len(clients) == 0 {
		return nil, errors.New("no client is configured: there is nowhere to send metrics to")
	}
	client := clients[0].WithDefaults()
	cfg := remotewrite.Config{URL: s.MetricsURL, Tenant: client.TenantID, Instance: s.Instance, Interval: s.MetricsInterval, Labels: client.ExternalLabels}
	if cfg.URL == "" {
		cfg.URL = remotewrite.URLFor(client.URL)
	}
	if cfg.URL == "" {
		return nil, fmt.Errorf("where to send metrics cannot be told from the client's address %s: set --metrics-url, such as http://pharos:8400/api/v1/write", client.URL)
	}
	h, err := client.HTTPClient()
	if err != nil {
		return nil, fmt.Errorf("client of metrics: %w", err)
	}
	return remotewrite.New(cfg, h, log.With("component", "metrics"), reg, sources...), nil
}
