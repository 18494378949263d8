package door

import (
	"github.com/pharosd/pharos/model"
)

// Batch gathers entries into streams by their labels. It is not safe for concurrent
// use.
type Batch struct {
	streams []model.LogStream
	byKey   map[string]int
	key     []byte
	entries int
	bytes   int
}

// Add appends an entry to the stream of these labels, which must be sorted.
func (b *Batch) Add(labels model.Labels, e model.LogEntry) {
	b.key = b.key[:0]
	for _, l := range labels {
		b.key = append(append(append(append(b.key, l.Name...), 0), l.Value...), 1)
	}
	at, ok := b.byKey[string(b.key)]
	if !ok {
		if b.byKey == nil {
			b.byKey = map[string]int{}
		}
		at = len(b.streams)
		b.byKey[string(b.key)] = at
		b.streams = append(b.streams, model.LogStream{Labels: labels})
	}
	b.streams[at].Entries = append(b.streams[at].Entries, e)
	b.entries++
	b.bytes += len(e.Line) + len(b.key)
	for _, m := range e.Metadata {
		b.bytes += len(m.Name) + len(m.Value)
	}
}

// Streams are what was added.
func (b *Batch) Streams() []model.LogStream { return b.streams }

// Len is how many entries there are, Bytes about how large they are.
func (b *Batch) Len() int   { return b.entries }
func (b *Batch) Bytes() int { return b.bytes }

// Reset empties the batch; the sink may have kept its streams.
func (b *Batch) Reset() { *b = Batch{key: b.key} }
