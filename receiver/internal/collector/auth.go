package collector

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configgrpc"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configmiddleware"
	"go.opentelemetry.io/collector/extension/extensionmiddleware"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/tenant"
)

// gateID is how servers' configurations refer to the gate.
var gateID = component.MustNewID("pharos")

func extensions(r tenant.Resolver) map[component.ID]component.Component {
	return map[component.ID]component.Component{gateID: &gate{tenants: r}}
}

// GuardGRPC puts the gate in front of a gRPC server.
func GuardGRPC(c *configgrpc.ServerConfig) {
	c.Middlewares = append(c.Middlewares, configmiddleware.Config{ID: gateID})
}

// Timeouts of HTTP servers whose configuration has none.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = time.Minute
)

// GuardHTTP puts the gate in front of an HTTP server, and bounds how long a client
// may take to send.
func GuardHTTP(c *confighttp.ServerConfig) {
	if c.ReadHeaderTimeout == 0 {
		c.ReadHeaderTimeout = readHeaderTimeout
	}
	if c.ReadTimeout == 0 {
		c.ReadTimeout = readTimeout
	}
	c.Middlewares = append(c.Middlewares, configmiddleware.Config{ID: gateID})
}

// gate is a Collector extension that resolves the tenant of every request of a
// native port.
type gate struct {
	component.StartFunc
	component.ShutdownFunc
	tenants tenant.Resolver
}

var (
	_ extensionmiddleware.HTTPServer = (*gate)(nil)
	_ extensionmiddleware.GRPCServer = (*gate)(nil)
)

type tenantKey struct{}

func withTenant(ctx context.Context, t tenant.ID) context.Context {
	return context.WithValue(ctx, tenantKey{}, t)
}

// tenantOf returns the tenant that the gate resolved. Every server of a native
// port stands behind the gate.
func tenantOf(ctx context.Context) tenant.ID {
	t, ok := ctx.Value(tenantKey{}).(tenant.ID)
	if !ok {
		panic("BUG: no tenant in context; is the server's configuration guarded?")
	}
	return t
}

// GetGRPCServerOptions implements extensionmiddleware.GRPCServer.
func (g *gate) GetGRPCServerOptions(context.Context) ([]grpc.ServerOption, error) {
	return []grpc.ServerOption{grpc.ChainUnaryInterceptor(g.unary)}, nil
}

func (g *gate) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (answer any, err error) {
	md, _ := metadata.FromIncomingContext(ctx)
	get := func(name string) string {
		if v := md.Get(name); len(v) > 0 {
			return v[0]
		}
		return ""
	}
	t, err := g.tenants.ResolveWrite(ctx, get)
	if err != nil {
		return nil, status.Error(authCode(err), err.Error())
	}
	defer func() { g.witness(ctx, get, info.FullMethod, refusalOf(err)) }()
	ctx, err = ingest.Numbered(ctx, get)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	// Translators of foreign formats run in the handler. A message that makes one of
	// them panic must not end the process, as it would in a gRPC server.
	defer func() {
		if p := recover(); p != nil {
			answer, err = nil, status.Errorf(codes.Internal, "panic while handling %s: %v", info.FullMethod, p)
		}
	}()
	return handler(withTenant(ctx, t), req)
}

// witness tells whoever wants to know how a request ended.
func (g *gate) witness(ctx context.Context, get func(string) string, way, refusal string) {
	if w, ok := g.tenants.(tenant.Witness); ok {
		w.Arrived(ctx, get, way, refusal)
	}
}

func refusalOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func authCode(err error) codes.Code {
	switch {
	case errors.Is(err, tenant.ErrUnauthenticated):
		return codes.Unauthenticated
	case errors.Is(err, tenant.ErrForbidden):
		return codes.PermissionDenied
	}
	return codes.Unavailable
}

// GetHTTPHandler implements extensionmiddleware.HTTPServer.
func (g *gate) GetHTTPHandler(context.Context) (extensionmiddleware.WrapHTTPHandlerFunc, error) {
	return func(_ context.Context, next http.Handler) (http.Handler, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.serve(w, r, next) }), nil
	}, nil
}

func (g *gate) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	t, err := g.tenants.ResolveWrite(r.Context(), func(name string) string { return r.Header.Get(name) })
	if err != nil {
		code := http.StatusServiceUnavailable
		switch authCode(err) {
		case codes.Unauthenticated:
			w.Header().Set("WWW-Authenticate", `Bearer realm="pharos"`)
			code = http.StatusUnauthorized
		case codes.PermissionDenied:
			code = http.StatusForbidden
		}
		http.Error(w, err.Error(), code)
		return
	}
	numbered, err := ingest.Numbered(r.Context(), r.Header.Get)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ctx, outcome := withOutcome(withTenant(numbered, t))
	r = r.WithContext(ctx)
	r.Body = &watchedBody{r.Body, outcome}
	final := &finalStatus{ResponseWriter: w}
	next.ServeHTTP(&statusWriter{ResponseWriter: final, outcome: outcome, otlp: strings.HasPrefix(r.URL.Path, "/v1/")}, r)
	g.witness(r.Context(), r.Header.Get, r.Method+" "+r.URL.Path, final.refusal())
}

// finalStatus remembers the status that a client gets.
type finalStatus struct {
	http.ResponseWriter
	code int
}

// WriteHeader implements http.ResponseWriter.
func (w *finalStatus) WriteHeader(code int) {
	if w.code == 0 {
		w.code = code
	}
	w.ResponseWriter.WriteHeader(code)
}

// Unwrap is for http.ResponseController.
func (w *finalStatus) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *finalStatus) refusal() string {
	if w.code < http.StatusBadRequest {
		return ""
	}
	return strconv.Itoa(w.code) + " " + http.StatusText(w.code)
}
