package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/pharosd/pharos/api/pipelines"
)

// printLine prints what a line became, and with explain how.
func printLine(w io.Writer, l *pipelines.LineRun, explain bool) {
	if !explain {
		for _, e := range l.Events {
			fmt.Fprintf(w, "%s\n", e)
		}
		return
	}
	if l.Number > 0 {
		fmt.Fprintf(w, "line %d: %s\n", l.Number, l.Line)
	} else {
		fmt.Fprintln(w, "end of input")
	}
	for i := range l.Steps {
		printStep(w, &l.Steps[i])
	}
	for _, e := range l.Events {
		fmt.Fprintf(w, "  => %s\n", e)
	}
	for _, reason := range l.Dropped {
		fmt.Fprintf(w, "  => dropped: %s\n", reason)
	}
	fmt.Fprintln(w)
}

func printStep(w io.Writer, s *pipelines.StepRun) {
	note := ""
	switch {
	case s.Reason != "":
		note = "  dropped: " + s.Reason
	case len(s.Failed) > 0:
		note = "  failed: " + strings.Join(s.Failed, ", ")
	case s.Out == 0:
		note = "  held back"
	case s.Out > 1:
		note = fmt.Sprintf("  %d events", s.Out)
	}
	fmt.Fprintf(w, "  %4d  %-24s %8s%s\n", s.Line, s.Name, s.Took.Round(100*time.Nanosecond), note)
	for _, c := range s.Changes {
		switch {
		case c.Before == nil:
			fmt.Fprintf(w, "          + %s: %s\n", c.Field, c.After)
		case c.After == nil:
			fmt.Fprintf(w, "          - %s: %s\n", c.Field, c.Before)
		default:
			fmt.Fprintf(w, "          ~ %s: %s -> %s\n", c.Field, c.Before, c.After)
		}
	}
}

// printSteps sums up the steps, in the order of the text.
func printSteps(w io.Writer, steps []pipelines.StepSum) {
	steps = slices.Clone(steps)
	slices.SortStableFunc(steps, func(a, b pipelines.StepSum) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		return cmp.Or(a.Line-b.Line, a.Column-b.Column)
	})
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "at\tstep\tevents\tfailed\tdropped\ttime\teach")
	for _, s := range steps {
		each := time.Duration(0)
		if s.Runs > 0 {
			each = s.Took / time.Duration(s.Runs)
		}
		at := fmt.Sprintf("%s:%d", s.File, s.Line)
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\t%s\t%s\n", at, s.Name, s.Runs, s.Failed, s.Dropped, s.Took.Round(time.Microsecond), each.Round(10*time.Nanosecond))
	}
	_ = table.Flush() // to a buffer
}
