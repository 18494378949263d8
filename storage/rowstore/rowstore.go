// Package rowstore keeps rows of named text fields, grouped in streams and
// ordered by time, durably and for many tenants. Log lines, spans, error events
// and audit events are rows of stores of this kind, each with its own schema and
// retention. The engine behind it (VictoriaLogs' storage library) is seen by no
// other package.
//
// # Durability
//
// Append answers only when the rows are in the write-ahead log and synced (group
// commit). Each row gets a sequence number that is stored with it, so that a
// replay after a crash skips what the engine already holds: an acknowledged row
// is there exactly once.
package rowstore

import (
	"context"
	"errors"

	"github.com/pharosd/pharos/tenant"
)

// Field is a name and a value. A field with an empty value is the same as no
// field. Names that begin with '_' or '~' are the store's own; schemas of callers
// must not use them.
type Field struct{ Name, Value string }

// MessageField is the field that Word and Phrase filters without a name search.
const MessageField = "_msg"

// SequenceColumn is in blocks of queries that ask for it: the row's number, decimal.
// Numbers ascend in the order in which rows were appended, the rows of one Append in
// theirs, and are never used twice.
const SequenceColumn = sequenceField

// LateColumn marks, with the value "1", rows of a store with Config.Distinct that
// may equal another one. Of rows that are equal in stream, time and message at most
// one lacks the mark: those without it are distinct among themselves, but one of
// them may equal a marked one. It is not among the columns of blocks unless
// Query.Late asks for it.
const LateColumn = "~late"

// Row is one record. The store copies what it keeps: the caller may reuse the
// row after Append returned.
type Row struct {
	// Time is nanoseconds since the Unix epoch.
	Time int64
	// Stream identifies the stream that the row belongs to, sorted by name. Rows of
	// one stream are stored together. A few thousand streams are fine, one for each
	// row is not.
	Stream []Field
	// Fields are the row's other fields, MessageField among them.
	Fields []Field
}

// Errors that Append and Query return; test with errors.Is. Those that refuse
// rows have a method Refusal() (reason string, temporary bool).
var (
	// ErrTooOld and ErrTooNew: the row's time is outside [now-retention,
	// now+future]. Append checks all rows first and stores none.
	ErrTooOld error = &refusal{"older than the retention", "greater_than_max_sample_age", false}
	ErrTooNew error = &refusal{"too far in the future", "too_far_in_future", false}
	// ErrRowTooLarge: a row's fields exceed MaxRowSize bytes in sum, or it has more
	// than MaxFields fields.
	ErrRowTooLarge error = &refusal{"row too large", "row_too_large", false}
	// ErrBadName: a field's name is empty, longer than MaxNameSize, begins with '_'
	// or '~' (MessageField aside), or is a stream field's and has one of ={}," in it.
	ErrBadName error = &refusal{"bad field name", "invalid_labels", false}
	// ErrReadOnly: the disk is too full for writing. Reads go on.
	ErrReadOnly error = &refusal{"store is read-only: disk is full", "disk_full", true}
	// ErrOverloaded: too many bytes wait for the disk. The caller may retry.
	ErrOverloaded error = &refusal{"too many writes under way", "overloaded", true}
	// ErrReplaying: what was written before the last crash is not readable yet. Writing
	// is possible.
	ErrReplaying error = &refusal{"the write-ahead log is being replayed: ask again in a moment", "replaying", true}
	// ErrMemory: the groups of a Count need more memory than the engine has for one.
	ErrMemory = errors.New("the groups need more memory than the store has for one query")
	// ErrClosed: the store was closed.
	ErrClosed = errors.New("store is closed")
)

// refusal is why rows were not taken.
type refusal struct {
	text      string
	reason    string // the value of the label "reason" of metrics
	temporary bool
}

func (r *refusal) Error() string { return r.text }

// Refusal returns the reason's name and whether the same rows may be taken later.
func (r *refusal) Refusal() (reason string, temporary bool) { return r.reason, r.temporary }

// Bounds of one row; the engine drops silently what is beyond, so Append refuses.
const (
	MaxRowSize = 1 << 20
	MaxFields  = 900
)

// Reader is the query side of a Store. All methods are safe for concurrent use,
// stop when ctx is done, and see every row whose Append returned before the call.
type Reader interface {
	// Query calls emit for blocks of rows that match q. Calls do not overlap unless
	// q.Parallel allows it; a block is valid only during its call. Rows of different streams come in no
	// particular order unless q.Limit is set, in which case blocks come ordered by
	// time (newest first, or oldest first with q.OldestFirst), rows of one time in the
	// order in which they were appended, and end after q.Limit rows. An error of emit ends the query and is returned; ErrStop ends
	// it without an error.
	Query(ctx context.Context, t tenant.ID, q Query, emit func(*Block) error) error

	// Count counts matching rows grouped by time bucket and by the values of the
	// fields named in g.By.
	Count(ctx context.Context, t tenant.ID, q Query, g Grouping) ([]CountRow, error)

	// Streams returns the distinct streams that have matching rows, at most limit
	// (0: all).
	Streams(ctx context.Context, t tenant.ID, q Query, limit int) ([][]Field, error)

	// FieldNames returns the names of fields (stream fields and others) of
	// matching rows with the number of rows that have them.
	FieldNames(ctx context.Context, t tenant.ID, q Query) ([]ValueCount, error)

	// FieldValues returns the distinct values of one field among matching rows, at
	// most limit (0: all), with the number of rows that have them.
	FieldValues(ctx context.Context, t tenant.ID, q Query, name string, limit int) ([]ValueCount, error)

	// StreamFieldNames and StreamFieldValues are the same for stream fields only
	// and answer from the index: they ignore q.Filter.
	StreamFieldNames(ctx context.Context, t tenant.ID, q Query) ([]ValueCount, error)
	StreamFieldValues(ctx context.Context, t tenant.ID, q Query, name string, limit int) ([]ValueCount, error)
}

// Writer is the write side of a Store.
type Writer interface {
	// Append stores rows and returns when they are synced to the write-ahead log.
	// All rows are stored or none; with Config.Distinct, those that the store has
	// already are taken for stored.
	Append(ctx context.Context, t tenant.ID, rows []Row) error
}

// ErrStop is what emit returns to end a query early.
var ErrStop = errors.New("stop")
