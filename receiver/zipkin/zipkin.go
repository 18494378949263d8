// Package zipkin receives spans by Zipkin's API (9411: /api/v2/spans with JSON or
// protobuf, and the older /api/v1/spans) through the OpenTelemetry Collector's
// receiver.
package zipkin

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/zipkinreceiver"
	"go.opentelemetry.io/collector/component"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/receiver/internal/collector"
)

// Config is the endpoint, host:port; an empty one is off.
type Config struct {
	// HTTP is host:port; empty: off.
	HTTP string `yaml:"http"`
	// MaxMessageMiB bounds one request, unpacked.
	MaxMessageMiB int `yaml:"max_message_mib"`
}

// DefaultConfig listens on the customary port of the loopback address.
func DefaultConfig() Config { return Config{HTTP: "127.0.0.1:9411", MaxMessageMiB: 20} }

// Validate says what is wrong with the settings, all at once.
func (c Config) Validate() error {
	var errs []error
	if c.HTTP != "" {
		if _, _, err := net.SplitHostPort(c.HTTP); err != nil {
			errs = append(errs, &strictyaml.KeyError{Key: "http", Err: fmt.Errorf("want host:port: %w", err)})
		}
	}
	if c.MaxMessageMiB < 1 || c.MaxMessageMiB > 1024 {
		errs = append(errs, &strictyaml.KeyError{Key: "max_message_mib", Err: fmt.Errorf("is %d, want 1 to 1024", c.MaxMessageMiB)})
	}
	return errors.Join(errs...)
}

// Deps are what the receiver pushes to and by what it knows who pushes.
type Deps = collector.Deps

// Receiver listens on Zipkin's port.
type Receiver struct {
	deps       Deps
	components []collector.Component
}

// New returns a receiver that listens where cfg says or, with native
// configurations of a Collector file, where these say.
func New(cfg Config, d Deps, native map[string]*zipkinreceiver.Config) (*Receiver, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("zipkin receiver: %w", err)
	}
	r := &Receiver{deps: d}
	if len(native) == 0 && cfg.HTTP != "" {
		c := zipkinreceiver.NewFactory().CreateDefaultConfig().(*zipkinreceiver.Config)
		c.NetAddr.Endpoint = cfg.HTTP
		c.MaxRequestBodySize = int64(cfg.MaxMessageMiB) << 20
		native = map[string]*zipkinreceiver.Config{"zipkin": c}
	}
	for name, c := range native {
		if err := r.add(name, c); err != nil {
			return nil, fmt.Errorf("zipkin receiver %s: %w", name, err)
		}
	}
	return r, nil
}

// Run listens until ctx is done, then lets requests under way end.
func (r *Receiver) Run(ctx context.Context) error {
	return collector.Run(ctx, r.deps, r.components)
}

func (r *Receiver) add(name string, c *zipkinreceiver.Config) error {
	collector.GuardHTTP(&c.ServerConfig)
	traces, err := collector.TracesTo(r.deps.Traces)
	if err != nil {
		return err
	}
	factory := zipkinreceiver.NewFactory()
	set := collector.Settings(component.NewIDWithName(factory.Type(), name), r.deps.Log)
	rcv, err := factory.CreateTraces(context.Background(), set, c, traces)
	if err != nil {
		return err
	}
	r.components = append(r.components, collector.Component{Component: rcv, Keys: map[string]string{c.NetAddr.Endpoint: name + ".http"}})
	return nil
}
