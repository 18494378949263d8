package app

import (
	"context"
	"fmt"
	"net"
	"net/http"

	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/internal/httpx"
)

// port is a dialect's customary port, where its paths begin at the root. It passes the
// same gate as the main port.
type port struct {
	name     string
	listener net.Listener // until the server has it
	routes   []httpx.Route
	main     bool // it serves what the main port serves
	// wrap, unless it is nil, goes around the gate, so that what the gate answers is
	// the dialect's too.
	wrap func(http.Handler) http.Handler
}

// listenNative opens a dialect's port; key is the setting that names it.
func (a *App) listenNative(ctx context.Context, key, address string, p port) error {
	var err error
	if p.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", address); err != nil {
		return fmt.Errorf("listen on %s (%s): %w", address, key, err)
	}
	a.ports = append(a.ports, p)
	return nil
}

// listenAlso opens the further addresses of the main port.
func (a *App) listenAlso(ctx context.Context) error {
	for i, address := range a.cfg.AlsoListen {
		if err := a.listenNative(ctx, fmt.Sprintf("also_listen[%d]", i), address, port{name: "http " + address, main: true}); err != nil {
			return err
		}
	}
	return nil
}

// serveNative serves the dialects' ports behind the gate.
func (a *App) serveNative(gate *auth.Gate) {
	for _, p := range a.ports {
		routes := p.routes
		if p.main {
			routes = a.routes
		}
		handler := gate.Handler(routes)
		if p.wrap != nil {
			handler = p.wrap(handler)
		}
		server := &httpx.Server{Handler: handler, Logger: a.log.With("component", p.name)}
		a.part(p.name, func(ctx context.Context) error { return server.Serve(ctx, p.listener) })
	}
	a.ports = nil // from here on the servers close them
}
