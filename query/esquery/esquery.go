// Package esquery answers Elasticsearch's search requests over the log store: the
// query DSL, Lucene's query string, sorting and paging, aggregations, field
// capabilities. It knows nothing of HTTP; api/elastic serves it.
//
// A document is a log entry. What came through Elasticsearch's bulk API is its own
// source, byte for byte, in the index that its stream's label "index" names. Every
// other entry is a document of the index logs-<service_name> (or logs): its fields
// are @timestamp, message (the line), the stream's labels, the structured metadata
// and, if the line is a JSON object, its members.
//
// There is no mapping: a value has the type that Elasticsearch's dynamic mapping
// would give it. A text is both analysed (standard analyzer) and exact: a query of a
// field takes either, one of field.keyword the exact value alone. @timestamp is the
// entry's time. All matches score 1.
//
// Each query is compiled twice: into a logs.Filter that selects at least what
// matches, which the store applies, and into an exact test of decoded documents.
package esquery

import (
	"fmt"
	"time"
)

// Config bounds what one request may take.
type Config struct {
	// MaxMemory bounds what a request keeps while it runs, in bytes.
	MaxMemory int64
	// MaxBytes bounds the bytes of documents that a request reads.
	MaxBytes int64
	// Timeout ends the search: the answer has what was found and says so.
	Timeout time.Duration
	// MaxBuckets is Elasticsearch's search.max_buckets.
	MaxBuckets int
	// MaxWindow is Elasticsearch's index.max_result_window.
	MaxWindow int
	// MaxContexts bounds the scrolls and points in time of one tenant, MaxKeepAlive
	// how long each is kept unused.
	MaxContexts  int
	MaxKeepAlive time.Duration
}

// DefaultConfig has Elasticsearch's limits where it has one.
func DefaultConfig() Config {
	return Config{
		MaxMemory: 256 << 20, MaxBytes: 64 << 30, Timeout: time.Minute,
		MaxBuckets: 65_536, MaxWindow: 10_000, MaxContexts: 500, MaxKeepAlive: 24 * time.Hour,
	}
}

// Error is an answer that is an error, as Elasticsearch words it.
type Error struct {
	Status int
	Type   string
	Reason string
	// Index is the index that the error is about, if it is about one.
	Index    string
	CausedBy *Error
}

func (e *Error) Error() string { return e.Type + ": " + e.Reason }

func badf(kind, format string, args ...any) *Error {
	return &Error{Status: 400, Type: kind, Reason: fmt.Sprintf(format, args...)}
}

func parsingf(format string, args ...any) *Error { return badf("parsing_exception", format, args...) }

func illegalf(format string, args ...any) *Error {
	return badf("illegal_argument_exception", format, args...)
}

// unsupportedf is for what Elasticsearch can do and Pharos cannot.
func unsupportedf(format string, args ...any) *Error {
	return badf("illegal_argument_exception", format+" is not supported by Pharos", args...)
}

func shardf(format string, args ...any) *Error {
	return badf("query_shard_exception", format, args...)
}
