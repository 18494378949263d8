// Package logql is the query language of Loki 3.7: parser, printer and
// evaluator over a logs.Reader.
//
// Parse turns a text into an Expr, whose String is the canonical text. An Engine
// evaluates it: log queries into streams, metric queries into vectors and
// matrices. Semantics follow Loki's engine with sharding off; where Loki's answer
// contradicts its own manual the difference is named in the comment of the
// construct.
//
// One construct is one file: stage_*.go are the stages of a pipeline, expr_*.go
// what metric queries are made of.
package logql

import (
	"errors"
	"fmt"
)

// Errors of parsing and evaluation; test with errors.Is.
var (
	// ErrParse: the text is no valid query.
	ErrParse = errors.New("failed to parse the log query")
	// ErrPipeline: a line could not be processed and a metric query did not filter
	// it out.
	ErrPipeline = errors.New("failed execute pipeline")
	// ErrLimit: the query needs more than its budget.
	ErrLimit = errors.New("limit reached while evaluating the query")
	// ErrExecution: the query is valid, its evaluation is not defined for this data.
	ErrExecution = errors.New("failed to evaluate the query")
	// ErrUnsupported: the query is valid LogQL that cannot be used for this.
	ErrUnsupported = errors.New("not supported")
	// ErrOnlyMatchers: a selector was wanted, the query has more.
	ErrOnlyMatchers = errors.New("only label matchers are supported")
)

// queryError is an error with Loki's words that belongs to one of the kinds
// above.
type queryError struct {
	kind error
	msg  string
}

func (e *queryError) Error() string        { return e.msg }
func (e *queryError) Is(target error) bool { return target == e.kind }

func limitErrorf(format string, args ...any) error {
	return &queryError{ErrLimit, fmt.Sprintf(format, args...)}
}

func executionErrorf(format string, args ...any) error {
	return &queryError{ErrExecution, fmt.Sprintf(format, args...)}
}

// unsupported is what a valid construct answers that cannot be used.
func unsupported(what string) error {
	return &queryError{ErrUnsupported, "not supported: " + what}
}

// ParseError says where and why a text is no query. Line and Col count from 1;
// both are 0 if the error belongs to the whole text.
type ParseError struct {
	Line, Col int
	Msg       string
}

// Error is Loki's wording.
func (e *ParseError) Error() string {
	if e.Line == 0 && e.Col == 0 {
		return "parse error : " + e.Msg
	}
	return fmt.Sprintf("parse error at line %d, col %d: %s", e.Line, e.Col, e.Msg)
}

// Is makes errors.Is(err, ErrParse) true.
func (e *ParseError) Is(target error) bool { return target == ErrParse }

func parseErrorf(format string, args ...any) *ParseError {
	return &ParseError{Msg: fmt.Sprintf(format, args...)}
}
