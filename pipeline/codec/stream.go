package codec

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// streamReader bounds what one message of a stream may take.
type streamReader struct {
	r    *bufio.Reader
	left int
}

var errTooLong = errors.New("a message is too long")

// Read implements io.Reader.
func (s *streamReader) Read(p []byte) (int, error) {
	if s.left <= 0 {
		return 0, errTooLong
	}
	if len(p) > s.left {
		p = p[:s.left]
	}
	n, err := s.r.Read(p)
	s.left -= n
	return n, err
}

// ReadByte implements io.ByteScanner, which the reader of MessagePack wants.
func (s *streamReader) ReadByte() (byte, error) {
	if s.left <= 0 {
		return 0, errTooLong
	}
	s.left--
	return s.r.ReadByte()
}

// UnreadByte implements io.ByteScanner.
func (s *streamReader) UnreadByte() error {
	s.left++
	return s.r.UnreadByte()
}

// ReadStream reads a stream of messages of a SelfDelimited codec until it ends. after is
// called behind each message and may end the reading. The error is nil at the end of the
// stream between two messages.
func (c *Codec) ReadStream(r io.Reader, emit Emit, after func() error) error {
	s := &streamReader{r: bufio.NewReaderSize(r, 64<<10)}
	for {
		if _, err := s.r.Peek(1); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		s.left = MaxMessage
		if err := c.stream(c, s, emit); err != nil {
			return fmt.Errorf("codec %s: %w", c.Name, err)
		}
		if err := after(); err != nil {
			return err
		}
	}
}
