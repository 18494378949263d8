package promtail

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/pipeline"
)

// script is one case of testdata/scripts: stages, what goes in, what must come out in
// what order, and what the metrics are then. Or what is wrong with the stages.
type script struct {
	Name     string
	Stages   yaml.Node
	In       []scriptInput
	Want     []scriptOutput
	Metrics  string // in the text format, of the names that it has
	Errors   []string
	Warnings []string
}

// scriptInput is a line, or a passing of time.
type scriptInput struct {
	Line   string
	Labels map[string]string
	Tenant string
	Time   time.Time
	Wait   time.Duration // before the line; what is due is flushed
	Flush  bool          // all that is held, instead of a line
	Repeat int           // the line so often, 0 is once
}

// scriptOutput is an event, dropped if it has a reason.
type scriptOutput struct {
	Line      *string
	Labels    map[string]string
	Metadata  map[string]string
	Tenant    string
	Time      *time.Time
	Extracted map[string]any // those named; "(none)": there must be none
	Dropped   string
	Origins   int // how many lines it stands for, 0: not looked at
}

// scriptStart is when scripts begin.
func scriptStart() time.Time { return time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC) }

type collected struct {
	events  []*pipeline.Event
	reasons []string
}

func (c *collected) Emit(e *pipeline.Event) { c.Drop(e, "") }
func (c *collected) Drop(e *pipeline.Event, reason string) {
	// Stages may reuse nothing of an event that has left them; the copy would show it.
	kept := e.Clone()
	kept.Origins = e.Origins
	c.events, c.reasons = append(c.events, kept), append(c.reasons, reason)
}

func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/scripts/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var scripts []script
		d := yaml.NewDecoder(strings.NewReader(string(text)))
		d.KnownFields(true)
		if err := d.Decode(&scripts); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for i := range scripts {
			t.Run(filepath.Base(file)+"/"+scripts[i].Name, scripts[i].run)
		}
	}
}

func (s *script) run(t *testing.T) {
	now := scriptStart()
	reg := prometheus.NewRegistry()
	metrics := NewMetrics(reg)
	metrics.now = func() time.Time { return now }
	var warnings []string
	chain, err := Compile(&s.Stages, Env{
		Metrics: metrics, File: "p.yml", Key: "pipeline_stages",
		Now:   func() time.Time { return now },
		Sleep: func(d time.Duration) { now = now.Add(d) },
		Warn:  func(p strictyaml.Problem) { warnings = append(warnings, p.String()) },
	})
	s.checkProblems(t, err, warnings)
	if err != nil {
		return
	}
	var out collected
	n := int64(0)
	for _, in := range s.In {
		now = now.Add(in.Wait)
		if due := chain.Due(); !due.IsZero() && !now.Before(due) {
			chain.Flush(now, false, &out)
		}
		if in.Flush {
			chain.Flush(now, true, &out)
			continue
		}
		for range max(in.Repeat, 1) {
			e := &pipeline.Event{Line: in.Line, Labels: maps.Clone(in.Labels), Tenant: in.Tenant, Time: in.Time,
				Origins: []pipeline.Origin{{Source: 1, From: n, To: n + 1}}}
			if e.Time.IsZero() {
				e.Time = now
			}
			n++
			chain.Process(e, &out)
		}
	}
	s.checkEvents(t, &out)
	s.checkMetrics(t, reg)
}

func (s *script) checkProblems(t *testing.T, err error, warnings []string) {
	t.Helper()
	var problems []string
	if err != nil {
		problems = strings.Split(err.Error(), "\n")
	}
	for _, c := range []struct {
		kind      string
		got, want []string
	}{{"errors", problems, s.Errors}, {"warnings", warnings, s.Warnings}} {
		if len(c.got) != len(c.want) {
			t.Fatalf("%s:\n%s\nwant\n%s", c.kind, strings.Join(c.got, "\n"), strings.Join(c.want, "\n"))
		}
		for i, want := range c.want {
			if !strings.Contains(withoutLine(c.got[i]), want) {
				t.Errorf("%s: got %q, want it to have %q", c.kind, c.got[i], want)
			}
		}
	}
}

