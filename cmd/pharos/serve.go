package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/units"

	"github.com/pharosd/pharos/app"
	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/internal/strictyaml"
)

// serveFlags override pharos.yml.
type serveFlags struct {
	Config string           `help:"pharos.yml; without one everything runs on defaults." placeholder:"FILE" type:"path"`
	Data   string           `help:"Folder that holds everything (default data)." placeholder:"DIR"`
	Listen string           `help:"host:port for HTTP (default 127.0.0.1:8400)." placeholder:"ADDR"`
	Auth   string           `help:"on or off; off only on a loopback address." placeholder:"MODE"`
	Memory units.Base2Bytes `help:"Memory to divide among all parts (default: the cgroup's limit)." placeholder:"SIZE"`
}

// load reads the configuration and lays the flags over it.
func (f serveFlags) load() (*config.Config, error) {
	cfg, err := config.Load(f.Config, os.LookupEnv)
	if err != nil {
		return nil, err
	}
	if f.Data != "" {
		cfg.Data = f.Data
	}
	if f.Listen != "" {
		cfg.Listen = f.Listen
	}
	if f.Auth != "" {
		cfg.Auth.Mode = auth.Mode(f.Auth)
	}
	if f.Memory != 0 {
		cfg.Memory = strictyaml.Bytes(f.Memory)
	}
	if err := cfg.Validate(); err != nil {
		return nil, &config.StartError{Err: err}
	}
	return cfg, nil
}

type serveCmd struct{ serveFlags }

func (c *serveCmd) Run() error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	log := newLogger(cfg.Log)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a, err := app.New(ctx, app.Options{Load: c.load, LookupEnv: os.LookupEnv, Log: log})
	if err != nil {
		return err
	}
	printFirstPassword(a)
	defer reloadOnHangup(ctx, a)()
	return a.Run(ctx)
}

// printFirstPassword shows the administrator's password, once and never again.
func printFirstPassword(a *app.App) {
	if a.FirstPassword == "" {
		return
	}
	fmt.Printf("\n  First start: sign in at %s\n  user      admin\n  password  %s\n  It is shown this once; change it under Settings.\n\n", a.BaseURL(), a.FirstPassword)
}

// reloadOnHangup reloads at each SIGHUP until the returned function is called.
func reloadOnHangup(ctx context.Context, a *app.App) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-ctx.Done():
				return
			case <-hangups:
				_ = a.Reload() // logged there
			}
		}
	}()
	return func() { signal.Stop(hangups); cancel(); <-done }
}

func newLogger(cfg config.Log) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		panic("BUG: log.level was validated: " + err.Error())
	}
	opts := &slog.HandlerOptions{Level: level}
	if cfg.Format == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, opts))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, opts))
}
