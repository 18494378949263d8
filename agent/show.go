package agent

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pharosd/pharos/pipeline"
)

// maxShown is how many bytes of a value are shown.
const maxShown = 240

func clip(s string) string {
	q := strconv.Quote(s)
	q = q[1 : len(q)-1]
	if len(q) > maxShown {
		return strings.ToValidUTF8(q[:maxShown], "") + "... (" + strconv.Itoa(len(s)) + " bytes)"
	}
	return q
}

// shower prints what each stage makes of an event. It is both the chain's probe and its
// output.
type shower struct {
	out  io.Writer
	read time.Time // of the event that is on its way
	held bool      // what comes now was held back until the end
}

func (s *shower) begin(e *pipeline.Event) { s.read = e.Time }

// Step implements pipeline.Probe.
func (s *shower) Step(step *pipeline.Step, before *pipeline.Event, after []*pipeline.Event, reason string, took time.Duration) {
	if step.Line == 0 {
		return // nobody wrote it
	}
	name, cost := fmt.Sprintf("%s (line %d)", step.Name, step.Line), took.Round(time.Microsecond/10).String()
	row := func(what string) {
		fmt.Fprintf(s.out, "        %-28s %8s  %s\n", name, cost, what)
		name, cost = "", ""
	}
	switch {
	case reason != "":
		row("dropped: " + reason)
	case len(after) == 0 && before != nil:
		row("held back")
	}
	for _, e := range after {
		changes := diff(before, e)
		if len(changes) == 0 {
			row("no change")
		}
		for _, c := range changes {
			row(c)
		}
	}
}

// diff is what differs between two states of an event, a line for each difference. An
// event that was held back has no state before.
func diff(before, after *pipeline.Event) []string {
	if before == nil {
		before = &pipeline.Event{Time: after.Time}
	}
	var out []string
	if before.Line != after.Line {
		out = append(out, "line       "+clip(after.Line))
	}
	if !before.Time.Equal(after.Time) {
		out = append(out, "timestamp  "+after.Time.Format(time.RFC3339Nano))
	}
	if before.Tenant != after.Tenant {
		out = append(out, "tenant     "+after.Tenant)
	}
	out = append(out, differences("label", asAny(before.Labels), asAny(after.Labels))...)
	out = append(out, differences("metadata", asAny(before.Metadata), asAny(after.Metadata))...)
	return append(out, differences("extracted", before.Fields, after.Fields)...)
}

func asAny(m map[string]string) map[string]any {
	out := make(map[string]any, len(m))
	for name, value := range m {
		out[name] = value
	}
	return out
}

func differences(what string, before, after map[string]any) []string {
	var out []string
	for name, value := range after {
		old, ok := before[name]
		switch {
		case !ok:
			out = append(out, fmt.Sprintf("%-10s + %s=%s", what, name, clip(fmt.Sprint(value))))
		case !reflect.DeepEqual(old, value):
			out = append(out, fmt.Sprintf("%-10s ~ %s=%s (was %s)", what, name, clip(fmt.Sprint(value)), clip(fmt.Sprint(old))))
		}
	}
	for name := range before {
		if _, ok := after[name]; !ok {
			out = append(out, fmt.Sprintf("%-10s - %s", what, name))
		}
	}
	slices.Sort(out)
	return out
}

// Emit implements pipeline.Output.
func (s *shower) Emit(e *pipeline.Event) {
	note := ""
	if s.held {
		note = " (held back until the end)"
	}
	fmt.Fprintf(s.out, "        => %s %s%s\n", set(e.Labels), clip(e.Line), note)
	if !e.Time.Equal(s.read) {
		fmt.Fprintf(s.out, "           at %s\n", e.Time.Format(time.RFC3339Nano))
	}
	if len(e.Metadata) > 0 {
		fmt.Fprintf(s.out, "           structured metadata %s\n", set(e.Metadata))
	}
	if e.Tenant != "" {
		fmt.Fprintf(s.out, "           tenant %s\n", e.Tenant)
	}
}

// Drop implements pipeline.Output.
func (s *shower) Drop(_ *pipeline.Event, reason string) {
	fmt.Fprintf(s.out, "        => dropped: %s\n", reason)
}
