// Package strictyaml reads configuration files strictly: what a file says and the
// program does not know is an error, and all errors of a file are told at once,
// each with its place and, for a misspelt key, the key that was probably meant.
//
// A field is named by its tag (`yaml:"retention"`), or by its name in lower case
// without one; "-" leaves it out and ",inline" puts a struct's fields in its
// parent's place. Fields may be strings, booleans, integers, floats,
// time.Duration, Duration, Bytes, anything that implements
// encoding.TextUnmarshaler, and structs, slices, maps and pointers of those. A field of
// type yaml.Node keeps its part of the file for a reader of its own. What
// the file does not name keeps the value that it had, so that defaults are set
// before decoding.
package strictyaml

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// MaxSize bounds a file in bytes.
const MaxSize = 4 << 20

// Problem is one thing that is wrong with a file.
type Problem struct {
	File         string
	Line, Column int    // 1-based
	Key          string // dotted path, "scrape.jobs[2].name"; "" for the file as a whole
	Message      string
	Hint         string // what to do instead, "" if there is nothing to say
}

// String returns `file:line:col: key: message (hint)`.
func (p Problem) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: ", p.File, p.Line, p.Column)
	if p.Key != "" {
		b.WriteString(p.Key)
		b.WriteString(": ")
	}
	b.WriteString(p.Message)
	if p.Hint != "" {
		fmt.Fprintf(&b, " (%s)", p.Hint)
	}
	return b.String()
}

// Error is all that is wrong with a file, in the file's order, never empty.
type Error struct {
	Problems []Problem
}

// Error returns one line for each problem.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Load decodes text into v, a pointer to a struct, and then calls its Validate
// method if it has one, so that problems of both kinds are told together. What
// Validate says about a key that could not be decoded is left out. file is for
// messages only. The error is an *Error.
func Load(file string, text []byte, v any) error {
	doc, err := Decode(file, text, v)
	var e *Error
	errors.As(err, &e)
	if doc == nil {
		return err
	}
	if validator, ok := v.(interface{ Validate() error }); ok {
		e = merge(e, doc.Locate(validator.Validate()))
	}
	if e == nil {
		return nil
	}
	return e
}

// merge adds the problems of later whose key first does not name.
func merge(first *Error, later error) *Error {
	var l *Error
	if !errors.As(later, &l) {
		return first
	}
	if first == nil {
		return l
	}
	known := make(map[string]bool, len(first.Problems))
	for _, p := range first.Problems {
		known[p.Key] = true
	}
	all := slices.Clone(first.Problems)
	for _, p := range l.Problems {
		if !known[p.Key] {
			all = append(all, p)
		}
	}
	return newError(all)
}

// Document remembers where a file's keys are.
type Document struct {
	file  string
	start position
	keys  map[string]position
}

type position struct{ line, column int }

// Decode decodes text into v, a pointer to a struct. The error is an *Error. The
// document is nil only if the text is no YAML at all; otherwise it can locate
// further errors even if decoding found problems. It panics if v holds a type
// that a configuration cannot have.
func Decode(file string, text []byte, v any) (*Document, error) {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() || target.Elem().Kind() != reflect.Struct {
		panic(fmt.Sprintf("BUG: strictyaml decodes into a pointer to a struct, not %T", v))
	}
	root, problem := parse(file, text)
	if problem != nil {
		return nil, &Error{Problems: []Problem{*problem}}
	}
	d := &decoder{doc: &Document{file: file, start: position{1, 1}, keys: map[string]position{}}}
	if root != nil {
		d.doc.start = position{root.Line, root.Column}
		d.value("", root, target.Elem(), 0)
	}
	if len(d.problems) > 0 {
		return d.doc, newError(d.problems)
	}
	return d.doc, nil
}

func newError(problems []Problem) *Error {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return &Error{Problems: problems}
}

// parse returns the root of the file's only document, nil for an empty file.
func parse(file string, text []byte) (*yaml.Node, *Problem) {
	if len(text) > MaxSize {
		return nil, &Problem{File: file, Line: 1, Column: 1, Message: fmt.Sprintf("the file has %d bytes, want %d at most", len(text), MaxSize)}
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var first, second yaml.Node
	if err := dec.Decode(&first); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, syntaxProblem(file, err)
	}
	if err := dec.Decode(&second); err == nil {
		return nil, &Problem{
			File: file, Line: max(second.Line, 1), Column: max(second.Column, 1),
			Message: "a second document begins here", Hint: "a configuration file holds one",
		}
	} else if !errors.Is(err, io.EOF) {
		return nil, syntaxProblem(file, err)
	}
	if len(first.Content) == 0 {
		return nil, nil
	}
	return first.Content[0], nil
}

var syntaxLine = regexp.MustCompile(`^line (\d+): `)

// syntaxProblem takes the place from yaml.v3's message, its only carrier.
func syntaxProblem(file string, err error) *Problem {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	p := &Problem{File: file, Line: 1, Column: 1}
	if m := syntaxLine.FindStringSubmatch(message); m != nil {
		message = message[len(m[0]):]
		if n, err := strconv.Atoi(m[1]); err == nil && n > 0 {
			p.Line = n
		}
	}
	p.Message = "this is no valid YAML: " + message
	return p
}
