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
	maxInFlight int64
	inFlight    atomic.Int64

	mu      sync.Mutex
	cfg     Config
	tenants map[tenant.ID]*tenantBudget
	seed    maphash.Seed
}

// NewBudget returns a budget with nothing used.
func NewBudget(cfg Config) *Budget {
	return &Budget{maxInFlight: cfg.MaxInFlight, cfg: cfg, tenants: map[tenant.ID]*tenantBudget{}, seed: maphash.MakeSeed()}
}

// SetLimits replaces all limits but MaxInFlight. Active streams stay active.
func (b *Budget) SetLimits(cfg Config) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cfg = cfg
	for t, tb := range b.tenants {
		b.tenants[t] = newTenantBudget(cfg.limits(t), tb.active)
	}
}

type tenantBudget struct {
	limits  *Limits
	limiter *rate.Limiter
	active  *activeStreams
}

func newTenantBudget(l *Limits, active *activeStreams) *tenantBudget {
	tb := &tenantBudget{limits: l, active: active}
	if l.IngestionRate > 0 {
		tb.limiter = rate.NewLimiter(rate.Limit(l.IngestionRate), max(l.IngestionBurst, l.IngestionRate))
	}
	return tb
}

func (b *Budget) tenant(t tenant.ID) *tenantBudget {
	b.mu.Lock()
	defer b.mu.Unlock()
	tb := b.tenants[t]
	if tb == nil {
		tb = newTenantBudget(b.cfg.limits(t), &activeStreams{streams: map[uint64]activeStream{}})
		b.tenants[t] = tb
	}
	return tb
}

// reserve takes bytes in flight, or refuses. The caller gives them back.
func (b *Budget) reserve(n int64) error {
	if b.inFlight.Add(n) <= b.maxInFlight {
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
