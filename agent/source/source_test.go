package source

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/relabel"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	yaml2 "go.yaml.in/yaml/v2"

	"github.com/pharosd/pharos/agent/feed"
	"github.com/pharosd/pharos/agent/ship"
	"github.com/pharosd/pharos/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// queue keeps batches as the queue on disk does: lines and states of one moment.
type queue struct {
	mu     sync.Mutex
	lines  []ship.Entry
	states map[string][]byte
	full   bool
}

func (q *queue) Append(ctx context.Context, b ship.Batch) error {
	q.mu.Lock()
	full := q.full
	q.mu.Unlock()
	if full {
		<-ctx.Done()
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.lines = append(q.lines, b.Entries...)
	for _, s := range b.State {
		if len(s.Value) == 0 {
			delete(q.states, s.Key)
			continue
		}
		q.states[s.Key] = bytes.Clone(s.Value)
	}
	return nil
}

func (q *queue) entries() []ship.Entry {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.lines)
}

func (q *queue) texts() []string {
	var out []string
	for _, e := range q.entries() {
		out = append(out, e.Entry.Line)
	}
	return out
}

// rig runs a source that can be killed.
type rig struct {
	t     *testing.T
	q     *queue
	deps  Deps
	chain func() *pipeline.Chain
	stop  func()
}

func newRig(t *testing.T, rules string) *rig {
	r := &rig{t: t, q: &queue{states: map[string][]byte{}}, chain: func() *pipeline.Chain { return pipeline.NewChain(nil, nil) }}
	var relabeling []*relabel.Config
	require.NoError(t, yaml2.UnmarshalStrict([]byte(rules), &relabeling))
	for _, c := range relabeling {
		require.NoError(t, c.Validate(model.LegacyValidation))
	}
	r.deps = Deps{Job: "j", Relabel: relabeling, Logger: slog.New(slog.DiscardHandler), Metrics: NewMetrics(nil), Cursor: func(string) string { return "" }}
	t.Cleanup(r.kill)
	return r
}

// start runs a source of these parts.
func (r *rig) start(build func(Deps) Source) Source {
	r.t.Helper()
	deps := r.deps
	r.q.mu.Lock()
	deps.States = maps.Clone(r.q.states)
	r.q.mu.Unlock()
	deps.Feed = feed.New(feed.Config{Job: "j", Chain: r.chain(), Queue: r.q})
	s := build(deps)
	ctx, cancel := context.WithCancel(context.Background())
	driven := make(chan struct{})
	go func() { defer close(driven); _ = deps.Feed.Drive(ctx, 0) }()
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	r.stop = func() {
		cancel()
		require.NoError(r.t, <-done)
		<-driven
	}
	return s
}

func (r *rig) kill() {
	if r.stop != nil {
		r.stop()
		r.stop = nil
	}
}

// expect waits for exactly these lines, in any order.
func (r *rig) expect(want ...string) {
	r.t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for len(r.q.texts()) < len(want) && time.Now().Before(deadline) {
		time.Sleep(5 * time.Millisecond)
	}
	time.Sleep(150 * time.Millisecond)
	require.ElementsMatch(r.t, want, r.q.texts())
}

// join holds each line back until the next one of its stream comes.
type join struct{ held map[string]*pipeline.Event }

func (j *join) Process(e *pipeline.Event, out pipeline.Output) {
	if j.held == nil {
		j.held = map[string]*pipeline.Event{}
	}
	stream := e.Labels["stream"]
	last := j.held[stream]
	if last != nil && strings.HasPrefix(e.Line, " ") {
		last.Line += "|" + e.Line
		last.Absorb(e)
		return
	}
	j.held[stream] = e
	if last != nil {
		out.Emit(last)
	}
}

func joining() *pipeline.Chain { return pipeline.NewChain([]pipeline.Step{{Stage: &join{}}}, nil) }
