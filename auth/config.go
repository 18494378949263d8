package auth

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// Mode says whether requests need credentials.
type Mode string

// The modes.
const (
	On  Mode = "on"
	Off Mode = "off" // loopback addresses only; everybody is an administrator
)

// Config is the section "auth" of pharos.yml.
type Config struct {
	// Mode is on or off; off, where everybody is an administrator, is allowed on
	// loopback addresses only.
	Mode Mode `yaml:"mode"`
	// SessionIdle ends a session that is not used, SessionLifetime any session.
	SessionIdle     strictyaml.Duration `yaml:"session_idle"`
	SessionLifetime strictyaml.Duration `yaml:"session_lifetime"`
	// TrustedProxies are the addresses (10.0.0.0/8) whose X-Forwarded-For and
	// X-Forwarded-Proto are believed.
	TrustedProxies []netip.Prefix `yaml:"trusted_proxies"`
	// MaxRequests and MaxStreams bound what is served at once: ordinary requests,
	// and answers without an end (tail).
	MaxRequests int `yaml:"max_requests"`
	MaxStreams  int `yaml:"max_streams"`
}

// DefaultConfig demands credentials.
func DefaultConfig() Config {
	const day = 24 * 60 * 60 * 1e9
	return Config{Mode: On, SessionIdle: 7 * day, SessionLifetime: 30 * day, MaxRequests: 512, MaxStreams: 1024}
}

// Validate says what is wrong, all at once.
func (c Config) Validate() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, &strictyaml.KeyError{Key: key, Err: fmt.Errorf(format, args...)})
	}
	if c.Mode != On && c.Mode != Off {
		bad("mode", `%q is neither "on" nor "off"`, string(c.Mode))
	}
	if c.SessionIdle <= 0 {
		bad("session_idle", "must be more than 0")
	}
	if c.SessionLifetime < c.SessionIdle {
		bad("session_lifetime", "must not be less than session_idle")
	}
	if c.MaxRequests < 1 {
		bad("max_requests", "must be at least 1")
	}
	if c.MaxStreams < 1 {
		bad("max_streams", "must be at least 1")
	}
	return errors.Join(errs...)
}

// CheckListen refuses to serve without authentication where others than this
// machine's own programs could connect. addresses are host:port; a host name
// other than localhost counts as reachable.
func (c Config) CheckListen(addresses ...string) error {
	if c.Mode != Off {
		return nil
	}
	for _, address := range addresses {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return fmt.Errorf("listen address %q: %w", address, err)
		}
		if !isLoopback(host) {
			return fmt.Errorf("refusing to start without authentication on %s, which other machines may reach: listen on 127.0.0.1, or leave auth.mode on", address)
		}
	}
	return nil
}

// isLoopback takes a host without a port, an IPv6 address without brackets.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
