// Package model holds the data that travels between receivers, stores and
// queries: labels and log records. It does no I/O. Spans travel as
// OpenTelemetry's own ptrace.Traces, samples as Prometheus' own types.
package model

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Label is one name and value, both UTF-8.
type Label struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Labels are sorted by name and have no two labels of one name.
type Labels []Label

// NewLabels sorts ls in place and returns it as Labels. Of labels with the same
// name the last one given wins; labels without a value are dropped, as in
// Prometheus and Loki.
func NewLabels(ls ...Label) Labels {
	slices.SortStableFunc(ls, func(a, b Label) int { return cmp.Compare(a.Name, b.Name) })
	out := ls[:0]
	for i, l := range ls {
		if i+1 < len(ls) && ls[i+1].Name == l.Name || l.Value == "" {
			continue
		}
		out = append(out, l)
	}
	return Labels(out)
}

// Get returns the value of the label called name, "" if there is none.
func (ls Labels) Get(name string) string {
	for _, l := range ls {
		if l.Name == name {
			return l.Value
		}
	}
	return ""
}

// Map returns a new map of names to values, never nil.
func (ls Labels) Map() map[string]string {
	m := make(map[string]string, len(ls))
	for _, l := range ls {
		m[l.Name] = l.Value
	}
	return m
}

// String returns the labels as a selector: {app="web", env="prod"}.
func (ls Labels) String() string {
	var b strings.Builder
	b.WriteByte('{')
	for i, l := range ls {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(l.Name)
		b.WriteByte('=')
		b.WriteString(strconv.Quote(l.Value))
	}
	b.WriteByte('}')
	return b.String()
}
