package ship

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/pharosd/pharos/model"
)

// sender is a protocol.
type sender interface {
	// encode returns a request's body.
	encode(s *shipment) ([]byte, error)
	// send sends it once.
	send(ctx context.Context, s *shipment, body []byte) outcome
	close() error
}

// outcome is the answer to a request.
type outcome struct {
	verdict verdict
	// status is the answer's code for metrics, err what went wrong.
	status string
	err    error
	// after is how long the server asks to wait.
	after time.Duration
	// have is the highest number that the server has; see overlapping.
	have uint64
	// refused is how many entries were dropped while the others are stored; 0: all.
	refused int
}

// verdict says what is to be done.
type verdict int

const (
	// delivered: it is on the server's disk.
	delivered verdict = iota
	// again: the same request may be taken later.
	again
	// rateLimited is again because of a limit.
	rateLimited
	// refused: it will never be taken.
	refused
	// tooLarge: a smaller one may be taken.
	tooLarge
	// overlapping: the server has a part of it, up to outcome.have.
	overlapping
)

// client sends everything in the queue to one place, in order, one request at a time.
type client struct {
	q    *Queue
	cfg  ClientConfig
	name string
	host string // label of metrics
	slot int
	log  *slog.Logger
	send sender

	external model.Labels
	reader   reader
	// textRead is how much of Queue.text was read.
	textRead uint64
	// done is the number of the first entry that may not have arrived, written its value
	// in the cursors' file.
	done, written atomic.Uint64
}

func newClient(q *Queue, cfg ClientConfig, name string, at cursor) (*client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	u, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, err
	}
	c := &client{q: q, cfg: cfg, name: name, host: u.Host, slot: at.Slot, log: q.log.With("client", u.Redacted()), reader: reader{q: q, pos: at.Next}}
	c.done.Store(at.Next)
	for name, value := range cfg.ExternalLabels {
		c.external = append(c.external, model.Label{Name: name, Value: value})
	}
	c.external = model.NewLabels(c.external...)
	if u.Scheme == schemeGRPC || u.Scheme == schemeGRPCS {
		c.send, err = newOTLP(cfg, u)
	} else {
		c.send, err = newLoki(cfg)
	}
	return c, err
}

// acked is the number of the first entry that may not have arrived.
func (c *client) acked() uint64 { return c.done.Load() }

func (c *client) close() error {
	c.reader.closeSegment()
	return c.send.close()
}

// run sends until ctx is done.
func (c *client) run(ctx context.Context) {
	said := false
	for ctx.Err() == nil {
		b, err := c.next(ctx)
		if err == nil && b != nil {
			err = c.q.sync()
		}
		if err != nil {
			if !said {
				c.log.Error("agent's queue cannot be read", "error", err)
			}
			said = true
			c.q.metrics.behind.WithLabelValues(c.host).Set(1)
			// Read again from the first entry that has not arrived.
			c.reader.closeSegment()
			c.reader.rest, c.reader.pos = chunk{}, c.acked()
			sleep(ctx, time.Second)
			continue
		}
		said = false
		if b != nil && c.deliver(ctx, b) == nil {
			c.done.Store(b.next)
		}
	}
}

// next waits for entries and reads a batch; nil when ctx is done.
func (c *client) next(ctx context.Context) (*batch, error) {
	var due <-chan time.Time
	for {
		c.q.mu.Lock()
		any, old, waiting, arrived := c.reader.pos < c.q.end, c.reader.pos < c.q.opened, c.q.text-c.textRead, c.q.arrived
		if !any {
			c.textRead = c.q.text
		}
		c.q.mu.Unlock()
		if any && due == nil {
			t := time.NewTimer(c.cfg.BatchWait)
			defer t.Stop()
			due = t.C
		}
		if any && (old || int64(waiting) >= int64(c.cfg.BatchSize)) {
			return c.read()
		}
		if !any {
			c.q.metrics.behind.WithLabelValues(c.host).Set(0)
		}
		select {
		case <-ctx.Done():
			return nil, nil
		case <-due:
			return c.read()
		case <-arrived:
		}
	}
}

func (c *client) read() (*batch, error) {
	c.q.metrics.behind.WithLabelValues(c.host).Set(1)
	chunks, agent, err := c.reader.fill(c.cfg.BatchSize)
	if err != nil {
		return nil, err
	}
	b := &batch{agent: agent, chunks: chunks, next: c.reader.pos}
	for _, ch := range chunks {
		for i := range ch.entries {
			b.text += textSize(&ch.entries[i].Entry)
		}
	}
	c.textRead += uint64(b.text)
	if len(chunks) == 0 {
		// Only records that cannot be read are left.
		c.q.mu.Lock()
		b.next = max(b.next, c.q.end)
		c.q.mu.Unlock()
		c.reader.pos = b.next
	}
	return b, nil
}

// deliver sends a batch, tenant by tenant, until all of it has arrived or was refused
// for good. Its only error is ctx's.
func (c *client) deliver(ctx context.Context, b *batch) error {
	for _, tenant := range b.tenants() {
		if err := c.deliverRange(ctx, b, tenant, 0, ^uint64(0)); err != nil {
			return err
		}
	}
	return nil
}

