package promtail

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/pipeline"
)

func compile(t testing.TB, stages string, env Env) *pipeline.Chain {
	t.Helper()
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(stages), &document); err != nil {
		t.Fatal(err)
	}
	chain, err := Compile(document.Content[0], env)
	if err != nil {
		t.Fatal(err)
	}
	return chain
}

// counted counts events and the lines that they stand for.
type counted struct{ emitted, dropped, lines, longest int }

func (c *counted) Emit(e *pipeline.Event) {
	c.emitted++
	c.lines += len(e.Origins)
	c.longest = max(c.longest, len(e.Line))
}

func (c *counted) Drop(e *pipeline.Event, _ string) {
	c.dropped++
	c.lines += len(e.Origins)
}

func event(line string, labels ...string) *pipeline.Event {
	e := &pipeline.Event{Line: line, Labels: map[string]string{}, Time: time.Unix(1, 0), Origins: []pipeline.Origin{{}}}
	for i := 0; i < len(labels); i += 2 {
		e.Labels[labels[i]] = labels[i+1]
	}
	return e
}

// Lines that go on for ever, in streams without end, must not fill the memory.
func TestHeldLinesAreBounded(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for _, c := range []struct{ name, stages, first, more string }{
		{"cri", "- cri: {}", "2026-01-01T00:00:00Z stdout P ", "2026-01-01T00:00:00Z stdout P "},
		{"multiline", "- multiline: {firstline: ^START, max_lines: 0}", "START", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out counted
			chain := compile(t, c.stages, Env{})
			sent, held := 0, 0
			for i := range 300 {
				prefix := c.more
				if i < 90 {
					prefix = c.first
				}
				chain.Process(event(prefix+long, "pod", fmt.Sprint(i%90)), &out)
				sent++
				if lines := sent - out.lines; lines > held {
					held = lines
				}
			}
			// 64 MiB in lines of one.
			if held > 65 {
				t.Errorf("up to %d MiB were held", held)
			}
			chain.Flush(time.Now(), true, &out)
			if out.lines != sent || !chain.Due().IsZero() {
				t.Errorf("%d lines went in, %d came out, due %v", sent, out.lines, chain.Due())
			}
		})
	}
}

func TestMultilineStreamsAreBounded(t *testing.T) {
	var out counted
	chain := compile(t, "- multiline: {firstline: ^START}", Env{})
	const streams = multilineStreams + 5000
	for i := range streams {
		chain.Process(event("START", "pod", fmt.Sprint(i)), &out)
	}
	if held := streams - out.lines; held > multilineStreams {
		t.Errorf("%d streams are held", held)
	}
	// The first streams are forgotten: their lines pass, as before a block.
	before := out.emitted
	chain.Process(event("more", "pod", "0"), &out)
	if out.emitted != before+1 {
		t.Errorf("a line of a forgotten stream was held")
	}
	chain.Flush(time.Now(), true, &out)
	if out.lines != streams+1 {
		t.Errorf("%d lines of %d came out", out.lines, streams+1)
	}
}

func TestLimitersAreBounded(t *testing.T) {
	chain := compile(t, "- limit: {rate: 1, burst: 1, drop: true, by_label_name: a}", Env{})
	var out counted
	for i := range 3 * limitLabels {
		chain.Process(event("x", "a", fmt.Sprint(i)), &out)
	}
	// The last values are remembered, so that theirs is used up.
	chain.Process(event("x", "a", fmt.Sprint(3*limitLabels-1)), &out)
	if out.emitted != 3*limitLabels || out.dropped != 1 {
		t.Errorf("emitted %d, dropped %d", out.emitted, out.dropped)
	}
	limit := chain.Steps()[0].Stage.(*nested).chain.Steps()[0].Stage.(*limitStage)
	if n := len(limit.recent) + len(limit.earlier); n > 2*limitLabels {
		t.Errorf("%d limiters", n)
	}
}

func TestMetricSeriesAreBoundedAndForgotten(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := NewMetrics(reg)
	now := time.Unix(0, 0)
	m.now = func() time.Time { return now }
	chain := compile(t, "- metrics: {n: {type: counter, max_idle_duration: 10s, config: {match_all: true, action: inc}}}", Env{Metrics: m})
	var out counted
	for i := range maxSeries + 7 {
		chain.Process(event("x", "a", fmt.Sprint(i)), &out)
	}
	gathered := func() int {
		n, err := testutil.GatherAndCount(reg, "promtail_custom_n")
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := gathered(); n != maxSeries || testutil.ToFloat64(m.refused) != 7 {
		t.Errorf("%d series, %v refused", n, testutil.ToFloat64(m.refused))
	}
	now = now.Add(9 * time.Second)
	chain.Process(event("x", "a", "1"), &out)
	now = now.Add(time.Second)
	gathered() // the last time that idle ones are told
	if n := gathered(); n != 1 {
		t.Errorf("%d series after the idle time, want 1", n)
	}
	m.Forget()
	if n := gathered(); n != 0 {
		t.Errorf("%d series after Forget", n)
	}
}

func TestSamplingKeepsItsShare(t *testing.T) {
	chain := compile(t, "- sampling: {rate: 0.25}", Env{})
	var out counted
	const n = 100_000
	for range n {
		chain.Process(event("x"), &out)
	}
	// Six standard deviations.
	if share := float64(out.emitted) / n; math.Abs(share-0.25) > 0.0082 {
		t.Errorf("%v passed, want 0.25", share)
	}
}

// A chain of a probe shows the stages that people wrote, those in a match too.
func TestProbeSeesEachStage(t *testing.T) {
	var p probe
	chain := compile(t, `
- json: {expressions: {a: }}
- match:
    selector: '{x="y"}'
    stages:
      - output: {source: a}
- drop: {expression: b}
`, Env{Probe: &p, File: "f.yml"})
	var out counted
	chain.Process(event(`{"a":"b"}`, "x", "y"), &out)
	want := "json:2 output:6 match:3 drop:7(drop_stage)"
	if got := strings.Join(p.steps, " "); got != want {
		t.Errorf("probe saw %s, want %s", got, want)
	}
}

type probe struct{ steps []string }

func (p *probe) Step(s *pipeline.Step, _ *pipeline.Event, _ []*pipeline.Event, reason string, _ time.Duration) {
	text := fmt.Sprintf("%s:%d", s.Name, s.Line)
	if reason != "" {
		text += "(" + reason + ")"
	}
	p.steps = append(p.steps, text)
}
