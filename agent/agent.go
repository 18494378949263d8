// Package agent is `pharos agent`: it runs Promtail's configuration files. Its parts are
// packages below it: conf reads the file, tail and source read logs, feed takes them
// through the stages (package pipeline/promtail) into the queue, ship sends them on. It
// is a process of its own and imports nothing of the server.
package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/pharosd/pharos/agent/conf"
	"github.com/pharosd/pharos/agent/feed"
	"github.com/pharosd/pharos/agent/positions"
	"github.com/pharosd/pharos/agent/ship"
	"github.com/pharosd/pharos/agent/source"
	"github.com/pharosd/pharos/agent/tail"
	"github.com/pharosd/pharos/internal/rungroup"
	"github.com/pharosd/pharos/pipeline/promtail"
)

// stopGrace bounds how long the agent takes to stop.
const stopGrace = 15 * time.Second

// Options are what an agent is made of.
type Options struct {
	Config *conf.Config
	Queue  ship.Config
	// Listen overrides where the file says that the agent's HTTP server listens.
	Listen string
	Logger *slog.Logger
	// Extra makes what runs beside the agent, such as collectors of metrics, with metrics
	// of its own.
	Extra func(feed.Queue, prometheus.Registerer) ([]rungroup.Part, prometheus.Gatherers, error)
	// Stdin, if set, is read instead of the jobs: Run returns when it has ended and every
	// client has its lines.
	Stdin io.Reader
	// Reload, if set, is called by POST /reload.
	Reload func() error
}

// Agent reads the jobs of one configuration.
type Agent struct {
	o     Options
	log   *slog.Logger
	reg   *prometheus.Registry
	queue *ship.Queue
	jobs  []*job
	disco *discoverer
	pos   *positionsKeeper
	host  string
	extra []rungroup.Part
	// gatherers are the agent's own metrics and those of what runs beside it.
	gatherers prometheus.Gatherers

	feeds   *feed.Metrics
	tails   *tail.Metrics
	sources *source.Metrics
	stages  *promtail.Metrics
	limits  *feed.Limits
}

// New opens the queue and makes everything ready. It starts nothing but may fail for
// what the file asks for.
func New(o Options) (*Agent, error) {
	a := &Agent{o: o, log: o.Logger, reg: prometheus.NewRegistry(), disco: newDiscoverer(o.Logger)}
	var err error
	if a.host, err = hostname(); err != nil {
		return nil, err
	}
	a.reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	a.feeds, a.tails, a.sources, a.stages = feed.NewMetrics(a.reg), tail.NewMetrics(a.reg), source.NewMetrics(a.reg), promtail.NewMetrics(a.reg)
	a.limits = limitsOf(o.Config)
	if a.queue, err = ship.Open(o.Queue, ship.Deps{Logger: o.Logger, Registry: a.reg}); err != nil {
		return nil, err
	}
	states := a.queue.States()
	if a.pos, err = newPositions(o.Config.Positions, states, a.queue, o.Logger); err != nil {
		return nil, errors.Join(err, a.queue.Close())
	}
	for _, j := range o.Config.Jobs {
		if o.Stdin != nil {
			break
		}
		made, err := a.newJob(j, states)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("job %s: %w", j.Name, err), a.queue.Close())
		}
		a.jobs = append(a.jobs, made)
	}
	a.pos.collect = a.positions
	if err := a.buildExtra(); err != nil {
		return nil, errors.Join(err, a.queue.Close())
	}
	return a, nil
}

func (a *Agent) buildExtra() (err error) {
	a.gatherers = prometheus.Gatherers{a.reg}
	if a.o.Extra == nil {
		return nil
	}
	var more prometheus.Gatherers
	a.extra, more, err = a.o.Extra(a.queue, a.reg)
	a.gatherers = append(a.gatherers, more...)
	return err
}

func limitsOf(c *conf.Config) *feed.Limits {
	l := c.Limits
	limits := &feed.Limits{MaxLine: int(l.MaxLineSize), Truncate: l.MaxLineSizeTruncate, Burst: l.ReadlineBurst, Drop: l.ReadlineRateDrop}
	if l.ReadlineRateEnabled {
		limits.Rate = l.ReadlineRate
	}
	return limits.Init()
}

// Run reads and ships until ctx is done.
func (a *Agent) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	parts := append([]rungroup.Part{{Name: "queue", Run: a.queue.Run, Close: a.queue.Close}}, a.extra...)
	server, err := a.server()
	if err != nil {
		return errors.Join(err, a.queue.Close())
	}
	if server != nil {
		parts = append(parts, *server)
	}
	if a.o.Stdin != nil {
		parts = append(parts, rungroup.Part{Name: "standard input", Run: func(ctx context.Context) error { return a.runStdin(ctx, a.o.Stdin, stop) }})
	} else {
		parts = append(parts, rungroup.Part{Name: "positions", Run: a.pos.run})
	}
	for _, j := range a.jobs {
		parts = append(parts, rungroup.Part{Name: "job " + j.conf.Name, Run: j.run})
	}
	parts = append(parts, rungroup.Part{Name: "discovery", Run: a.disco.run}, rungroup.Part{Name: "memory", Run: a.stayLean})
	a.log.Info("agent started", "jobs", len(a.jobs), "clients", len(a.o.Queue.Clients), "queue", a.o.Queue.Dir)
	return rungroup.Run(ctx, a.log, stopGrace, parts...)
}

// positions is how far everything is read, as the file of positions says it.
func (a *Agent) positions() map[string]string {
	out := map[string]string{}
	for _, j := range a.jobs {
		if j.tailer != nil {
			for _, f := range j.tailer.Files() {
				if f.Current {
					out[f.Path] = fmt.Sprint(f.Offset)
				}
			}
			continue
		}
		for key, cursor := range j.source.Cursors() {
			out[positions.CursorPrefix+key] = cursor
		}
	}
	return out
}

// statesOf are the states with a prefix, and with orphans those below root that no
// prefix of a present job has.
func statesOf(states map[string][]byte, prefix, root string, present []string) map[string][]byte {
	out := map[string][]byte{}
	for key, value := range states {
		if strings.HasPrefix(key, prefix) {
			out[key] = value
			continue
		}
		if !strings.HasPrefix(key, root) {
			continue
		}
		orphan := true
		for _, p := range present {
			orphan = orphan && !strings.HasPrefix(key, p)
		}
		if orphan {
			out[key] = value
		}
	}
	return out
}
