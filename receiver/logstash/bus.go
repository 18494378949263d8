package logstash

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// bus connects outputs and inputs named pipeline within the process.
type bus struct {
	mu    sync.Mutex
	inbox map[string]chan delivery
}

type delivery struct {
	events []*pipeline.Event
	done   chan struct{}
}

func newBus() *bus { return &bus{inbox: map[string]chan delivery{}} }

func (b *bus) box(address string) chan delivery {
	b.mu.Lock()
	defer b.mu.Unlock()
	c, ok := b.inbox[address]
	if !ok {
		c = make(chan delivery)
		b.inbox[address] = c
	}
	return c
}

// stopInOrder stops pipelines and waits for them: those that send to others first, so that
// what is on its way arrives. Pipelines that send to each other in a circle are stopped
// together.
func stopInOrder(all []*active) {
	for len(all) > 0 {
		fed := map[string]bool{} // addresses that somebody sends to
		for _, a := range all {
			for _, o := range a.outputs {
				if to, ok := o.output.(*pipelineOutput); ok {
					for _, name := range to.names {
						fed[name] = true
					}
				}
			}
		}
		first, rest := split(all, func(a *active) bool {
			return !slices.ContainsFunc(a.inputs, func(in *inputRunner) bool {
				from, ok := in.input.(*pipelineInput)
				return ok && fed[from.address]
			})
		})
		if len(first) == 0 {
			first, rest = all, nil
		}
		for _, a := range first {
			a.stop()
		}
		for _, a := range first {
			<-a.done
		}
		all = rest
	}
}

func split(all []*active, is func(*active) bool) (yes, no []*active) {
	for _, a := range all {
		if is(a) {
			yes = append(yes, a)
		} else {
			no = append(no, a)
		}
	}
	return yes, no
}

// pipelineInput takes events from outputs pipeline of other pipelines.
type pipelineInput struct {
	common
	address string
	box     chan delivery
}

func newPipelineInput(s *logstash.Settings, v *env) (input, error) {
	s.Required("address")
	address := s.String("address", "")
	return &pipelineInput{readCommon(s, v, "plain"), address, v.bus.box(address)}, nil
}

func (i *pipelineInput) run(ctx context.Context, q *queue) error {
	for {
		select {
		case d := <-i.box:
			for _, e := range d.events {
				i.decorate(e)
			}
			if err := q.push(ctx, batch{events: d.events, size: 256 * len(d.events), done: sync.OnceFunc(func() { close(d.done) })}); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// pipelineOutput sends copies of events to other pipelines, and has them there when they
// are where those pipelines bring them.
type pipelineOutput struct {
	closeNothing
	to     []chan delivery
	names  []string
	ensure bool
}

func newPipelineOutput(s *logstash.Settings, v *env) (output, error) {
	s.Required("send_to")
	o := &pipelineOutput{names: s.Strings("send_to"), ensure: s.Bool("ensure_delivery", true)}
	for _, name := range o.names {
		o.to = append(o.to, v.bus.box(name))
	}
	return o, nil
}

// write implements output.
func (o *pipelineOutput) write(ctx context.Context, events []*pipeline.Event) ([]*pipeline.Event, error) {
	var sent []delivery
	for i, box := range o.to {
		d := delivery{make([]*pipeline.Event, len(events)), make(chan struct{})}
		for j, e := range events {
			d.events[j] = e.Clone()
			d.events[j].Origins = slices.Clone(e.Origins)
		}
		if !o.ensure {
			select {
			case box <- d:
			default:
			}
			continue
		}
		select {
		case box <- d:
			sent = append(sent, d)
		case <-ctx.Done():
			return events, fmt.Errorf("send to pipeline %s: %w", o.names[i], ctx.Err())
		}
	}
	for _, d := range sent {
		select {
		case <-d.done:
		case <-ctx.Done():
			return events, ctx.Err()
		}
	}
	return nil, nil
}
