package logstash

import (
	"context"
	"sync"
	"time"
)

// run runs the pipeline until ctx is done: then its inputs stop, and what is under way is
// delivered, within stopTime. What is not by then has not been acknowledged.
func (p *program) run(ctx context.Context, limit int64) error {
	r, workers, chains, err := p.newRunning(limit)
	if err != nil {
		return err
	}
	for _, w := range p.warnings {
		p.log.Warn("configuration", "problem", w.String())
	}
	p.log.Info("pipeline runs", "workers", p.workers, "batch_size", p.batch, "inputs", len(p.inputs), "outputs", len(p.outputs))

	late, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	defer context.AfterFunc(ctx, func() {
		t := time.AfterFunc(stopTime, giveUp)
		context.AfterFunc(late, func() { t.Stop() })
	})()

	var working, reading sync.WaitGroup
	for _, w := range workers {
		working.Go(func() { w.run(late) })
	}
	for _, in := range p.inputs {
		reading.Go(func() { in.keep(ctx, r.queue) })
	}
	reading.Wait() // for ctx, or for sources that end
	close(r.queue.ch)
	working.Wait()
	if ctx.Err() == nil {
		p.log.Info("all inputs of the pipeline have ended")
		<-ctx.Done()
	}
	for _, c := range chains {
		c.Close()
	}
	for _, o := range p.outputs {
		if err := o.close(); err != nil {
			p.log.Error("an output could not be closed", "plugin", o.plugin, "error", err)
		}
	}
	if err := p.dead.close(); err != nil {
		p.log.Error("dead letters could not be closed", "error", err)
	}
	p.log.Info("pipeline stopped")
	return nil
}

// err says what stands still, nil if nothing does.
func (p *program) err() error {
	for _, o := range p.outputs {
		if err := o.health.err(); err != nil {
			return err
		}
	}
	for _, i := range p.inputs {
		if err := i.health.err(); err != nil {
			return err
		}
	}
	return nil
}
