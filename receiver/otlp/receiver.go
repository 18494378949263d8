package otlp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/receiver/internal/collector"
)

// Config are the protocol's own ports; an empty endpoint is off.
type Config struct {
	// GRPC and HTTP are host:port each; an empty one is off.
	GRPC string `yaml:"grpc"`
	HTTP string `yaml:"http"`
	// MaxMessageMiB bounds one request, unpacked, on either port.
	MaxMessageMiB int `yaml:"max_message_mib"`
}

// DefaultConfig listens on the customary ports of the loopback address.
func DefaultConfig() Config {
	return Config{GRPC: "127.0.0.1:4317", HTTP: "127.0.0.1:4318", MaxMessageMiB: 20}
}

// Validate says what is wrong with the settings, all at once.
func (c Config) Validate() error {
	var errs []error
	for key, endpoint := range map[string]string{"grpc": c.GRPC, "http": c.HTTP} {
		if endpoint == "" {
			continue
		}
		if _, _, err := net.SplitHostPort(endpoint); err != nil {
			errs = append(errs, &strictyaml.KeyError{Key: key, Err: fmt.Errorf("want host:port: %w", err)})
		}
	}
	if c.MaxMessageMiB < 1 || c.MaxMessageMiB > 1024 {
		errs = append(errs, &strictyaml.KeyError{Key: "max_message_mib", Err: fmt.Errorf("is %d, want 1 to 1024", c.MaxMessageMiB)})
	}
	return errors.Join(errs...)
}

// Deps are what the receiver pushes to and by what it knows who pushes.
type Deps = collector.Deps

// Receiver listens on OTLP's own ports.
type Receiver struct {
	deps       Deps
	components []collector.Component
}

// New returns a receiver that listens where cfg says or, with native
// configurations of a Collector file, where these say.
func New(cfg Config, d Deps, native map[string]*otlpreceiver.Config) (*Receiver, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("otlp receiver: %w", err)
	}
	r := &Receiver{deps: d}
	if len(native) == 0 && cfg.GRPC+cfg.HTTP != "" {
		native = map[string]*otlpreceiver.Config{"otlp": nativeConfig(cfg)}
	}
	for name, c := range native {
		if err := r.add(name, c); err != nil {
			return nil, fmt.Errorf("otlp receiver %s: %w", name, err)
		}
	}
	return r, nil
}

// Run listens until ctx is done, then lets requests under way end.
func (r *Receiver) Run(ctx context.Context) error {
	return collector.Run(ctx, r.deps, r.components)
}

func nativeConfig(cfg Config) *otlpreceiver.Config {
	c := otlpreceiver.NewFactory().CreateDefaultConfig().(*otlpreceiver.Config)
	if cfg.GRPC != "" {
		g := c.Protocols.GRPC.GetOrInsertDefault()
		g.NetAddr.Endpoint = cfg.GRPC
		g.MaxRecvMsgSizeMiB = cfg.MaxMessageMiB
	}
	if cfg.HTTP != "" {
		h := c.Protocols.HTTP.GetOrInsertDefault()
		h.ServerConfig.NetAddr.Endpoint = cfg.HTTP
		h.ServerConfig.MaxRequestBodySize = int64(cfg.MaxMessageMiB) << 20
	}
	return c
}

func (r *Receiver) add(name string, c *otlpreceiver.Config) error {
	keys := map[string]string{}
	if c.Protocols.GRPC.HasValue() {
		g := c.Protocols.GRPC.Get()
		collector.GuardGRPC(g)
		keys[g.NetAddr.Endpoint] = name + ".grpc"
	}
	if c.Protocols.HTTP.HasValue() {
		h := c.Protocols.HTTP.Get()
		collector.GuardHTTP(&h.ServerConfig)
		keys[h.ServerConfig.NetAddr.Endpoint] = name + ".http"
	}
	traces, err := collector.TracesTo(r.deps.Traces)
	if err != nil {
		return err
	}
	metrics, err := collector.MetricsTo(r.deps.Metrics)
	if err != nil {
		return err
	}
	logs, err := collector.LogsTo(r.deps.Logs, func(ctx context.Context, ld plog.Logs) []model.LogStream { return streamsOf(ctx, ld, time.Now()) })
	if err != nil {
		return err
	}
	factory := otlpreceiver.NewFactory()
	set := collector.Settings(component.NewIDWithName(factory.Type(), name), r.deps.Log)
	ctx := context.Background()
	// The factory makes one receiver of the three, which is started once.
	rcv, err := factory.CreateTraces(ctx, set, c, traces)
	if err != nil {
		return err
	}
	if _, err := factory.CreateMetrics(ctx, set, c, metrics); err != nil {
		return err
	}
	if _, err := factory.CreateLogs(ctx, set, c, logs); err != nil {
		return err
	}
	r.components = append(r.components, collector.Component{Component: rcv, Keys: keys})
	return nil
}
