package tail

import (
	"sync"

	"github.com/pharosd/pharos/tenant"
)

// Dropped is an entry that found no room.
type Dropped struct {
	Labels *LabelSet
	Time   int64
}

// maxDroppedNamed bounds the dropped entries that a Take names; all are counted.
const maxDroppedNamed = 100

// maxTaken is about how many bytes a Take hands out.
const maxTaken = 256 << 10

// Subscription is one live tail: a ring of what has arrived and was not taken yet.
type Subscription struct {
	hub    *Hub
	tenant tenant.ID
	scope  string
	group  *group // guarded by hub.indexing
	wake   chan struct{}
	// begin is the position after which it gets everything, after the number of the
	// last batch before.
	begin *Position
	after uint64

	mu      sync.Mutex
	closed  bool
	chunks  []chunk
	open    chunk // of the batch that is being matched
	entries int
	bytes   int64 // of chunks, open and what was taken last
	taken   int64
	dropped []Dropped
	lost    uint64
	lastSet *LabelSet
}

// chunk is the lines of one batch.
type chunk struct {
	lines    []*Line
	bytes    int64
	position *Position
}

// lock begins offers; it is false, and nothing is locked, after Close.
func (s *Subscription) lock() bool {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return false
	}
	return true
}

func (s *Subscription) unlock() { s.mu.Unlock() }

// offer keeps the line, or counts it as lost; the ring is locked.
func (s *Subscription) offer(line *Line) {
	n := line.charge()
	if s.lastSet != line.Labels {
		n += line.Labels.charge()
	}
	if s.entries >= s.hub.cfg.BufferEntries || !s.hub.mayGrow(s.bytes, n) {
		s.miss(line.Labels, line.Time, 1)
		return
	}
	s.lastSet = line.Labels
	s.open.lines = append(s.open.lines, line)
	s.open.bytes += n
	s.bytes += n
	s.entries++
	s.hub.ringBytes.Add(n)
}

// miss counts n entries as lost; the ring is locked.
func (s *Subscription) miss(set *LabelSet, t int64, n int) {
	s.lost += uint64(n)
	s.hub.metrics.dropped.Add(float64(n))
	for range min(n, maxDroppedNamed-len(s.dropped)) {
		s.dropped = append(s.dropped, Dropped{set, t})
	}
}

// commit ends the offers of a batch.
func (s *Subscription) commit(p *Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if len(s.open.lines) > 0 {
		s.open.position = p
		s.chunks = append(s.chunks, s.open)
		s.open = chunk{}
	}
	if len(s.chunks) > 0 || s.lost > 0 {
		s.signal()
	}
}

func (s *Subscription) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Wake is signalled when there is something to Take.
func (s *Subscription) Wake() <-chan struct{} { return s.wake }

// Batch is what a Take hands out.
type Batch struct {
	// Lines in the order of their arrival.
	Lines []*Line
	// Lost is how many entries were lost since the last Take, Dropped the first of
	// them.
	Lost    uint64
	Dropped []Dropped
	// Position is where a reader is that had everything up to this batch, nil if
	// there are no lines.
	Position *Position
}

// Take returns what has arrived, whole pushes, the oldest first. What it returned
// counts as waiting until the next call: the reader still holds it.
func (s *Subscription) Take() Batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return Batch{}
	}
	s.release(s.taken)
	s.taken = 0
	out := Batch{Lost: s.lost, Dropped: s.dropped}
	s.lost, s.dropped = 0, nil
	n := 0
	for n < len(s.chunks) && (n == 0 || s.taken+s.chunks[n].bytes <= maxTaken) {
		c := s.chunks[n]
		if n == 0 {
			out.Lines = c.lines // usually the only one
		} else {
			out.Lines = append(out.Lines, c.lines...)
		}
		out.Position = c.position
		s.taken += c.bytes
		s.chunks[n] = chunk{}
		n++
	}
	s.entries -= len(out.Lines)
	if s.chunks = s.chunks[n:]; len(s.chunks) > 0 {
		s.signal()
	} else {
		s.chunks = nil
	}
	return out
}

// release gives bytes back; the ring is locked.
func (s *Subscription) release(n int64) {
	s.bytes -= n
	s.hub.ringBytes.Add(-n)
}

// empty reports that nothing waits.
func (s *Subscription) empty() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.chunks) == 0 && len(s.open.lines) == 0 && s.lost == 0
}

// Close ends the tail. It may be called more than once.
func (s *Subscription) Close() {
	s.mu.Lock()
	was := s.closed
	s.closed = true
	if !was {
		s.release(s.bytes)
	}
	s.chunks, s.open, s.dropped = nil, chunk{}, nil
	s.mu.Unlock()
	if !was {
		s.hub.unsubscribe(s)
	}
}
