// Package grok compiles grok patterns: regular expressions in which %{NAME:field}
// stands for a named expression whose match goes to a field.
//
// The names that come with it are those of Elastic's logstash-patterns-core, in its two
// sets; see patterns/NOTICE.
package grok

import (
	"embed"
	"fmt"
	"io/fs"
	"sort"
	"strings"
	"sync"

	"github.com/pharosd/pharos/pipeline/logstash/internal/onig"
)

//go:embed patterns/legacy patterns/ecs-v1
var embedded embed.FS

// Library is a set of named patterns.
type Library map[string]string

// Standard returns a copy of the patterns that come with Logstash: those that name
// fields by the Elastic Common Schema, or the older ones.
func Standard(ecs bool) Library {
	from := legacySet()
	if ecs {
		from = ecsSet()
	}
	lib := make(Library, len(from))
	for name, pattern := range from {
		lib[name] = pattern
	}
	return lib
}

var (
	legacySet = sync.OnceValue(func() Library { return load("patterns/legacy") })
	ecsSet    = sync.OnceValue(func() Library { return load("patterns/ecs-v1") })
)

func load(dir string) Library {
	lib := Library{}
	entries, err := fs.ReadDir(embedded, dir)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	for _, e := range entries {
		text, err := embedded.ReadFile(dir + "/" + e.Name())
		if err != nil {
			panic("BUG: " + err.Error())
		}
		lib.Add(string(text))
	}
	return lib
}

// Add reads a pattern file: a name, white space and a pattern a line, comments with #.
// Lines without a pattern are skipped, as Logstash skips them.
func (l Library) Add(text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(strings.TrimLeft(line, " \t\r\n\f\v"), "\r\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		end := strings.IndexAny(line, " \t\f\v")
		if end < 0 {
			continue
		}
		l[line[:end]] = strings.TrimLeft(line[end:], " \t\f\v")
	}
}

// Names are the library's names, sorted.
func (l Library) Names() []string {
	names := make([]string, 0, len(l))
	for name := range l {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Bounds on what expanding may make of a pattern.
const (
	maxExpansions = 10_000 // jls-grok's own
	maxExpanded   = 1 << 20
	maxNesting    = 200
)

// UnknownError names a pattern that a library lacks.
type UnknownError struct{ Name string }

func (e *UnknownError) Error() string { return fmt.Sprintf("there is no pattern %q", e.Name) }

// Expand replaces %{...} by the library's expressions: with a field by a group of that
// name, without one by a group that does not capture (or by one named as the pattern,
// when namedOnly is false). Definitions within (%{NAME:field=expression}) join l.
func (l Library) Expand(pattern string, namedOnly bool) (string, error) {
	x := expander{lib: l, namedOnly: namedOnly}
	if err := x.expand(pattern, 0); err != nil {
		return "", err
	}
	return x.out.String(), nil
}

type expander struct {
	lib       Library
	namedOnly bool
	out       strings.Builder
	count     int
}

func (x *expander) expand(pattern string, depth int) error {
	if depth > maxNesting {
		return fmt.Errorf("patterns nest deeper than %d: does one contain itself?", maxNesting)
	}
	for {
		i := strings.Index(pattern, "%{")
		if i < 0 {
			x.out.WriteString(pattern)
			return nil
		}
		ref, size, ok := parseReference(pattern[i:])
		if !ok {
			x.out.WriteString(pattern[:i+2])
			pattern = pattern[i+2:]
			continue
		}
		x.out.WriteString(pattern[:i])
		pattern = pattern[i+size:]
		if err := x.reference(ref, depth); err != nil {
			return err
		}
	}
}

func (x *expander) reference(ref reference, depth int) error {
	if x.count++; x.count > maxExpansions || x.out.Len() > maxExpanded {
		return fmt.Errorf("it becomes too large: does a pattern contain itself?")
	}
	if ref.definition != "" {
		x.lib[ref.pattern] = ref.definition
	}
	body, ok := x.lib[ref.pattern]
	if !ok {
		return &UnknownError{ref.pattern}
	}
	open := "(?:"
	if ref.field != "" || !x.namedOnly {
		open = "(?<" + ref.name() + ">"
	}
	x.out.WriteString(open)
	if err := x.expand(body, depth+1); err != nil {
		return err
	}
	x.out.WriteByte(')')
	return nil
}

// reference is a parsed %{pattern:field=definition}.
type reference struct {
	pattern, field, definition string
}

func (r reference) name() string {
	if r.field == "" {
		return r.pattern
	}
	return r.pattern + ":" + r.field
}

// parseReference reads what begins with %{; what stands between the name and the brace
// besides a field and a definition is ignored, as jls-grok does.
func parseReference(s string) (r reference, size int, ok bool) {
	i := 2
	for i < len(s) && (s[i] >= 'A' && s[i] <= 'z' && s[i] != '\\' || s[i] >= '0' && s[i] <= '9') {
		i++
	}
	if r.pattern = s[2:i]; r.pattern == "" {
		return r, 0, false
	}
	if i < len(s) && s[i] == ':' {
		start := i + 1
		end := start
		for end < len(s) && fieldByte(s[end]) {
			end++
		}
		if end > start {
			r.field, i = s[start:end], end
		}
	}
	if i < len(s) && s[i] == '=' {
		if end := definitionEnd(s, i+1); end > i+1 {
			r.definition, i = s[i+1:end], end
		}
	}
	end := strings.IndexByte(s[i:], '}')
	if end < 0 {
		return r, 0, false
	}
	return r, i + end + 1, true
}

func fieldByte(c byte) bool {
	return c >= 'A' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("@:.-", c) >= 0
}

// definitionEnd is where the closing brace of a definition is: braces within balance.
func definitionEnd(s string, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '{':
			depth++
		case '}':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}

// Coercion is what becomes of a captured text.
type Coercion byte

// The coercions of %{NUMBER:n:int} and %{NUMBER:n:float}.
const (
	AsText Coercion = iota
	AsInt
	AsFloat
)

// Capture is a group whose match goes to a field.
type Capture struct {
	Group  int
	Field  string
	Coerce Coercion
}

// Pattern is a compiled grok pattern.
type Pattern struct {
	// Source is the pattern as written.
	Source string
	Regexp *onig.Regexp
	// Captures are in the order in which their values are set: groups of one name
	// together, where the first of them is.
	Captures []Capture
}

// Compile expands and compiles a pattern; a dot matches a line feed, as in jls-grok.
func Compile(pattern string, lib Library, namedOnly bool) (*Pattern, error) {
	expanded, err := lib.Expand(pattern, namedOnly)
	if err != nil {
		return nil, err
	}
	re, err := onig.Compile(expanded, onig.Options{DotAll: true})
	if err != nil {
		return nil, err
	}
	p := &Pattern{Source: pattern, Regexp: re}
	seen := map[string]bool{}
	names := re.Names()
	for i, name := range names {
		if name == "" || seen[name] {
			continue
		}
		seen[name] = true
		for group := i; group < len(names); group++ {
			if names[group] == name {
				p.Captures = append(p.Captures, capture(group, name))
			}
		}
	}
	return p, nil
}

// capture reads a group's name: PATTERN:field:coercion, PATTERN:field, or field alone.
func capture(group int, name string) Capture {
	parts := strings.Split(name, ":")
	c := Capture{Group: group, Field: parts[0]}
	if len(parts) > 1 {
		c.Field = parts[1]
	}
	if len(parts) > 2 {
		switch parts[2] {
		case "int":
			c.Coerce = AsInt
		case "float":
			c.Coerce = AsFloat
		}
	}
	return c
}
