// Package auth decides who may do what: users who sign in, tokens of programs,
// the tenant that either stands for, and the one gate that every HTTP request
// passes.
//
// Users have sessions in a cookie; programs send tokens as `Authorization: Bearer
// phr_...` or as the password of Basic authentication, where a user's own name and
// password are taken too. Secrets are kept as hashes only: passwords by argon2id,
// session ids and tokens, which are random, by SHA-256.
//
// An administrator of the default tenant manages users and tokens of all tenants,
// one of another tenant those of that tenant.
package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

// Role is what a user or a token may do.
type Role string

// Each role may do what the ones before it may.
const (
	Viewer Role = "viewer" // query
	Editor Role = "editor" // silences, dashboards, pushing data by hand
	Admin  Role = "admin"  // users, tokens, reload, deletion
)

// ParseRole returns s as a Role.
func ParseRole(s string) (Role, error) {
	switch r := Role(s); r {
	case Viewer, Editor, Admin:
		return r, nil
	}
	return "", fmt.Errorf("role %q is none of viewer, editor, admin", s)
}

func (r Role) atLeast(want Role) bool {
	rank := map[Role]int{Viewer: 1, Editor: 2, Admin: 3}
	return rank[r] >= rank[want]
}

// Kind is where an Identity comes from.
type Kind string

// The kinds of identities.
const (
	KindUser      Kind = "user"
	KindToken     Kind = "token"
	KindAnonymous Kind = "anonymous" // authentication is off
)

// Identity is who a request comes from.
type Identity struct {
	Kind Kind
	Name string // of the user or the token
	// TokenID is the stored token's, "" for users, the process' own tokens and everybody
	// while authentication is off.
	TokenID string
	Tenant  tenant.ID
	Role    Role
	// CanRead and CanWrite narrow a token; users may do what their role says.
	CanRead, CanWrite bool
	// Scope narrows a token to what a selector selects; the zero Scope is the whole
	// tenant.
	Scope tenant.Scope
}

// May reports whether the identity passes a route of that access.
func (i Identity) May(access httpx.Access) bool {
	switch access {
	case httpx.Public:
		return true
	case httpx.Read:
		return i.CanRead && i.Role.atLeast(Viewer)
	case httpx.Write:
		// A shipper's token needs no more than the flag.
		return i.CanWrite && (i.Kind == KindToken || i.Role.atLeast(Editor))
	case httpx.Edit:
		return i.CanRead && i.CanWrite && i.Role.atLeast(Editor)
	case httpx.Admin:
		return i.CanRead && i.CanWrite && i.Role.atLeast(Admin)
	}
	return false
}

// mayPass is nil if the identity passes the route: it may do what the route's access
// asks for and, when it is narrowed, the route applies its scope.
func (i Identity) mayPass(route httpx.Route) error {
	if !i.May(route.Access) {
		return fmt.Errorf("%s %q may not do this: %w", i.Kind, i.Name, tenant.ErrForbidden)
	}
	if !i.Scope.IsZero() && !route.Scoped {
		return fmt.Errorf("this token is narrowed to %s; %s cannot be narrowed: %w", i.Scope, route.Pattern, tenant.ErrForbidden)
	}
	return nil
}

// scope is whose users and tokens an administrator manages; "" is everybody's.
func (i Identity) scope() tenant.ID {
	if i.Tenant == tenant.Default {
		return ""
	}
	return i.Tenant
}

type identityKey struct{}

// FromContext returns who the gate found; false on public routes.
func FromContext(ctx context.Context) (Identity, bool) {
	i, ok := ctx.Value(identityKey{}).(Identity)
	return i, ok
}

// newContext returns ctx with the identity, its tenant and its scope.
func newContext(ctx context.Context, i Identity) context.Context {
	ctx = tenant.NewContext(context.WithValue(ctx, identityKey{}, i), i.Tenant)
	if i.Scope.IsZero() {
		return ctx
	}
	return tenant.WithScope(ctx, i.Scope)
}

// ErrBusy says that too many passwords are being checked at once.
var ErrBusy = errors.New("too many sign-ins at once")

// ThrottledError says that there were too many failed sign-ins.
type ThrottledError struct{ RetryAfter time.Duration }

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("too many failed sign-ins; try again in %s", e.RetryAfter.Round(time.Second))
}
