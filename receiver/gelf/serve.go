package gelf

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/receiver/internal/door"
	"github.com/pharosd/pharos/tenant"
)

func (r *Receiver) datagram(b []byte, from netip.Addr, to *door.Batch) error {
	if isChunk(b) {
		whole, err := r.chunks.add(b, from)
		if err != nil || whole == nil {
			return err
		}
		b = whole
	}
	b, err := unpack(b, int(r.cfg.MaxMessage))
	if err != nil {
		return err
	}
	return r.mapper.add(b, to)
}

const (
	batchEntries = 5000
	batchBytes   = 1 << 20
	stopTime     = 5 * time.Second
)

// serve reads a connection's messages, each of which ends in a NUL. What has come is
// pushed together; nothing more is read before it is stored.
func (r *Receiver) serve(ctx context.Context, name string, c net.Conn) {
	in := bufio.NewReaderSize(c, 64<<10)
	var b door.Batch
	push := func() error {
		wait, cancel := door.Outlive(ctx, stopTime)
		defer cancel()
		defer b.Reset()
		return r.deps.Push(wait, name, r.cfg.Tenant, &b)
	}
	for {
		door.Deadline(ctx, c, r.cfg.IdleTimeout)
		message, err := readMessage(in, int(r.cfg.MaxMessage))
		if message = bytes.TrimSpace(message); len(message) > 0 {
			r.deps.Metrics.Received(name, 1)
			failed := err
			if failed == nil || errors.Is(failed, io.EOF) { // a last message without its NUL
				failed = r.mapper.add(message, &b)
			}
			if failed != nil {
				r.deps.Metrics.Dropped(name, door.Malformed, 1)
			}
		}
		if err != nil || b.Len() >= batchEntries || b.Bytes() >= batchBytes || !more(in) {
			if pushed := push(); err != nil || pushed != nil {
				return
			}
		}
	}
}

// more says whether another whole message is here already.
func more(in *bufio.Reader) bool {
	b, _ := in.Peek(in.Buffered())
	return bytes.IndexByte(b, 0) >= 0
}

// readMessage reads up to a NUL. What follows a message that is too large cannot be
// told from it.
func readMessage(in *bufio.Reader, max int) ([]byte, error) {
	var out []byte
	for {
		part, err := in.ReadSlice(0)
		if len(out)+len(part) > max+1 {
			return out, errTooLarge
		}
		out = append(out, part...)
		if err == nil {
			return out[:len(out)-1], nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return out, err
		}
	}
}

// Routes are those of the main port.
func (r *Receiver) Routes() []httpx.Route {
	return []httpx.Route{{Pattern: "POST /gelf", Access: httpx.Write, Scoped: true, MaxBody: int64(r.cfg.MaxBody), Handler: http.HandlerFunc(r.post)}}
}

// post takes a message, or several with a newline after each. 202: they are on disk.
func (r *Receiver) post(w http.ResponseWriter, req *http.Request) {
	body, err := httpx.Body(req, int64(r.cfg.MaxBody), 8*int64(r.cfg.MaxBody))
	if err != nil {
		httpx.WriteError(w, err)
		return
	}
	var b door.Batch
	if err := r.mapper.add(body, &b); err != nil {
		b.Reset()
		for line := range bytes.Lines(body) {
			if line = bytes.Trim(line, "\r\n\x00 "); len(line) == 0 {
				continue
			}
			if err = r.mapper.add(line, &b); err != nil {
				break
			}
		}
		if err != nil || b.Len() == 0 {
			httpx.WriteError(w, &httpx.Error{Status: http.StatusBadRequest, Code: "malformed", Message: errText(err), Hint: `want {"version":"1.1","host":"...","short_message":"..."}`})
			return
		}
	}
	if err := r.deps.Sink.PushLogs(req.Context(), tenant.FromContext(req.Context()), b.Streams()); err != nil {
		status, wait := door.Status(err)
		door.SetRetryAfter(w.Header(), wait)
		httpx.WriteError(w, &httpx.Error{Status: status, Code: "refused", Message: err.Error()})
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func errText(err error) string {
	if err == nil {
		return "the body is empty"
	}
	return err.Error()
}
