package gelf

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"container/list"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/pharosd/pharos/receiver/internal/door"
)

// Bounds of messages that are in pieces: GELF's own, and how much may wait.
const (
	maxChunks    = 128
	chunkTime    = 5 * time.Second
	maxWaiting   = 1000
	waitingBytes = 16 << 20
	headerLength = 12
)

var (
	errMalformed = errors.New("malformed message")
	errTooLarge  = errors.New("message too large")
)

// chunks puts messages together whose pieces come in any order, some twice. It is not
// safe for concurrent use.
type chunks struct {
	max     int
	dropped func(reason string, messages int)
	now     func() time.Time
	byID    map[chunkID]*list.Element
	oldest  *list.List // of *partial, in the order of their first pieces
	bytes   int
}

type chunkID struct {
	from netip.Addr
	id   [8]byte
}

type partial struct {
	chunkID
	since  time.Time
	pieces [][]byte
	left   int
	bytes  int
}

func newChunks(max int, dropped func(reason string, messages int)) *chunks {
	return &chunks{max: max, dropped: dropped, now: time.Now, byID: map[chunkID]*list.Element{}, oldest: list.New()}
}

// isChunk says whether a datagram is a piece of a message.
func isChunk(b []byte) bool { return len(b) > 1 && b[0] == 0x1e && b[1] == 0x0f }

// add takes a piece, and returns the message if it was the last that lacked.
func (c *chunks) add(b []byte, from netip.Addr) ([]byte, error) {
	now := c.now()
	for e := c.oldest.Front(); e != nil && now.Sub(e.Value.(*partial).since) > chunkTime; e = c.oldest.Front() {
		c.remove(e)
		c.dropped(door.TimedOut, 1)
	}
	if len(b) < headerLength {
		return nil, errMalformed
	}
	number, count := int(b[10]), int(b[11])
	if count == 0 || count > maxChunks || number >= count {
		return nil, fmt.Errorf("%w: piece %d of %d", errMalformed, number, count)
	}
	id := chunkID{from: from, id: [8]byte(b[2:10])}
	e := c.byID[id]
	if e == nil {
		if len(c.byID) >= maxWaiting {
			c.remove(c.oldest.Front())
			c.dropped(door.Full, 1)
		}
		e = c.oldest.PushBack(&partial{chunkID: id, since: now, pieces: make([][]byte, count), left: count})
		c.byID[id] = e
	}
	p := e.Value.(*partial)
	if len(p.pieces) != count {
		return nil, fmt.Errorf("%w: %d pieces and then %d", errMalformed, len(p.pieces), count)
	}
	if p.pieces[number] != nil {
		return nil, nil // came twice
	}
	piece := b[headerLength:]
	p.pieces[number] = piece[:len(piece):len(piece)]
	if piece == nil {
		p.pieces[number] = []byte{}
	}
	p.left--
	p.bytes += len(piece)
	c.bytes += len(piece)
	switch {
	case p.bytes > c.max:
		c.remove(e)
		return nil, errTooLarge
	case p.left == 0:
		c.remove(e)
		return bytes.Join(p.pieces, nil), nil
	}
	for c.bytes > waitingBytes {
		c.remove(c.oldest.Front())
		c.dropped(door.Full, 1)
	}
	return nil, nil
}

func (c *chunks) remove(e *list.Element) {
	p := c.oldest.Remove(e).(*partial)
	delete(c.byID, p.chunkID)
	c.bytes -= p.bytes
}

// unpack undoes gzip and zlib, which show in the first bytes.
func unpack(b []byte, max int) ([]byte, error) {
	var z io.Reader
	var err error
	switch {
	case len(b) > 2 && b[0] == 0x1f && b[1] == 0x8b:
		z, err = gzip.NewReader(bytes.NewReader(b))
	case len(b) > 2 && b[0]&0x0f == 8 && (int(b[0])<<8|int(b[1]))%31 == 0:
		z, err = zlib.NewReader(bytes.NewReader(b))
	default:
		if len(b) > max {
			return nil, errTooLarge
		}
		return b, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMalformed, err)
	}
	var out bytes.Buffer
	if _, err := out.ReadFrom(io.LimitReader(z, int64(max)+1)); err != nil {
		return nil, fmt.Errorf("%w: %w", errMalformed, err)
	}
	if out.Len() > max {
		return nil, errTooLarge
	}
	return out.Bytes(), nil
}
