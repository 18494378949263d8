package tenant

import (
	"context"
	"errors"
)

// Errors of a Resolver; test with errors.Is.
var (
	// ErrUnauthenticated: no credentials, or none that are known.
	ErrUnauthenticated = errors.New("credentials are missing or unknown")
	// ErrForbidden: known, but not allowed to do this.
	ErrForbidden = errors.New("credentials do not allow this")
)

// Resolver turns the credentials of a request into a tenant, for servers of
// native ports (gRPC, Zipkin, Jaeger) that do not run behind the HTTP gate.
type Resolver interface {
	// ResolveWrite returns the tenant that the request may push data for. get
	// returns a header or a gRPC metadata value by its lower-case name, "" if there
	// is none: "authorization" (Bearer token, or Basic with the token as password)
	// and "x-scope-orgid". The error wraps ErrUnauthenticated or ErrForbidden.
	ResolveWrite(ctx context.Context, get func(name string) string) (ID, error)
}

// Witness hears how requests of native ports ended, which the HTTP gate sees by
// itself. A Resolver MAY implement it.
type Witness interface {
	// Arrived tells that a request with these credentials came by way, such as a gRPC
	// method, and why it was refused, "" when it was not.
	Arrived(ctx context.Context, get func(name string) string, way, refusal string)
}
