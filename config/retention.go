package config

import (
	"errors"
	"fmt"
	"time"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/logs/retain"
	"github.com/pharosd/pharos/tenant"
)

// StreamRetention is how long the lines of some streams are kept, as in Loki's
// retention_stream.
type StreamRetention struct {
	// Selector is a stream selector, {level="debug"}.
	Selector string `yaml:"selector"`
	// Priority says which holds if several select a stream: the highest, and of those
	// the shortest.
	Priority int `yaml:"priority"`
	// Period is the age at which lines are hidden; 0: as long as any line is kept.
	Period strictyaml.Duration `yaml:"period"`
}

// minPeriod is the shortest age at which lines are hidden.
const minPeriod = time.Hour

func (s StreamRetention) validate() error {
	var errs []error
	if _, err := logql.ParseSelector(s.Selector, true); err != nil {
		errs = append(errs, &strictyaml.KeyError{Key: "selector", Err: err, Hint: `such as {level="debug"}`})
	}
	if d := time.Duration(s.Period); d != 0 && d < minPeriod {
		errs = append(errs, &strictyaml.KeyError{Key: "period", Err: fmt.Errorf("%s is less than an hour", s.Period), Hint: "such as 24h"})
	}
	return errors.Join(errs...)
}

// policy is the retention of one tenant, or of all without their own.
func (l *LogLimits) policy() retain.Policy {
	p := retain.Policy{Period: time.Duration(l.Retention), Rules: []retain.Rule{}}
	for _, s := range l.RetentionStream {
		ms, err := logql.ParseSelector(s.Selector, true)
		if err != nil {
			panic("BUG: retention_stream was validated: " + err.Error())
		}
		p.Rules = append(p.Rules, retain.Rule{Matchers: ms, Period: time.Duration(s.Period), Priority: s.Priority})
	}
	return p
}

// Periods is how long everybody's lines are kept.
func (l *Logs) Periods() retain.Config {
	c := retain.Config{Default: l.policy(), Tenants: map[tenant.ID]retain.Policy{}}
	for id, own := range l.Tenants {
		c.Tenants[id] = own.policy()
	}
	return c
}

// StoreRetention is how long the store must keep lines.
func (l *Logs) StoreRetention() time.Duration {
	p := l.Periods()
	return max(minRetention, p.Longest())
}

// RetentionOf is how long the store shows lines of a tenant, at the longest.
func (l *Logs) RetentionOf(t tenant.ID) time.Duration {
	limits := &l.LogLimits
	if own, ok := l.Tenants[t]; ok {
		limits = &own
	}
	c := retain.Config{Default: limits.policy()}
	return c.Longest()
}
