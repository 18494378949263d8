package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/alecthomas/units"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/agent"
	"github.com/pharosd/pharos/agent/conf"
	"github.com/pharosd/pharos/agent/feed"
	"github.com/pharosd/pharos/agent/ship"
	"github.com/pharosd/pharos/internal/rungroup"
	"github.com/pharosd/pharos/internal/strictyaml"
)

// agentCmd takes Promtail's own flags too, with one dash as Promtail's manuals write
// them (see promtailFlags).
type agentCmd struct {
	Config     string `help:"promtail-config.yml." placeholder:"FILE" type:"path" name:"config"`
	ConfigFile string `help:"The same, by Promtail's name." placeholder:"FILE" type:"path" name:"config.file" hidden:""`
	ExpandEnv  bool   `help:"Replace $${NAME} and $${NAME:-default} in the file by the environment." name:"config.expand-env"`
	Strict     bool   `help:"Refuse to start if anything in the file has no effect here."`
	Check      bool   `help:"Check the file and end." name:"check-syntax"`

	Server      string           `help:"host:port of Pharos' OTLP port (or grpc://, grpcs://, http:// URL), in place of the file's clients." placeholder:"ADDR"`
	TokenFile   string           `help:"File with the token for --server." placeholder:"FILE" type:"path"`
	KeepClients bool             `help:"With --server: send to the clients of the file too."`
	QueueDir    string           `help:"Folder of the queue (default: pharos-agent beside the positions file)." placeholder:"DIR" type:"path"`
	QueueSize   units.Base2Bytes `help:"Size of the queue on disk." default:"1GiB"`
	Listen      string           `help:"host:port for /metrics, /ready and /targets, instead of the file's." placeholder:"ADDR"`

	DryRun bool   `help:"Show what would be read and how the first lines come out of the stages."`
	Lines  int    `help:"With --dry-run: how many lines of each target." default:"5"`
	Job    string `help:"With --dry-run: only this job." placeholder:"NAME"`
	Stdin  bool   `help:"Read standard input instead, through the first job (with --dry-run: or --job), and end with it."`

	agentSources `embed:""`

	Inspect bool `help:"Promtail's; a dry run always does." hidden:""`
}

// promtailFlags gives arguments of `pharos agent` that have one dash a second one, so
// that the flags of Promtail's manuals work.
func promtailFlags(args []string) []string {
	if len(args) == 0 || args[0] != "agent" {
		return args
	}
	out := append([]string(nil), args...)
	for i, a := range out[1:] {
		if len(a) > 2 && a[0] == '-' && a[1] != '-' {
			out[i+1] = "-" + a
		}
	}
	return out
}

func (c *agentCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cfg, err := c.load()
	if err != nil {
		return err
	}
	if c.Check {
		for _, n := range cfg.Notes {
			fmt.Println("note:", n.String())
		}
		fmt.Printf("%s is good: %d jobs can run\n", cfg.File, len(cfg.Jobs))
		return nil
	}
	if c.DryRun {
		return c.dryRun(ctx, cfg)
	}
	return c.serve(ctx, cfg)
}

func (c *agentCmd) dryRun(ctx context.Context, cfg *conf.Config) error {
	d := agent.DryRun{Config: cfg, Lines: c.Lines, Job: c.Job, Out: os.Stdout}
	if c.Stdin {
		d.Stdin = io.Reader(os.Stdin)
	}
	return d.Run(ctx)
}

// agentError is what the operator must correct on the command line.
type agentError struct{ err error }

func (e *agentError) Error() string { return e.err.Error() }

