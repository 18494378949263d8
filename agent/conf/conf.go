// Package conf reads promtail-config.yml: the whole file of Promtail 3, strictly, with
// the place of everything that is wrong, and of everything that the agent leaves alone
// because it cannot do it.
package conf

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/agent/ship"
	"github.com/pharosd/pharos/internal/strictyaml"
)

// Config is a promtail-config.yml that the agent can run.
type Config struct {
	File      string
	Server    Server
	Clients   []ship.ClientConfig
	Positions Positions
	Jobs      []*Job
	Target    Target
	Watch     FileWatch
	Limits    Limits
	// Notes are keys that have no effect here and jobs that are left out, each with its
	// place.
	Notes []strictyaml.Problem
	// LeftOut is how many jobs of the file are not in Jobs because nothing here can read
	// what they name.
	LeftOut int

	text []byte
}

// Server is the agent's own HTTP server.
type Server struct {
	ListenNetwork string `yaml:"http_listen_network"`
	ListenAddress string `yaml:"http_listen_address"`
	// ListenPort nil: there is no server. Promtail takes 80.
	ListenPort        *int   `yaml:"http_listen_port"`
	PathPrefix        string `yaml:"http_path_prefix"`
	LogLevel          string `yaml:"log_level"`
	LogFormat         string `yaml:"log_format"`
	ExternalURL       string `yaml:"external_url"`
	HealthCheckTarget *bool  `yaml:"health_check_target"`
	Disable           bool   `yaml:"disable"`
	EnableReload      bool   `yaml:"enable_runtime_reload"`
	IgnoredServer     `yaml:",inline"`
}

// Positions is the file of positions.
type Positions struct {
	SyncPeriod        time.Duration `yaml:"sync_period"`
	Filename          string        `yaml:"filename"`
	IgnoreInvalidYAML bool          `yaml:"ignore_invalid_yaml"`
}

// Target is for targets that are files.
type Target struct {
	// SyncPeriod is how often globs are looked at again.
	SyncPeriod time.Duration `yaml:"sync_period"`
	Stdin      bool          `yaml:"stdin"`
}

// FileWatch is how often files are looked at: at least each MaxPollFrequency, and each
// MinPollFrequency while they grow.
type FileWatch struct {
	MinPollFrequency time.Duration `yaml:"min_poll_frequency"`
	MaxPollFrequency time.Duration `yaml:"max_poll_frequency"`
}

// Limits bound what comes out of the stages of all jobs.
type Limits struct {
	ReadlineRate        float64 `yaml:"readline_rate"`
	ReadlineBurst       int     `yaml:"readline_burst"`
	ReadlineRateEnabled bool    `yaml:"readline_rate_enabled"`
	ReadlineRateDrop    bool    `yaml:"readline_rate_drop"`
	MaxStreams          int     `yaml:"max_streams"`
	// MaxLineSize in bytes, 0: any.
	MaxLineSize         byteSize `yaml:"max_line_size"`
	MaxLineSizeTruncate bool     `yaml:"max_line_size_truncate"`
}

// form is that of promtail-config.yml.
type form struct {
	Global struct {
		FileWatch FileWatch `yaml:"file_watch_config"`
	} `yaml:"global"`
	Server    Server    `yaml:"server"`
	Client    *client   `yaml:"client"`
	Clients   []client  `yaml:"clients"`
	Positions Positions `yaml:"positions"`
	Jobs      []Job     `yaml:"scrape_configs"`
	Target    Target    `yaml:"target_config"`
	Limits    Limits    `yaml:"limits_config"`
	Options   options   `yaml:"options"`
	Tracing   yaml.Node `yaml:"tracing"`
	WAL       yaml.Node `yaml:"wal"`
}

type options struct {
	StreamLagLabels yaml.Node `yaml:"stream_lag_labels"`
}

// client is a client with the one key that only Promtail's own clients had.
type client struct {
	ship.ClientConfig `yaml:",inline"`
	StreamLagLabels   yaml.Node `yaml:"stream_lag_labels"`
}

func defaults() *form {
	f := &form{
		Positions: Positions{SyncPeriod: 10 * time.Second, Filename: "/var/log/positions.yaml"},
		Target:    Target{SyncPeriod: 10 * time.Second},
		Limits:    Limits{ReadlineRate: 10_000, ReadlineBurst: 10_000, ReadlineRateDrop: true},
	}
	f.Global.FileWatch = FileWatch{MinPollFrequency: 250 * time.Millisecond, MaxPollFrequency: 250 * time.Millisecond}
	f.Server.LogLevel = "info"
	return f
}

