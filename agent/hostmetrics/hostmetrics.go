// Package hostmetrics gathers the metrics of the host with node_exporter's collectors, in
// this process.
package hostmetrics

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/node_exporter/collector"
)

// Config says where the host's file systems are, for an agent in a container that has
// them mounted. Empty ones are /proc, /sys and /.
type Config struct {
	ProcFS, SysFS, RootFS string
	// Collectors are those to use; none: the ones that node_exporter has on by default.
	Collectors []string
}

// Job is the label that Prometheus' own examples give to node_exporter.
const Job = "node"

// New returns the host's metrics. node_exporter keeps its settings in variables of its
// own: the last New of a process is the one that counts.
func New(cfg Config, log *slog.Logger) (prometheus.Gatherer, error) {
	set := map[string]string{"path.procfs": cfg.ProcFS, "path.sysfs": cfg.SysFS, "path.rootfs": cfg.RootFS}
	for _, name := range cfg.Collectors {
		set["collector."+name] = "true"
	}
	if err := setFlags(set); err != nil {
		return nil, err
	}
	nodes, err := collector.NewNodeCollector(slog.New(&once{next: log.Handler(), seen: map[string]bool{}, mu: &sync.Mutex{}}), cfg.Collectors...)
	if err != nil {
		return nil, fmt.Errorf("host metrics: %w", err)
	}
	reg := prometheus.NewRegistry()
	if err := reg.Register(nodes); err != nil {
		return nil, fmt.Errorf("host metrics: %w", err)
	}
	return reg, nil
}

// setFlags gives node_exporter's flags their defaults, which its command line would, and
// those in set that are not empty theirs.
func setFlags(set map[string]string) error {
	for _, f := range kingpin.CommandLine.Model().Flags {
		values := f.Default
		if v := set[f.Name]; v != "" {
			values = []string{v}
		}
		for _, v := range values {
			if err := f.Value.Set(v); err != nil {
				return fmt.Errorf("host metrics: set %s to %q: %w", f.Name, v, err)
			}
		}
		delete(set, f.Name)
	}
	for name := range set {
		return fmt.Errorf("host metrics: there is no collector %q", strings.TrimPrefix(name, "collector."))
	}
	return nil
}

// once passes each message of a collector once: what fails on a host fails at every
// scrape.
type once struct {
	next slog.Handler
	name string

	mu   *sync.Mutex
	seen map[string]bool
}

// Enabled implements slog.Handler.
func (h *once) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelInfo && h.next.Enabled(ctx, l)
}

// Handle implements slog.Handler.
func (h *once) Handle(ctx context.Context, r slog.Record) error {
	key := h.name + " " + r.Message
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "name" {
			key += " " + a.Value.String()
		}
		return true
	})
	h.mu.Lock()
	again := h.seen[key]
	h.seen[key] = true
	h.mu.Unlock()
	if again {
		return nil
	}
	// A collector that this host has nothing for is no error of the agent's.
	r.Level = min(r.Level, slog.LevelWarn)
	return h.next.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h *once) WithAttrs(attrs []slog.Attr) slog.Handler {
	name := h.name
	for _, a := range attrs {
		if a.Key == "collector" {
			name = a.Value.String()
		}
	}
	return &once{next: h.next.WithAttrs(attrs), name: name, mu: h.mu, seen: h.seen}
}

// WithGroup implements slog.Handler.
func (h *once) WithGroup(name string) slog.Handler {
	return &once{next: h.next.WithGroup(name), name: h.name, mu: h.mu, seen: h.seen}
}
