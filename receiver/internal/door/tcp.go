package door

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"golang.org/x/net/netutil"
)

// TCP serves connections of a protocol of its own.
type TCP struct {
	// Door names the port in metrics and errors: "syslog_tcp".
	Door string
	Deps Deps
	// Handle serves a connection until it ends; the server closes it. ctx ends, and
	// reads fail, when the server stops.
	Handle func(ctx context.Context, c net.Conn)

	listener net.Listener
}

// Listen opens the port. certificate is nil without TLS.
func (s *TCP) Listen(ctx context.Context, address string, maxConnections int, certificate *tls.Config) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen on %s (%s): %w", address, s.Door, err)
	}
	l = netutil.LimitListener(l, maxConnections)
	if certificate != nil {
		l = tls.NewListener(l, certificate)
	}
	s.listener = l
	return nil
}

// Addr is where the port is.
func (s *TCP) Addr() net.Addr { return s.listener.Addr() }

// Close closes a port that is not served, or not any more.
func (s *TCP) Close() error { return IgnoreClosed(s.listener.Close()) }

// IgnoreClosed is err, unless it says that what was to be closed is closed.
func IgnoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Run serves until ctx is done and every connection has ended.
func (s *TCP) Run(ctx context.Context) error {
	var connections sync.WaitGroup
	defer connections.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = s.listener.Close() })
	defer stop()
	for {
		c, err := s.listener.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			var temporary net.Error
			if errors.As(err, &temporary) && temporary.Timeout() || isResource(err) {
				s.Deps.Log.Warn("cannot accept a connection", "door", s.Door, "error", err)
				time.Sleep(100 * time.Millisecond)
				continue
			}
			return fmt.Errorf("accept on %s (%s): %w", s.listener.Addr(), s.Door, err)
		}
		connections.Go(func() { s.serve(ctx, c) })
	}
}

func (s *TCP) serve(ctx context.Context, c net.Conn) {
	s.Deps.Metrics.open.WithLabelValues(s.Door).Inc()
	defer s.Deps.Metrics.open.WithLabelValues(s.Door).Dec()
	defer c.Close()
	// What was sent before the end may still be in the connection's buffer: reading
	// goes on for a moment.
	stop := context.AfterFunc(ctx, func() { _ = c.SetReadDeadline(time.Now().Add(drain)) })
	defer stop()
	defer func() {
		// Bytes of strangers must not end the process.
		if p := recover(); p != nil {
			s.Deps.Metrics.Dropped(s.Door, Malformed, 1)
			s.Deps.Log.Error("panic while reading from a connection", "door", s.Door, "panic", fmt.Sprint(p))
		}
	}()
	if t, ok := c.(*tls.Conn); ok {
		shake, cancel := context.WithTimeout(ctx, handshakeTime)
		err := t.HandshakeContext(shake)
		cancel()
		if err != nil {
			s.Deps.Metrics.RefusedConnection(s.Door, "tls")
			return
		}
	}
	s.Handle(ctx, c)
}

const (
	drain         = 200 * time.Millisecond
	handshakeTime = 10 * time.Second
)

// Deadline gives a connection so long for its next bytes, unless the server stops.
func Deadline(ctx context.Context, c net.Conn, d time.Duration) {
	if ctx.Err() == nil {
		_ = c.SetReadDeadline(time.Now().Add(d))
		if ctx.Err() == nil {
			return
		}
	}
	_ = c.SetReadDeadline(time.Now().Add(drain))
}
