// Package jaeger receives spans by the protocols of Jaeger's agent and collector:
// gRPC (14250) and Thrift over HTTP (14268) through the OpenTelemetry Collector's
// receiver, and Thrift over UDP, compact (6831) and binary (6832).
//
// The datagrams are read by this package, with Jaeger's own Thrift types and the
// Collector's own translation: the Collector's receiver ends the process when a
// datagram calls the agent's other method, emitZipkinBatch, which anybody can send.
package jaeger

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/jaegerreceiver"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"golang.org/x/sync/errgroup"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/receiver/internal/collector"
	"github.com/pharosd/pharos/tenant"
)

// Config are the protocols' endpoints, host:port; an empty one is off.
type Config struct {
	// GRPC and ThriftHTTP are host:port of TCP; an empty one is off.
	GRPC       string `yaml:"grpc"`
	ThriftHTTP string `yaml:"thrift_http"`
	// ThriftCompact and ThriftBinary are host:port of UDP; an empty one is off.
	ThriftCompact string `yaml:"thrift_compact"`
	ThriftBinary  string `yaml:"thrift_binary"`
	// UDPTenant owns what comes in datagrams, which carry no credentials.
	UDPTenant string `yaml:"udp_tenant"`
	// MaxMessageMiB bounds one request, unpacked, of gRPC and HTTP.
	MaxMessageMiB int `yaml:"max_message_mib"`
}

// DefaultConfig listens on the customary ports of the loopback address.
func DefaultConfig() Config {
	return Config{
		GRPC:          "127.0.0.1:14250",
		ThriftHTTP:    "127.0.0.1:14268",
		ThriftCompact: "127.0.0.1:6831",
		ThriftBinary:  "127.0.0.1:6832",
		UDPTenant:     string(tenant.Default),
		MaxMessageMiB: 20,
	}
}

// Validate says what is wrong with the settings, all at once.
func (c Config) Validate() error {
	var errs []error
	for _, e := range [][2]string{{"grpc", c.GRPC}, {"thrift_http", c.ThriftHTTP}, {"thrift_compact", c.ThriftCompact}, {"thrift_binary", c.ThriftBinary}} {
		if e[1] == "" {
			continue
		}
		if _, _, err := net.SplitHostPort(e[1]); err != nil {
			errs = append(errs, &strictyaml.KeyError{Key: e[0], Err: fmt.Errorf("want host:port: %w", err)})
		}
	}
	if _, err := tenant.Parse(c.UDPTenant); err != nil {
		errs = append(errs, &strictyaml.KeyError{Key: "udp_tenant", Err: err})
	}
	if c.MaxMessageMiB < 1 || c.MaxMessageMiB > 1024 {
		errs = append(errs, &strictyaml.KeyError{Key: "max_message_mib", Err: fmt.Errorf("is %d, want 1 to 1024", c.MaxMessageMiB)})
	}
	return errors.Join(errs...)
}

// Deps are what the receiver pushes to and by what it knows who pushes.
type Deps = collector.Deps

// Receiver listens on Jaeger's ports.
type Receiver struct {
	deps       Deps
	components []collector.Component
	udp        []*udpServer
}

// New returns a receiver that listens where cfg says or, with native
// configurations of a Collector file, where these say.
func New(cfg Config, d Deps, reg prometheus.Registerer, native map[string]*jaegerreceiver.Config) (*Receiver, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("jaeger receiver: %w", err)
	}
	r := &Receiver{deps: d}
	if len(native) == 0 {
		native = map[string]*jaegerreceiver.Config{"jaeger": nativeConfig(cfg)}
	}
	m := newMetrics(reg)
	for name, c := range native {
		if err := r.add(name, c, tenant.ID(cfg.UDPTenant), m); err != nil {
			return nil, fmt.Errorf("jaeger receiver %s: %w", name, err)
		}
	}
	return r, nil
}

// Run listens until ctx is done, then lets requests under way end.
func (r *Receiver) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return collector.Run(ctx, r.deps, r.components) })
	for _, u := range r.udp {
		g.Go(func() error { return u.run(ctx) })
	}
	return g.Wait()
}

func nativeConfig(cfg Config) *jaegerreceiver.Config {
	c := jaegerreceiver.NewFactory().CreateDefaultConfig().(*jaegerreceiver.Config)
	if cfg.GRPC != "" {
		g := c.GRPC.GetOrInsertDefault()
		g.NetAddr.Endpoint = cfg.GRPC
		g.MaxRecvMsgSizeMiB = cfg.MaxMessageMiB
	}
	if cfg.ThriftHTTP != "" {
		h := c.ThriftHTTP.GetOrInsertDefault()
		h.NetAddr.Endpoint = cfg.ThriftHTTP
		h.MaxRequestBodySize = int64(cfg.MaxMessageMiB) << 20
	}
	if cfg.ThriftCompact != "" {
		c.ThriftCompactUDP.GetOrInsertDefault().Endpoint = cfg.ThriftCompact
	}
	if cfg.ThriftBinary != "" {
		c.ThriftBinaryUDP.GetOrInsertDefault().Endpoint = cfg.ThriftBinary
	}
	return c
}

func (r *Receiver) add(name string, c *jaegerreceiver.Config, udpTenant tenant.ID, m *metrics) error {
	for _, u := range []struct {
		key      string
		config   *configoptional.Optional[jaegerreceiver.ProtocolUDP]
		encoding encoding
	}{
		{"thrift_compact", &c.ThriftCompactUDP, compact},
		{"thrift_binary", &c.ThriftBinaryUDP, binary},
	} {
		if u.config.HasValue() {
			r.udp = append(r.udp, newUDPServer(name+"."+u.key, u.encoding, *u.config.Get(), udpTenant, r.deps, m))
		}
		*u.config = configoptional.None[jaegerreceiver.ProtocolUDP]()
	}
	keys := map[string]string{}
	if c.GRPC.HasValue() {
		collector.GuardGRPC(c.GRPC.Get())
		keys[c.GRPC.Get().NetAddr.Endpoint] = name + ".grpc"
	}
	if c.ThriftHTTP.HasValue() {
		h := c.ThriftHTTP.Get()
		collector.GuardHTTP(h)
		keys[h.NetAddr.Endpoint] = name + ".thrift_http"
	}
	if len(keys) == 0 {
		return nil
	}
	traces, err := collector.TracesTo(r.deps.Traces)
	if err != nil {
		return err
	}
	factory := jaegerreceiver.NewFactory()
	set := collector.Settings(component.NewIDWithName(factory.Type(), name), r.deps.Log)
	rcv, err := factory.CreateTraces(context.Background(), set, c, traces)
	if err != nil {
		return err
	}
	r.components = append(r.components, collector.Component{Component: rcv, Keys: keys})
	return nil
}
