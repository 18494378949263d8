// Package envsubst replaces ${NAME} in configuration files by the environment's
// value. Only names of capital letters, digits and underscore that begin with a
// letter or underscore are taken, so that relabelling's ${1}, templates' $value
// and Grafana's $${__value.raw} stay as they are.
package envsubst

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

var reference = regexp.MustCompile(`\$\{[A-Z_][A-Z0-9_]*\}`)

// MissingError lists the variables that a file names and the environment lacks.
type MissingError struct {
	File    string
	Missing []Reference
}

// Reference is one place where a file names a variable; Line and Column are
// 1-based, Column counts bytes.
type Reference struct {
	Name         string
	Line, Column int
}

func (e *MissingError) Error() string {
	var b strings.Builder
	for i, r := range e.Missing {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s:%d:%d: environment variable %s is not set; set it, or write the value here", e.File, r.Line, r.Column, r.Name)
	}
	return b.String()
}

// Expand returns text with each reference replaced. References on a line after a
// '#' that begins a YAML comment are left alone. The error is a *MissingError with
// all missing variables at once; file is only for its message.
func Expand(file string, text []byte, lookup func(string) (string, bool)) ([]byte, error) {
	missing := &MissingError{File: file}
	var out bytes.Buffer
	out.Grow(len(text))
	for n, line := range bytes.SplitAfter(text, []byte("\n")) {
		end := commentStart(line)
		last := 0
		for _, m := range reference.FindAllIndex(line[:end], -1) {
			name := string(line[m[0]+2 : m[1]-1])
			value, ok := lookup(name)
			if !ok {
				missing.Missing = append(missing.Missing, Reference{name, n + 1, m[0] + 1})
				continue
			}
			out.Write(line[last:m[0]])
			out.WriteString(value)
			last = m[1]
		}
		out.Write(line[last:])
	}
	if len(missing.Missing) > 0 {
		return nil, missing
	}
	return out.Bytes(), nil
}

// commentStart returns where a comment begins that takes the rest of the line:
// a '#' at the line's first text. A '#' further right may be part of a value
// (a channel name, a colour), so it does not count.
func commentStart(line []byte) int {
	trimmed := bytes.TrimLeft(line, " \t")
	if len(trimmed) > 0 && trimmed[0] == '#' {
		return len(line) - len(trimmed)
	}
	return len(line)
}
