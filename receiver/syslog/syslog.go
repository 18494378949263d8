// Package syslog receives the log messages of machines: RFC 5424 and what RFC 3164
// describes, over UDP, TCP and TLS, framed as RFC 6587 says: counted octets, or a line
// each.
package syslog

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/receiver/internal/door"
	"github.com/pharosd/pharos/tenant"
)

// Config is the receiver's settings.
type Config struct {
	// UDP is the host:port for datagrams, customarily 514; empty: none.
	UDP string `yaml:"udp"`
	// Ports are those for connections, customarily 601 and, with TLS, 6514.
	door.Ports  `yaml:",inline"`
	door.Common `yaml:",inline"`
	// Job is the value of the label job.
	Job string `yaml:"job"`
	// Timezone is that of timestamps that have none, such as Europe/Rome or UTC; Local
	// is the server's.
	Timezone string `yaml:"timezone"`
	// Timestamp is either message, the time that a message has, or arrival. What has no
	// time, or one that lies in the future, gets that of arrival in any case.
	Timestamp string `yaml:"timestamp"`
	// MaxMessage bounds a message; longer ones are cut.
	MaxMessage strictyaml.Bytes `yaml:"max_message"`
	// IdleTimeout closes connections that send nothing.
	IdleTimeout time.Duration `yaml:"idle_timeout"`
}

// Values of Config.Timestamp.
const (
	OfMessage = "message"
	OfArrival = "arrival"
)

// DefaultConfig listens nowhere.
func DefaultConfig() Config {
	return Config{
		Ports: door.DefaultPorts(), Common: door.Common{Tenant: tenant.Default}, Job: "syslog", Timezone: "Local",
		Timestamp: OfMessage, MaxMessage: 64 << 10, IdleTimeout: time.Hour,
	}
}

// maxMessage is as long as a line may be at all.
const maxMessage = 1 << 20

// Validate says what is wrong with the settings, all at once.
func (c Config) Validate() error {
	errs := []error{door.CheckAddress("udp", c.UDP), c.Ports.Validate(), c.Common.Validate()}
	if _, err := time.LoadLocation(c.Timezone); err != nil {
		errs = append(errs, door.Bad("timezone", "such as Europe/Rome, UTC or Local", "%w", err))
	}
	if c.Timestamp != OfMessage && c.Timestamp != OfArrival {
		errs = append(errs, door.Bad("timestamp", "message or arrival", "%q is neither", c.Timestamp))
	}
	if c.MaxMessage < 1<<10 || c.MaxMessage > maxMessage {
		errs = append(errs, door.Bad("max_message", "1KiB to 1MiB", "is %d bytes", c.MaxMessage))
	}
	if c.IdleTimeout < time.Second {
		errs = append(errs, door.Bad("idle_timeout", "such as 1h", "is %s, want at least 1s", c.IdleTimeout))
	}
	return errors.Join(errs...)
}

// Listeners are the addresses to listen on.
func (c Config) Listeners() []string { return []string{c.UDP, c.TCP, c.TLS} }

// Receiver serves the ports of the configuration.
type Receiver struct {
	cfg    Config
	deps   door.Deps
	parser *parser
	door.Opened
}

// Deps are what the receiver needs.
type Deps = door.Deps

// Listen opens the ports.
func Listen(ctx context.Context, cfg Config, deps Deps) (*Receiver, error) {
	deps = deps.Ready()
	zone, err := time.LoadLocation(cfg.Timezone)
	if err != nil {
		return nil, err
	}
	r := &Receiver{cfg: cfg, deps: deps, parser: newParser(cfg, zone)}
	err = r.OpenUDP(ctx, cfg.UDP, &door.UDP{Door: "syslog_udp", Deps: deps, Tenant: cfg.Tenant, Decode: r.datagram})
	if err == nil {
		err = r.OpenTCP(ctx, "syslog", cfg.Ports, deps, r.serve)
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// datagram is one message: an end of line is none of it.
func (r *Receiver) datagram(b []byte, from netip.Addr, to *door.Batch) error {
	if len(b) > int(r.cfg.MaxMessage) {
		b = b[:r.cfg.MaxMessage]
		r.deps.Metrics.Cut("syslog_udp")
	}
	r.parser.add(b, from, to)
	return nil
}

// Bounds of what is pushed together.
const (
	batchEntries = 5000
	batchBytes   = 1 << 20
)

// serve reads a connection's messages. What has come is pushed together; nothing more
// is read before it is stored.
func (r *Receiver) serve(ctx context.Context, name string, c net.Conn) {
	from := netip.Addr{}
	if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		from = a.AddrPort().Addr().Unmap()
	}
	frames := newFrames(c, int(r.cfg.MaxMessage), func() { door.Deadline(ctx, c, r.cfg.IdleTimeout) })
	var b door.Batch
	received := 0
	push := func() bool {
		r.deps.Metrics.Received(name, received)
		received = 0
		// A push that waits is given up some time after the server was told to stop.
		wait, cancel := door.Outlive(ctx, stopTime)
		defer cancel()
		defer b.Reset()
		return r.deps.Push(wait, name, r.cfg.Tenant, &b) == nil
	}
	for {
		message, cut, err := frames.next()
		if cut {
			r.deps.Metrics.Cut(name)
		}
		if len(message) > 0 {
			received++
			r.parser.add(message, from, &b)
		}
		if err != nil {
			if errors.Is(err, errFraming) {
				r.deps.Metrics.Dropped(name, door.Malformed, 1)
			}
			push()
			return
		}
		if b.Len() >= batchEntries || b.Bytes() >= batchBytes || !frames.more() {
			if !push() {
				return
			}
		}
	}
}

// stopTime is how long a connection may go on trying to store what it has read after
// the server was told to stop.
const stopTime = 5 * time.Second
