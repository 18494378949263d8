package metrics

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/envsubst"
)

// Loaded is a prometheus.yml that was read, checked and merged with the section
// `metrics:` of pharos.yml.
type Loaded struct {
	// Path is the file, "" when none is configured.
	Path string
	// Prometheus is the file as Prometheus' own parser reads it, with paths relative
	// to the file made absolute, and with retention, out-of-order window and
	// exemplars as they are in effect. Read only.
	Prometheus *config.Config
}

// Current returns the file in the form that is asked for at each use.
func (l *Loaded) Current() *config.Config { return l.Prometheus }

// FileError is one problem of a configuration file. Line and Column are 1-based, 0
// when unknown.
type FileError struct {
	File         string
	Line, Column int
	Message      string
}

func (e *FileError) Error() string {
	switch {
	case e.Line == 0:
		return e.File + ": " + e.Message
	case e.Column == 0:
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// Load reads the prometheus.yml that c names, with Prometheus' own strict parser
// after ${NAME} was replaced from lookup. Without a file it returns the defaults.
// The error joins all problems (*FileError, *envsubst.MissingError). Nothing is
// resolved or connected to: an unreachable discovery server is no error.
func (c *Config) Load(lookup func(string) (string, bool), log *slog.Logger) (*Loaded, error) {
	if c.PrometheusConfig == "" {
		cfg, err := config.Load("", log)
		if err != nil {
			return nil, fmt.Errorf("BUG: default configuration of Prometheus: %w", err)
		}
		c.merge(cfg)
		return &Loaded{Prometheus: cfg}, nil
	}
	path := c.PrometheusConfig
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read metrics.prometheus_config: %w", err)
	}
	text, err := envsubst.Expand(path, raw, lookup)
	if err != nil {
		return nil, err
	}
	cfg, err := parse(path, text, log)
	if err != nil {
		return nil, err
	}
	cfg.SetDirectory(filepath.Dir(path))
	if err := inlineScrapeFiles(cfg, text, lookup, log); err != nil {
		return nil, err
	}
	if _, err := cfg.GetScrapeConfigs(); err != nil {
		return nil, &FileError{File: path, Message: err.Error()}
	}
	c.merge(cfg)
	return &Loaded{Path: path, Prometheus: cfg}, nil
}

// parse reads text with Prometheus' parser; its error has a position for each
// problem.
func parse(path string, text []byte, log *slog.Logger) (*config.Config, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, syntaxErrors(path, err)
	}
	if kinds := unsupportedDiscoveries(&doc); len(kinds) > 0 {
		var errs []error
		for _, key := range kinds {
			errs = append(errs, &FileError{path, key.Line, key.Column, fmt.Sprintf(
				"%s is not supported: Pharos has the discoveries static, %s", key.Value, strings.Join(supportedDiscoveries(), ", "))})
		}
		return nil, errors.Join(errs...)
	}
	cfg, err := config.Load(string(text), log)
	if err == nil {
		return cfg, nil
	}
	return nil, locate(path, &doc, err)
}

// inlineScrapeFiles replaces those scrape_config_files that name environment
// variables by their content, because Prometheus' own reader knows nothing of the
// variables. Files without any stay as they are.
func inlineScrapeFiles(cfg *config.Config, main []byte, lookup func(string) (string, bool), log *slog.Logger) error {
	var patterns []string
	var errs []error
	for _, pattern := range cfg.ScrapeConfigFiles {
		files, err := filepath.Glob(pattern)
		if err != nil {
			errs = append(errs, fmt.Errorf("scrape_config_files: pattern %s: %w", pattern, err))
			continue
		}
		expanded := false
		var jobs []*config.ScrapeConfig
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				errs = append(errs, fmt.Errorf("read scrape_config_files: %w", err))
				continue
			}
			text, err := envsubst.Expand(file, raw, lookup)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			expanded = expanded || string(text) != string(raw)
			part, err := parseScrapeFile(file, text, main, log)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			jobs = append(jobs, part...)
		}
		if expanded {
			cfg.ScrapeConfigs = append(cfg.ScrapeConfigs, jobs...)
		} else {
			patterns = append(patterns, pattern)
		}
	}
	cfg.ScrapeConfigFiles = patterns
	return errors.Join(errs...)
}

// parseScrapeFile reads a file of scrape_configs under the main file's globals.
func parseScrapeFile(file string, text, main []byte, log *slog.Logger) ([]*config.ScrapeConfig, error) {
	var globals struct {
		Global yaml.Node `yaml:"global"`
	}
	if err := yaml.Unmarshal(main, &globals); err != nil {
		return nil, fmt.Errorf("BUG: parse a file that was parsed: %w", err)
	}
	var own map[string]yaml.Node
	if err := yaml.Unmarshal(text, &own); err != nil {
		return nil, syntaxErrors(file, err)
	}
	for key, n := range own {
		if key != "scrape_configs" {
			return nil, &FileError{File: file, Line: n.Line, Message: fmt.Sprintf("field %s is not allowed here, only scrape_configs is", key)}
		}
	}
	if _, err := parse(file, text, log); err != nil {
		return nil, err
	}
	if globals.Global.Kind != 0 {
		head, err := yaml.Marshal(map[string]*yaml.Node{"global": &globals.Global})
		if err != nil {
			return nil, fmt.Errorf("BUG: encode what was decoded: %w", err)
		}
		text = append(head, text...)
	}
	cfg, err := config.Load(string(text), log)
	if err != nil {
		return nil, &FileError{File: file, Message: err.Error()}
	}
	cfg.SetDirectory(filepath.Dir(file))
	return cfg.ScrapeConfigs, nil
}

// merge writes what is in effect into cfg: pharos.yml wins over prometheus.yml, and
// that over the defaults.
func (c *Config) merge(cfg *config.Config) {
	if cfg.StorageConfig.TSDBConfig == nil {
		cfg.StorageConfig.TSDBConfig = &config.TSDBConfig{}
	}
	tsdb := cfg.StorageConfig.TSDBConfig
	retention := config.TSDBRetentionConfig{}
	if tsdb.Retention != nil {
		retention = *tsdb.Retention
	}
	if c.Retention != 0 {
		retention.Time = c.Retention
	}
	if retention.Time == 0 {
		retention.Time = model.Duration(DefaultRetention)
	}
	if c.RetentionSize != 0 {
		retention.Size = units.Base2Bytes(c.RetentionSize)
	}
	tsdb.Retention = &retention
	if c.OutOfOrderWindow != 0 {
		tsdb.OutOfOrderTimeWindowFlag = c.OutOfOrderWindow
		tsdb.OutOfOrderTimeWindow = time.Duration(c.OutOfOrderWindow).Milliseconds()
	}
	exemplars := config.ExemplarsConfig{MaxExemplars: DefaultMaxExemplars}
	if cfg.StorageConfig.ExemplarsConfig != nil {
		exemplars = *cfg.StorageConfig.ExemplarsConfig
	}
	if c.MaxExemplars != 0 {
		exemplars.MaxExemplars = max(c.MaxExemplars, 0)
	}
	cfg.StorageConfig.ExemplarsConfig = &exemplars
}
