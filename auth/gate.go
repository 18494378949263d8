package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

// Gate is what every HTTP request passes: credentials, tenant, cross-site
// protection, bounds, panic recovery, metrics.
type Gate struct {
	service  *Service
	logger   *slog.Logger
	metrics  *gateMetrics
	csrf     *http.CrossOriginProtection
	requests chan struct{} // slots for ordinary requests
	streams  chan struct{} // slots for streaming ones
	// recheckAfter is shorter in tests.
	recheckAfter time.Duration
}

// NewGate returns a gate that asks service.
func NewGate(service *Service, logger *slog.Logger, reg prometheus.Registerer) *Gate {
	return &Gate{
		service:  service,
		logger:   logger,
		metrics:  newGateMetrics(reg),
		csrf:     http.NewCrossOriginProtection(),
		requests: make(chan struct{}, service.cfg.MaxRequests),
		streams:  make(chan struct{}, service.cfg.MaxStreams),

		recheckAfter: recheckAfter,
	}
}

// Handler puts all routes on one mux, each behind the gate. It panics if two
// patterns conflict or a route has no Access.
func (g *Gate) Handler(routes []httpx.Route) http.Handler {
	mux := httpx.NewMux()
	for _, route := range routes {
		mux.Handle(route, g.Wrap(route))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec := &recorder{ResponseWriter: w}
		mux.ServeHTTP(rec, r)
		if !rec.counted {
			g.metrics.count("unmatched", rec.status(), start, false)
		}
	})
}

// Wrap returns the route's handler behind the gate. It panics if the route has no
// Access.
func (g *Gate) Wrap(route httpx.Route) http.Handler {
	if route.Access < httpx.Public || route.Access > httpx.Admin {
		panic(fmt.Sprintf("BUG: route %q has no access level", route.Pattern))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec, ok := w.(*recorder)
		if !ok {
			rec = &recorder{ResponseWriter: w}
		}
		rec.counted = true
		defer func() { g.metrics.count(route.Pattern, rec.status(), start, route.Streaming) }()
		defer g.recover(rec, r, route)
		g.serve(rec, r, route)
	})
}

func (g *Gate) serve(w *recorder, r *http.Request, route httpx.Route) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	if route.QueryToken {
		r = takeQueryToken(r)
	}
	if route.Token != nil {
		r = takeToken(r, route.Token)
	}
	if origin := r.Header.Get("Origin"); route.Origins != nil && origin != "" && route.Origins(origin) {
		r = withoutAmbient(r)
	} else if err := g.checkOrigin(r); err != nil {
		g.metrics.refused.WithLabelValues("cross_site").Inc()
		deny(w, r, http.StatusForbidden, err.Error())
		return
	}
	var identity Identity
	if route.Access != httpx.Public {
		var err error
		identity, err = g.service.Identify(r)
		if err == nil {
			err = identity.mayPass(route)
		}
		if err != nil {
			g.refuse(w, r, err)
			return
		}
		r = r.WithContext(newContext(r.Context(), identity))
		if route.Access == httpx.Write {
			w.keep = maxRefusal
			defer func() { g.service.arrivals.note(identity, route.Pattern, w.refusal(), g.service.now()) }()
		}
		slots := g.requests
		if route.Streaming {
			slots = g.streams
		}
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		default:
			g.metrics.refused.WithLabelValues("overload").Inc()
			h.Set("Retry-After", "1")
			deny(w, r, http.StatusServiceUnavailable, fmt.Sprintf("%d requests are being served, which is the limit", cap(slots)))
			return
		}
	}
	limit := route.MaxBody
	if limit == 0 {
		limit = httpx.DefaultMaxBody
	}
	control := http.NewResponseController(w)
	body := httpx.NewSteadyBody
	if route.Endless {
		body = httpx.NewEndlessBody
	}
	r.Body = http.MaxBytesReader(w.ResponseWriter, body(r.Body, control), limit)
	if route.Streaming {
		_ = control.SetWriteDeadline(time.Time{}) // not supported by test recorders
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer httpx.OnShutdown(ctx, cancel)()
		r = r.WithContext(ctx)
		if route.Access != httpx.Public {
			var checks sync.WaitGroup
			defer checks.Wait()
			defer cancel()
			checks.Go(func() { g.recheck(ctx, r, route, identity, cancel) })
		}
	}
	route.Handler.ServeHTTP(w, r)
}

// checkOrigin refuses what another site makes a browser send. A Bearer token is
// never sent by itself, so it needs no such protection; Basic credentials,
// cookies and, while authentication is off, the mere reach of loopback are.
// WebSocket handshakes are GETs but count as writing.
func (g *Gate) checkOrigin(r *http.Request) error {
	if g.service.cfg.Mode == Off && !isLiteralHost(r.Host) {
		return fmt.Errorf("host %q is refused while authentication is off (a page that points its own name at this address could read everything): use the IP address or localhost", clip(r.Host))
	}
	if g.service.cfg.Mode == On && len(r.Header.Get("Authorization")) > 7 && strings.EqualFold(r.Header.Get("Authorization")[:7], "Bearer ") {
		return nil
	}
	checked := r
	if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		clone := *r
		clone.Method = http.MethodPost
		checked = &clone
	}
	if err := g.csrf.Check(checked); err != nil {
		return errors.New("this request comes from another site")
	}
	return nil
}

// isLiteralHost reports whether a Host header cannot be a stranger's DNS name.
func isLiteralHost(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host) != nil
}

// refuse answers a failed authentication.
func (g *Gate) refuse(w *recorder, r *http.Request, err error) {
	var throttled *ThrottledError
	switch {
	case errors.As(err, &throttled):
		g.metrics.refused.WithLabelValues("throttled").Inc()
		SetRetryAfter(w.Header(), throttled)
		deny(w, r, http.StatusTooManyRequests, throttled.Error())
	case errors.Is(err, ErrBusy):
		g.metrics.refused.WithLabelValues("busy").Inc()
		w.Header().Set("Retry-After", "1")
		deny(w, r, http.StatusServiceUnavailable, ErrBusy.Error())
	case errors.Is(err, tenant.ErrUnauthenticated):
		g.metrics.refused.WithLabelValues("unauthenticated").Inc()
		if asksForPassword(r) {
			w.Header().Set("WWW-Authenticate", `Basic realm="pharos", charset="UTF-8"`)
		}
		deny(w, r, http.StatusUnauthorized, err.Error())
	case errors.Is(err, tenant.ErrForbidden):
		g.metrics.refused.WithLabelValues("forbidden").Inc()
		deny(w, r, http.StatusForbidden, err.Error())
	case errors.Is(err, tenant.ErrInvalidID):
		g.metrics.refused.WithLabelValues("bad_tenant").Inc()
		deny(w, r, http.StatusBadRequest, err.Error())
	case errors.Is(err, context.Canceled):
		// Nobody reads the answer.
	default:
		g.logger.ErrorContext(r.Context(), "cannot check credentials", "error", err)
		deny(w, r, http.StatusInternalServerError, "credentials cannot be checked now")
	}
}

// recover turns a panic into an answer, as long as none was begun.
func (g *Gate) recover(w *recorder, r *http.Request, route httpx.Route) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
		panic(v)
	}
	g.metrics.panics.Inc()
	g.logger.ErrorContext(r.Context(), "request handler panicked", "route", route.Pattern, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
	if w.code != 0 {
		panic(http.ErrAbortHandler) // the client must not take the answer for whole
	}
	deny(w, r, http.StatusInternalServerError, "internal error; the server's log has it")
}
