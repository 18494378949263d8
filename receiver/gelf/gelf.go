// Package gelf receives the Graylog Extended Log Format 1.1: over UDP in chunks,
// compressed or not, over TCP and TLS with a NUL after each message, and over HTTP at
// POST /gelf.
package gelf

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/receiver/internal/door"
	"github.com/pharosd/pharos/tenant"
)

// Config is the receiver's settings.
type Config struct {
	// UDP is the host:port for datagrams, customarily 12201; empty: none.
	UDP string `yaml:"udp"`
	// Ports are those for connections, customarily 12201 too.
	door.Ports  `yaml:",inline"`
	door.Common `yaml:",inline"`
	// Job is the value of the label job.
	Job string `yaml:"job"`
	// MaxMessage bounds a message, put together and unpacked.
	MaxMessage strictyaml.Bytes `yaml:"max_message"`
	// MaxBody bounds a body of POST /gelf as sent.
	MaxBody strictyaml.Bytes `yaml:"max_body"`
	// IdleTimeout closes connections that send nothing.
	IdleTimeout time.Duration `yaml:"idle_timeout"`
}

// DefaultConfig listens nowhere; POST /gelf is on the main port.
func DefaultConfig() Config {
	return Config{Ports: door.DefaultPorts(), Common: door.Common{Tenant: tenant.Default}, Job: "gelf",
		MaxMessage: 1 << 20, MaxBody: 8 << 20, IdleTimeout: time.Hour}
}

// Validate says what is wrong with the settings, all at once.
func (c Config) Validate() error {
	errs := []error{door.CheckAddress("udp", c.UDP), c.Ports.Validate(), c.Common.Validate()}
	if c.MaxMessage < 1<<10 || c.MaxMessage > 16<<20 {
		errs = append(errs, door.Bad("max_message", "1KiB to 16MiB", "is %d bytes", c.MaxMessage))
	}
	if c.MaxBody < c.MaxMessage {
		errs = append(errs, door.Bad("max_body", "such as 8MiB", "is less than max_message"))
	}
	if c.IdleTimeout < time.Second {
		errs = append(errs, door.Bad("idle_timeout", "such as 1h", "is %s, want at least 1s", c.IdleTimeout))
	}
	return errors.Join(errs...)
}

// Listeners are the addresses to listen on.
func (c Config) Listeners() []string { return []string{c.UDP, c.TCP, c.TLS} }

// Receiver serves POST /gelf and the ports of the configuration.
type Receiver struct {
	cfg    Config
	deps   door.Deps
	mapper mapper
	chunks *chunks
	udp    *door.UDP
	tcp    []*door.TCP
}

// Deps are what the receiver needs.
type Deps = door.Deps

// Listen opens the ports.
func Listen(ctx context.Context, cfg Config, deps Deps) (*Receiver, error) {
	deps = deps.Ready()
	r := &Receiver{cfg: cfg, deps: deps, mapper: mapper{job: cfg.Job, static: cfg.Static(), now: time.Now}}
	r.chunks = newChunks(int(cfg.MaxMessage), func(reason string, n int) { deps.Metrics.Dropped("gelf_udp", reason, n) })
	if err := r.listen(ctx); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func (r *Receiver) listen(ctx context.Context) error {
	if r.cfg.UDP != "" {
		u := &door.UDP{Door: "gelf_udp", Deps: r.deps, Tenant: r.cfg.Tenant, Decode: r.datagram}
		if err := u.Listen(ctx, r.cfg.UDP); err != nil {
			return err
		}
		r.udp = u
	}
	open := func(name, address string, certificate *tls.Config) error {
		if address == "" {
			return nil
		}
		s := &door.TCP{Door: name, Deps: r.deps, Handle: func(ctx context.Context, c net.Conn) { r.serve(ctx, name, c) }}
		if err := s.Listen(ctx, address, r.cfg.MaxConnections, certificate); err != nil {
			return err
		}
		r.tcp = append(r.tcp, s)
		return nil
	}
	if err := open("gelf_tcp", r.cfg.TCP, nil); err != nil || r.cfg.TLS == "" {
		return err
	}
	certificate, err := r.cfg.TLSConfig.Load()
	if err != nil {
		return fmt.Errorf("receivers.gelf.tls_config: %w", err)
	}
	return open("gelf_tls", r.cfg.TLS, certificate)
}

// Addrs are the addresses that it listens on, UDP first.
func (r *Receiver) Addrs() []net.Addr {
	var out []net.Addr
	if r.udp != nil {
		out = append(out, r.udp.Addr())
	}
	for _, s := range r.tcp {
		out = append(out, s.Addr())
	}
	return out
}

// Run serves until ctx is done and what was received is stored.
func (r *Receiver) Run(ctx context.Context) error {
	var parts []func(context.Context) error
	if r.udp != nil {
		parts = append(parts, r.udp.Run)
	}
	for _, s := range r.tcp {
		parts = append(parts, s.Run)
	}
	return door.RunAll(ctx, parts...)
}

// Close closes ports that are not served, or not any more.
func (r *Receiver) Close() error {
	var errs []error
	if r.udp != nil {
		errs = append(errs, r.udp.Close())
	}
	for _, s := range r.tcp {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
