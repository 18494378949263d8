package ship

import (
	"errors"
	"fmt"
	"os"

	"github.com/google/uuid"
)

// chunk is a part of a record: entries with consecutive numbers.
type chunk struct {
	first   uint64
	entries []Entry
}

// reader reads a queue's entries in order.
type reader struct {
	q *Queue
	// pos is the number of the first entry that was not returned.
	pos uint64

	scan  scanner // of the open segment; f is nil if none is
	seg   uint64
	agent uuid.UUID
	seen  int // of scan.damaged, reported
	rest  chunk
}

// fill returns entries of together about max bytes of text, less if there are no more,
// and whose numbers theirs are. Their memory is theirs.
func (r *reader) fill(max int) (chunks []chunk, agent uuid.UUID, err error) {
	for max > 0 {
		if len(r.rest.entries) == 0 {
			ok, err := r.advance()
			if err != nil || !ok {
				return chunks, agent, err
			}
			continue
		}
		if len(chunks) > 0 && r.agent != agent {
			break // what one request holds has numbers of one agent
		}
		agent = r.agent
		n := 0
		for n < len(r.rest.entries) && max > 0 {
			max -= textSize(&r.rest.entries[n].Entry)
			n++
		}
		chunks = append(chunks, chunk{r.rest.first, r.rest.entries[:n]})
		r.rest = chunk{r.rest.first + uint64(n), r.rest.entries[n:]}
		r.pos = r.rest.first
	}
	return chunks, agent, nil
}

// advance reads a record, or opens a segment; false: there is nothing more.
func (r *reader) advance() (bool, error) {
	seg, next, later := r.q.segmentAt(r.seg, r.pos, r.scan.f != nil)
	if seg.Path == "" {
		return false, nil
	}
	if r.scan.f == nil || seg.First != r.seg {
		return true, r.open(seg)
	}
	r.scan.limit = seg.Size
	h, payload, ok, err := r.scan.next()
	r.report(seg)
	if err != nil {
		return false, err
	}
	if !ok {
		if later {
			r.closeSegment()
			r.pos = max(r.pos, next) // numbers may be left out between segments
		}
		return later, nil
	}
	if h.count == 0 || h.end() <= r.pos {
		return true, nil
	}
	_, _, packed, err := decodeStates(payload)
	var entries []Entry
	if err == nil {
		entries, _, err = decodeEntries(packed, nil, h.count)
	}
	if err != nil {
		// Its checksum is right: it was written so.
		r.q.metrics.damaged.Inc()
		r.q.log.Error("record of the agent's queue cannot be decoded", "file", seg.Path, "entries", h.count, "error", err)
		return true, nil
	}
	skip := 0
	if r.pos > h.first {
		skip = int(r.pos - h.first)
	}
	r.rest = chunk{h.first + uint64(skip), entries[skip:]}
	return true, nil
}

// segmentAt returns the segment that is open, or else the one to go on with at pos, and
// the first number of the one after it, later, if there is one: then it will not grow.
func (q *Queue) segmentAt(open, pos uint64, isOpen bool) (seg segment, next uint64, later bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.segments) == 0 {
		return segment{}, 0, false
	}
	at := 0
	for i, s := range q.segments {
		if isOpen && s.First == open {
			at = i
			break
		}
		if s.First <= pos {
			at = i
		}
	}
	if at+1 == len(q.segments) {
		return q.segments[at], 0, false
	}
	return q.segments[at], q.segments[at+1].First, true
}

func (r *reader) open(seg segment) error {
	r.closeSegment()
	f, err := os.Open(seg.Path)
	if err != nil {
		return fmt.Errorf("read queue: %w", err)
	}
	agent, err := readSegmentHeader(f)
	switch {
	case errors.Is(err, errBadSegment):
		r.q.metrics.damaged.Inc()
		r.q.log.Error("agent's queue is damaged", "file", seg.Path, "error", err)
		agent = r.q.agent
	case err != nil:
		return errors.Join(err, f.Close())
	}
	r.scan, r.seg, r.agent, r.seen = scanner{f: f, at: segmentHeaderSize, limit: seg.Size}, seg.First, agent, 0
	// Everything in it is at or past its first number.
	r.pos = max(r.pos, seg.First)
	return nil
}

func (r *reader) report(seg segment) {
	if n := r.scan.damaged - r.seen; n > 0 {
		r.seen = r.scan.damaged
		r.q.metrics.damaged.Add(float64(n))
		r.q.log.Error("agent's queue is damaged, what could not be read is lost", "file", seg.Path, "places", n, "entries", r.scan.lost)
	}
}

func (r *reader) closeSegment() {
	if r.scan.f != nil {
		_ = r.scan.f.Close() // it was only read
		r.scan = scanner{}
	}
}
