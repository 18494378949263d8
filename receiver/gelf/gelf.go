// Package gelf receives the Graylog Extended Log Format 1.1: over UDP in chunks,
// compressed or not, over TCP and TLS with a NUL after each message, and over HTTP at
// POST /gelf.
package gelf

import (
	"context"
	"errors"
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
	door.Opened
}

// Deps are what the receiver needs.
type Deps = door.Deps

// Listen opens the ports.
func Listen(ctx context.Context, cfg Config, deps Deps) (*Receiver, error) {
	deps = deps.Ready()
	r := &Receiver{cfg: cfg, deps: deps, mapper: mapper{job: cfg.Job, static: cfg.Static(), now: time.Now}}
	r.chunks = newChunks(int(cfg.MaxMessage), func(reason string, n int) { deps.Metrics.Dropped("gelf_udp", reason, n) })
	err := r.OpenUDP(ctx, cfg.UDP, &door.UDP{Door: "gelf_udp", Deps: deps, Tenant: cfg.Tenant, Decode: r.datagram})
	if err == nil {
		err = r.OpenTCP(ctx, "gelf", cfg.Ports, deps, r.serve)
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}
