// Package traceql is TraceQL, the query language of Grafana Tempo, after its public
// documentation: parser, planner and evaluator over a store of spans.
//
// # Evaluation
//
// A query is a pipeline that decides about one trace at a time. What of it is about
// single spans narrows what the store reads (plan.go); a trace that may match is then
// read whole, and the pipeline is evaluated on all of its spans, so structural
// operators, aggregates and trace-level fields see every span. Metrics over conditions
// on single spans need no whole traces: they are counted while spans are scanned.
//
// # What is not supported
//
// Comparing pipelines with each other, ({...} | count()) > ({...} | count()), is
// refused by name. Hints that choose sampling are taken and change nothing: answers are
// exact. docs/user/traceql.md has the list.
package traceql

import (
	"errors"
	"fmt"
	"time"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/traces"
)

// Store is what queries are evaluated over.
type Store interface {
	traces.Scanner
	traces.Reader
}

// Config bounds queries.
type Config struct {
	// Timeout is how long a query may take.
	Timeout strictyaml.Duration `yaml:"timeout"`
	// MaxTraces is the most traces that a search returns, whatever limit it asks for.
	MaxTraces int `yaml:"max_traces"`
	// MaxSpans is how many spans a query looks at before it answers with what it has and
	// says so.
	MaxSpans int `yaml:"max_spans"`
	// MaxSeries is the most series of a metrics query, and MaxPoints the most points of
	// one series.
	MaxSeries int `yaml:"max_series"`
	MaxPoints int `yaml:"max_points"`
	// MaxConcurrent is how many queries run at once; further ones wait.
	MaxConcurrent int `yaml:"max_concurrent"`
}

// DefaultConfig returns the bounds that are used unless others are set.
func DefaultConfig() Config {
	return Config{
		Timeout:       strictyaml.Duration(time.Minute),
		MaxTraces:     3000,
		MaxSpans:      5_000_000,
		MaxSeries:     2000,
		MaxPoints:     11_000,
		MaxConcurrent: 4,
	}
}

// Validate returns all mistakes at once.
func (c Config) Validate() error {
	var errs []error
	if c.Timeout <= 0 {
		errs = append(errs, &strictyaml.KeyError{Key: "timeout", Err: errors.New("must be above 0")})
	}
	for _, f := range []struct {
		name  string
		value int
	}{
		{"max_traces", c.MaxTraces},
		{"max_spans", c.MaxSpans},
		{"max_series", c.MaxSeries},
		{"max_points", c.MaxPoints},
		{"max_concurrent", c.MaxConcurrent},
	} {
		if f.value <= 0 {
			errs = append(errs, &strictyaml.KeyError{Key: f.name, Err: fmt.Errorf("must be above 0, is %d", f.value)})
		}
	}
	return errors.Join(errs...)
}

// ParseError is a mistake in a query.
type ParseError struct {
	// Line and Column, from 1 on, are where it is; columns count characters.
	Line, Column int
	Message      string
	// Hint says what to write instead, "" if nothing is known.
	Hint string
}

func (e *ParseError) Error() string {
	s := fmt.Sprintf("parse error at line %d, col %d: %s", e.Line, e.Column, e.Message)
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// LimitError is a query that would exceed a bound.
type LimitError struct{ Message string }

func (e *LimitError) Error() string { return e.Message }
