package door

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/tenant"
)

const (
	firstWait = 50 * time.Millisecond
	maxWait   = 5 * time.Second
	// ratePatience is how long a batch waits for a rate that it may never fit.
	ratePatience = time.Minute
)

// Push stores a batch of a protocol that has no answer, and waits while the store
// refuses for a while: whoever sends is not read meanwhile. What was pushed before a
// refusal is told from new entries by the store. It returns ctx's error when the batch
// is given up with ctx; what is refused for good is counted and dropped.
func (d *Deps) Push(ctx context.Context, door string, t tenant.ID, b *Batch) error {
	if b.Len() == 0 {
		return nil
	}
	wait, begin := firstWait, time.Now()
	for {
		err := d.Sink.PushLogs(ctx, t, b.Streams())
		if err == nil {
			return nil
		}
		reason := "failed"
		var refusal *ingest.Refusal
		if errors.As(err, &refusal) {
			reason = string(refusal.Reason)
			slow := refusal.Reason == ingest.RateLimited || refusal.Reason == ingest.StreamRateLimited
			if !refusal.Temporary || refusal.Reason == ingest.StreamLimit || slow && time.Since(begin) > ratePatience {
				d.Metrics.Dropped(door, Refused, max(1, refusal.Refused))
				return nil
			}
			wait = max(wait, min(refusal.RetryAfter, maxWait))
		}
		d.Metrics.waits.WithLabelValues(door, reason).Inc()
		select {
		case <-ctx.Done():
			d.Metrics.Dropped(door, TimedOut, b.Len())
			return ctx.Err()
		case <-time.After(wait):
		}
		wait = min(2*wait, maxWait)
	}
}

// Status is the HTTP status of a push's error, and how long to wait before the next
// try (0: it makes no sense, or nobody knows).
func Status(err error) (status int, retryAfter time.Duration) {
	var r *ingest.Refusal
	if !errors.As(err, &r) {
		return http.StatusInternalServerError, 0
	}
	switch {
	case r.Reason == ingest.RateLimited, r.Reason == ingest.StreamLimit, r.Reason == ingest.StreamRateLimited:
		return http.StatusTooManyRequests, r.RetryAfter
	case r.Temporary:
		return http.StatusServiceUnavailable, r.RetryAfter
	}
	return http.StatusBadRequest, 0
}

// SetRetryAfter puts d, rounded up to seconds, into the answer's header.
func SetRetryAfter(h http.Header, d time.Duration) {
	if d > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10))
	}
}
