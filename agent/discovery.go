package agent

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/discovery/kubernetes"
	"github.com/prometheus/prometheus/discovery/targetgroup"

	"github.com/pharosd/pharos/agent/conf"
)

// updateInterval is for how long changes of discovered targets are gathered.
const updateInterval = time.Second

// discoverer runs Prometheus' own discovery for jobs and hands over what it finds.
type discoverer struct {
	log     *slog.Logger
	configs map[string]discovery.Configs
	take    map[string]func([]*targetgroup.Group)
}

func newDiscoverer(log *slog.Logger) *discoverer {
	return &discoverer{log: log, configs: map[string]discovery.Configs{}, take: map[string]func([]*targetgroup.Group){}}
}

// add makes take be called with all groups of a key whenever they change, from one
// goroutine.
func (d *discoverer) add(key string, configs discovery.Configs, take func([]*targetgroup.Group)) {
	d.configs[key], d.take[key] = configs, take
}

// run discovers until ctx is done. A source that cannot be reached is logged and tried
// again.
func (d *discoverer) run(ctx context.Context) error {
	if len(d.configs) == 0 {
		<-ctx.Done()
		return nil
	}
	reg := prometheus.NewRegistry() // its metrics are those of a server that scrapes
	mechanisms, err := discovery.CreateAndRegisterSDMetrics(reg)
	if err != nil {
		return fmt.Errorf("create service discovery: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	manager := discovery.NewManager(ctx, d.log.With("component", "discovery"), reg, mechanisms, discovery.Updatert(updateInterval))
	if manager == nil {
		cancel()
		return fmt.Errorf("create service discovery")
	}
	if err := manager.ApplyConfig(d.configs); err != nil {
		cancel()
		return fmt.Errorf("configure service discovery: %w", err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = manager.Run() }() // its error is always that of the context
	defer func() { cancel(); <-done }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case found := <-manager.SyncCh():
			for key, groups := range found {
				if take := d.take[key]; take != nil {
					take(groups)
				}
			}
		}
	}
}

// ownNodeOnly makes discovery of pods ask for those of this node only: all pods of a
// cluster are many, and only the node's own have their files here.
func ownNodeOnly(j *conf.Job, host string) {
	node := "spec.nodeName=" + host
	for _, c := range j.Discovery {
		k, ok := c.(*kubernetes.SDConfig)
		if !ok || k.Role != kubernetes.RolePod {
			continue
		}
		if len(k.Selectors) == 0 {
			k.Selectors = []kubernetes.SelectorConfig{{Role: kubernetes.RolePod, Field: node}}
			continue
		}
		for i := range k.Selectors {
			s := &k.Selectors[i]
			switch {
			case s.Field == "":
				s.Field = node
			case !strings.Contains(s.Field, node):
				s.Field += "," + node
			}
			s.Role = kubernetes.RolePod
		}
	}
}

// hostname is the name that __host__ is compared with.
func hostname() (string, error) {
	if name := os.Getenv("HOSTNAME"); name != "" {
		return name, nil
	}
	name, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("read the host's name: %w", err)
	}
	return name, nil
}
