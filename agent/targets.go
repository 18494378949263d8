package agent

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"

	"github.com/pharosd/pharos/agent/tail"
)

// Labels that say what a target of files is.
const (
	pathLabel    = "__path__"
	excludeLabel = "__path_exclude__"
	hostLabel    = "__host__"
)

// Found is what became of one discovered target.
type Found struct {
	// Discovered are its labels before relabelling, Labels those behind it.
	Discovered, Labels map[string]string
	// Path and Exclude are the globs of a target of files.
	Path, Exclude string
	// Dropped is why it is not read, "": it is.
	Dropped string
}

// fileTargets makes targets of what discovery found: relabelled, without those of other
// hosts and those without a path, each once.
func fileTargets(groups []*targetgroup.Group, rules []*relabel.Config, host string) []Found {
	var out []Found
	seen := map[string]bool{}
	for _, group := range groups {
		for _, target := range group.Targets {
			f := fileTarget(group.Labels, target, rules, host)
			if f.Dropped == "" {
				key := fmt.Sprintf("%q%q%q", f.Path, f.Exclude, f.Labels)
				if seen[key] {
					f.Dropped = "ignoring target, already exists"
				}
				seen[key] = true
			}
			out = append(out, f)
		}
	}
	return out
}

func fileTarget(group, target model.LabelSet, rules []*relabel.Config, host string) Found {
	f := Found{Discovered: plain(group.Merge(target))}
	kept, keep := relabelled(f.Discovered, rules)
	f.Labels = kept
	switch at, ok := kept[hostLabel]; {
	case !keep:
		f.Dropped = "dropped by relabel_configs"
		return f
	case ok && at != host:
		f.Dropped = fmt.Sprintf("ignoring target, wrong host (%s is %q, this host is %q)", hostLabel, at, host)
		return f
	case kept[pathLabel] == "":
		f.Dropped = "no path for target (" + pathLabel + " is not set)"
		return f
	}
	f.Path, f.Exclude = kept[pathLabel], kept[excludeLabel]
	f.Labels = public(kept)
	return f
}

// relabelled applies rules to labels.
func relabelled(in map[string]string, rules []*relabel.Config) (out map[string]string, keep bool) {
	b := labels.NewBuilder(labels.FromMap(in))
	keep = relabel.ProcessBuilder(b, rules...)
	return b.Labels().Map(), keep
}

// public are the labels that are not for internal use only.
func public(in map[string]string) map[string]string {
	out := make(map[string]string, len(in))
	for name, value := range in {
		if !strings.HasPrefix(name, "__") {
			out[name] = value
		}
	}
	return out
}

func plain(in model.LabelSet) map[string]string {
	out := make(map[string]string, len(in))
	for name, value := range in {
		out[string(name)] = string(value)
	}
	return out
}

// tailTargets are the globs of those that are not dropped.
func tailTargets(found []Found) []tail.Target {
	var out []tail.Target
	for _, f := range found {
		if f.Dropped == "" {
			out = append(out, tail.Target{Path: f.Path, Exclude: f.Exclude, Labels: f.Labels})
		}
	}
	return slices.Clip(out)
}

// absolute is the form of a glob that tailers report.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
