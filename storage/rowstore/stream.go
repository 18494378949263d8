package rowstore

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// StreamField is a field that every row has: the text of its whole stream, for
// Grouping.By. ParseStream turns a value back into fields.
const StreamField = "_stream"

// ParseStream parses the text form of a stream, {a="b",c="d"} with Go-quoted
// values, into fields sorted by name.
func ParseStream(s string) ([]Field, error) {
	if s == "" {
		return nil, nil
	}
	rest, ok := strings.CutPrefix(s, "{")
	if !ok {
		return nil, fmt.Errorf("stream %q does not begin with '{'", s)
	}
	var fields []Field
	for rest != "}" {
		if len(fields) > 0 {
			if rest, ok = strings.CutPrefix(rest, ","); !ok {
				return nil, fmt.Errorf("stream %q lacks a ','", s)
			}
		}
		name, tail, ok := strings.Cut(rest, "=")
		if !ok {
			return nil, fmt.Errorf("stream %q lacks a '='", s)
		}
		quoted, err := strconv.QuotedPrefix(tail)
		if err != nil {
			return nil, fmt.Errorf("stream %q: value of %q: %w", s, name, err)
		}
		value, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, fmt.Errorf("stream %q: value of %q: %w", s, name, err)
		}
		fields = append(fields, Field{Name: name, Value: value})
		rest = tail[len(quoted):]
	}
	slices.SortFunc(fields, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	return fields, nil
}

// streamValue returns the value of the named field, "" if there is none.
func streamValue(stream []Field, name string) string {
	for i := range stream {
		if stream[i].Name == name {
			return stream[i].Value
		}
	}
	return ""
}
