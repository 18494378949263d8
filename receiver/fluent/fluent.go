// Package fluent receives Fluentd's forward protocol, version 1
// (github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1): all four modes,
// acknowledgements of chunks, the handshake with a shared key and users, TLS, and
// heartbeats.
package fluent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/receiver/internal/door"
	"github.com/pharosd/pharos/tenant"
)

// Config is the receiver's settings.
type Config struct {
	// Ports are those for connections, customarily 24224.
	door.Ports  `yaml:",inline"`
	door.Common `yaml:",inline"`
	// Heartbeat is the host:port that answers heartbeats by UDP, customarily 24224 too.
	Heartbeat string `yaml:"heartbeat"`
	// Job is the value of the label job. The label tag is the message's own.
	Job string `yaml:"job"`
	// LabelKeys are labels that fields of records give: the label's name and the path
	// of the field, such as namespace: kubernetes.namespace_name.
	LabelKeys map[string]string `yaml:"label_keys"`
	// SharedKey, if there is one, must be known to clients.
	SharedKey string `yaml:"shared_key"`
	// Hostname is what the server calls itself in the handshake; empty: the machine's
	// name.
	Hostname string `yaml:"hostname"`
	// Users, if there are any, are who may come in, beside the shared key: a list of name,
	// password and tenant.
	Users []User `yaml:"users"`
	// MaxMessage bounds a message as sent, MaxUnpacked what it may unpack to, MaxInFlight
	// what all connections together may hold.
	MaxMessage  strictyaml.Bytes `yaml:"max_message"`
	MaxUnpacked strictyaml.Bytes `yaml:"max_unpacked"`
	MaxInFlight strictyaml.Bytes `yaml:"max_in_flight"`
	// IdleTimeout closes connections that send nothing.
	IdleTimeout time.Duration `yaml:"idle_timeout"`
}

// User is who may come in.
type User struct {
	// Name and Password are what the client has; write ${NAME} to take a password from
	// the environment.
	Name     string `yaml:"name"`
	Password string `yaml:"password"`
	// Tenant owns what the user sends.
	Tenant tenant.ID `yaml:"tenant"`
}

// DefaultConfig listens nowhere.
func DefaultConfig() Config {
	return Config{Ports: door.DefaultPorts(), Common: door.Common{Tenant: tenant.Default}, Job: "fluent",
		MaxMessage: 32 << 20, MaxUnpacked: 128 << 20, MaxInFlight: 256 << 20, IdleTimeout: time.Hour}
}

// Validate says what is wrong with the settings, all at once.
func (c Config) Validate() error {
	errs := []error{door.CheckAddress("heartbeat", c.Heartbeat), c.Ports.Validate(), c.Common.Validate(), door.CheckLabels("label_keys", c.LabelKeys)}
	for _, name := range slices.Sorted(maps.Keys(c.LabelKeys)) {
		if slices.Contains(strings.Split(c.LabelKeys[name], "."), "") {
			errs = append(errs, door.Bad("label_keys", "such as kubernetes.namespace_name", "%q is no path of a field", c.LabelKeys[name]))
		}
	}
	for i, u := range c.Users {
		key := fmt.Sprintf("users[%d]", i)
		if u.Name == "" || u.Password == "" {
			errs = append(errs, door.Bad(key, "name, password and tenant", "has no name or no password"))
		}
		if _, err := tenant.Parse(string(u.Tenant)); err != nil {
			errs = append(errs, door.Bad(key, "tenant: default", "%w", err))
		}
	}
	if len(c.Users) > 0 && c.SharedKey == "" {
		errs = append(errs, door.Bad("shared_key", "the protocol has users beside the key only", "is missing"))
	}
	if c.MaxMessage < 1<<10 || c.MaxUnpacked < c.MaxMessage || c.MaxInFlight < c.MaxUnpacked {
		errs = append(errs, door.Bad("max_message", "such as 32MiB, 128MiB and 256MiB", "max_message, max_unpacked and max_in_flight must ascend"))
	}
	if c.IdleTimeout < time.Second {
		errs = append(errs, door.Bad("idle_timeout", "such as 1h", "is %s, want at least 1s", c.IdleTimeout))
	}
	return errors.Join(errs...)
}

// Listeners are the addresses to listen on.
func (c Config) Listeners() []string { return []string{c.TCP, c.TLS, c.Heartbeat} }

// Receiver serves the ports of the configuration.
type Receiver struct {
	door.Opened
	cfg       Config
	deps      door.Deps
	mapper    mapper
	inFlight  atomic.Int64
	heartbeat *net.UDPConn
}

// Deps are what the receiver needs.
type Deps = door.Deps

// Listen opens the ports.
func Listen(ctx context.Context, cfg Config, deps Deps) (*Receiver, error) {
	deps = deps.Ready()
	if cfg.Hostname == "" {
		name, err := os.Hostname()
		if err != nil {
			return nil, fmt.Errorf("receivers.fluent.hostname: %w", err)
		}
		cfg.Hostname = name
	}
	r := &Receiver{cfg: cfg, deps: deps, mapper: mapper{job: cfg.Job, static: cfg.Static()}}
	for _, name := range slices.Sorted(maps.Keys(cfg.LabelKeys)) {
		r.mapper.keys = append(r.mapper.keys, labelKey{name, strings.Split(cfg.LabelKeys[name], ".")})
	}
	if err := r.listen(ctx); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func (r *Receiver) listen(ctx context.Context) error {
	if err := r.OpenTCP(ctx, "fluent", r.cfg.Ports, r.deps, r.serve); err != nil {
		return err
	}
	if r.cfg.Heartbeat == "" {
		return nil
	}
	c, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp", r.cfg.Heartbeat)
	if err != nil {
		return fmt.Errorf("listen on %s (receivers.fluent.heartbeat): %w", r.cfg.Heartbeat, err)
	}
	r.heartbeat = c.(*net.UDPConn)
	return nil
}

// Addrs are the addresses that it listens on, that of heartbeats last.
func (r *Receiver) Addrs() []net.Addr {
	out := r.Opened.Addrs()
	if r.heartbeat != nil {
		out = append(out, r.heartbeat.LocalAddr())
	}
	return out
}

// Run serves until ctx is done and what was received is stored.
func (r *Receiver) Run(ctx context.Context) error {
	parts := []func(context.Context) error{r.Opened.Run}
	if r.heartbeat != nil {
		parts = append(parts, r.answerHeartbeats)
	}
	return door.RunAll(ctx, parts...)
}

// Close closes ports that are not served, or not any more.
func (r *Receiver) Close() error {
	err := r.Opened.Close()
	if r.heartbeat != nil {
		err = errors.Join(err, door.IgnoreClosed(r.heartbeat.Close()))
	}
	return err
}

// answerHeartbeats sends each datagram of one byte back as a zero byte, as Fluentd does.
func (r *Receiver) answerHeartbeats(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = r.heartbeat.Close() })
	defer stop()
	b := make([]byte, 16)
	for {
		n, from, err := r.heartbeat.ReadFromUDPAddrPort(b)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("receive heartbeat: %w", err)
		}
		if n == 1 { // never more than what came
			_, _ = r.heartbeat.WriteToUDPAddrPort([]byte{0}, from)
		}
	}
}
