package logstash

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// generatorInput makes events up, to try a pipeline.
type generatorInput struct {
	common
	host  string
	ecs   bool
	lines []string
	count int64 // of each line; 0: for ever
	eps   float64
}

func newGenerator(s *logstash.Settings, v *env) (input, error) {
	i := &generatorInput{common: readCommon(s, v, "plain"), host: hostname(), ecs: v.ecs, lines: s.Strings("lines"), count: s.Int("count", 0), eps: s.Float("eps", 0)}
	if len(i.lines) == 0 {
		i.lines = []string{s.String("message", "Hello world!")}
	} else {
		s.Known("message")
	}
	s.Known("threads")
	return i, requireDecoder(s, &i.common)
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	return name
}

// setHost names this machine, as inputs that read on it do.
func setHost(e *pipeline.Event, ecs bool, host string) {
	if ecs {
		put(e, hostName, host)
	} else {
		put(e, hostPlain, host)
	}
}

var (
	hostName  = ref("[host][name]")
	hostPlain = ref("host")
	sequence  = ref("sequence")
	sequenceE = ref("[event][sequence]")
)

// run implements input.
func (i *generatorInput) run(ctx context.Context, q *queue) error {
	d := i.codec.Decoder()
	begin := time.Now()
	made := 0.0
	for n := int64(0); i.count <= 0 || n < i.count; n++ {
		for _, line := range i.lines {
			if i.eps > 0 {
				at := begin.Add(time.Duration(made / i.eps * float64(time.Second)))
				if pause := time.Until(at); pause > 0 && !wait(ctx, pause) {
					return nil
				}
			}
			made++
			b := batch{size: len(line)}
			d.Decode([]byte(line), func(e *pipeline.Event) {
				setHost(e, i.ecs, i.host)
				if i.ecs {
					put(e, sequenceE, n)
				} else {
					put(e, sequence, n)
				}
				i.decorate(e)
				b.events = append(b.events, e)
			})
			if err := q.push(ctx, b); err != nil {
				return nil //nolint:nilerr // ctx is done
			}
		}
	}
	return nil
}

// stdinInput reads the process' standard input.
type stdinInput struct {
	common
	env  *env
	host string
}

func newStdin(s *logstash.Settings, v *env) (input, error) {
	i := &stdinInput{common: readCommon(s, v, "line"), env: v, host: hostname()}
	return i, requireDecoder(s, &i.common)
}

// run implements input.
func (i *stdinInput) run(ctx context.Context, q *queue) error {
	// A reader that waits for a terminal cannot be told to stop: it ends with the process.
	done := make(chan error, 1)
	s := stream{common: i.common, env: i.env, r: os.Stdin, finish: func(e *pipeline.Event) { setHost(e, i.env.ecs, i.host) }}
	stop := context.AfterFunc(ctx, func() { _ = os.Stdin.SetReadDeadline(time.Now()) })
	defer stop()
	go func() { done <- s.run(ctx, q) }()
	select {
	case err := <-done:
		if errors.Is(err, context.Canceled) {
			return nil
		}
		return err
	case <-ctx.Done():
		return nil
	}
}

// heartbeatInput makes an event at intervals.
type heartbeatInput struct {
	common
	env      *env
	host     string
	message  string
	every    time.Duration
	count    int64
	sequence string
}

func newHeartbeat(s *logstash.Settings, v *env) (input, error) {
	i := &heartbeatInput{common: readCommon(s, v, "plain"), env: v, host: hostname(), message: s.String("message", "ok"), every: s.Duration("interval", time.Minute),
		count: s.Int("count", -1)}
	i.sequence = s.Enum("sequence", "none", "none", "epoch", "sequence")
	if i.message == "epoch" || i.message == "sequence" {
		i.sequence = i.message
	}
	if i.every < time.Millisecond {
		s.Errorf("interval", "want more than 0 seconds")
		i.every = time.Second
	}
	s.Known("threads")
	return i, nil
}

// run implements input.
func (i *heartbeatInput) run(ctx context.Context, q *queue) error {
	for n := int64(0); i.count < 0 || n < i.count; n++ {
		e := &pipeline.Event{Fields: map[string]any{"@version": "1"}}
		switch i.sequence {
		case "epoch":
			i.set(e, i.env.deps.Now().Unix())
		case "sequence":
			i.set(e, n)
		default:
			e.Fields["message"] = i.message
		}
		setHost(e, i.env.ecs, i.host)
		i.decorate(e)
		if err := q.push(ctx, batch{events: []*pipeline.Event{e}}); err != nil {
			return nil //nolint:nilerr // ctx is done
		}
		if !wait(ctx, i.every) {
			return nil
		}
	}
	return nil
}

func (i *heartbeatInput) set(e *pipeline.Event, n int64) {
	switch {
	case !i.env.ecs:
		e.Fields["clock"] = n
	case i.sequence == "epoch":
		ref("[event][created]").Set(e, n)
	default:
		sequenceE.Set(e, n)
	}
}
