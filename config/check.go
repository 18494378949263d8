package config

import (
	"errors"

	"github.com/pharosd/pharos/alerting"
)

// validateParts asks each package about its section.
func (c *Config) validateParts() []error {
	return []error{
		c.Alerting.Validate(),
	}
}

// Check reads and validates every native file that c names, without starting
// anything. The error holds all files' problems.
func (c *Config) Check(lookupEnv func(string) (string, bool)) error {
	return errors.Join(
		alerting.Check(c.Alerting, lookupEnv),
	)
}