// load reads the file and lays the flags over it.
func (c *agentCmd) load() (*conf.Config, error) {
	path := c.Config
	if path == "" {
		path = c.ConfigFile
	}
	alone := path == "" && (c.wanted() || c.Stdin)
	var cfg *conf.Config
	var err error
	switch {
	case alone && c.QueueDir == "":
		return nil, &agentError{errors.New("without a file, say where the queue is with --queue-dir")}
	case alone:
		cfg = conf.Default(c.QueueDir)
	case path == "":
		return nil, &agentError{errors.New("which file? name it with --config promtail-config.yml")}
	default:
		if cfg, err = conf.Load(path, conf.Options{ExpandEnv: c.ExpandEnv, LookupEnv: os.LookupEnv}); err != nil {
			return nil, err
		}
	}
	if c.Strict && len(cfg.Notes) > 0 {
		return nil, strictyaml.NewError(cfg.Notes)
	}
	if len(cfg.Jobs) == 0 && !c.wanted() && !c.Stdin {
		return nil, errors.Join(&agentError{fmt.Errorf("%s: no job can run", path)}, strictyaml.NewError(cfg.Notes))
	}
	if c.Server != "" {
		client := ship.DefaultClientConfig()
		client.URL, client.BearerTokenFile = ship.ServerURL(c.Server), c.TokenFile
		if err := client.Validate(); err != nil {
			return nil, &agentError{fmt.Errorf("--server: %w", err)}
		}
		if !c.KeepClients {
			if len(cfg.Clients) > 0 { // what it adds to every stream stays
				client.ExternalLabels, client.TenantID = cfg.Clients[0].ExternalLabels, cfg.Clients[0].TenantID
			}
			cfg.Clients = nil
		}
		cfg.Clients = append(cfg.Clients, client)
	}
	if len(cfg.Clients) == 0 && !c.DryRun && !c.Check {
		return nil, &agentError{fmt.Errorf("%s: there is nowhere to send logs to: name clients, or --server", path)}
	}
	return cfg, nil
}

func (c *agentCmd) queue(cfg *conf.Config) ship.Config {
	dir := c.QueueDir
	if dir == "" {
		dir = filepath.Join(filepath.Dir(cfg.Positions.Filename), "pharos-agent")
	}
	return ship.Config{Dir: dir, MaxBytes: int64(c.QueueSize), Clients: cfg.Clients}
}

// serve runs the agent, anew after each reload.
func (c *agentCmd) serve(ctx context.Context, cfg *conf.Config) error {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	for {
		log := agentLogger(cfg.Server)
		for _, n := range cfg.Notes {
			log.Warn("configuration has no effect", "place", fmt.Sprintf("%s:%d:%d", n.File, n.Line, n.Column), "key", n.Key, "reason", n.Message, "hint", n.Hint)
		}
		next, err := c.once(ctx, cfg, log, hangups)
		if err != nil || next == nil {
			return err
		}
		cfg = next
	}
}

// once runs the agent until ctx is done or a new configuration is to run, which it
// returns.
func (c *agentCmd) once(ctx context.Context, cfg *conf.Config, log *slog.Logger, hangups <-chan os.Signal) (next *conf.Config, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	reloaded := make(chan *conf.Config, 1)
	reload := func() error {
		fresh, err := c.load()
		if err != nil {
			log.Error("new configuration is not good, the old one goes on", "error", err)
			return err
		}
		select {
		case reloaded <- fresh:
			cancel()
		default: // one is under way
		}
		return nil
	}
	o := agent.Options{Config: cfg, Queue: c.queue(cfg), Listen: c.Listen, Logger: log, Reload: reload, Extra: c.extra(cfg, log)}
	if c.Stdin || cfg.Target.Stdin {
		o.Stdin = os.Stdin
	}
	a, err := agent.New(o)
	if err != nil {
		return nil, err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-ctx.Done():
				return
			case <-hangups:
				_ = reload() // logged there
			}
		}
	}()
	err = a.Run(ctx)
	cancel()
	<-done
	select {
	case next = <-reloaded:
	default:
	}
	return next, err
}

// extra runs what --host-metrics, --postgres and --docker ask for beside the agent.
func (c *agentCmd) extra(cfg *conf.Config, log *slog.Logger) func(feed.Queue, prometheus.Registerer) ([]rungroup.Part, prometheus.Gatherers, error) {
	return func(queue feed.Queue, reg prometheus.Registerer) ([]rungroup.Part, prometheus.Gatherers, error) {
		made, err := c.build(cfg.Clients, queue, log, reg)
		if err != nil {
			return nil, nil, err
		}
		var parts []rungroup.Part
		for i, run := range made.run {
			parts = append(parts, rungroup.Part{Name: fmt.Sprintf("source %d", i+1), Run: run})
		}
		return parts, made.gatherers, nil
	}
}

func agentLogger(cfg conf.Server) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(strings.ToLower(cfg.LogLevel))); err != nil {
		panic("BUG: log_level was validated: " + err.Error())
	}
	opts := &slog.HandlerOptions{Level: level}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, opts))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, opts))
}
