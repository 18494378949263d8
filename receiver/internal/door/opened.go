package door

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
)

// Opened are the ports of a receiver that are open; the zero value has none. A receiver
// embeds it, so that its methods are the receiver's.
type Opened struct {
	udp []*UDP
	tcp []*TCP
}

// OpenUDP opens a port for datagrams; without an address it does nothing.
func (o *Opened) OpenUDP(ctx context.Context, address string, u *UDP) error {
	if address == "" {
		return nil
	}
	if err := u.Listen(ctx, address); err != nil {
		return err
	}
	o.udp = append(o.udp, u)
	return nil
}

// OpenTCP opens the ports for connections of a protocol: <protocol>_tcp and
// <protocol>_tls are their names in metrics, which serve is told, and
// receivers.<protocol> is where the settings are.
func (o *Opened) OpenTCP(ctx context.Context, protocol string, ports Ports, deps Deps, serve func(ctx context.Context, door string, c net.Conn)) error {
	open := func(door, address string, certificate *tls.Config) error {
		s := &TCP{Door: door, Deps: deps, Handle: func(ctx context.Context, c net.Conn) { serve(ctx, door, c) }}
		if err := s.Listen(ctx, address, ports.MaxConnections, certificate); err != nil {
			return err
		}
		o.tcp = append(o.tcp, s)
		return nil
	}
	if ports.TCP != "" {
		if err := open(protocol+"_tcp", ports.TCP, nil); err != nil {
			return err
		}
	}
	if ports.TLS == "" {
		return nil
	}
	certificate, err := ports.TLSConfig.Load()
	if err != nil {
		return fmt.Errorf("receivers.%s.tls_config: %w", protocol, err)
	}
	return open(protocol+"_tls", ports.TLS, certificate)
}

// Addrs are the addresses that are listened on: UDP, TCP, TLS.
func (o *Opened) Addrs() []net.Addr {
	var out []net.Addr
	for _, s := range o.udp {
		out = append(out, s.Addr())
	}
	for _, s := range o.tcp {
		out = append(out, s.Addr())
	}
	return out
}

// Run serves until ctx is done and what was received is stored.
func (o *Opened) Run(ctx context.Context) error {
	var parts []func(context.Context) error
	for _, s := range o.udp {
		parts = append(parts, s.Run)
	}
	for _, s := range o.tcp {
		parts = append(parts, s.Run)
	}
	return RunAll(ctx, parts...)
}

// Close closes ports that are not served, or not any more.
func (o *Opened) Close() error {
	var errs []error
	for _, s := range o.udp {
		errs = append(errs, s.Close())
	}
	for _, s := range o.tcp {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
