package logstash

import (
	"context"
	"errors"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/pipeline"
)

// entryOf makes an event what is stored; ok is false for one that is not.
type entryOf func(e *pipeline.Event) (labels, metadata model.Labels, line string, ok bool)

// pushSize is how many bytes are pushed at once: less than the least burst that people
// allow, so that a large batch is not refused for ever.
const pushSize = 1 << 20

// pushStreams stores events as entries of streams.
func pushStreams(ctx context.Context, v *env, events []*pipeline.Event, entry entryOf) ([]*pipeline.Event, error) {
	p := streamPush{env: v, byLabels: map[string]int{}}
	var left []*pipeline.Event
	var first error
	for i, e := range events {
		labels, metadata, line, ok := entry(e)
		if !ok {
			continue
		}
		p.add(e, labels, model.LogEntry{Time: entryTime(e).UnixNano(), Line: line, Metadata: metadata})
		if p.size < pushSize && i < len(events)-1 {
			continue
		}
		rest, err := p.push(ctx)
		left = append(left, rest...)
		if first == nil {
			first = err
		}
	}
	rest, err := p.push(ctx)
	if first == nil {
		first = err
	}
	return append(left, rest...), first
}

// streamPush gathers entries.
type streamPush struct {
	env      *env
	byLabels map[string]int
	streams  []model.LogStream
	of       [][]*pipeline.Event
	size     int
}

func (p *streamPush) add(e *pipeline.Event, labels model.Labels, entry model.LogEntry) {
	key := labels.String()
	at, ok := p.byLabels[key]
	if !ok {
		at = len(p.streams)
		p.byLabels[key] = at
		p.streams = append(p.streams, model.LogStream{Labels: labels})
		p.of = append(p.of, nil)
	}
	p.streams[at].Entries = append(p.streams[at].Entries, entry)
	p.of[at] = append(p.of[at], e)
	p.size += len(entry.Line) + 64
}

// push stores what was gathered and returns what may be stored later.
func (p *streamPush) push(ctx context.Context) (left []*pipeline.Event, temporary error) {
	if len(p.streams) == 0 {
		return nil, nil
	}
	one := func(e *pipeline.Event, r *ingest.Refusal) {
		if r.Temporary {
			left, temporary = append(left, e), r
		} else {
			p.env.deadLetter(e, string(r.Reason), r.Message)
		}
	}
	told := map[*pipeline.Event]bool{}
	err := p.env.deps.Logs.PushLogItems(ctx, p.env.tenant, p.streams, func(stream, entry int, r *ingest.Refusal) {
		if entry >= 0 {
			told[p.of[stream][entry]] = true
			one(p.of[stream][entry], r)
			return
		}
		for _, e := range p.of[stream] {
			if !told[e] {
				told[e] = true
				one(e, r)
			}
		}
	})
	if err != nil {
		var r *ingest.Refusal
		final := errors.As(err, &r) && !r.Temporary
		for _, events := range p.of {
			for _, e := range events {
				switch {
				case told[e]:
				case final:
					one(e, r)
				default:
					left, temporary = append(left, e), err
				}
			}
		}
	}
	p.streams, p.of, p.size = nil, nil, 0
	clear(p.byLabels)
	return left, temporary
}
