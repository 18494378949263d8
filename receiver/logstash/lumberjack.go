package logstash

import (
	"bufio"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/pharosd/pharos/pipeline/logstash"
)

// The protocol of Beats, lumberjack: frames of a version ('1' or '2'), a type and what
// belongs to it, numbers in big-endian order.
//
//	W count                       how many events follow until an acknowledgement is due
//	J sequence, size, JSON        an event (version 2)
//	D sequence, pairs of texts    an event (version 1)
//	C size, zlib of frames
//	A sequence                    from the server: everything up to here is taken
const (
	frameWindow     = 'W'
	frameJSON       = 'J'
	frameData       = 'D'
	frameCompressed = 'C'
	frameAck        = 'A'
)

// Bounds of what one client sends.
const (
	maxWindow      = 64 << 10  // events before an acknowledgement
	maxWindowBytes = 128 << 20 // of them, unpacked
	maxEvent       = 16 << 20
	maxPairs       = 4096
)

var errProtocol = errors.New("this is not the protocol of Beats")

// window is what a client sends before it waits for an acknowledgement.
type window struct {
	version byte
	last    uint32 // sequence of the last event
	events  []map[string]any
	size    int // bytes
	memory  *share
}

// readWindow reads one window; the error is io.EOF if the client has hung up before it.
func readWindow(r *bufio.Reader, memory *share) (*window, error) {
	head, err := r.Peek(1)
	if err != nil {
		return nil, err
	}
	w := &window{version: head[0], memory: memory}
	if w.version != '1' && w.version != '2' {
		return nil, errProtocol
	}
	var frame [6]byte
	if _, err := io.ReadFull(r, frame[:]); err != nil {
		return nil, noEOF(err)
	}
	if frame[1] != frameWindow {
		return nil, errProtocol
	}
	count := binary.BigEndian.Uint32(frame[2:])
	if count > maxWindow {
		return nil, fmt.Errorf("a window has %d events, at most %d are taken", count, maxWindow)
	}
	for uint32(len(w.events)) < count {
		if err := w.frame(r, count, 0); err != nil {
			return nil, noEOF(err)
		}
	}
	return w, nil
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// frame reads a frame of events.
func (w *window) frame(r io.Reader, count uint32, depth int) error {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	if head[0] != '1' && head[0] != '2' {
		return errProtocol
	}
	switch head[1] {
	case frameJSON:
		return w.json(r)
	case frameData:
		return w.pairs(r)
	case frameCompressed:
		if depth > 0 {
			return errProtocol
		}
		return w.compressed(r, count)
	}
	return errProtocol
}

func number32(r io.Reader) (uint32, error) {
	var b [4]byte
	_, err := io.ReadFull(r, b[:])
	return binary.BigEndian.Uint32(b[:]), err
}

// bytes reads n bytes within the bounds.
func (w *window) bytes(r io.Reader, n uint32) ([]byte, error) {
	if n > maxEvent || w.size+int(n) > maxWindowBytes {
		return nil, errors.New("an event, or a window, is too large")
	}
	// What is only announced takes no memory until it is there. A document takes several
	// times its bytes.
	b := make([]byte, 0, min(n, 64<<10))
	for len(b) < int(n) {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		if err := w.memory.grow(2 * (min(cap(b), int(n)) - len(b))); err != nil {
			return nil, err
		}
		m, err := io.ReadFull(r, b[len(b):min(cap(b), int(n))])
		b = b[:len(b)+m]
		if err != nil {
			return nil, noEOF(err)
		}
	}
	w.size += int(n)
	return b, nil
}

func (w *window) json(r io.Reader) error {
	seq, err := number32(r)
	if err != nil {
		return err
	}
	n, err := number32(r)
	if err != nil {
		return err
	}
	b, err := w.bytes(r, n)
	if err != nil {
		return err
	}
	v, err := logstash.DecodeJSON(string(b))
	m, ok := v.(map[string]any)
	if err != nil || !ok {
		m = map[string]any{"message": string(b), "tags": []any{"_jsonparsefailure"}}
	}
	w.events, w.last = append(w.events, m), seq
	return nil
}

func (w *window) pairs(r io.Reader) error {
	seq, err := number32(r)
	if err != nil {
		return err
	}
	n, err := number32(r)
	if err != nil {
		return err
	}
	if n > maxPairs {
		return errors.New("an event has too many fields")
	}
	m := map[string]any{}
	for range n {
		var kv [2]string
		for i := range kv {
			size, err := number32(r)
			if err != nil {
				return err
			}
			b, err := w.bytes(r, size)
			if err != nil {
				return err
			}
			kv[i] = string(b)
		}
		m[kv[0]] = kv[1]
	}
	w.events, w.last = append(w.events, m), seq
	return nil
}

func (w *window) compressed(r io.Reader, count uint32) error {
	n, err := number32(r)
	if err != nil {
		return err
	}
	packed := io.LimitReader(r, int64(n))
	z, err := zlib.NewReader(packed)
	if err != nil {
		return err
	}
	for uint32(len(w.events)) < count {
		err := w.frame(z, count, 1)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return noEOF(err)
		}
	}
	_, err = io.Copy(io.Discard, packed)
	return err
}

// ack is the frame that acknowledges everything up to a sequence number; 0 only says that
// the server is still at it.
func (w *window) ack(sequence uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{w.version, frameAck}, sequence)
}
