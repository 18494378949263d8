package auth

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// recorder remembers the status code. It forwards what handlers ask a
// ResponseWriter for: flushing, hijacking, and through Unwrap deadlines.
type recorder struct {
	http.ResponseWriter
	code    int
	counted bool // by the route's own wrapper
	// keep is how many bytes of a refusal's text are kept, in kept.
	keep int
	kept []byte
}

func (r *recorder) status() int {
	if r.code == 0 {
		return http.StatusOK
	}
	return r.code
}

func (r *recorder) WriteHeader(code int) {
	if r.code == 0 && (code >= 200 || code == http.StatusSwitchingProtocols) {
		r.code = code
	}
	r.ResponseWriter.WriteHeader(code)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.code == 0 {
		r.code = http.StatusOK
	}
	if r.code >= http.StatusBadRequest && len(r.kept) < r.keep {
		r.kept = append(r.kept, b[:min(len(b), r.keep-len(r.kept))]...)
	}
	return r.ResponseWriter.Write(b)
}

// refusal is the status and the beginning of the text of an answer that refuses, ""
// for any other.
func (r *recorder) refusal() string {
	if r.status() < http.StatusBadRequest {
		return ""
	}
	text := bytes.ToValidUTF8(bytes.TrimSpace(r.kept), nil)
	return strings.TrimSpace(strconv.Itoa(r.status()) + " " + string(text))
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Flush implements http.Flusher.
func (r *recorder) Flush() {
	if r.code == 0 {
		r.code = http.StatusOK
	}
	_ = http.NewResponseController(r.ResponseWriter).Flush()
}

// Hijack implements http.Hijacker.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	r.code = http.StatusSwitchingProtocols
	return http.NewResponseController(r.ResponseWriter).Hijack()
}
