package config

import (
	"errors"
	"fmt"
	"time"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/logs/logql"
)

// Logs is the section `logs:` of pharos.yml.
type Logs struct {
	// Retention is how long lines are kept; older ones are refused.
	Retention strictyaml.Duration `yaml:"retention"`
	// Query bounds each LogQL query.
	Query logql.Config `yaml:"query"`
}

func defaultLogs() Logs {
	return Logs{Retention: strictyaml.Duration(30 * 24 * time.Hour), Query: logql.DefaultConfig()}
}

// Validate says what is wrong with the section, all at once.
func (l *Logs) Validate() error {
	return errors.Join(retention(l.Retention), strictyaml.Prefix("query", l.Query.Validate()))
}

// minRetention is a day: stores drop whole days.
const minRetention = 24 * time.Hour

func retention(d strictyaml.Duration) error {
	if time.Duration(d) >= minRetention {
		return nil
	}
	return &strictyaml.KeyError{Key: "retention", Err: fmt.Errorf("%s is less than a day", time.Duration(d)), Hint: "such as 30d"}
}
