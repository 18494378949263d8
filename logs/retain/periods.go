package retain

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// RuleSource gives further rules, which may change while the process runs: those of
// index lifecycle policies, for example. Rules is called for each push and each
// query; the caller does not change what it returns. Safe for concurrent use.
type RuleSource interface {
	Rules(t tenant.ID) []Rule
}

// Periods hides what is older than the retention of its tenant and stream.
type Periods struct {
	cfg     atomic.Pointer[Config]
	longest time.Duration
	sources []RuleSource
	now     func() time.Time
}

var _ Source = (*Periods)(nil)

// NewPeriods returns the periods of cfg in a store that keeps entries for longest;
// no period exceeds that. sources give further rules.
func NewPeriods(cfg Config, longest time.Duration, sources ...RuleSource) *Periods {
	p := &Periods{longest: longest, sources: sources, now: time.Now}
	p.Set(cfg)
	return p
}

// Set replaces the policies, at once and for what is stored already.
func (p *Periods) Set(cfg Config) { p.cfg.Store(&cfg) }

// policy is what holds for a tenant now, the rules in order.
func (p *Periods) policy(t tenant.ID) Policy {
	own := p.cfg.Load().policy(t)
	rules := own.Rules
	for _, s := range p.sources {
		if more := s.Rules(t); len(more) > 0 {
			rules = append(slices.Clip(rules), more...)
		}
	}
	return Policy{Period: period(own.Period, p.longest), Rules: sortRules(rules, p.longest)}
}

// MaxAge returns a function that says how long the entries of a stream are kept, as
// of now.
func (p *Periods) MaxAge(t tenant.ID) func(model.Labels) time.Duration {
	policy := p.policy(t)
	return func(ls model.Labels) time.Duration {
		for i := range policy.Rules {
			if policy.Rules[i].selects(ls) {
				return policy.Rules[i].Period
			}
		}
		return policy.Period
	}
}

// Hidden implements Source.
func (p *Periods) Hidden(t tenant.ID, start, end int64) Hidden {
	policy := p.policy(t)
	now := p.now()
	oldest := func(period time.Duration) int64 { return now.Add(-period).UnixNano() }
	h := Hidden{Before: oldest(policy.Period)}
	for _, r := range policy.Rules {
		h.Before = min(h.Before, oldest(r.Period))
	}
	start = max(start, h.Before)
	var hidden, earlier logs.Or
	// hide hides what is older than period of the streams that no rule before selects.
	hide := func(streams logs.Filter, period time.Duration) {
		if cut := min(oldest(period), end); cut > start {
			and := logs.And{logs.Within{Start: start, End: cut}}
			if streams != nil {
				and = append(and, streams)
			}
			if len(earlier) > 0 {
				and = append(and, logs.Not{Filter: slices.Clone(earlier)})
			}
			hidden = append(hidden, and)
		}
	}
	for _, r := range policy.Rules {
		streams := logs.InStreams{Matchers: r.Matchers}
		hide(streams, r.Period)
		earlier = append(earlier, streams)
	}
	hide(nil, policy.Period)
	if len(hidden) > 0 {
		h.Streams = hidden
	}
	return h
}
