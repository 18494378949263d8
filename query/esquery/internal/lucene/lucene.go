// Package lucene reads the languages of Elasticsearch's query_string (Lucene's
// classic query parser, as Elasticsearch extends it) and simple_query_string, and
// translates Lucene's regular expressions. It knows nothing of documents.
package lucene

import "fmt"

// Node is a query: one of Bool, Text, Phrase, Wildcard, Regexp, Fuzzy, Range,
// Exists, All. Field is "" where the query names none.
type Node interface{ node() }

type (
	// Bool matches when all Must and no MustNot clauses do and, without a Must, at
	// least one Should.
	Bool struct{ Clauses []Clause }
	// Text is a word, or several that stand together without an operator. It is
	// analysed by each field.
	Text struct{ Field, Text string }
	// Phrase is a quoted text.
	Phrase struct {
		Field, Text string
		Slop        int
	}
	// Wildcard has * and ?, and a backslash before those that stand for themselves.
	Wildcard struct{ Field, Pattern string }
	// Prefix is the begin of a word.
	Prefix struct{ Field, Text string }
	// Regexp is an expression in Lucene's syntax.
	Regexp struct{ Field, Expr string }
	// Fuzzy is a word with at most Edits edits; -1: by the word's length.
	Fuzzy struct {
		Field, Text string
		Edits       int
	}
	// Range has bounds, "*" for none.
	Range struct {
		Field, Low, High  string
		OpenLow, OpenHigh bool
	}
	// Exists matches documents that have the field.
	Exists struct{ Field string }
	// All matches every document.
	All struct{}
)

// Clause is a part of a Bool.
type Clause struct {
	Occur Occur
	Query Node
}

// Occur says how a clause counts.
type Occur uint8

// The three ways.
const (
	Should Occur = iota
	Must
	MustNot
)

func (Bool) node()     {}
func (Text) node()     {}
func (Phrase) node()   {}
func (Wildcard) node() {}
func (Prefix) node()   {}
func (Regexp) node()   {}
func (Fuzzy) node()    {}
func (Range) node()    {}
func (Exists) node()   {}
func (All) node()      {}

// Bounds on what is read.
const (
	maxQuery   = 32 << 10
	maxDepth   = 64
	maxClauses = 1024
)

// SyntaxError is what is wrong with a query, at a byte offset.
type SyntaxError struct {
	Query  string
	Offset int
	Reason string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("Cannot parse '%.200s': %s at column %d", e.Query, e.Reason, e.Offset)
}
