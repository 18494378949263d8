// Package collector hosts receivers of the OpenTelemetry Collector: it gives them
// what the Collector would (logger, telemetry, extensions), resolves the tenant of
// each request and hands what they receive to Pharos' sinks.
package collector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/receiver"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/tenant"
)

// drainTime bounds how long requests under way may take when a receiver stops.
const drainTime = 10 * time.Second

// Deps are what receivers push to and by what they know who pushes.
type Deps struct {
	Traces  ingest.TraceSink
	Logs    ingest.LogSink
	Metrics ingest.MetricSink
	Tenants tenant.Resolver
	Log     *slog.Logger
}

// Component is one receiver that the host runs.
type Component struct {
	component.Component
	// Keys name the configuration keys of the endpoints it listens on, by endpoint,
	// for errors.
	Keys map[string]string
}

// Settings are what a receiver is created with. Its own metrics and traces go
// nowhere: Pharos counts in ingest.
func Settings(id component.ID, log *slog.Logger) receiver.Settings {
	return receiver.Settings{
		ID: id,
		TelemetrySettings: component.TelemetrySettings{
			Logger:         newZap(log.With("receiver", id.String())),
			TracerProvider: tracenoop.NewTracerProvider(),
			MeterProvider:  metricnoop.NewMeterProvider(),
			Resource:       pcommon.NewResource(),
		},
		BuildInfo: component.NewDefaultBuildInfo(),
	}
}

// Run starts the components, waits until ctx is done and lets requests under way
// end. An endpoint that cannot be opened is an error that names its key.
func Run(ctx context.Context, d Deps, components []Component) error {
	h := &host{
		fatal:      make(chan error, len(components)),
		extensions: extensions(d.Tenants),
	}
	var started []Component
	defer func() {
		for _, c := range started {
			stop(ctx, c, d.Log)
		}
	}()
	for _, c := range components {
		// Shutdown also frees what a receiver opened before it failed.
		started = append(started, c)
		if err := c.Start(context.WithoutCancel(ctx), h); err != nil {
			return explain(err, c.Keys)
		}
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-h.fatal:
		return err
	}
}

func stop(ctx context.Context, c Component, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := c.Shutdown(ctx); err != nil {
		log.Warn("receiver did not stop cleanly", "error", err)
	}
}

// explain names the endpoint's configuration key when it cannot be opened.
func explain(err error, keys map[string]string) error {
	var op *net.OpError
	if !errors.As(err, &op) || op.Addr == nil {
		return err
	}
	for endpoint, key := range keys {
		if samePort(endpoint, op.Addr.String()) {
			return fmt.Errorf("%s: cannot listen on %s: %w", key, endpoint, op.Err)
		}
	}
	return err
}

func samePort(a, b string) bool {
	_, pa, errA := net.SplitHostPort(a)
	_, pb, errB := net.SplitHostPort(b)
	return errA == nil && errB == nil && pa == pb
}

// host is what receivers see of the process.
type host struct {
	fatal      chan error
	extensions map[component.ID]component.Component
}

var (
	_ component.Host           = (*host)(nil)
	_ componentstatus.Reporter = (*host)(nil)
)

func (h *host) GetExtensions() map[component.ID]component.Component { return h.extensions }

// Report ends Run when a receiver's server fails after it started.
func (h *host) Report(e *componentstatus.Event) {
	if e.Status() != componentstatus.StatusFatalError {
		return
	}
	select {
	case h.fatal <- e.Err():
	default: // Run ends already
	}
}
