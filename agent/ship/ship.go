// Package ship keeps what the agent has read on disk until every client has it.
//
// A Queue is a bounded log of records: log entries together with the reader's state
// that holds once these entries are kept (how far each file was read). Both are in one
// record, so that a process that is killed neither loses a line nor reads it twice.
// Clients read the queue from a cursor each, and send what they read to Pharos (OTLP
// over gRPC, or Loki's push API) or to a Loki. docs/format/agent-queue.md describes the
// files, docs/adr/0020-agent-queue.md why they are so.
package ship

import (
	"errors"

	"github.com/pharosd/pharos/model"
)

// Errors of Append; test with errors.Is.
var (
	// ErrTooLarge: the batch takes more than a quarter of the queue, or than MaxBatch.
	ErrTooLarge = errors.New("batch is too large for the queue")
	// ErrClosed: the queue was closed.
	ErrClosed = errors.New("queue is closed")
)

// MaxBatch bounds the texts of one Batch in bytes.
const MaxBatch = 16 << 20

// Batch is what one read loop wants kept: entries and the state that holds once they
// are kept, in one atomic record. Either may be empty.
type Batch struct {
	Entries []Entry
	State   []State
}

// Entry is one log line on its way.
type Entry struct {
	// Tenant is whose entry it is when a stage said so; "": the client's own.
	Tenant string
	// Labels are the stream's, without the clients' external labels. Consecutive entries
	// that share the slice are cheaper.
	Labels model.Labels
	Entry  model.LogEntry
}

// State is a fact of the reader under a key of its own, opaque to the queue. An empty
// Value deletes the key. Last written wins.
type State struct {
	Key   string
	Value []byte
}
