package logstash

import (
	"fmt"
	"slices"
	"strings"
)

// Pos is a place in a configuration file; Line and Column count from 1, Column in
// characters. The zero Pos is nowhere.
type Pos struct {
	File         string
	Line, Column int
}

// String is file:line:column.
func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Problem is one thing that is wrong with a configuration, or worth a warning.
type Problem struct {
	Pos     Pos
	Message string
	// Hint is what to do about it; it may be empty.
	Hint string
}

func (p Problem) String() string {
	s := p.Message
	if p.Pos.File != "" || p.Pos.Line != 0 {
		s = p.Pos.String() + ": " + s
	}
	if p.Hint != "" {
		s += " (" + p.Hint + ")"
	}
	return s
}

// maxProblems bounds what is said about one configuration.
const maxProblems = 100

// Problems are all that was found wrong, in the order of the file. As an error it has
// one problem a line.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// report collects problems and warnings while a configuration is read and compiled.
type report struct {
	problems, warnings Problems
}

func (r *report) errorf(pos Pos, hint, format string, args ...any) {
	r.problems = r.problems.add(pos, hint, format, args)
}

func (r *report) warnf(pos Pos, hint, format string, args ...any) {
	r.warnings = r.warnings.add(pos, hint, format, args)
}

func (p Problems) add(pos Pos, hint, format string, args []any) Problems {
	problem := Problem{Pos: pos, Message: fmt.Sprintf(format, args...), Hint: hint}
	if len(p) >= maxProblems || slices.Contains(p, problem) {
		return p
	}
	return append(p, problem)
}

// err is nil without problems. Problems come in the order of lines within a file.
func (r *report) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		if a.Pos.File != b.Pos.File {
			return 0 // files stay in the order in which they were read
		}
		if a.Pos.Line != b.Pos.Line {
			return a.Pos.Line - b.Pos.Line
		}
		return a.Pos.Column - b.Pos.Column
	})
	return r.problems
}
