package config

import (
	"errors"
	"fmt"
	"time"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/query/tail"
	"github.com/pharosd/pharos/receiver/lokipush"
	"github.com/pharosd/pharos/rules/logrules"
)

// Logs is the section `logs:` of pharos.yml.
type Logs struct {
	// Retention is how long lines are kept; older ones are refused.
	Retention strictyaml.Duration `yaml:"retention"`
	// Disk is how the store of lines uses the disk.
	Disk Disk `yaml:",inline"`
	// Limits are Loki's limits_config, under Loki's names: what a tenant may push
	// and what is derived from it (discover_service_name, discover_log_levels).
	Limits ingest.Limits `yaml:",inline"`
	// Push bounds the bodies of Loki's push API.
	Push lokipush.Config `yaml:"push"`
	// Query bounds each LogQL query.
	Query logql.Config `yaml:"query"`
	// Tail bounds live tails.
	Tail tail.Config `yaml:"tail"`
	// Rules are recording and alerting rules over logs, in the format of Loki's ruler.
	Rules logrules.Config `yaml:"rules"`
}

func defaultLogs() Logs {
	return Logs{
		Retention: strictyaml.Duration(30 * 24 * time.Hour),
		Limits:    ingest.DefaultLimits(), Push: lokipush.DefaultConfig(),
		Query: logql.DefaultConfig(), Tail: tail.DefaultConfig(), Rules: logrules.DefaultConfig(),
		Disk: defaultDisk(),
	}
}

// Validate says what is wrong with the section, all at once.
func (l *Logs) Validate() error {
	return errors.Join(
		retention(l.Retention),
		l.Disk.Validate(),
		keyed(l.Limits.Validate()),
		strictyaml.Prefix("push", l.Push.Validate()),
		strictyaml.Prefix("query", l.Query.Validate()),
		strictyaml.Prefix("tail", l.Tail.Validate()),
	)
}

// Ingest is what ingest takes. Nothing is accepted that the retention would drop;
// unless it says otherwise, everything that the retention would keep is.
func (l *Logs) Ingest(maxInFlight int64) ingest.Config {
	limits := l.Limits
	if limits.MaxAge == ingest.DefaultLimits().MaxAge || limits.MaxAge > time.Duration(l.Retention) {
		limits.MaxAge = time.Duration(l.Retention)
	}
	return ingest.Config{Limits: limits, MaxInFlight: maxInFlight}
}

// minRetention is a day: stores drop whole days.
const minRetention = 24 * time.Hour

func retention(d strictyaml.Duration) error {
	if time.Duration(d) >= minRetention {
		return nil
	}
	return &strictyaml.KeyError{Key: "retention", Err: fmt.Errorf("%s is less than a day", time.Duration(d)), Hint: "such as 30d"}
}
