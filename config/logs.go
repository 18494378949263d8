package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/logs/remote"
	"github.com/pharosd/pharos/query/deletion"
	"github.com/pharosd/pharos/query/tail"
	"github.com/pharosd/pharos/receiver/elastic"
	"github.com/pharosd/pharos/receiver/lokipush"
	"github.com/pharosd/pharos/rules/logrules"
	"github.com/pharosd/pharos/tenant"
)

// Logs is the section `logs:` of pharos.yml.
type Logs struct {
	// Engine is local, which keeps lines in the data directory, or victorialogs.
	Engine string `yaml:"engine"`
	// VictoriaLogs are the servers of the engine victorialogs.
	VictoriaLogs remote.Config `yaml:"victorialogs"`
	// Disk is how the store of lines uses the disk.
	Disk Disk `yaml:",inline"`
	// LogLimits hold for every tenant that has none of its own.
	LogLimits `yaml:",inline"`
	// Tenants have limits and a retention of their own; what is missing there is as for
	// everybody.
	Tenants map[tenant.ID]LogLimits `yaml:"tenants"`
	// LokiConfig is the path of a loki-config.yml. The values of its limits_config hold
	// where this file says nothing.
	LokiConfig string `yaml:"loki_config"`
	// MaxSize is what the lines of all tenants may take on disk, compressed and with
	// their index; whole days are dropped beyond it, the oldest first, but never the
	// last two. 0: no bound.
	MaxSize strictyaml.Bytes `yaml:"max_size"`
	// Deletion is how lines may be deleted on request.
	Deletion deletion.Config `yaml:"deletion"`
	// Push bounds the bodies of Loki's push API.
	Push lokipush.Config `yaml:"push"`
	// Elastic is Elasticsearch's API: its own port, and bounds of requests.
	Elastic elastic.Config `yaml:"elastic"`
	// Tail bounds live tails.
	Tail tail.Config `yaml:"tail"`
	// Rules are recording and alerting rules over logs, in the format of Loki's ruler.
	Rules logrules.Config `yaml:"rules"`
}

// LogLimits is what a tenant may push and ask, and how long its lines are kept.
type LogLimits struct {
	// Retention is how long lines are kept; older ones are refused.
	Retention strictyaml.Duration `yaml:"retention"`
	// RetentionStream are other ages for the streams that a selector selects: a list
	// of selector, period and priority, as Loki's.
	RetentionStream []StreamRetention `yaml:"retention_stream"`
	// RetentionSize is how many bytes of lines of a tenant are shown, as they were
	// pushed; whole days are hidden beyond it, the oldest first. 0: no bound.
	RetentionSize strictyaml.Bytes `yaml:"retention_size"`
	// Limits are Loki's limits_config, under Loki's names: what a tenant may push
	// and what is derived from it (discover_service_name, discover_log_levels).
	Limits ingest.Limits `yaml:",inline"`
	// Query bounds each LogQL query.
	Query logql.Config `yaml:"query"`
}

func defaultLogs() Logs {
	return Logs{
		Engine: LocalLogs, VictoriaLogs: remote.DefaultConfig(), Disk: defaultDisk(),
		LogLimits: LogLimits{
			Retention: strictyaml.Duration(30 * 24 * time.Hour),
			Limits:    ingest.DefaultLimits(), Query: logql.DefaultConfig(),
		},
		Deletion: deletion.DefaultConfig(), Push: lokipush.DefaultConfig(), Elastic: elastic.DefaultConfig(),
		Tail: tail.DefaultConfig(), Rules: logrules.DefaultConfig(),
	}
}

// Validate says what is wrong with the section, all at once.
func (l *Logs) Validate() error {
	errs := []error{
		l.validateEngine(),
		retention(l.Retention),
		l.Disk.Validate(),
		l.LogLimits.validate(),
		strictyaml.Prefix("deletion", named(l.Deletion.Validate())),
		strictyaml.Prefix("push", l.Push.Validate()),
		strictyaml.Prefix("elastic", l.Elastic.Validate()),
		strictyaml.Prefix("tail", l.Tail.Validate()),
	}
	for _, id := range slices.Sorted(maps.Keys(l.Tenants)) {
		own := l.Tenants[id]
		err := own.validate()
		if _, bad := tenant.Parse(string(id)); bad != nil {
			err = bad
		}
		if d := time.Duration(own.Retention); d < minPeriod {
			err = errors.Join(err, &strictyaml.KeyError{Key: "retention", Err: fmt.Errorf("%s is less than an hour", d), Hint: "such as 30d"})
		}
		errs = append(errs, strictyaml.Prefix("tenants."+string(id), err))
	}
	return errors.Join(errs...)
}

func (l *LogLimits) validate() error {
	errs := []error{
		named(l.Limits.Validate()),
		strictyaml.Prefix("query", named(l.Query.Validate())),
	}
	for i, s := range l.RetentionStream {
		errs = append(errs, strictyaml.Prefix(fmt.Sprintf("retention_stream[%d]", i), s.validate()))
	}
	return errors.Join(errs...)
}

// Ingest is what ingest takes. Nothing is accepted that the retention would drop;
// unless it says otherwise, everything that the retention would keep is.
func (l *Logs) Ingest(maxInFlight int64) ingest.Config {
	return ingestConfig(l, l.StoreRetention(), maxInFlight)
}

func ingestConfig(l *Logs, retention time.Duration, maxInFlight int64) ingest.Config {
	within := func(limits ingest.Limits) ingest.Limits {
		if limits.MaxAge == ingest.DefaultLimits().MaxAge || limits.MaxAge > retention {
			limits.MaxAge = retention
		}
		return limits
	}
	c := ingest.Config{Limits: within(l.Limits), MaxInFlight: maxInFlight, Tenants: map[tenant.ID]ingest.Limits{}}
	for id, own := range l.Tenants {
		c.Tenants[id] = within(own.Limits)
	}
	return c
}

// QueryLimits returns the limits of a tenant's queries.
func (l *Logs) QueryLimits(t tenant.ID) logql.Config {
	if own, ok := l.Tenants[t]; ok {
		return own.Query
	}
	return l.Query
}

// minRetention is a day: stores drop whole days.
const minRetention = 24 * time.Hour

func retention(d strictyaml.Duration) error {
	if time.Duration(d) >= minRetention {
		return nil
	}
	return &strictyaml.KeyError{Key: "retention", Err: fmt.Errorf("%s is less than a day", time.Duration(d)), Hint: "such as 30d"}
}
