package otlp

import (
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/klauspost/compress/zstd"
)

// readBody returns the unpacked body and, with an error, the HTTP status. The
// packed size is the route's bound, the unpacked one is max.
func readBody(r *http.Request, max int64) ([]byte, int, error) {
	unpacked, err := unpack(r.Header.Get("Content-Encoding"), r.Body, max)
	if err != nil {
		return nil, bodyCode(err), err
	}
	defer unpacked.Close()
	body, err := io.ReadAll(io.LimitReader(unpacked, max+1))
	if err != nil {
		return nil, bodyCode(err), fmt.Errorf("read body: %w", err)
	}
	if int64(len(body)) > max {
		return nil, http.StatusRequestEntityTooLarge, fmt.Errorf("body unpacks to more than %d bytes", max)
	}
	return body, 0, nil
}

func bodyCode(err error) int {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

func unpack(encoding string, body io.Reader, max int64) (io.ReadCloser, error) {
	switch encoding {
	case "", "identity":
		return io.NopCloser(body), nil
	case "gzip":
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, fmt.Errorf("read gzip: %w", err)
		}
		return z, nil
	case "deflate", "zlib":
		z, err := zlib.NewReader(body)
		if err != nil {
			return nil, fmt.Errorf("read zlib: %w", err)
		}
		return z, nil
	case "zstd":
		// One frame's window is memory that the sender chooses.
		window := uint64(min(max, 8<<20))
		z, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(window))
		if err != nil {
			return nil, fmt.Errorf("read zstd: %w", err)
		}
		return z.IOReadCloser(), nil
	}
	return nil, fmt.Errorf("unsupported Content-Encoding: %.40q, supported: gzip, deflate, zstd", encoding)
}
