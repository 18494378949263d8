package agent

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"golang.org/x/text/encoding/ianaindex"

	"github.com/pharosd/pharos/agent/conf"
	"github.com/pharosd/pharos/agent/feed"
	"github.com/pharosd/pharos/agent/source"
	"github.com/pharosd/pharos/agent/tail"
	"github.com/pharosd/pharos/pipeline/promtail"
)

// flushGrace bounds what a job that ends may take to keep lines that cannot be read
// again.
const flushGrace = 5 * time.Second

// job is one element of scrape_configs at work.
type job struct {
	conf   *conf.Job
	feed   *feed.Feed
	tailer *tail.Tailer  // of a job of files
	source source.Source // of any other

	mu         sync.Mutex // guards what follows
	static     []Found
	discovered []Found
}

// newJob makes a job. Its stages were compiled before, when the file was checked.
func (a *Agent) newJob(c *conf.Job, states map[string][]byte) (*job, error) {
	chain, err := promtail.Compile(&c.Stages, a.o.Config.StagesEnv(c, promtail.Env{Metrics: a.stages, Logger: a.log}))
	if err != nil {
		return nil, err
	}
	j := &job{conf: c, feed: feed.New(feed.Config{Job: c.Name, Chain: chain, Queue: a.queue, Limits: a.limits, Metrics: a.feeds})}
	if c.Kind == conf.Files {
		return j, a.newTailer(j, states)
	}
	deps := source.Deps{Job: c.Name, Feed: j.feed, Relabel: c.Relabel, Logger: a.log.With("job", c.Name), Metrics: a.sources,
		States: statesOf(states, source.Key(c.Name), "\x00none", nil), Cursor: a.pos.cursor}
	j.source, err = a.newSource(c, deps)
	return j, err
}

func (a *Agent) newTailer(j *job, states map[string][]byte) error {
	c := j.conf
	var present []string
	for _, other := range a.o.Config.Jobs {
		present = append(present, tail.KeyPrefix(other.Name))
	}
	cfg := tail.Config{
		Job: c.Name, SyncPeriod: a.o.Config.Target.SyncPeriod, MinPoll: a.o.Config.Watch.MinPollFrequency, MaxPoll: a.o.Config.Watch.MaxPollFrequency,
		MaxOpen: maxOpen(len(a.o.Config.Jobs)), States: statesOf(states, tail.KeyPrefix(c.Name), tail.KeyPrefix(""), present),
		Feed: j.feed, Logger: a.log, Metrics: a.tails, Position: a.pos.offset,
	}
	if c.Encoding != "" {
		e, err := ianaindex.IANA.Encoding(c.Encoding)
		if err != nil || e == nil {
			return fmt.Errorf("encoding %s: not known", c.Encoding)
		}
		cfg.Encoding = e
	}
	if d := c.Decompression; d != nil && d.Enabled {
		cfg.Compressed = &tail.Compression{Format: d.Format, InitialDelay: d.InitialDelay}
	}
	j.tailer = tail.New(cfg)
	j.static = fileTargets(c.Static, c.Relabel, a.host)
	j.tailer.SetTargets(tailTargets(j.static))
	if len(c.Discovery) > 0 {
		ownNodeOnly(c, a.host)
		a.disco.add(c.Name, c.Discovery, func(groups []*targetgroup.Group) { j.found(groups, a.host) })
	}
	return nil
}

// found takes what discovery found.
func (j *job) found(groups []*targetgroup.Group, host string) {
	found := fileTargets(groups, j.conf.Relabel, host)
	j.mu.Lock()
	j.discovered = found
	all := append(append([]Found(nil), j.static...), found...)
	j.mu.Unlock()
	j.tailer.SetTargets(tailTargets(all))
}

func (a *Agent) newSource(c *conf.Job, deps source.Deps) (source.Source, error) {
	switch c.Kind {
	case conf.Journal:
		return source.NewJournal(*c.Journal, deps), nil
	case conf.Syslog:
		return source.NewSyslog(*c.Syslog, deps), nil
	case conf.Push:
		return source.NewPush(*c.Push, deps), nil
	case conf.Gelf:
		return source.NewGelf(*c.Gelf, deps), nil
	case conf.Kafka:
		return source.NewKafka(*c.Kafka, deps)
	case conf.Docker:
		s := source.NewDocker(deps, int(a.o.Config.Limits.MaxLineSize))
		for i, d := range c.Docker {
			daemon, err := s.AddDaemon(d)
			if err != nil {
				return nil, fmt.Errorf("docker_sd_configs[%d]: %w", i, err)
			}
			a.disco.add(fmt.Sprintf("%s/docker/%d", c.Name, i), discovery.Configs{d}, daemon.Found)
		}
		return s, nil
	}
	panic("BUG: a job of kind " + string(c.Kind))
}

// run reads until ctx is done.
func (j *job) run(ctx context.Context) error {
	if j.tailer != nil {
		return j.tailer.Run(ctx)
	}
	// The feed outlives the source: what was taken from a port is kept.
	driven, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() { done <- j.feed.Drive(driven, flushGrace) }()
	err := j.source.Run(ctx)
	stop()
	if driveErr := <-done; err == nil {
		err = driveErr
	}
	return err
}
