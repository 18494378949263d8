package agent

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pharosd/pharos/agent/conf"
	"github.com/pharosd/pharos/agent/feed"
	"github.com/pharosd/pharos/pipeline/promtail"
)

// stdinJob is the only job when logs are piped in: the file's first one, with the labels
// of its static_configs, as Promtail does; without a job, one without stages.
func stdinJob(c *conf.Config) *conf.Job {
	if len(c.Jobs) > 0 {
		return c.Jobs[0]
	}
	return &conf.Job{Name: "stdin", Kind: conf.Files}
}

func stdinLabels(j *conf.Job) map[string]string {
	labels := map[string]string{}
	for _, g := range j.Static {
		for name, value := range public(plain(g.Labels)) {
			labels[name] = value
		}
	}
	if len(labels) == 0 {
		labels["job"] = j.Name
	}
	return labels
}

// runStdin reads lines until the input ends, waits until every client has them, and
// calls stop.
func (a *Agent) runStdin(ctx context.Context, in io.Reader, stop func()) error {
	j := stdinJob(a.o.Config)
	chain, err := promtail.Compile(&j.Stages, a.o.Config.StagesEnv(j, promtail.Env{Metrics: a.stages, Logger: a.log}))
	if err != nil {
		return err
	}
	f := feed.New(feed.Config{Job: j.Name, Chain: chain, Queue: a.queue, Limits: a.limits, Metrics: a.feeds})
	driven := make(chan struct{})
	drive, end := context.WithCancel(ctx)
	go func() { defer close(driven); _ = f.Drive(drive, flushGrace) }()
	read := make(chan error, 1)
	// A read of standard input cannot be interrupted: at the end the process leaves it.
	go func() { read <- pushLines(ctx, f, in, stdinLabels(j)) }()
	select {
	case err = <-read:
	case <-ctx.Done():
	}
	end()
	<-driven
	if err == nil && ctx.Err() == nil {
		err = a.queue.Drain(ctx)
	}
	stop()
	<-ctx.Done()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func pushLines(ctx context.Context, f *feed.Feed, in io.Reader, labels map[string]string) error {
	r := bufio.NewReader(in)
	for {
		line, err := r.ReadString('\n')
		if text := strings.TrimRight(line, "\r\n"); text != "" {
			if err := f.Push(ctx, feed.Line{Text: text, Labels: labels}); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read standard input: %w", err)
		}
	}
}
