package ingest

import (
	"fmt"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// Budget is what all sinks of a process share: bytes in flight, and each tenant's
// rate and streams.
type Budget struct {
	cfg      Config
	inFlight atomic.Int64

	mu      sync.Mutex
	tenants map[tenant.ID]*tenantBudget
	seed    maphash.Seed
}

// NewBudget returns a budget with nothing used.
func NewBudget(cfg Config) *Budget {
	return &Budget{cfg: cfg, tenants: map[tenant.ID]*tenantBudget{}, seed: maphash.MakeSeed()}
}

// streamIdle is how long a stream without entries counts as active.
const streamIdle = time.Hour

type tenantBudget struct {
	limits  *Limits
	limiter *rate.Limiter

	mu      sync.Mutex
	streams map[uint64]int64 // hash of the labels to the last use in seconds
	swept   int64
}

func (b *Budget) tenant(t tenant.ID) *tenantBudget {
	b.mu.Lock()
	defer b.mu.Unlock()
	tb := b.tenants[t]
	if tb == nil {
		l := b.cfg.limits(t)
		tb = &tenantBudget{limits: l, streams: map[uint64]int64{}}
		if l.IngestionRate > 0 {
			tb.limiter = rate.NewLimiter(rate.Limit(l.IngestionRate), max(l.IngestionBurst, l.IngestionRate))
		}
		b.tenants[t] = tb
	}
	return tb
}

// reserve takes bytes in flight, or refuses. The caller gives them back.
func (b *Budget) reserve(n int64) error {
	if b.inFlight.Add(n) <= b.cfg.MaxInFlight {
		return nil
	}
	b.inFlight.Add(-n)
	return &Refusal{Reason: Overloaded, Temporary: true, RetryAfter: time.Second,
		Message: "The server cannot accept more requests at this time."}
}

func (b *Budget) release(n int64) { b.inFlight.Add(-n) }

// takeRate takes bytes of the tenant's rate, all or none.
func (tb *tenantBudget) takeRate(t tenant.ID, now time.Time, things string, n, bytes int) *Refusal {
	if tb.limiter == nil || tb.limiter.AllowN(now, bytes) {
		return nil
	}
	// What is larger than a burst can never pass, however long one waits.
	fits := bytes <= tb.limiter.Burst()
	return &Refusal{Reason: RateLimited, Refused: n, Temporary: true, RetryAfter: retryAfter(tb.limiter, bytes, fits),
		Message: fmt.Sprintf("ingestion rate limit exceeded for user %s (limit: %d bytes/sec) while attempting to ingest '%d' %s totaling '%d' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased",
			t, tb.limits.IngestionRate, n, things, bytes)}
}

func retryAfter(l *rate.Limiter, bytes int, fits bool) time.Duration {
	if !fits {
		bytes = l.Burst()
	}
	wait := time.Duration(float64(bytes) / float64(l.Limit()) * float64(time.Second))
	return max(time.Second, min(wait, time.Minute))
}

// takeStream says whether entries for the stream may come: it is active, or there
// may be one more.
func (tb *tenantBudget) takeStream(hash uint64, now time.Time) bool {
	if tb.limits.MaxStreams == 0 {
		return true
	}
	sec := now.Unix()
	tb.mu.Lock()
	defer tb.mu.Unlock()
	if _, ok := tb.streams[hash]; !ok && len(tb.streams) >= tb.limits.MaxStreams {
		tb.sweep(sec)
		if len(tb.streams) >= tb.limits.MaxStreams {
			return false
		}
	}
	tb.streams[hash] = sec
	return true
}

// sweep forgets idle streams, at most once in ten seconds.
func (tb *tenantBudget) sweep(sec int64) {
	if sec-tb.swept < 10 {
		return
	}
	tb.swept = sec
	for h, last := range tb.streams {
		if sec-last > int64(streamIdle/time.Second) {
			delete(tb.streams, h)
		}
	}
}

func (b *Budget) hash(ls model.Labels) uint64 {
	var h maphash.Hash
	h.SetSeed(b.seed)
	for _, l := range ls {
		_, _ = h.WriteString(l.Name)
		_ = h.WriteByte(0)
		_, _ = h.WriteString(l.Value)
		_ = h.WriteByte(0)
	}
	return h.Sum64()
}
