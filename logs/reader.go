package logs

import (
	"context"
	"errors"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// Query selects entries of one tenant.
type Query struct {
	// Start (inclusive) and End (exclusive) are nanoseconds since the Unix epoch.
	Start, End int64
	// Matchers select streams; all must match. A stream without the label has the
	// empty value.
	Matchers []*labels.Matcher
	// Lines select by content; all must match. They are exact: the store returns
	// what they match and nothing else.
	Lines []LineFilter
	// Where selects by fields, beside Lines; nil matches every entry.
	Where Filter
	// Limit ends the query after so many entries, newest first (oldest first with
	// Forward); 0 means no limit and no order.
	Limit   int
	Forward bool
	// NoLines leaves out the lines, Metadata all structured metadata but the named,
	// unless it is nil. Reading less is much cheaper.
	NoLines  bool
	Metadata []string
	// Parsed are the parsed fields wanted in blocks; nil: none. AllParsed wants all.
	Parsed    []string
	AllParsed bool
	// Number is one of Parsed that MAY come as Column.Integers; "": none.
	Number string
	// MaybeEqual wants the column of this name in blocks.
	MaybeEqual bool
	// Parallel allows calls of emit to overlap, at most one for each Block.Worker.
	// It has no effect with a Limit.
	Parallel bool
}

// LineFilter is a condition on the line of an entry.
type LineFilter struct {
	// Text must be contained byte for byte, if Regex is empty.
	Text string
	// Regex is an RE2 expression that must match anywhere in the line.
	Regex string
	// Not turns the condition around.
	Not bool
}

// Block is a run of entries of one stream. Everything in it is valid only until
// emit returns; copy what is kept (strings.Clone).
type Block struct {
	Stream model.Labels
	Times  []int64
	// Lines has one line for each entry; nil if they were not asked for.
	Lines []string
	// Metadata has the structured metadata in columns.
	Metadata []Column
	// Parsed has the parsed fields that were asked for, Formats how each line was
	// read; it is nil if no parsed fields were asked for, or if all lines are Raw.
	Parsed  []Column
	Formats []Format
	// MaybeEqual says which entries the filter MaybeEqual matches, if the query
	// asked for it; nil means that each may equal another.
	MaybeEqual []bool
	// Worker is a small number, from 0 on; see Query.Parallel.
	Worker int
}

// Column is one name of structured metadata or of parsed fields with its value for
// each entry of a block, "" where an entry lacks it.
type Column struct {
	Name   string
	Values []string
	// Integers are the values of the field that Query.Number names, if all entries have a
	// decimal integer there, in its shortest form; then there are no Values.
	Integers []int64
}

// Grouping says how Count groups.
type Grouping struct {
	// Step is the width of time buckets in nanoseconds, 0 means one bucket for all.
	// Buckets begin at Offset plus multiples of Step.
	Step, Offset int64
	// By are the fields to group by.
	By []Field
	// Bytes adds up the length of lines too.
	Bytes bool
	// Number, unless it is nil, is a field whose decimal numbers are added up and
	// compared.
	Number *Field
}

// Group is one result of Count.
type Group struct {
	// Time is the begin of the bucket in nanoseconds, 0 without a Step.
	Time int64
	// By are the values of Grouping.By, in its order.
	By      []string
	Entries uint64
	Bytes   uint64
	// Numbers counts entries whose Grouping.Number is a finite decimal number; Sum,
	// Min and Max are over these, 0 if there are none.
	Numbers       uint64
	Sum, Min, Max float64
}

// ErrStop is what emit returns to end a Select early without an error.
var ErrStop = errors.New("stop")

// ErrMemory is what Count returns when there are too many groups for the memory that
// the store has for one query. Test with errors.Is.
var ErrMemory = errors.New("the groups need more memory than the store has for one query")

// Reader is the query side. All methods are safe for concurrent use, stop when
// ctx is done and see every entry whose Append returned before the call.
//
// An entry that was pushed twice is there twice: who answers queries in Loki's
// dialect folds entries of one stream with the same time and line.
type Reader interface {
	// Select calls emit for blocks of matching entries. Calls do not overlap unless
	// q.Parallel allows it.
	// Without q.Limit blocks come in no particular order; with it they come ordered
	// by time, entries of one time in the order in which they were appended, and end
	// after q.Limit entries. An error of emit ends the query and is returned, but for
	// ErrStop.
	Select(ctx context.Context, t tenant.ID, q Query, emit func(*Block) error) error
	// Count counts matching entries in groups. Equal entries count as often as they
	// are there; see MaybeEqual.
	Count(ctx context.Context, t tenant.ID, q Query, g Grouping) ([]Group, error)
	// LabelNames returns the sorted names of labels of matching streams. It, as
	// LabelValues and Series, answers from the index and ignores q.Lines.
	LabelNames(ctx context.Context, t tenant.ID, q Query) ([]string, error)
	// LabelValues returns the sorted values of a label of matching streams.
	LabelValues(ctx context.Context, t tenant.ID, q Query, name string) ([]string, error)
	// Series returns the matching streams, at most limit (0: all), in no order.
	Series(ctx context.Context, t tenant.ID, q Query, limit int) ([]model.Labels, error)
}
