package app

import (
	"context"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/receiver/datadog"
	"github.com/pharosd/pharos/receiver/fluent"
	"github.com/pharosd/pharos/receiver/gelf"
	"github.com/pharosd/pharos/receiver/journald"
	"github.com/pharosd/pharos/receiver/lines"
	"github.com/pharosd/pharos/receiver/splunk"
	"github.com/pharosd/pharos/receiver/syslog"
)

// opened is a receiver with ports of its own.
type opened interface {
	Run(ctx context.Context) error
	Close() error
}

// buildDoors wires the further doors for log lines: ports that the configuration names,
// and HTTP on the main port.
func (a *App) buildDoors(ctx context.Context) error {
	cfg := &a.cfg.Receivers
	deps := syslog.Deps{Sink: a.logSink, Log: a.log.With("component", "doors"), Registry: a.registry}
	serve := func(name string, r opened) { a.parts = append(a.parts, partWithClose(name, r.Run, r.Close)) }

	messages, err := syslog.Listen(ctx, cfg.Syslog, deps)
	if err != nil {
		return err
	}
	serve("syslog receiver", messages)
	forward, err := fluent.Listen(ctx, cfg.Fluent, deps)
	if err != nil {
		return err
	}
	serve("fluent receiver", forward)
	graylog, err := gelf.Listen(ctx, cfg.GELF, deps)
	if err != nil {
		return err
	}
	serve("gelf receiver", graylog)

	collector := lines.New(cfg.Lines, cfg.Collector.CollectorConfig, lines.Deps{Sink: a.logSink, ClientAddress: a.auth.ClientAddress, Registry: a.registry})
	for _, routes := range [][]httpx.Route{
		graylog.Routes(), journald.New(cfg.Journald, a.logSink).Routes(), splunk.New(cfg.Splunk, a.logSink).Routes(), datadog.New(cfg.Datadog, a.logSink).Routes(), collector.Routes(),
	} {
		a.routes = append(a.routes, routes...)
	}
	return nil
}
