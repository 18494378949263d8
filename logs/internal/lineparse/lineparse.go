// Package lineparse reads the fields of a JSON or logfmt line when the line is
// stored, so that queries find them in columns. What it returns is exactly what
// LogQL's json and logfmt stages make of the line (see logs.Format): a line of which
// that cannot be said cheaply has no fields.
//
// Lines come from hostile clients: the number and size of fields, the depth of
// objects and the memory of an Extractor are bounded.
package lineparse

import (
	"github.com/pharosd/pharos/logs"
)

// Bounds of one line; beyond them it is Raw.
const (
	// MaxFields is how many fields a line may have.
	MaxFields = 64
	// maxDepth is how deeply objects may be nested.
	maxDepth = 8
	// maxValue and MaxTotal bound one value and all values of a line in bytes.
	maxValue = 8 << 10
	MaxTotal = 32 << 10
)

// Field is a name and a value that is not empty.
type Field struct{ Name, Value string }

// Extractor reads lines. It remembers the names of fields and their order, because
// lines repeat them: then reading a line needs no memory and no look-up. Not safe
// for concurrent use.
type Extractor struct {
	prefix  string
	maxName int
	admit   func(name string) bool
	// generation tells names that were admitted from those that must be asked for.
	generation uint64

	line string
	// nodes and values are the fields of the line in its order.
	nodes  []*node
	values []string
	total  int
	out    []Field
	// arena holds values that had escapes.
	arena []byte

	known            map[nodeKey]*node
	last             *node // the key that was read last
	jsonTop, pairTop *node
}

// New returns an Extractor whose names begin with prefix and have at most maxName
// bytes with it.
func New(prefix string, maxName int) *Extractor {
	x := &Extractor{prefix: prefix, maxName: maxName}
	x.forget()
	return x
}

// maxArena is the memory for values with escapes that is kept for the next lines.
const maxArena = 1 << 20

// Reset begins a run of lines of which values are used together: those returned
// before are not valid any more. admit says whether a name (without the prefix) may
// be used; it is asked again for each run.
func (x *Extractor) Reset(admit func(name string) bool) {
	x.admit = admit
	x.generation++
	if x.arena = x.arena[:0]; cap(x.arena) > maxArena {
		x.arena = nil
	}
}

// Extract returns how a line was read and its fields, sorted by name. The fields are
// valid until the next call, their values share the line's memory or are valid
// until Reset.
func (x *Extractor) Extract(line string) (logs.Format, []Field) {
	if line == "" {
		return logs.Raw, nil
	}
	x.line = line
	x.nodes, x.values, x.total = x.nodes[:0], x.values[:0], 0
	switch first := line[0]; {
	case first == '{' || isSpace(first):
		if x.json() {
			return x.finish(logs.JSON)
		}
	case isKeyStart(first):
		if x.logfmt() {
			return x.finish(logs.Logfmt)
		}
	}
	return logs.Raw, nil
}

// add takes a field and says whether it is within the bounds.
func (x *Extractor) add(n *node, value string) bool {
	if n.name == "" { // the language drops keys without a letter
		return true
	}
	x.total += len(value)
	if n.bad || len(x.nodes) == MaxFields || len(value) > maxValue || x.total > MaxTotal {
		return false
	}
	x.nodes = append(x.nodes, n)
	x.values = append(x.values, value)
	return true
}

// finish returns the fields in order. The first of equal names wins.
func (x *Extractor) finish(format logs.Format) (logs.Format, []Field) {
	for _, n := range x.nodes {
		if n.admitted == x.generation {
			continue
		}
		if !x.admit(n.name[len(x.prefix):]) {
			return logs.Raw, nil
		}
		n.admitted = x.generation
	}
	x.out = x.out[:0]
	for _, i := range orderOf(x.nodes) {
		v := x.values[i]
		if v == "" {
			format = logs.JSONNonEmpty
			continue
		}
		x.out = append(x.out, Field{x.nodes[i].name, v})
	}
	return format, x.out
}
