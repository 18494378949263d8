package tail

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
)

// ErrBadCursor says that a text is no cursor of ours. Test with errors.Is.
var ErrBadCursor = errors.New("malformed cursor")

// The first byte of a cursor: what follows are unsigned varints.
const (
	cursorNumbered = 1 // low, time, then for each span ahead its distance and length
	cursorTime     = 2 // time
)

// maxSpans bounds a cursor. Spans beyond, which takes as many pushes that overtake
// one, are left out: their lines come again.
const maxSpans = 64

// Cursor is the position as an opaque text.
func (p *Position) Cursor() string {
	if p.unnumbered {
		return base64.RawURLEncoding.EncodeToString(binary.AppendUvarint([]byte{cursorTime}, uint64(p.time)))
	}
	b := binary.AppendUvarint([]byte{cursorNumbered}, p.Low)
	b = binary.AppendUvarint(b, uint64(p.time))
	at := p.Low
	for _, s := range p.ahead[:min(len(p.ahead), maxSpans)] {
		b = binary.AppendUvarint(b, s.first-at)
		b = binary.AppendUvarint(b, s.last-s.first)
		at = s.last
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// ParseCursor is the reverse of Cursor. Errors wrap ErrBadCursor.
func ParseCursor(text string) (*Position, error) {
	const longest = 4 * 1024
	if len(text) > longest {
		return nil, ErrBadCursor
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) == 0 {
		return nil, ErrBadCursor
	}
	d := varints{b: b[1:]}
	p := &Position{}
	switch b[0] {
	case cursorTime:
		p.unnumbered = true
		p.time = int64(d.next())
	case cursorNumbered:
		p.Low, p.time = d.next(), int64(d.next())
		for at := p.Low; len(d.b) > 0 && !d.bad; {
			gap, length := d.next(), d.next()
			s := span{at + gap, at + gap + length}
			if gap == 0 || s.first <= at || s.last < s.first || len(p.ahead) == maxSpans {
				return nil, ErrBadCursor
			}
			p.ahead = append(p.ahead, s)
			at = s.last
		}
	default:
		return nil, ErrBadCursor
	}
	if d.bad || len(d.b) > 0 || p.time < 0 {
		return nil, ErrBadCursor
	}
	return p, nil
}

type varints struct {
	b   []byte
	bad bool
}

func (d *varints) next() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.bad = true
		return 0
	}
	d.b = d.b[n:]
	return v
}
