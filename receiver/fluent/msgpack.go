package fluent

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// Errors of decoding; what they are about cannot be read on.
var (
	errMalformed = errors.New("malformed message")
	errTooLarge  = errors.New("message too large")
	errBusy      = errors.New("too many bytes under way")
)

// maxDepth bounds how deep values nest.
const maxDepth = 32

// decoder reads MessagePack (github.com/msgpack/msgpack, spec.md) from strangers. What
// it sets aside has come: sizes that are only announced cost nothing.
type decoder struct {
	r *bufio.Reader
	// left is how many bytes the message may still have.
	left int
	// take, unless it is nil, is asked for memory before bytes are read.
	take func(n int) error
}

// eventTime is Fluentd's extension type 0: seconds and nanoseconds.
type eventTime struct{ time.Time }

func (d *decoder) byte() (byte, error) {
	if d.left < 1 {
		return 0, errTooLarge
	}
	d.left--
	return d.r.ReadByte()
}

// step is how much is set aside at once.
const step = 64 << 10

func (d *decoder) bytes(n int) ([]byte, error) {
	if n > d.left {
		return nil, errTooLarge
	}
	d.left -= n
	var out []byte
	for len(out) < n {
		more := min(step, n-len(out))
		if d.take != nil {
			if err := d.take(more); err != nil {
				return nil, err
			}
		}
		at := len(out)
		out = append(out, make([]byte, more)...)
		if _, err := io.ReadFull(d.r, out[at:]); err != nil {
			return nil, unexpected(err)
		}
	}
	return out, nil
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// uint reads a big-endian number of n bytes.
func (d *decoder) uint(n int) (uint64, error) {
	if n > d.left {
		return 0, errTooLarge
	}
	d.left -= n
	var b [8]byte
	if _, err := io.ReadFull(d.r, b[8-n:]); err != nil {
		return 0, unexpected(err)
	}
	return binary.BigEndian.Uint64(b[:]), nil
}

// header is a value's first byte and, for those that have one, its length.
type header struct {
	kind kind
	code byte
	n    int
}

type kind int

const (
	scalar kind = iota
	text
	binaryData
	list
	object
	extension
)

func (d *decoder) header() (header, error) {
	c, err := d.byte()
	if err != nil {
		return header{}, err
	}
	sized := func(k kind, bytes int) (header, error) {
		n, err := d.uint(bytes)
		return header{k, c, int(n)}, err
	}
	switch {
	case c >= 0x80 && c <= 0x8f:
		return header{object, c, int(c & 0x0f)}, nil
	case c >= 0x90 && c <= 0x9f:
		return header{list, c, int(c & 0x0f)}, nil
	case c >= 0xa0 && c <= 0xbf:
		return header{text, c, int(c & 0x1f)}, nil
	case c >= 0xc4 && c <= 0xc6:
		return sized(binaryData, 1<<(c-0xc4))
	case c >= 0xc7 && c <= 0xc9:
		return sized(extension, 1<<(c-0xc7))
	case c >= 0xd4 && c <= 0xd8:
		return header{extension, c, 1 << (c - 0xd4)}, nil
	case c >= 0xd9 && c <= 0xdb:
		return sized(text, 1<<(c-0xd9))
	case c == 0xdc, c == 0xdd:
		return sized(list, 2<<(c-0xdc))
	case c == 0xde, c == 0xdf:
		return sized(object, 2<<(c-0xde))
	}
	return header{kind: scalar, code: c}, nil
}

// value reads one value: nil, bool, int64, uint64, float64, string, []byte, eventTime,
// []any or map[string]any.
func (d *decoder) value(depth int) (any, error) {
	h, err := d.header()
	if err != nil {
		return nil, err
	}
	return d.rest(h, depth)
}

func (d *decoder) rest(h header, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%w: it nests too deep", errMalformed)
	}
	switch h.kind {
	case text:
		b, err := d.bytes(h.n)
		return string(b), err
	case binaryData:
		return d.bytes(h.n)
	case extension:
		return d.extension(h.n)
	case list:
		return d.list(h.n, depth)
	case object:
		return d.object(h.n, depth)
	}
	return d.scalar(h.code)
}

// overhead is what an element of a list or an object costs beside its bytes.
const overhead = 32

func (d *decoder) list(n, depth int) (any, error) {
	out := []any{}
	for range n {
		if d.take != nil {
			if err := d.take(overhead); err != nil {
				return nil, err
			}
		}
		v, err := d.value(depth + 1)
		if err != nil {
			return nil, unexpected(err)
		}
		out = append(out, v)
	}
	return out, nil
}

func (d *decoder) object(n, depth int) (any, error) {
	out := map[string]any{}
	for range n {
		if d.take != nil {
			if err := d.take(2 * overhead); err != nil {
				return nil, err
			}
		}
		key, err := d.value(depth + 1)
		if err != nil {
			return nil, unexpected(err)
		}
		v, err := d.value(depth + 1)
		if err != nil {
			return nil, unexpected(err)
		}
		switch key := key.(type) {
		case string:
			out[key] = v
		case []byte:
			out[string(key)] = v
		default:
			out[fmt.Sprint(key)] = v
		}
	}
	return out, nil
}

func (d *decoder) extension(n int) (any, error) {
	kind, err := d.byte()
	if err != nil {
		return nil, unexpected(err)
	}
	b, err := d.bytes(n)
	if err != nil {
		return nil, err
	}
	if kind == 0 && n == 8 {
		return eventTime{time.Unix(int64(binary.BigEndian.Uint32(b)), int64(binary.BigEndian.Uint32(b[4:])))}, nil
	}
	return b, nil
}

func (d *decoder) scalar(c byte) (any, error) {
	number := func(bytes int) (uint64, error) { return d.uint(bytes) }
	switch {
	case c <= 0x7f:
		return int64(c), nil
	case c >= 0xe0:
		return int64(int8(c)), nil
	case c >= 0xcc && c <= 0xcf:
		u, err := number(1 << (c - 0xcc))
		if u > math.MaxInt64 {
			return u, err
		}
		return int64(u), err
	case c >= 0xd0 && c <= 0xd3:
		bytes := 1 << (c - 0xd0)
		u, err := number(bytes)
		shift := 64 - 8*bytes
		return int64(u<<shift) >> shift, err
	}
	switch c {
	case 0xc0:
		return nil, nil
	case 0xc2, 0xc3:
		return c == 0xc3, nil
	case 0xca:
		u, err := number(4)
		return float64(math.Float32frombits(uint32(u))), err
	case 0xcb:
		u, err := number(8)
		return math.Float64frombits(u), err
	}
	return nil, fmt.Errorf("%w: byte 0x%02x", errMalformed, c)
}
