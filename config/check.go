package config

import (
	"fmt"
	"log/slog"
	"os/exec"

	"github.com/pharosd/pharos/alerting"
	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/rules"
	"github.com/pharosd/pharos/rules/logrules"
)

// validateParts asks each package about its section.
func (c *Config) validateParts() []error {
	return []error{
		strictyaml.Prefix("auth", c.Auth.Validate()),
		strictyaml.Prefix("logs", c.Logs.Validate()),
		c.validateArchive(),
		c.validatePipelines(),
		c.validateRedaction(),
		c.validateObjects(),
		strictyaml.Prefix("receivers", c.Receivers.Validate()),
		strictyaml.Prefix("traces", c.Traces.Validate()),
		keyed(c.Metrics.Validate()),
		keyed(c.Alerting.Validate()),
		keyed(c.Dashboards.Validate()),
	}
}

// Check reads and validates every native file that c names, without starting
// anything. The error is a *CheckError with all files' problems.
func (c *Config) Check(lookupEnv func(string) (string, bool)) error {
	quiet := slog.New(slog.DiscardHandler)
	var errs []error
	loaded, err := c.Metrics.Load(lookupEnv, quiet)
	if err != nil {
		errs = append(errs, err)
	} else {
		errs = append(errs, rules.Check(c.Rules, loaded.Prometheus, lookupEnv))
	}
	if c.Logs.LokiConfig != "" {
		_, err := LoadLoki(c.Logs.LokiConfig, lookupEnv)
		errs = append(errs, err)
	}
	errs = append(errs, logrules.Check(c.Logs.Rules, lookupEnv))
	errs = append(errs, c.checkPipelines(lookupEnv))
	errs = append(errs, alerting.Check(c.Alerting, lookupEnv))
	if _, err := dashboards.NewProvisioner(c.Dashboards, quiet, lookupEnv); err != nil {
		errs = append(errs, err)
	}
	if _, err := c.Traces.LoadCollector(lookupEnv); err != nil {
		errs = append(errs, err)
	}
	if _, err := c.RedactionKey(); err != nil {
		errs = append(errs, err)
	}
	return checked(errs...)
}

// Warnings are what an operator should look at and what stops nothing: dashboards in files
// that cannot be shown, folders and programs that are named and not there. They are empty
// if Check has errors about the same files.
func (c *Config) Warnings(lookupEnv func(string) (string, bool)) []error {
	var out []error
	if p, err := dashboards.NewProvisioner(c.Dashboards, slog.New(slog.DiscardHandler), lookupEnv); err == nil {
		for _, problem := range p.Snapshot().Problems {
			out = append(out, problem)
		}
	}
	if name := c.Dashboards.Chromium; name != "" && name != "off" {
		if _, err := exec.LookPath(name); err != nil {
			out = append(out, fmt.Errorf("dashboards.chromium: %w; without it there are no pictures and no reports", err))
		}
	}
	return out
}
