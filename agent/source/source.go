// Package source reads what is no file: Docker's logs, the systemd journal, Kafka, and
// ports that take syslog, GELF or Loki's pushes. A Source takes what it reads to its
// job's feed and says yes to whoever sent it (a commit, an answer) only when the queue
// has it.
package source

import (
	"context"
	"log/slog"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"

	"github.com/pharosd/pharos/agent/feed"
)

// Source reads one job.
type Source interface {
	// Run reads until ctx is done. It returns an error only for what cannot get better by
	// itself, such as a port that is taken.
	Run(ctx context.Context) error
	// Cursors are what the file of positions says of it, by key without prefix. It is
	// safe for concurrent use, as is Status.
	Cursors() map[string]string
	Status() []Status
}

// Status is what pages show of one target.
type Status struct {
	Type       string
	Ready      bool
	Labels     map[string]string
	Discovered map[string]string
	Details    map[string]string
	// Dropped is why a target is not read, "": it is.
	Dropped string
}

// Deps are what sources work with.
type Deps struct {
	Job     string
	Feed    *feed.Feed
	Relabel []*relabel.Config
	Logger  *slog.Logger
	Metrics *Metrics
	// States are those of the job's sources in the queue, by key (see Key).
	States map[string][]byte
	// Cursor is what another agent's file of positions says, "" if nothing.
	Cursor func(key string) string
}

// KeyPrefix begins the keys of all states of sources.
const KeyPrefix = "source\x00"

// Key is the key of a state.
func Key(job string, parts ...string) string {
	return KeyPrefix + job + "\x00" + strings.Join(parts, "\x00")
}

// relabelled applies a job's rules to the labels of a line and leaves out those that
// begin with __; keep is false if a rule drops the line.
func relabelled(in map[string]string, rules []*relabel.Config) (out map[string]string, keep bool) {
	b := labels.NewBuilder(labels.FromMap(in))
	keep = relabel.ProcessBuilder(b, rules...)
	out = map[string]string{}
	b.Range(func(l labels.Label) {
		if !strings.HasPrefix(l.Name, "__") {
			out[l.Name] = l.Value
		}
	})
	return out, keep
}

// merged is a with b over it.
func merged(a, b map[string]string) map[string]string {
	out := make(map[string]string, len(a)+len(b))
	for name, value := range a {
		out[name] = value
	}
	for name, value := range b {
		out[name] = value
	}
	return out
}
