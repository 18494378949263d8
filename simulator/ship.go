package simulator

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// record is one log line on its way.
type record struct {
	time   time.Time
	labels map[string]string
	line   string
	level  string
	span   trace.SpanContext
}

// encoder is one push protocol.
type encoder interface {
	// encode returns the URL, the content type and the body of a push.
	encode(cfg Config, batch []record) (url, contentType string, body []byte)
}

// shipper batches lines and pushes them, as an agent does: it retries what may
// succeed later and counts what it had to drop.
type shipper struct {
	cfg    Config
	enc    encoder
	log    *slog.Logger
	client *http.Client

	mu      sync.Mutex
	queue   []record
	full    chan struct{}
	dropped atomic.Int64
	sent    atomic.Int64
}

const (
	maxQueue    = 100_000
	maxBatch    = 2_000
	shipEvery   = 250 * time.Millisecond
	shipRetries = 8
)

func newShipper(cfg Config, enc encoder, log *slog.Logger) *shipper {
	return &shipper{cfg: cfg, enc: enc, log: log, full: make(chan struct{}, 1), client: &http.Client{Timeout: 15 * time.Second}}
}

func (s *shipper) add(r record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) >= maxQueue {
		s.dropped.Add(1)
		return
	}
	s.queue = append(s.queue, r)
	if len(s.queue) == maxBatch {
		select {
		case s.full <- struct{}{}:
		default:
		}
	}
}

func (s *shipper) take() []record {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(s.queue), maxBatch)
	batch := s.queue[:n:n]
	s.queue = s.queue[n:]
	if len(s.queue) == 0 {
		s.queue = nil
	}
	return batch
}

// run pushes until ctx is done and the queue is empty.
func (s *shipper) run(ctx context.Context) {
	t := time.NewTicker(shipEvery)
	defer t.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-t.C:
		case <-s.full:
		}
		for batch := s.take(); len(batch) > 0; batch = s.take() {
			s.push(ctx, batch)
		}
	}
	drain, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	for batch := s.take(); len(batch) > 0 && drain.Err() == nil; batch = s.take() {
		s.push(drain, batch)
	}
}

func (s *shipper) push(ctx context.Context, batch []record) {
	url, contentType, body := s.enc.encode(s.cfg, batch)
	var packed bytes.Buffer
	zw := gzip.NewWriter(&packed)
	_, _ = zw.Write(body)
	_ = zw.Close()
	wait := 100 * time.Millisecond
	for try := 1; ; try++ {
		retry, err := s.post(ctx, url, contentType, packed.Bytes())
		if err == nil {
			s.sent.Add(int64(len(batch)))
			return
		}
		if !retry || try == shipRetries || ctx.Err() != nil {
			s.dropped.Add(int64(len(batch)))
			s.log.Warn("simulated agent dropped a batch", "lines", len(batch), "error", err)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, 5*time.Second)
	}
}

func (s *shipper) post(ctx context.Context, url, contentType string, body []byte) (retry bool, err error) {
	req, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Content-Encoding", "gzip")
	if s.cfg.Token != "" {
		req.Header.Set("Authorization", "Bearer "+s.cfg.Token)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return true, err
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if resp.StatusCode/100 == 2 {
		return false, nil
	}
	return resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500, fmt.Errorf("push to %s: %s: %s", url, resp.Status, text)
}
