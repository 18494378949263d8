package tail

import (
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// batch is what was stored by one push.
type batch struct {
	tenant  tenant.ID
	streams []model.LogStream
	// position is that of everything published up to and with this batch.
	position *Position
	// missed has, for a batch that found no room, how many entries each stream had:
	// the entries themselves are gone.
	missed []int

	number uint64 // of batches
	bytes  int64
}

// queue holds batches between ingest and the worker, bounded in bytes.
type queue struct {
	limit    int64
	batches  []batch
	bytes    int64
	added    uint64 // batches ever
	finished *Position
	busy     bool
}

// Overheads that a queued entry and stream are charged with, in bytes.
const (
	entryCharge  = 64
	streamCharge = 256
)

// add appends b, whole if there is room. Of one that finds none the streams' labels
// are kept, so that readers can be told how much they missed; past twice the limit
// nothing is.
func (q *queue) add(b batch) (whole bool) {
	q.added++
	b.number = q.added
	whole = q.bytes+b.bytes <= q.limit
	if !whole {
		streams := make([]model.LogStream, len(b.streams))
		b.missed = make([]int, len(b.streams))
		for i := range b.streams {
			streams[i].Labels, b.missed[i] = b.streams[i].Labels, len(b.streams[i].Entries)
		}
		b.streams, b.bytes = streams, streamCharge*int64(len(streams))
		if q.bytes+b.bytes > 2*q.limit {
			return false
		}
	}
	q.bytes += b.bytes
	q.batches = append(q.batches, b)
	return whole
}

// charge is what a batch counts for.
func charge(streams []model.LogStream) (bytes int64) {
	for i := range streams {
		bytes += streamCharge
		for j := range streams[i].Entries {
			e := &streams[i].Entries[j]
			bytes += entryCharge + int64(len(e.Line))
			for _, l := range e.Metadata {
				bytes += int64(len(l.Name) + len(l.Value))
			}
		}
	}
	return bytes
}

// take removes the oldest batch; its bytes count until finish.
func (q *queue) take() (batch, bool) {
	if len(q.batches) == 0 {
		q.batches = nil // gives an array back that a burst made long
		return batch{}, false
	}
	b := q.batches[0]
	q.batches[0] = batch{}
	q.batches = q.batches[1:]
	q.busy = true
	return b, true
}

func (q *queue) finish(b batch) {
	q.bytes -= b.bytes
	q.finished = b.position
	q.busy = false
}

func (q *queue) idle() bool { return len(q.batches) == 0 && !q.busy }
