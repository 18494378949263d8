package logstash

import (
	"errors"
	"io"

	"golang.org/x/sync/semaphore"
)

// memory bounds what one input holds of messages that are still arriving.
type memory struct{ free *semaphore.Weighted }

func newMemory(limit int64) *memory { return &memory{semaphore.NewWeighted(limit)} }

// share is what one message has of it.
type share struct {
	of  *memory
	has int64
}

var errNoMemory = errors.New("too much is arriving at a time; send it again later")

// grow takes n bytes more, or says that others hold them.
func (s *share) grow(n int) error {
	if !s.of.free.TryAcquire(int64(n)) {
		return errNoMemory
	}
	s.has += int64(n)
	return nil
}

func (s *share) release() {
	s.of.free.Release(s.has)
	s.has = 0
}

// readAll reads r to its end, at most limit+1 bytes, and takes memory as it comes.
func (s *share) readAll(r io.Reader, limit int64) ([]byte, error) {
	const least = 16 << 10
	if err := s.grow(least); err != nil {
		return nil, err
	}
	b := make([]byte, 0, least)
	r = io.LimitReader(r, limit+1)
	for {
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
		if len(b) == cap(b) {
			if err := s.grow(cap(b)); err != nil {
				return nil, err
			}
			b = append(make([]byte, 0, 2*cap(b)), b...)
		}
	}
}
