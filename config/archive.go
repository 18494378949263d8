package config

import (
	"errors"
	"time"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// validateArchive checks what the section says together with others.
func (c *Config) validateArchive() error {
	err := c.Archive.Validate()
	if time.Duration(c.Logs.Retention) < c.Archive.Grace+2*time.Hour && c.Archive.Storage.Enabled() {
		err = errors.Join(err, &strictyaml.KeyError{Key: "grace", Err: errors.New("is not shorter than logs.retention"), Hint: "hours must be archived before they go"})
	}
	if c.Logs.Engine == VictoriaLogs && c.Archive.Storage.Enabled() {
		err = errors.Join(err, &strictyaml.KeyError{Key: "storage", Err: errors.New("does not work with logs.engine victorialogs"), Hint: "only the local store is archived"})
	}
	return strictyaml.Prefix("archive", err)
}

// LogStoreRetention is how long the local store keeps log lines: with an archive
// that retention waits for, a margin longer than queries see them.
func (c *Config) LogStoreRetention() time.Duration {
	d := c.Logs.StoreRetention()
	if c.Archive.Storage.Enabled() && c.Archive.RequiredForRetention {
		d += c.Archive.Margin
	}
	return d
}
