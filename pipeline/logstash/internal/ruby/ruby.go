// Package ruby runs a safe subset of Ruby: the one in which people write the code of
// Logstash's aggregate and ruby filters. It knows texts, numbers, lists, hashes, times,
// regular expressions, conditions, loops, blocks and exceptions, and the event; it knows
// no files, no processes, no network, no classes of one's own and no evaluation of text.
// What is outside of the subset is an error when the code is read, with its line.
//
// Texts are values: where Ruby changes one in place (<<, gsub!), the variable or element
// that holds it gets a new one.
package ruby

import (
	"errors"
	"fmt"
	"time"
)

// Bounds on a run.
const (
	// maxSteps is how many pieces of code one run may evaluate.
	maxSteps = 2_000_000
	// maxDepth bounds nesting, of code and of calls.
	maxDepth = 150
	// maxText and maxItems bound single values.
	maxText  = 16 << 20
	maxItems = 1_000_000
)

// SyntaxError is code that is wrong or outside of the subset.
type SyntaxError struct {
	// Line counts from 1 within the code.
	Line   int
	Reason string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d of the code: %s", e.Line, e.Reason) }

// Error is an exception that the code did not rescue.
type Error struct {
	Class   string
	Message string
	Line    int
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s (line %d)", e.Class, e.Message, e.Line) }

// ErrLimit says that a run took more steps, depth or memory than it may.
var ErrLimit = errors.New("the code takes too long or too much memory")

// Event is what code sees of an event. Values are those of pipeline.Event.
type Event interface {
	// Get and Set take field references; an error becomes an exception.
	Get(ref string) (any, error)
	Set(ref string, v any) error
	Remove(ref string) any
	Include(ref string) bool
	Tag(tag string)
	Cancel()
	Cancelled() bool
	Sprintf(text string) string
	// Fields is the whole document, with @timestamp.
	Fields() map[string]any
	Clone() Event
}

// Host is what code may ask for besides its variables.
type Host interface {
	Now() time.Time
	// Lookup finds environment variables.
	Lookup(name string) (string, bool)
	// NewEvent is LogStash::Event.new.
	NewEvent(fields map[string]any) Event
}

// Program is code that was read.
type Program struct {
	body node
}

// Compile reads code; variables are those that exist when it runs. Errors are
// *SyntaxError.
func Compile(code string, variables ...string) (*Program, error) {
	p := newParser(code)
	for _, v := range variables {
		p.known[v] = true
	}
	body, err := p.program()
	if err != nil {
		return nil, err
	}
	return &Program{body}, nil
}

// CompileScript reads a file of functions for the ruby filter: register(params),
// filter(event) and others. Its tests (test "..." do ... end) are passed over.
func CompileScript(code string) (*Program, error) {
	p := newParser(code)
	p.script = true
	body, err := p.program()
	if err != nil {
		return nil, err
	}
	return &Program{body}, nil
}

// Object is the self that programs run as: it keeps instance variables (@x) between
// runs. It is for one goroutine at a time.
type Object struct {
	host Host
	vars map[string]any
	// grown is what the last run added, in bytes.
	grown int
	// functions are those that code defined (def).
	functions map[string]*function
	// tables are the methods, made on first use.
	tables *methods
}

// NewObject returns one without variables.
func NewObject(host Host) *Object {
	return &Object{host: host, vars: map[string]any{}, functions: map[string]*function{}}
}

// Run runs a program with variables; their values are made by FromGo or are *Hash,
// Event or Func. The error is *Error or ErrLimit.
func (o *Object) Run(p *Program, variables map[string]any) (any, error) {
	in := &interp{self: o, scope: &scope{vars: map[string]any{}}}
	o.grown = 0
	for name, v := range variables {
		in.scope.vars[name] = v
	}
	return guarded(func() any { return in.eval(p.body) })
}

// Defines reports whether a program that ran defined a function.
func (o *Object) Defines(name string) bool { return o.functions[name] != nil }

// Call calls a function that a program defined.
func (o *Object) Call(name string, args ...any) (any, error) {
	in := &interp{self: o, scope: &scope{vars: map[string]any{}}}
	return guarded(func() any { return in.invoke(o.functions[name], args) })
}

// guarded turns what ends a run early into its result or an error.
func guarded(run func() any) (result any, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *Error:
			err = r
		case limit:
			err = ErrLimit
		case control:
			result = r.value // return, next or break at the top end the run
		default:
			panic(r)
		}
	}()
	return run(), nil
}

// Func is a procedure of the host that code may call with .call(x) and, as a block,
// with yield's place taken.
type Func func(args []any) any
