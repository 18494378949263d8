package promwrite

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/klauspost/compress/s2"
)

// statusError is an answer other than success.
type statusError struct {
	status  int
	message string
}

func (e *statusError) Error() string { return e.message }

var errBusy = &statusError{http.StatusServiceUnavailable, "too many requests are being decoded; send again later"}

// buffers are reused between requests; those of rare, large ones are not kept.
var buffers = sync.Pool{New: func() any { return new(buffer) }}

type buffer struct{ sent, decoded []byte }

const keptBuffer = 4 << 20

func putBuffer(b *buffer) {
	if cap(b.sent) <= keptBuffer && cap(b.decoded) <= keptBuffer {
		buffers.Put(b)
	}
}

// readSnappy reads and unpacks a body into b. What it returns is valid until b is
// put back; release gives the bytes in flight back.
func (rc *Receiver) readSnappy(r *http.Request, b *buffer) (body []byte, release func(), err error) {
	if enc := r.Header.Get("Content-Encoding"); enc != "" && enc != "snappy" {
		return nil, nil, &statusError{http.StatusUnsupportedMediaType, fmt.Sprintf("%v encoding (compression) is not accepted by this server; only snappy is acceptable", enc)}
	}
	b.sent, err = readAll(r.Body, b.sent[:0])
	if err != nil {
		return nil, nil, err
	}
	n, err := s2.DecodedLen(b.sent)
	if err != nil {
		return nil, nil, &statusError{http.StatusBadRequest, "snappy: " + err.Error()}
	}
	if n > maxDecoded {
		return nil, nil, &statusError{http.StatusBadRequest, fmt.Sprintf("decoded size exceeds the %v bytes limit", maxDecoded)}
	}
	weight := int64(len(b.sent) + n)
	if !rc.inFlight.TryAcquire(weight) {
		return nil, nil, errBusy
	}
	if cap(b.decoded) < n {
		b.decoded = make([]byte, n)
	}
	body, err = s2.Decode(b.decoded[:n], b.sent)
	if err != nil {
		rc.inFlight.Release(weight)
		return nil, nil, &statusError{http.StatusBadRequest, "snappy: " + err.Error()}
	}
	return body, func() { rc.inFlight.Release(weight) }, nil
}

// readAll reads at most maxBody bytes into buf.
func readAll(r io.Reader, buf []byte) ([]byte, error) {
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if len(buf) > maxBody {
			return buf, tooLarge()
		}
		if errors.Is(err, io.EOF) {
			return buf, nil
		}
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return buf, tooLarge()
		}
		if err != nil {
			return buf, &statusError{http.StatusBadRequest, "read request body: " + err.Error()}
		}
	}
}

func tooLarge() error {
	return &statusError{http.StatusRequestEntityTooLarge, fmt.Sprintf("request body exceeds the %v bytes limit", maxBody)}
}
