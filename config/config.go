// Package config is the whole of pharos.yml: it composes each package's own
// Config, reads the file strictly and makes names of files in it relative to it.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pharosd/pharos/alerting"
	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/envsubst"
	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/logs/archive"
	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/receiver/logstash"
	"github.com/pharosd/pharos/rules"
)

// Config is pharos.yml. Every key is optional.
type Config struct {
	// Listen is the host:port of the one port for all HTTP dialects and the UI.
	Listen string `yaml:"listen"`
	// ExternalURL is where people reach this server; links in notifications and
	// invitations begin with it. Default: http:// and Listen.
	ExternalURL string `yaml:"external_url"`
	// Data is the folder that holds everything.
	Data string `yaml:"data"`
	// Memory is the figure that is divided among all parts, at least 256MiB; 0: the
	// cgroup's limit, or 60 % of the machine.
	Memory strictyaml.Bytes `yaml:"memory"`
	// Log is how the process itself logs, to standard error.
	Log Log `yaml:"log"`

	// Auth is who may come in, and how many at once.
	Auth auth.Config `yaml:"auth"`
	// Metrics is scraping, the samples' store and PromQL. A value of 0 means what
	// prometheus.yml says, where it can say the same.
	Metrics metrics.Config `yaml:"metrics"`
	// Rules are recording and alerting rules beside those of prometheus.yml.
	Rules rules.Config `yaml:"rules"`
	// Logs is what a tenant may push, how long lines are kept and what a query may
	// take. Limits have Loki's names; those of a push hold for spans too.
	Logs Logs `yaml:"logs"`
	// Archive is where closed hours of logs go as Parquet, before the local disk drops
	// them.
	Archive archive.Config `yaml:"archive"`
	// Pipelines are Logstash's: files, patterns whose files are one pipeline, and
	// pipelines.yml files.
	Pipelines []string `yaml:"pipelines"`
	// Logstash is what holds for pipelines beside their own files.
	Logstash logstash.Config `yaml:"logstash"`
	// Traces is the ports that spans come in by and how they are kept. OTLP's ports
	// bring logs and metrics too.
	Traces Traces `yaml:"traces"`
	// Alerting is the embedded Alertmanager, one for each tenant.
	Alerting alerting.Config `yaml:"alerting"`
	// Dashboards are those of files; people's own are in the data directory.
	Dashboards dashboards.Config `yaml:"dashboards"`

	loki *LokiFile // that Logs.LokiConfig names
}

// Log is how the process itself logs, to standard error.
type Log struct {
	// Level is debug, info, warn or error.
	Level string `yaml:"level"`
	// Format is text or json.
	Format string `yaml:"format"`
}

// Default returns what holds without a file.
func Default() *Config {
	return &Config{
		Listen:     "127.0.0.1:8400",
		Data:       "data",
		Log:        Log{Level: "info", Format: "text"},
		Auth:       auth.DefaultConfig(),
		Metrics:    metrics.DefaultConfig(),
		Rules:      rules.DefaultConfig(),
		Logs:       defaultLogs(),
		Archive:    archive.DefaultConfig(),
		Logstash:   logstash.DefaultConfig(),
		Traces:     defaultTraces(),
		Alerting:   alerting.DefaultConfig(),
		Dashboards: dashboards.DefaultConfig(),
	}
}

// Load reads the file at path over the defaults; an empty path means the defaults
// alone. The error lists every problem with file, line and column; test for
// *strictyaml.Error and *envsubst.MissingError with errors.As.
func Load(path string, lookupEnv func(string) (string, bool)) (*Config, error) {
	cfg := Default()
	if path == "" {
		return cfg, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	expanded, err := envsubst.Expand(path, text, lookupEnv)
	var missing *envsubst.MissingError
	if errors.As(err, &missing) {
		// The other problems are found in the text as it is; those on the lines of
		// missing variables would only be echoes.
		return nil, errors.Join(err, without(missing, strictyaml.Load(path, text, Default())))
	}
	if err != nil {
		return nil, err
	}
	if cfg, err = readLayers(path, expanded, lookupEnv); err != nil {
		return nil, err
	}
	cfg.setDirectory(filepath.Dir(path))
	return cfg, nil
}

func without(missing *envsubst.MissingError, err error) error {
	var list *strictyaml.Error
	if !errors.As(err, &list) {
		return err
	}
	skip := map[int]bool{}
	for _, r := range missing.Missing {
		skip[r.Line] = true
	}
	rest := &strictyaml.Error{}
	for _, p := range list.Problems {
		if !skip[p.Line] {
			rest.Problems = append(rest.Problems, p)
		}
	}
	if len(rest.Problems) == 0 {
		return nil
	}
	return rest
}

// setDirectory makes relative names of files relative to the file that has them.
// Data stays relative to the working directory, as on the command line.
func (c *Config) setDirectory(dir string) {
	relative := func(name *string) {
		if *name != "" && !filepath.IsAbs(*name) {
			*name = filepath.Join(dir, *name)
		}
	}
	relative(&c.Metrics.PrometheusConfig)
	relative(&c.Traces.CollectorConfig)
	for i := range c.Rules.Files {
		relative(&c.Rules.Files[i])
	}
	for i := range c.Logs.Rules.Files {
		relative(&c.Logs.Rules.Files[i])
	}
	relative(&c.Logs.Rules.Directory)
	relative(&c.Logs.LokiConfig)
	relative(&c.Archive.Storage.SecretKeyFile)
	relative(&c.Archive.Storage.KeyFile)
	c.Alerting.SetDirectory(dir)
	c.Dashboards.SetDirectory(dir)
	c.setPipelineDirectory(dir)
}

// Validate says what is wrong, all at once. It reads no other file; Check does.
func (c *Config) Validate() error {
	var errs []error
	bad := func(key string, err error, hint string) {
		errs = append(errs, &strictyaml.KeyError{Key: key, Err: err, Hint: hint})
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		bad("listen", err, "want host:port, such as 127.0.0.1:8400")
	}
	if c.ExternalURL != "" {
		if u, err := url.Parse(c.ExternalURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			bad("external_url", fmt.Errorf("%q is no http or https address", c.ExternalURL), "such as https://pharos.example.org")
		}
	}
	if c.Data == "" {
		bad("data", errors.New("is empty"), "name a folder")
	}
	switch c.Log.Level {
	case "debug", "info", "warn", "error":
	default:
		bad("log.level", fmt.Errorf("%q is no level", c.Log.Level), "debug, info, warn or error")
	}
	switch c.Log.Format {
	case "text", "json":
	default:
		bad("log.format", fmt.Errorf("%q is no format", c.Log.Format), "text or json")
	}
	errs = append(errs, c.validateParts()...)
	return errors.Join(errs...)
}

// BaseURL is ExternalURL, or what Listen says, without a slash at its end.
func (c *Config) BaseURL() string {
	if c.ExternalURL != "" {
		return strings.TrimRight(c.ExternalURL, "/")
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return "http://" + c.Listen
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// Listeners are all addresses that the process listens on.
func (c *Config) Listeners() []string {
	out := append([]string{c.Listen}, c.Traces.listeners()...)
	if c.Logs.Elastic.Listen != "" {
		out = append(out, c.Logs.Elastic.Listen)
	}
	return out
}
