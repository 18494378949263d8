package elastic

import (
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/pharosd/pharos/internal/esapi"
)

// flight bounds the memory of all requests that are being read or stored.
type flight struct {
	limit int64
	used  atomic.Int64
}

// share is one request's part of a flight.
type share struct {
	of  *flight
	has int64
}

func (f *flight) share() *share { return &share{of: f} }

// grow takes n bytes more, or refuses: for now if others hold them, for good if the
// request alone is over the limit.
func (s *share) grow(n int64) error {
	if s.has+n > s.of.limit {
		return &esapi.Error{Status: http.StatusRequestEntityTooLarge, Type: "illegal_argument_exception",
			Reason: fmt.Sprintf("the request takes more than the %d bytes of memory that all requests have together; send smaller ones", s.of.limit)}
	}
	if used := s.of.used.Add(n); used > s.of.limit {
		s.of.used.Add(-n)
		return &esapi.Error{Status: http.StatusTooManyRequests, Type: "es_rejected_execution_exception", RetryAfter: time.Second,
			Reason: fmt.Sprintf("rejected execution of coordinating operation [coordinating_and_primary_bytes=%d, coordinating_operation_bytes=%d, max_coordinating_and_primary_bytes=%d]", used-n, n, s.of.limit)}
	}
	s.has += n
	return nil
}

func (s *share) release() {
	s.of.used.Add(-s.has)
	s.has = 0
}

// firstRead is what is set aside for a body that has only been announced: the memory
// for more is taken when the bytes are there.
const firstRead = 1 << 20

// readAll reads r whole, taking memory as it comes. announced is how much there may
// be, 0 or less if that is not known.
func (s *share) readAll(r io.Reader, announced int64) ([]byte, error) {
	size := int64(32 << 10)
	if announced > 0 {
		size = min(announced+1, firstRead)
	}
	if err := s.grow(size); err != nil {
		return nil, err
	}
	b := make([]byte, 0, size)
	for {
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF { //nolint:errorlint // readers return it bare
			return b, nil
		}
		if err != nil {
			return nil, err
		}
		if len(b) < cap(b) {
			continue
		}
		old := int64(cap(b))
		next := 2 * old
		if announced >= old {
			next = min(next, announced+1)
		}
		if err := s.grow(next); err != nil {
			return nil, err
		}
		b = append(make([]byte, 0, next), b...)
		s.of.used.Add(-old)
		s.has -= old
	}
}
