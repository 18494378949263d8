package httpx

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// Bounds of every HTTP server of the process. Bodies have deadlines of their own,
// see NewSteadyBody.
const (
	// DefaultMaxConnections is enough for every agent and browser of one machine's
	// worth of load.
	DefaultMaxConnections = 4096

	readHeaderTimeout = 10 * time.Second
	writeTimeout      = 5 * time.Minute // streaming routes are exempt
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
)

// Server serves HTTP within bounds until its context ends.
type Server struct {
	// Handler is what the gate returned.
	Handler http.Handler
	Logger  *slog.Logger
	// MaxConnections bounds open connections; further ones wait in the kernel's
	// queue. 0 means DefaultMaxConnections.
	MaxConnections int
	// Drain is how long requests that run when the context ends may take to finish;
	// 0 means 10 seconds.
	Drain time.Duration
}

// Serve answers on l until ctx ends, then lets running requests finish and closes
// what still runs after Drain. It closes l. Ending by ctx is no error.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	connections, drain := s.MaxConnections, s.Drain
	if connections == 0 {
		connections = DefaultMaxConnections
	}
	if drain == 0 {
		drain = 10 * time.Second
	}
	// Requests must not end with ctx, only be told about it.
	base := context.WithValue(context.WithoutCancel(ctx), serverKey{}, ctx)
	srv := &http.Server{
		Handler:           s.Handler,
		ReadHeaderTimeout: readHeaderTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		BaseContext:       func(net.Listener) context.Context { return base },
		// Broken handshakes and the like: strangers' doing, not ours.
		ErrorLog: slog.NewLogLogger(s.Logger.Handler(), slog.LevelDebug),
	}
	srv.Protocols = new(http.Protocols)
	srv.Protocols.SetHTTP1(true)
	srv.Protocols.SetHTTP2(true)
	srv.Protocols.SetUnencryptedHTTP2(true) // gRPC without TLS
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(netutil.LimitListener(l, connections)) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve HTTP on %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	err := srv.Shutdown(stop)
	if errors.Is(err, context.DeadlineExceeded) {
		s.Logger.Warn("closing HTTP requests that did not finish", "address", l.Addr().String(), "after", drain)
		err = srv.Close()
	}
	<-failed
	if err != nil {
		return fmt.Errorf("stop HTTP on %s: %w", l.Addr(), err)
	}
	return nil
}

type serverKey struct{}

// OnShutdown calls f, in a goroutine of its own, when the server that the request
// came through begins to stop, so that an answer without an end can end. The
// function that it returns must be called when the request is done.
func OnShutdown(ctx context.Context, f func()) (done func()) {
	server, ok := ctx.Value(serverKey{}).(context.Context)
	if !ok {
		return func() {}
	}
	stop := context.AfterFunc(server, f)
	return func() { stop() }
}
