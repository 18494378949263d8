package main

import (
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/klauspost/compress/snappy"
	"google.golang.org/protobuf/encoding/protowire"
)

// sink takes Loki pushes and counts their entries.
type sink struct {
	url     string
	entries atomic.Int64
	server  *http.Server
}

func newSink() (*sink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{url: "http://" + l.Addr().String()}
	s.server = &http.Server{Handler: http.HandlerFunc(s.push)}
	go func() { _ = s.server.Serve(l) }()
	return s, nil
}

func (s *sink) close() { _ = s.server.Close() }

func (s *sink) push(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<20))
	if err == nil {
		body, err = snappy.Decode(nil, body)
	}
	n := 0
	if err == nil {
		n, err = countEntries(body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.entries.Add(int64(n))
	w.WriteHeader(http.StatusNoContent)
}

var errWire = errors.New("no push request")

// countEntries walks a logproto.PushRequest: streams are its field 1, entries field 2
// of a stream.
func countEntries(request []byte) (n int, err error) {
	err = fields(request, 1, func(stream []byte) error {
		return fields(stream, 2, func([]byte) error { n++; return nil })
	})
	return n, err
}

// fields calls fn for each length-delimited field of that number.
func fields(b []byte, number protowire.Number, fn func([]byte) error) error {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errWire
		}
		b = b[n:]
		if num == number && typ == protowire.BytesType {
			v, n := protowire.ConsumeBytes(b)
			if n < 0 {
				return errWire
			}
			if err := fn(v); err != nil {
				return err
			}
			b = b[n:]
			continue
		}
		if n = protowire.ConsumeFieldValue(num, typ, b); n < 0 {
			return errWire
		}
		b = b[n:]
	}
	return nil
}