// withoutLine checks that a problem has a place and cuts it off: scripts move.
func withoutLine(problem string) string {
	var file string
	var line, column int
	if n, _ := fmt.Sscanf(strings.ReplaceAll(problem, ":", " "), "%s %d %d", &file, &line, &column); n != 3 || line < 2 || column < 1 {
		return "(no place) " + problem
	}
	parts := strings.SplitN(problem, ": ", 2)
	return parts[1]
}

func (s *script) checkEvents(t *testing.T, out *collected) {
	t.Helper()
	if len(out.events) != len(s.Want) {
		var lines []string
		for i, e := range out.events {
			lines = append(lines, fmt.Sprintf("%q %v %s", e.Line, e.Labels, out.reasons[i]))
		}
		t.Fatalf("%d events, want %d:\n%s", len(out.events), len(s.Want), strings.Join(lines, "\n"))
	}
	for i, want := range s.Want {
		e := out.events[i]
		if out.reasons[i] != want.Dropped {
			t.Errorf("event %d: dropped for %q, want %q", i, out.reasons[i], want.Dropped)
		}
		if want.Line != nil && e.Line != *want.Line {
			t.Errorf("event %d: line\n%q, want\n%q", i, e.Line, *want.Line)
		}
		if want.Labels != nil && !maps.Equal(e.Labels, want.Labels) {
			t.Errorf("event %d: labels %v, want %v", i, e.Labels, want.Labels)
		}
		if want.Metadata != nil && !maps.Equal(e.Metadata, want.Metadata) {
			t.Errorf("event %d: metadata %v, want %v", i, e.Metadata, want.Metadata)
		}
		if e.Tenant != want.Tenant {
			t.Errorf("event %d: tenant %q, want %q", i, e.Tenant, want.Tenant)
		}
		if want.Time != nil && !e.Time.Equal(*want.Time) {
			t.Errorf("event %d: time %v, want %v", i, e.Time.UTC().Format(time.RFC3339Nano), want.Time.UTC().Format(time.RFC3339Nano))
		}
		if want.Origins != 0 && len(e.Origins) != want.Origins {
			t.Errorf("event %d: stands for %d lines, want %d", i, len(e.Origins), want.Origins)
		}
		checkExtracted(t, i, e.Fields, want.Extracted)
	}
	if s.In[len(s.In)-1].Flush {
		checkOrigins(t, out)
	}
}

func checkExtracted(t *testing.T, i int, got, want map[string]any) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		v, ok := got[name]
		if want[name] == "(none)" {
			if ok {
				t.Errorf("event %d: extracted %s is %#v, want none", i, name, v)
			}
			continue
		}
		wanted := want[name]
		if n, isInt := wanted.(int); isInt {
			wanted = float64(n) // numbers of JSON
		}
		if !ok || v != wanted {
			t.Errorf("event %d: extracted %s is %#v (there: %t), want %#v", i, name, v, ok, wanted)
		}
	}
}

// checkOrigins checks that each line ended in exactly one event, once all is flushed.
func checkOrigins(t *testing.T, out *collected) {
	t.Helper()
	ended := map[int64]int{}
	for _, e := range out.events {
		for _, o := range e.Origins {
			ended[o.From]++
		}
	}
	for from := range int64(len(ended)) {
		if ended[from] != 1 {
			t.Errorf("line %d ended in %d events, want 1", from, ended[from])
		}
	}
}

func (s *script) checkMetrics(t *testing.T, reg *prometheus.Registry) {
	t.Helper()
	if s.Metrics == "" {
		return
	}
	names := map[string]bool{}
	for _, line := range strings.Split(s.Metrics, "\n") {
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			names[strings.Fields(rest)[0]] = true
		}
	}
	if err := testutil.GatherAndCompare(reg, strings.NewReader(s.Metrics), slices.Collect(maps.Keys(names))...); err != nil {
		t.Error(err)
	}
}
