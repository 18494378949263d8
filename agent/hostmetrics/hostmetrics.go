// Package hostmetrics gathers the metrics of the host with node_exporter's collectors, in
// this process.
package hostmetrics

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/node_exporter/collector"

	"github.com/pharosd/pharos/internal/logonce"
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
	nodes, err := collector.NewNodeCollector(logonce.New(log), cfg.Collectors...)
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
