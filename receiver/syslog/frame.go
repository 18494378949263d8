package syslog

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// errFraming says that a stream's next message cannot be found any more.
var errFraming = errors.New("malformed frame")

// frames takes a stream apart (RFC 6587). A message that begins with a number and a
// space has counted octets; any other ends at the end of its line, or at a NUL.
type frames struct {
	r       *bufio.Reader
	max     int
	waiting func() // called before a read that may block
	line    []byte
}

// maxDigits is as many as a count may have.
const maxDigits = 9

func newFrames(r io.Reader, max int, waiting func()) *frames {
	return &frames{r: bufio.NewReaderSize(r, 64<<10), max: max, waiting: waiting}
}

// more says whether another whole message is here already, as far as that can be seen
// without reading: who sends half of one must not hold up those before it.
func (f *frames) more() bool {
	b, _ := f.r.Peek(f.r.Buffered())
	n := 0
	for i, c := range b[:min(len(b), maxDigits+1)] {
		if c == ' ' && i > 0 {
			return len(b) >= i+1+n
		}
		if c < '0' || c > '9' {
			break
		}
		n = 10*n + int(c-'0')
	}
	return bytes.IndexByte(b, '\n') >= 0 || bytes.IndexByte(b, 0) >= 0
}

// next returns the next message, valid until the following call; cut says that it was
// longer than it may be. After an error there may be a last message.
func (f *frames) next() (message []byte, cut bool, err error) {
	f.waiting()
	n, counted, err := f.count()
	if err != nil {
		return nil, false, err
	}
	if counted {
		return f.counted(n)
	}
	return f.delimited()
}

// count reads the number before counted octets. Whatever else begins the message is
// left where it is.
func (f *frames) count() (n int, counted bool, err error) {
	for i := 0; i <= maxDigits; i++ {
		b, err := f.r.Peek(i + 1)
		if len(b) <= i {
			if i > 0 {
				return 0, false, nil // a last line without its end
			}
			return 0, false, err
		}
		switch c := b[i]; {
		case c >= '0' && c <= '9' && (i > 0 || c != '0'):
			n = 10*n + int(c-'0')
		case c == ' ' && i > 0:
			// Lines may begin with a number too: then what follows is no message.
			if next, _ := f.r.Peek(i + 2); len(next) > i+1 && next[i+1] != '<' {
				return 0, false, nil
			}
			_, _ = f.r.Discard(i + 1)
			return n, true, nil
		default:
			return 0, false, nil
		}
	}
	return 0, false, nil
}

func (f *frames) counted(n int) (_ []byte, cut bool, err error) {
	f.line = f.line[:0]
	keep := min(n, f.max)
	for len(f.line) < keep {
		f.waiting()
		// As much is set aside as has come, not as was announced.
		b, err := f.r.Peek(min(keep-len(f.line), max(1, f.r.Buffered())))
		if len(b) == 0 {
			if errors.Is(err, io.EOF) {
				err = errors.Join(errFraming, io.ErrUnexpectedEOF)
			}
			return f.line, false, err
		}
		f.line = append(f.line, b...)
		_, _ = f.r.Discard(len(b))
	}
	for left := n - keep; left > 0; {
		f.waiting()
		d, err := f.r.Discard(min(left, 32<<10))
		if left -= d; err != nil {
			return f.line, true, err
		}
	}
	return f.line, n > keep, nil
}

func (f *frames) delimited() (_ []byte, cut bool, err error) {
	f.line = f.line[:0]
	for {
		if f.r.Buffered() == 0 {
			f.waiting()
		}
		b, err := f.r.Peek(max(1, f.r.Buffered()))
		if len(b) == 0 {
			return f.line, cut, err
		}
		end := bytes.IndexAny(b, "\n\x00")
		part := b
		if end >= 0 {
			part = b[:end]
		}
		if room := f.max - len(f.line); len(part) > room {
			part, cut = part[:room], true
		}
		f.line = append(f.line, part...)
		if end >= 0 {
			_, _ = f.r.Discard(end + 1)
			return f.line, cut, nil
		}
		_, _ = f.r.Discard(len(b))
	}
}
