package ship

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/golang/snappy"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pharosd/pharos/internal/version"
	"github.com/pharosd/pharos/model"
)

// lokiSender sends by Loki's push API.
type lokiSender struct {
	url     string
	headers map[string]string
	http    *http.Client
	plain   []byte // reused
}

func newLoki(cfg ClientConfig) (*lokiSender, error) {
	c, err := cfg.HTTPClient()
	if err != nil {
		return nil, err
	}
	return &lokiSender{url: cfg.URL, headers: cfg.Headers, http: c}, nil
}

func (l *lokiSender) close() error {
	l.http.CloseIdleConnections()
	return nil
}

// encode writes logproto.PushRequest (pkg/push/push.proto of Loki), see
// receiver/lokipush, as a snappy block.
func (l *lokiSender) encode(s *shipment) ([]byte, error) {
	b := l.plain[:0]
	for i := range s.streams {
		st := &s.streams[i]
		labels := st.labels.String()
		size := protowire.SizeTag(1) + protowire.SizeBytes(len(labels))
		for _, e := range st.entries {
			size += protowire.SizeTag(2) + protowire.SizeBytes(entrySize(e))
		}
		b = protowire.AppendTag(b, 1, protowire.BytesType)
		b = protowire.AppendVarint(b, uint64(size))
		b = protowire.AppendTag(b, 1, protowire.BytesType)
		b = protowire.AppendString(b, labels)
		for _, e := range st.entries {
			b = protowire.AppendTag(b, 2, protowire.BytesType)
			b = protowire.AppendVarint(b, uint64(entrySize(e)))
			b = appendEntry(b, e)
		}
	}
	l.plain = b
	if cap(b) > 4*keepBuffer {
		l.plain = nil
	}
	return snappy.Encode(nil, b), nil
}

// timeParts are google.protobuf.Timestamp's.
func timeParts(t int64) (seconds, nanos uint64) {
	s, n := t/1e9, t%1e9
	if n < 0 {
		s, n = s-1, n+1e9
	}
	return uint64(s), uint64(n)
}

func timestampSize(t int64) int {
	seconds, nanos := timeParts(t)
	return 2 + protowire.SizeVarint(seconds) + protowire.SizeVarint(nanos)
}

func entrySize(e *model.LogEntry) int {
	n := 1 + protowire.SizeBytes(timestampSize(e.Time)) + 1 + protowire.SizeBytes(len(e.Line))
	for i := range e.Metadata {
		n += 1 + protowire.SizeBytes(pairSize(&e.Metadata[i]))
	}
	return n
}

func pairSize(l *model.Label) int {
	return 2 + protowire.SizeBytes(len(l.Name)) + protowire.SizeBytes(len(l.Value))
}

func appendEntry(b []byte, e *model.LogEntry) []byte {
	seconds, nanos := timeParts(e.Time)
	b = protowire.AppendTag(b, 1, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(timestampSize(e.Time)))
	b = protowire.AppendVarint(protowire.AppendTag(b, 1, protowire.VarintType), seconds)
	b = protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.VarintType), nanos)
	b = protowire.AppendString(protowire.AppendTag(b, 2, protowire.BytesType), e.Line)
	for i := range e.Metadata {
		b = protowire.AppendTag(b, 3, protowire.BytesType)
		b = protowire.AppendVarint(b, uint64(pairSize(&e.Metadata[i])))
		b = protowire.AppendString(protowire.AppendTag(b, 1, protowire.BytesType), e.Metadata[i].Name)
		b = protowire.AppendString(protowire.AppendTag(b, 2, protowire.BytesType), e.Metadata[i].Value)
	}
	return b
}

// send posts a request.
func (l *lokiSender) send(ctx context.Context, s *shipment, body []byte) outcome {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url, bytes.NewReader(body))
	if err != nil {
		return outcome{verdict: again, status: "-1", err: err}
	}
	for name, value := range l.headers {
		r.Header.Set(name, value)
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	r.Header.Set("User-Agent", "pharos-agent/"+version.Version)
	if s.tenant != "" {
		r.Header.Set("X-Scope-OrgID", s.tenant)
	}
	r.Header.Set(model.AgentHeader, s.agent)
	r.Header.Set(model.SequenceHeader, model.Shipment{First: s.first, Last: s.last}.Sequence())
	answer, err := l.http.Do(r)
	if err != nil {
		return outcome{verdict: again, status: "-1", err: err}
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 4<<10))
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20)) // so that the connection is kept
	return judgeHTTP(answer, string(text))
}

// judgeHTTP says what an answer means. Promtail sends again after 429, 5xx and errors of
// the connection. What is wrong with the client rather than with the batch, such as a
// token that has expired, is tried again too: the batch is not to be lost for it.
func judgeHTTP(r *http.Response, text string) outcome {
	o := outcome{status: strconv.Itoa(r.StatusCode)}
	if r.StatusCode/100 == 2 {
		return o
	}
	text, _, _ = strings.Cut(text, "\n")
	o.err = fmt.Errorf("server answers %s: %s", r.Status, text)
	if seconds, err := strconv.Atoi(r.Header.Get("Retry-After")); err == nil && seconds > 0 {
		o.after = time.Duration(min(seconds, 3600)) * time.Second
	}
	o.refused, _ = strconv.Atoi(r.Header.Get(model.RefusedHeader)) // 0: all
	switch code := r.StatusCode; {
	case code == http.StatusTooManyRequests:
		o.verdict = rateLimited
	case code == http.StatusConflict && r.Header.Get(model.SequenceHeader) != "":
		have, err := strconv.ParseUint(r.Header.Get(model.SequenceHeader), 10, 63)
		o.verdict, o.have = overlapping, have
		if err != nil {
			o.verdict, o.err = again, errors.Join(o.err, err)
		}
	case code == http.StatusRequestEntityTooLarge:
		o.verdict = tooLarge
	case code/100 == 5 || code/100 == 3 || aboutClient(code):
		o.verdict = again
	default:
		o.verdict = refused
	}
	return o
}

// aboutClient says whether a 4xx is no judgement of the batch.
func aboutClient(code int) bool {
	switch code {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusNotFound,
		http.StatusMethodNotAllowed, http.StatusProxyAuthRequired, http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly:
		return true
	}
	return false
}
