package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/pharosd/pharos/app"
	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/internal/rungroup"
	"github.com/pharosd/pharos/simulator"
	"github.com/pharosd/pharos/simulator/demo"
	"github.com/pharosd/pharos/storage/objects"
	"github.com/pharosd/pharos/tenant"
)

// demoPassword signs in to the demonstration, which listens on this machine only.
const demoPassword = "lighthouse"

type demoCmd struct {
	Data   string  `help:"Folder that holds everything; kept between starts." placeholder:"DIR" default:"data/demo"`
	Listen string  `help:"host:port on this machine." default:"127.0.0.1:8400"`
	Auth   string  `help:"on or off." enum:"on,off" default:"on"`
	Rate   int     `help:"Requests a second of the web application's visitors." default:"20"`
	Events float64 `help:"Events a second of each collector." default:"8"`
	Seed   uint64  `help:"Seed of the schedule of incidents." default:"20240115"`
	Config string  `help:"A pharos.yml, for ports and limits." placeholder:"FILE" type:"path"`
}

// Run starts the server and, beside it in the same process but over its protocols
// only, the simulated system.
func (c *demoCmd) Run() error {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return &config.StartError{Err: fmt.Errorf("--listen: %w", err)}
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return &config.StartError{Err: errors.New("the demonstration has a published password: it listens on a loopback address only")}
	}
	token := auth.NewTokenSecret()
	sim := simulator.DefaultConfig()
	sim.Pharos, sim.Token, sim.Seed, sim.Rate, sim.EventRate = "http://"+c.Listen, token, c.Seed, c.Rate, c.Events
	flags := serveFlags{Config: c.Config, Data: c.Data, Listen: c.Listen, Auth: c.Auth}
	first, err := config.Load(c.Config, os.LookupEnv)
	if err != nil {
		return err
	}
	sim.OTLP = sim.Pharos // which has OTLP's paths too
	if first.Traces.OTLP.HTTP != "" {
		sim.OTLP = "http://" + first.Traces.OTLP.HTTP
	}
	if agent := first.Traces.Jaeger.ThriftCompact; agent != "" {
		sim.JaegerAgent = agent
	}
	log := newLogger(first.Log)
	system, err := simulator.New(sim, log.With("component", "simulator"))
	if err != nil {
		return err
	}
	files, err := demo.Write(filepath.Join(c.Data, "config"), demo.Values{Targets: system.Targets(), Self: c.Listen, Token: token})
	if err != nil {
		return err
	}
	// The demonstration's files stand where --config names no others.
	load := func() (*config.Config, error) {
		cfg, err := flags.load()
		if err != nil {
			return nil, err
		}
		if cfg.Metrics.PrometheusConfig == "" {
			cfg.Metrics.PrometheusConfig = files.Prometheus
		}
		if cfg.Alerting.AlertmanagerConfig == "" {
			cfg.Alerting.AlertmanagerConfig = files.Alertmanager
		}
		if len(cfg.Logs.Rules.Files) == 0 {
			cfg.Logs.Rules.Files = []string{files.LogRules}
		}
		if storage := &cfg.Receivers.Collector.Objects.Storage; !storage.Enabled() && cfg.Logs.Engine == config.LocalLogs {
			storage.Type, storage.Directory = objects.Directory, filepath.Join(c.Data, "collected")
		}
		return cfg, nil
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a, err := app.New(ctx, app.Options{
		Load: load, LookupEnv: os.LookupEnv, Log: log,
		Routes: system.Routes(),
		Parts:  []rungroup.Part{{Name: "simulator", Run: system.Run}},
	})
	if err != nil {
		return err
	}
	if err := c.signIn(ctx, a, token); err != nil {
		return err
	}
	c.greet(a)
	defer reloadOnHangup(ctx, a)()
	return a.Run(ctx)
}

// signIn gives the administrator the published password and the system its token.
func (c *demoCmd) signIn(ctx context.Context, a *app.App, token string) error {
	a.Auth().AddProcessToken(token, auth.Identity{Kind: auth.KindToken, Name: "simulator", Tenant: tenant.Default, Role: auth.Viewer, CanRead: true, CanWrite: true})
	if a.FirstPassword == "" {
		return nil
	}
	admin := auth.Identity{Kind: auth.KindUser, Name: "admin", Tenant: tenant.Default, Role: auth.Admin, CanRead: true, CanWrite: true}
	return a.Auth().SetPassword(ctx, admin, "admin", demoPassword)
}

func (c *demoCmd) greet(a *app.App) {
	line := strings.Repeat("─", 62)
	fmt.Printf("\n%s\n  Pharos demonstration   %s\n", line, a.BaseURL())
	if c.Auth == "on" {
		fmt.Printf("  sign in with           admin / %s\n", demoPassword)
	}
	fmt.Printf("  The simulated system ships metrics, logs and traces; the first\n  incident comes by itself, or start one on the page Simulator.\n%s\n\n", line)
}