// Options say how a file is read.
type Options struct {
	// ExpandEnv replaces ${NAME} as Promtail's -config.expand-env does.
	ExpandEnv bool
	LookupEnv func(string) (string, bool)
}

// Default is a file without anything in it; positions are kept in dir.
func Default(dir string) *Config {
	f := defaults()
	f.Positions.Filename = filepath.Join(dir, "positions.yaml")
	return &Config{Server: f.Server, Positions: f.Positions, Target: f.Target, Watch: f.Global.FileWatch, Limits: f.Limits}
}

// Load reads the file at path. The error is an *strictyaml.Error if the file is wrong.
func Load(path string, o Options) (*Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return Parse(path, text, o)
}

// Parse is Load of a text.
func Parse(path string, text []byte, o Options) (*Config, error) {
	if o.ExpandEnv {
		var err error
		if text, err = expand(path, text, o.LookupEnv); err != nil {
			return nil, err
		}
	}
	f := defaults()
	doc, err := strictyaml.Decode(path, text, f)
	if doc == nil {
		return nil, err
	}
	cfg := &Config{File: path, Server: f.Server, Positions: f.Positions, Target: f.Target, Watch: f.Global.FileWatch, Limits: f.Limits, text: text}
	var problems []error
	if f.Client != nil {
		problems = append(problems, strictyaml.Prefix("client", cfg.addClient(*f.Client)))
	}
	for i, c := range f.Clients {
		problems = append(problems, strictyaml.Prefix(fmt.Sprintf("clients[%d]", i), cfg.addClient(c)))
	}
	problems = append(problems, f.check())
	r := reader{cfg: cfg, doc: doc}
	problems = append(problems, r.jobs(f.Jobs))
	r.notes(f)
	if err := joined(err, doc.Locate(errors.Join(problems...)), strictyaml.NewError(r.problems)); err != nil {
		return nil, err
	}
	return cfg, nil
}

// joined is what decoding found together with what is wrong in the values' meaning, but
// for keys that decoding has told of.
func joined(errs ...error) error {
	var all []strictyaml.Problem
	known := map[string]bool{}
	for _, err := range errs {
		var list *strictyaml.Error
		if !errors.As(err, &list) {
			continue
		}
		fresh := all
		for _, p := range list.Problems {
			if !known[p.Key] {
				fresh = append(fresh, p)
			}
		}
		all = fresh
		for _, p := range all {
			known[p.Key] = true
		}
	}
	return strictyaml.NewError(all)
}

func (cfg *Config) addClient(c client) error {
	cfg.Clients = append(cfg.Clients, c.ClientConfig.WithDefaults())
	return c.ClientConfig.WithDefaults().Validate()
}

// check says what is wrong with the parts of the file outside its jobs and clients.
func (f *form) check() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, &strictyaml.KeyError{Key: key, Err: fmt.Errorf(format, args...)})
	}
	if f.Positions.SyncPeriod <= 0 {
		bad("positions.sync_period", "is %s, want more than 0", f.Positions.SyncPeriod)
	}
	if f.Positions.Filename == "" {
		bad("positions.filename", "is empty")
	}
	if f.Target.SyncPeriod <= 0 {
		bad("target_config.sync_period", "is %s, want more than 0", f.Target.SyncPeriod)
	}
	if w := f.Global.FileWatch; w.MinPollFrequency <= 0 || w.MaxPollFrequency < w.MinPollFrequency {
		bad("global.file_watch_config", "min_poll_frequency is %s and max_poll_frequency %s, want more than 0 and not less than that",
			w.MinPollFrequency, w.MaxPollFrequency)
	}
	if l := f.Limits; l.ReadlineRateEnabled && (l.ReadlineRate <= 0 || l.ReadlineBurst <= 0) {
		bad("limits_config", "readline_rate and readline_burst must be more than 0")
	}
	if p := f.Server.ListenPort; p != nil && (*p < 0 || *p > 65535) {
		bad("server.http_listen_port", "is %d, want 0 to 65535", *p)
	}
	switch strings.ToLower(f.Server.LogLevel) {
	case "debug", "info", "warn", "error":
	default:
		bad("server.log_level", "is %q, want debug, info, warn or error", f.Server.LogLevel)
	}
	return errors.Join(errs...)
}
