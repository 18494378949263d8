package adopt

import (
	"fmt"
	"strings"
)

// String is the report for people.
func (r *Result) String() string {
	var b strings.Builder
	last := Outcome("")
	for _, i := range r.Items {
		if i.Outcome != last {
			last = i.Outcome
			fmt.Fprintf(&b, "\n%s\n", strings.ToUpper(string(last)[:1])+string(last)[1:])
		}
		fmt.Fprintf(&b, "  %s\n", i)
	}
	if len(r.Environment) > 0 {
		fmt.Fprintf(&b, "\nSet these environment variables where Pharos runs; the files name them:\n  %s\n", strings.Join(r.Environment, "\n  "))
	}
	if len(r.Commands) > 0 {
		fmt.Fprintf(&b, "\nRun beside the server, where the files are that it reads:\n  %s\n", strings.Join(r.Commands, "\n  "))
	}
	return strings.TrimPrefix(b.String(), "\n")
}

// String is `file:line: System: what: why`.
func (i Item) String() string {
	var b strings.Builder
	if i.File != "" {
		b.WriteString(i.File)
		if i.Line > 0 {
			fmt.Fprintf(&b, ":%d", i.Line)
		}
		b.WriteString(": ")
	}
	if i.System != "" {
		b.WriteString(i.System + ": ")
	}
	b.WriteString(i.What)
	if i.Why != "" {
		b.WriteString(": " + i.Why)
	}
	return b.String()
}
