package retain

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/tenant"
)

// Sizes hides the oldest days of tenants that have more bytes of lines than they may
// keep. What it counts is lines as they were pushed: how much a tenant takes of the
// disk, compressed beside the others, nobody knows.
type Sizes struct {
	reader  logs.Reader
	tenants func() []tenant.ID
	// kept is how long the store keeps entries.
	kept time.Duration
	log  *slog.Logger
	now  func() time.Time

	// counted are the bytes of days that are counted once only, by tenant.
	counted map[tenant.ID]map[int64]uint64
	emptied time.Time // when counted was last emptied

	mu     sync.RWMutex
	limit  func(tenant.ID) int64
	before map[tenant.ID]int64
}

var _ Source = (*Sizes)(nil)

// NewSizes counts in reader, which keeps entries for so long, for all that tenants
// returns. limit is how many bytes a tenant may keep; 0: all.
func NewSizes(reader logs.Reader, kept time.Duration, tenants func() []tenant.ID, limit func(tenant.ID) int64, log *slog.Logger) *Sizes {
	return &Sizes{reader: reader, tenants: tenants, kept: kept, limit: limit, log: log, now: time.Now, before: map[tenant.ID]int64{}}
}

// SetLimit replaces the limits, from the next counting on.
func (s *Sizes) SetLimit(limit func(tenant.ID) int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = limit
}

// Hidden implements Source.
func (s *Sizes) Hidden(t tenant.ID, _, _ int64) Hidden {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return Hidden{Before: s.before[t]}
}

const (
	countEvery   = 5 * time.Minute
	recountEvery = 24 * time.Hour
	aDay         = int64(24 * time.Hour)
)

// Run counts now and then until ctx is done.
func (s *Sizes) Run(ctx context.Context) error {
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	for {
		s.count(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// count moves the begin of what each tenant sees.
func (s *Sizes) count(ctx context.Context) {
	if now := s.now(); now.Sub(s.emptied) >= recountEvery {
		s.emptied, s.counted = now, map[tenant.ID]map[int64]uint64{}
	}
	for _, t := range s.tenants() {
		s.mu.RLock()
		limit := s.limit(t)
		s.mu.RUnlock()
		before, err := s.begin(ctx, t, limit)
		if err != nil {
			if ctx.Err() == nil {
				s.log.Warn("cannot count the bytes of a tenant's lines", "tenant", t, "error", err)
			}
			continue
		}
		s.mu.Lock()
		changed := s.before[t] != before
		s.before[t] = before
		s.mu.Unlock()
		if changed && before > 0 {
			s.log.Info("oldest days hidden: the tenant has more lines than retention_size", "tenant", t, "limit", limit, "before", time.Unix(0, before).UTC())
		}
	}
}

// begin returns where the days begin that together have at most limit bytes, today
// in any case; 0 if all have.
func (s *Sizes) begin(ctx context.Context, t tenant.ID, limit int64) (int64, error) {
	if limit <= 0 {
		return 0, nil
	}
	days, err := s.days(ctx, t)
	if err != nil {
		return 0, err
	}
	today := s.now().UnixNano() / aDay * aDay
	var sum uint64
	for _, d := range days {
		sum += d.bytes
		if sum > uint64(limit) && d.day < today {
			return d.day + aDay, nil
		}
	}
	return 0, nil
}

type dayBytes struct {
	day   int64
	bytes uint64
}

// days returns the bytes of each day, the newest first. Days before yesterday are
// counted once in recountEvery.
func (s *Sizes) days(ctx context.Context, t tenant.ID) ([]dayBytes, error) {
	now := s.now().UnixNano()
	known, ok := s.counted[t]
	q := logs.Query{Start: now/aDay*aDay - aDay, End: now + aDay}
	if !ok {
		q.Start = now - int64(s.kept) - aDay
	}
	groups, err := s.reader.Count(ctx, t, q, logs.Grouping{Step: aDay, Bytes: true})
	if err != nil {
		return nil, err
	}
	if !ok {
		known = map[int64]uint64{}
		s.counted[t] = known
	}
	for _, g := range groups {
		known[g.Time] = g.Bytes
	}
	out := make([]dayBytes, 0, len(known))
	for day, bytes := range known {
		out = append(out, dayBytes{day, bytes})
	}
	slices.SortFunc(out, func(a, b dayBytes) int { return cmp.Compare(b.day, a.day) })
	return out, nil
}
