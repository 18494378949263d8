package httpx

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Body reads and unpacks the request's body by its Content-Encoding: none, gzip,
// deflate (zlib), zstd or snappy (block format). At most maxCompressed bytes are
// read and maxDecompressed returned. The error is an *Error with status 413 for a
// body that is too large, 415 for another encoding and 400 for anything else.
func Body(r *http.Request, maxCompressed, maxDecompressed int64) ([]byte, error) {
	in, err := Unpacked(r, maxCompressed, maxDecompressed)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(in); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Unpacked is Body for callers that read by and by: the reader's errors are as Body's.
func Unpacked(r *http.Request, maxCompressed, maxDecompressed int64) (io.ReadCloser, error) {
	if r.ContentLength > maxCompressed {
		return nil, bodyTooLarge("as sent", maxCompressed)
	}
	in := &boundedReader{r: r.Body, left: maxCompressed, over: bodyTooLarge("as sent", maxCompressed)}
	unpacked := func(z io.Reader, encoding string, close func()) io.ReadCloser {
		return &body{boundedReader{r: z, left: maxDecompressed, over: bodyTooLarge("unpacked", maxDecompressed)}, encoding, close}
	}
	switch encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
		in.left = min(maxCompressed, maxDecompressed)
		in.over = bodyTooLarge("as sent", in.left)
		return &body{*in, "", nil}, nil
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, bodyError(encoding, err)
		}
		return unpacked(z, encoding, nil), nil
	case "deflate":
		z, err := zlib.NewReader(in)
		if err != nil {
			return nil, bodyError(encoding, err)
		}
		return unpacked(z, encoding, nil), nil
	case "zstd":
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderMaxMemory(uint64(max(maxDecompressed, 8<<20))))
		if err != nil {
			return nil, bodyError(encoding, err)
		}
		return unpacked(z, encoding, z.Close), nil
	case "snappy":
		b, err := unsnappy(in, maxCompressed, maxDecompressed)
		if err != nil {
			return nil, err
		}
		return io.NopCloser(bytes.NewReader(b)), nil
	default:
		return nil, &Error{
			Status: http.StatusUnsupportedMediaType, Code: "unsupported_encoding",
			Message: fmt.Sprintf("Content-Encoding %.40q is not supported", encoding), Hint: "send gzip, deflate, zstd, snappy or no compression",
		}
	}
}

// body is an unpacked body within its bounds.
type body struct {
	boundedReader
	encoding string
	close    func()
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.boundedReader.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // readers return it bare
		err = bodyError(b.encoding, err)
	}
	return n, err
}

func (b *body) Close() error {
	if b.close != nil {
		b.close()
	}
	return nil
}

func unsnappy(in io.Reader, maxCompressed, maxDecompressed int64) ([]byte, error) {
	packed, err := readBounded(in, maxCompressed, "as sent")
	if err != nil {
		return nil, err
	}
	n, err := snappy.DecodedLen(packed)
	if err != nil {
		return nil, bodyError("snappy", err)
	}
	if int64(n) > maxDecompressed {
		return nil, bodyTooLarge("unpacked", maxDecompressed)
	}
	// A block's header may claim anything; 64 is more than snappy can reach.
	if int64(n) > 64*int64(len(packed)) {
		return nil, bodyError("snappy", snappy.ErrCorrupt)
	}
	out, err := snappy.Decode(nil, packed)
	if err != nil {
		return nil, bodyError("snappy", err)
	}
	return out, nil
}

func readBounded(r io.Reader, limit int64, how string) ([]byte, error) {
	var b bytes.Buffer
	n, err := b.ReadFrom(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, bodyError("", err)
	}
	if n > limit {
		return nil, bodyTooLarge(how, limit)
	}
	return b.Bytes(), nil
}

// boundedReader fails with over, rather than ending, where a LimitReader ends.
type boundedReader struct {
	r    io.Reader
	left int64
	over error
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, b.over
	}
	return n, err
}

func bodyTooLarge(how string, limit int64) error {
	return &Error{Status: http.StatusRequestEntityTooLarge, Code: "body_too_large", Message: fmt.Sprintf("the body is larger than %d bytes %s", limit, how)}
}

func bodyError(encoding string, err error) error {
	var ours *Error
	if errors.As(err, &ours) {
		return ours
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return bodyTooLarge("as sent", tooLarge.Limit)
	}
	if errors.Is(err, zstd.ErrWindowSizeExceeded) || errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		return &Error{Status: http.StatusRequestEntityTooLarge, Code: "body_too_large", Message: "zstd: " + err.Error()}
	}
	message := "cannot read the body: "
	if encoding != "" {
		message = "the body is no valid " + encoding + ": "
	}
	return &Error{Status: http.StatusBadRequest, Code: "bad_body", Message: message + err.Error()}
}
