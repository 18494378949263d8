package lokipush

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/golang/snappy"

	"github.com/pharosd/pharos/model"
)

var errTooLarge = errors.New("request body too large")

func tooLarge(what string, size, limit int64) error {
	return fmt.Errorf("%w: %s than max (%d vs %d)", errTooLarge, what, size, limit)
}

const (
	sentTooLarge     = "message size too large"
	unpackedTooLarge = "decompressed message size too large"
)

// decode reads the streams of a request.
func (rc *Receiver) decode(r *http.Request, version apiVersion) ([]model.LogStream, error) {
	body, err := rc.readBody(r)
	if err != nil {
		return nil, err
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, err
	}
	var streams []pushedStream
	switch {
	case kind == "application/json" && version == v1:
		streams, err = decodeJSON(body)
	case kind == "application/json":
		streams, err = decodeLegacyJSON(body)
	default:
		if body, err = rc.unsnappy(body); err == nil {
			streams, err = decodeProto(body)
		}
	}
	if err != nil {
		return nil, err
	}
	out := make([]model.LogStream, len(streams))
	for i, s := range streams {
		labels, err := rc.labels.parse(s.labels)
		if err != nil {
			return nil, fmt.Errorf("couldn't parse labels: %w", err)
		}
		out[i] = model.LogStream{Labels: labels, Entries: s.entries}
	}
	return out, nil
}

// pushedStream is a stream whose labels are not parsed yet.
type pushedStream struct {
	labels  string
	entries []model.LogEntry
}

// firstRead is what is set aside for a body that has only been announced: the
// memory for more is there when the bytes are.
const firstRead = 1 << 20

// readBody reads the body and undoes its Content-Encoding.
func (rc *Receiver) readBody(r *http.Request) ([]byte, error) {
	if r.ContentLength > rc.cfg.MaxBody {
		return nil, tooLarge(sentTooLarge, r.ContentLength, rc.cfg.MaxBody)
	}
	sent := &countingReader{r: io.LimitReader(r.Body, rc.cfg.MaxBody+1)}
	unpacked, limit, what := io.Reader(sent), rc.cfg.MaxBody, sentTooLarge
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "snappy": // snappy is undone with the protobuf, said or not
	case "gzip":
		gz, err := gzip.NewReader(sent)
		if err != nil {
			return nil, err
		}
		unpacked, limit, what = gz, rc.cfg.MaxDecompressed, unpackedTooLarge
	case "deflate":
		unpacked, limit, what = flate.NewReader(sent), rc.cfg.MaxDecompressed, unpackedTooLarge
	default:
		return nil, fmt.Errorf("Content-Encoding %q not supported", encoding)
	}
	var buf bytes.Buffer
	if r.ContentLength > 0 {
		buf.Grow(int(min(r.ContentLength, firstRead)) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(unpacked, limit+1))
	var overRoute *http.MaxBytesError
	switch {
	case sent.n > rc.cfg.MaxBody, errors.As(err, &overRoute):
		return nil, tooLarge(sentTooLarge, max(sent.n, rc.cfg.MaxBody+1), rc.cfg.MaxBody)
	case n > limit:
		return nil, tooLarge(what, n, limit)
	}
	return buf.Bytes(), err
}

func (rc *Receiver) unsnappy(body []byte) ([]byte, error) {
	n, err := snappy.DecodedLen(body)
	if err != nil {
		return nil, err
	}
	if int64(n) > rc.cfg.MaxDecompressed {
		return nil, tooLarge(unpackedTooLarge, int64(n), rc.cfg.MaxDecompressed)
	}
	return snappy.Decode(nil, body)
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
