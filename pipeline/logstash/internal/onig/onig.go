// Package onig is a regular expression engine with the syntax and the semantics of
// Oniguruma as Ruby configures it, which is what Logstash's patterns are written for:
// leftmost match, alternatives in order, ^ and $ at every line, look-around, atomic
// groups, possessive quantifiers, back-references, and named groups whose names may be
// anything, such as [source][ip].
//
// It backtracks, as Oniguruma does, over a program of instructions with an explicit
// stack, so that neither deep recursion nor a match of unbounded time can hurt: a search
// has a deadline and a bound on its stack. Go's regexp knows neither look-around nor
// atomic groups, and is several times slower on grok's patterns; see the benchmarks.
//
// Sources: the document "Onigmo Regular Expressions" (doc/RE) and Ruby's "Regexp" page.
package onig

import (
	"errors"
	"fmt"
	"time"
)

// Options change how a pattern is read, as letters after the closing slash do in Ruby.
type Options struct {
	// DotAll lets . match a line feed (Ruby's m).
	DotAll bool
	// IgnoreCase is Ruby's i.
	IgnoreCase bool
	// Extended ignores white space and comments (Ruby's x).
	Extended bool
}

// ErrDeadline says that a search took longer than it was given.
var ErrDeadline = errors.New("the search took longer than its time limit")

// ErrStack says that a search needed to remember more alternatives than it may.
var ErrStack = errors.New("the search backtracks too much")

// SyntaxError is an error in a pattern.
type SyntaxError struct {
	Pattern string
	// Offset is in bytes from the pattern's start.
	Offset int
	Reason string
}

func (e *SyntaxError) Error() string {
	at := e.Pattern[min(e.Offset, len(e.Pattern)):]
	if len(at) > 40 {
		at = at[:40] + "..."
	}
	if at == "" {
		return fmt.Sprintf("regular expression: %s at its end", e.Reason)
	}
	return fmt.Sprintf("regular expression: %s at offset %d, before %q", e.Reason, e.Offset, at)
}

// Regexp is a compiled pattern. It is safe for concurrent use; searching takes a
// Matcher, which is not.
type Regexp struct {
	pattern string
	prog    []inst
	groups  int      // capturing groups, without the whole match
	names   []string // by group; [0] is "", "" is a group without a name
	regs    int
	facts   facts
}

// Compile reads a pattern. Errors are *SyntaxError.
func Compile(pattern string, o Options) (*Regexp, error) {
	tree, p, err := parse(pattern, o)
	if err != nil {
		return nil, err
	}
	c := compiler{}
	if err := c.program(tree, p.groups); err != nil {
		return nil, &SyntaxError{pattern, 0, err.Error()}
	}
	return &Regexp{pattern: pattern, prog: c.prog, groups: p.groups, names: p.names, regs: c.regs, facts: learn(tree)}, nil
}

// String is the pattern.
func (r *Regexp) String() string { return r.pattern }

// Groups is how many groups capture.
func (r *Regexp) Groups() int { return r.groups }

// Names are the groups' names by their numbers; a name may occur more than once, and
// [0] is empty.
func (r *Regexp) Names() []string { return r.names }

// MatchString reports whether s holds a match. It is for patterns of people's
// configurations on short strings; give it a time limit.
func (r *Regexp) MatchString(s string, limit time.Duration) (bool, error) {
	m := r.Matcher()
	found, err := m.Find(s, 0, limit)
	return found, err
}
