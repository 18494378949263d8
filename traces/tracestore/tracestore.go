// Package tracestore keeps spans as rows of a rowstore.
//
// # Layout
//
// Each span is one row. Service, operation and kind identify its stream, so that
// spans that are alike lie together and the lists of services and operations come
// from the index alone. What a search compares is a column (see schema.go); what of
// the span, its resource and scope no column holds exactly is in one more column, as
// an OTLP TracesData message of one span, so that it comes back exactly as it was
// sent (see rest.go).
//
// # Finding a trace by its id
//
// A trace id says nothing about time, and looking through months of spans for one
// would be slow. So each Append writes, together with the spans, one small row for
// each trace in the batch that names the range of times in which its spans start.
// These rows lie in 512 streams of their own, chosen by the trace id. A lookup
// reads one of them, which is a few bytes a trace and day, and then only the spans
// of the range. Spans and their index rows are in one Append: they are durable
// together. A trace that arrives in several batches has several index rows, whose
// ranges are united.
package tracestore

import (
	"errors"
	"fmt"
	"time"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/traces"
)

// Config bounds what one answer may hold.
type Config struct {
	// MaxTraces is the most traces that a search returns, whatever limit it asks for.
	MaxTraces int `yaml:"max_traces"`
	// MaxSpansPerTrace and MaxAnswerBytes cut traces that are larger; the answer
	// says so.
	MaxSpansPerTrace int `yaml:"max_spans_per_trace"`
	MaxAnswerBytes   int `yaml:"max_answer_bytes"`
	// MaxSearchRows bounds how many matching spans a search looks at, and
	// MaxDependencySpans how many spans the calls between services are counted from.
	MaxSearchRows      int `yaml:"max_search_rows"`
	MaxDependencySpans int `yaml:"max_dependency_spans"`
	// MaxOperations is how many span names a tenant may have before further ones are
	// kept together in one stream for each service: searching for them is slower.
	MaxOperations int `yaml:"max_operations"`
}

// DefaultConfig returns the bounds that are used unless others are set.
func DefaultConfig() Config {
	return Config{
		MaxTraces:          3000,
		MaxSpansPerTrace:   50_000,
		MaxAnswerBytes:     32 << 20,
		MaxSearchRows:      1_000_000,
		MaxDependencySpans: 250_000,
		MaxOperations:      10_000,
	}
}

// Validate returns all mistakes at once.
func (c Config) Validate() error {
	var errs []error
	for _, f := range []struct {
		name  string
		value int
	}{
		{"max_traces", c.MaxTraces},
		{"max_spans_per_trace", c.MaxSpansPerTrace},
		{"max_answer_bytes", c.MaxAnswerBytes},
		{"max_search_rows", c.MaxSearchRows},
		{"max_dependency_spans", c.MaxDependencySpans},
		{"max_operations", c.MaxOperations},
	} {
		if f.value <= 0 {
			errs = append(errs, &strictyaml.KeyError{Key: f.name, Err: fmt.Errorf("must be above 0, is %d", f.value)})
		}
	}
	return errors.Join(errs...)
}

// Rows is the row store that spans are kept in. It must hold nothing else.
type Rows interface {
	rowstore.Reader
	rowstore.Writer
}

// Store implements traces.Appender and traces.Reader.
type Store struct {
	rows       Rows
	cfg        Config
	operations *operationNames
	now        func() time.Time
}

var (
	_ traces.Appender = (*Store)(nil)
	_ traces.Reader   = (*Store)(nil)
)

// New returns a Store over rows, which stays the caller's to close.
func New(rows Rows, cfg Config) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("trace store: %w", err)
	}
	return &Store{rows: rows, cfg: cfg, operations: newOperationNames(cfg.MaxOperations), now: time.Now}, nil
}
