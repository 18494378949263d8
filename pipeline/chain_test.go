package pipeline

import (
	"strings"
	"testing"
	"time"
)

// upper changes, halve drops each second event, pair joins two lines.
type upper struct{}

func (upper) Process(e *Event, out Output) { e.Line = strings.ToUpper(e.Line); out.Emit(e) }

type halve struct{ n int }

func (h *halve) Process(e *Event, out Output) {
	if h.n++; h.n%2 == 0 {
		out.Drop(e, "second")
		return
	}
	out.Emit(e)
}

type pair struct {
	held *Event
	due  time.Time
}

func (p *pair) Process(e *Event, out Output) {
	if p.held == nil {
		p.held = e
		return
	}
	first := p.held
	p.held = nil
	first.Line += "+" + e.Line
	first.Absorb(e)
	out.Emit(first)
}

func (p *pair) Flush(now time.Time, all bool, out Output) {
	if p.held != nil && (all || !now.Before(p.due)) {
		e := p.held
		p.held = nil
		out.Emit(e)
	}
}

func (p *pair) Due() time.Time {
	if p.held == nil {
		return time.Time{}
	}
	return p.due
}

type probed struct{ steps []string }

func (p *probed) Step(s *Step, before *Event, after []*Event, reason string, _ time.Duration) {
	text := s.Name + ":"
	if before != nil {
		text += before.Line
	}
	text += ">"
	for _, e := range after {
		text += e.Line
	}
	p.steps = append(p.steps, text+reason)
}

func lines(r *recorder) string {
	var out []string
	for _, e := range r.emitted {
		out = append(out, e.Line)
	}
	return strings.Join(out, " ")
}

func TestChain(t *testing.T) {
	due := time.Unix(100, 0)
	for _, probe := range []*probed{nil, {}} {
		steps := []Step{{Stage: &pair{due: due}, Name: "pair"}, {Stage: &halve{}, Name: "halve"}, {Stage: upper{}, Name: "upper"}}
		c := NewChain(steps, nil)
		if probe != nil {
			c = NewChain(steps, probe)
		}
		var got recorder
		for i, line := range []string{"a", "b", "c", "d", "e"} {
			c.Process(&Event{Line: line, Origins: []Origin{{Source: 1, From: int64(i), To: int64(i + 1)}}}, &got)
		}
		if !c.Due().Equal(due) {
			t.Fatalf("due %v, want %v", c.Due(), due)
		}
		c.Flush(due.Add(-1), false, &got)
		if lines(&got) != "A+B" || len(got.dropped) != 1 || got.dropped[0].reason != "second" {
			t.Fatalf("emitted %q, dropped %v", lines(&got), got.dropped)
		}
		c.Flush(due, false, &got)
		if lines(&got) != "A+B E" || !c.Due().IsZero() {
			t.Fatalf("emitted %q, due %v", lines(&got), c.Due())
		}
		if n := len(got.emitted[0].Origins); n != 2 {
			t.Fatalf("a joined event has %d origins, want 2", n)
		}
		if probe != nil {
			want := "pair:a> pair:b>a+b halve:a+b>a+b upper:a+b>A+B pair:c> pair:d>c+d halve:c+d>second pair:e> pair:>e halve:e>e upper:e>E"
			if got := strings.Join(probe.steps, " "); got != want {
				t.Fatalf("probe saw\n%s, want\n%s", got, want)
			}
		}
	}
}

func TestCloneIsDeepAndStandsForNothing(t *testing.T) {
	e := &Event{Fields: map[string]any{"a": map[string]any{"b": []any{"x"}}}, Labels: map[string]string{"l": "1"}, Origins: []Origin{{}}}
	c := e.Clone()
	c.Fields["a"].(map[string]any)["b"].([]any)[0] = "y"
	c.Labels["l"] = "2"
	if e.Fields["a"].(map[string]any)["b"].([]any)[0] != "x" || e.Labels["l"] != "1" || c.Origins != nil {
		t.Fatalf("the copy shares with %+v or stands for %v", e, c.Origins)
	}
}
