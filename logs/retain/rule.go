package retain

import (
	"cmp"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// Rule says how long the entries of some streams are kept, as Loki's
// retention_stream does. Of the rules that select a stream the one with the highest
// priority holds, among several of that the shortest.
type Rule struct {
	// Matchers select streams; all must match.
	Matchers []*labels.Matcher
	// Period is the age at which an entry is hidden; 0: as long as the store keeps
	// anything.
	Period   time.Duration
	Priority int
}

func (r *Rule) selects(ls model.Labels) bool {
	for _, m := range r.Matchers {
		if !m.Matches(ls.Get(m.Name)) {
			return false
		}
	}
	return true
}

// sortRules puts the rule that holds before those that it overrules. longest is what
// a period of 0 means.
func sortRules(rs []Rule, longest time.Duration) []Rule {
	rs = slices.Clone(rs)
	for i := range rs {
		rs[i].Period = period(rs[i].Period, longest)
	}
	slices.SortStableFunc(rs, func(a, b Rule) int {
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), cmp.Compare(a.Period, b.Period))
	})
	return rs
}

// period is p within what the store keeps.
func period(p, longest time.Duration) time.Duration {
	if p <= 0 {
		return longest
	}
	return min(p, longest)
}

// Policy is how long a tenant's entries are kept.
type Policy struct {
	// Period holds for streams that no rule selects; 0: see Config.
	Period time.Duration
	// Rules hold for the streams that they select; nil: see Config.
	Rules []Rule
}

// Config is everybody's policy.
type Config struct {
	// Default holds for tenants without their own. Its Period of 0 means as long as
	// the store keeps anything.
	Default Policy
	// Tenants have their own policies; what is 0 or nil there is as in Default.
	Tenants map[tenant.ID]Policy
}

// policy returns the policy of a tenant.
func (c *Config) policy(t tenant.ID) Policy {
	p, ok := c.Tenants[t]
	if !ok {
		return c.Default
	}
	p.Period = cmp.Or(p.Period, c.Default.Period)
	if p.Rules == nil {
		p.Rules = c.Default.Rules
	}
	return p
}

// Longest is the longest period of all policies: what the store must keep.
func (c *Config) Longest() time.Duration {
	longest := c.Default.Period
	see := func(p Policy) {
		longest = max(longest, p.Period)
		for _, r := range p.Rules {
			longest = max(longest, r.Period)
		}
	}
	see(c.Default)
	for _, p := range c.Tenants {
		see(p)
	}
	return longest
}