// deliverRange does it for the entries of one tenant with numbers from from to through.
func (c *client) deliverRange(ctx context.Context, b *batch, tenant string, from, through uint64) error {
	for {
		s := b.shipment(tenant, from, through, c.external)
		if s.entries == 0 {
			return nil
		}
		s.agent = b.agent.String() + "." + strconv.Itoa(c.slot)
		if s.tenant == "" {
			s.tenant = c.cfg.TenantID
		}
		body, err := c.send.encode(s)
		if err != nil {
			c.drop(s, s.entries, "encode", err)
			return nil
		}
		c.q.metrics.encodedBytes.WithLabelValues(c.host).Add(float64(len(body)))
		o, err := c.persist(ctx, s, body)
		if err != nil {
			return err
		}
		switch {
		case o.verdict == overlapping && o.have >= s.first:
			from = o.have + 1
			continue
		case o.verdict == tooLarge && s.entries > 1:
			s.tenant = tenant
			middle := b.middle(s)
			if err := c.deliverRange(ctx, b, tenant, s.first, middle); err != nil {
				return err
			}
			from = middle + 1
			continue
		}
		c.settle(s, body, o)
		return nil
	}
}

// settle counts what has become of a request.
func (c *client) settle(s *shipment, body []byte, o outcome) {
	switch o.verdict {
	case delivered:
		c.q.metrics.sentBytes.WithLabelValues(c.host).Add(float64(len(body)))
		c.q.metrics.sentEntries.WithLabelValues(c.host).Add(float64(s.entries - o.refused))
		if o.refused > 0 {
			c.drop(s, o.refused, "ingester_error", o.err)
		}
	case rateLimited:
		c.drop(s, s.entries, "rate_limited", o.err)
	case tooLarge:
		c.drop(s, s.entries, "line_too_long", o.err)
	default:
		n := s.entries
		if o.refused > 0 {
			n = o.refused
			c.q.metrics.sentEntries.WithLabelValues(c.host).Add(float64(s.entries - n))
		}
		c.drop(s, n, "ingester_error", o.err)
	}
}

// drop counts and reports entries that the server will never take.
func (c *client) drop(s *shipment, n int, reason string, err error) {
	c.q.metrics.droppedEntries.WithLabelValues(c.host, s.tenant, reason).Add(float64(n))
	c.q.metrics.droppedBytes.WithLabelValues(c.host, s.tenant, reason).Add(float64(s.text) * float64(n) / float64(s.entries))
	c.log.Error("entries were refused and are dropped", "tenant", s.tenant, "entries", n, "reason", reason, "error", err)
}

// persist sends a request until there is a final answer.
func (c *client) persist(ctx context.Context, s *shipment, body []byte) (outcome, error) {
	for attempt := 1; ; attempt++ {
		o := c.attempt(ctx, s, body)
		if o.verdict != again && (o.verdict != rateLimited || c.cfg.DropRateLimitedBatches) {
			return o, nil
		}
		if ctx.Err() != nil {
			return o, ctx.Err()
		}
		c.q.metrics.retries.WithLabelValues(c.host, s.tenant).Inc()
		switch attempt {
		case 1:
			c.log.Warn("sending has failed and is tried again", "tenant", s.tenant, "entries", s.entries, "status", o.status, "error", o.err)
		case c.cfg.Backoff.MaxRetries:
			c.q.metrics.exhausted.WithLabelValues(c.host).Inc()
			c.log.Error("sending still fails; it goes on, and what is read waits in the queue", "tenant", s.tenant,
				"attempts", attempt, "status", o.status, "error", o.err)
		}
		if !sleep(ctx, max(c.cfg.Backoff.delay(attempt), min(o.after, maxAfter))) {
			return o, ctx.Err()
		}
	}
}

// maxAfter bounds how long a server may ask a client to wait.
const maxAfter = time.Minute

// delay is how long to wait after so many attempts, half of it by chance.
func (b BackoffConfig) delay(attempts int) time.Duration {
	d := b.MinPeriod
	for i := 1; i < attempts && d < b.MaxPeriod; i++ {
		d *= 2
	}
	d = min(d, b.MaxPeriod)
	return d/2 + rand.N(d/2+1)
}

// lastWords is how long a request may go on after its client was told to stop: its
// answer spares the next process from sending it again.
const lastWords = 3 * time.Second

func (c *client) attempt(ctx context.Context, s *shipment, body []byte) outcome {
	rctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.cfg.Timeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(lastWords, cancel) })
	defer stop()
	began := time.Now()
	o := c.send.send(rctx, s, body)
	c.q.metrics.duration.WithLabelValues(o.status, c.host).Observe(time.Since(began).Seconds())
	if o.verdict == overlapping && o.have < s.first {
		o.verdict, o.err = refused, fmt.Errorf("the server says that it has entries up to %d of those from %d on: %w", o.have, s.first, o.err)
	}
	return o
}

// sleep returns false if ctx ends before.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
