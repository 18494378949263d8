// Package tenant names the owner of data. Every store method takes an ID right
// after its context; a method without one does not exist. The ID is resolved
// once, at the edge (see auth.Gate), and travels to HTTP handlers in the
// request's context, from where they hand it on explicitly.
package tenant

import (
	"context"
	"errors"
	"fmt"
)

// ID is the name of a tenant: 1 to 64 characters of [a-z0-9_-], so that it is
// safe as a folder name, a label value and a header value.
type ID string

// Default is the tenant of an installation that never thought about tenants.
const Default ID = "default"

// ErrInvalidID says that a text is no tenant name. Test with errors.Is.
var ErrInvalidID = errors.New("invalid tenant id")

// Parse returns s as an ID, or an error that wraps ErrInvalidID.
func Parse(s string) (ID, error) {
	if len(s) == 0 || len(s) > 64 {
		return "", fmt.Errorf("%w: %q has %d characters, want 1 to 64", ErrInvalidID, s, len(s))
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return "", fmt.Errorf("%w: %q may hold a-z, 0-9, '-' and '_' only", ErrInvalidID, s)
		}
	}
	return ID(s), nil
}

type contextKey struct{}

// NewContext returns ctx with the tenant that the request's credentials stand
// for. Only the gate and servers of native ports call it.
func NewContext(ctx context.Context, id ID) context.Context {
	return context.WithValue(ctx, contextKey{}, id)
}

// FromContext returns the tenant that the gate resolved. A handler that runs
// behind the gate always finds one; it panics otherwise, because answering for
// a guessed tenant would be worse.
func FromContext(ctx context.Context) ID {
	id, ok := ctx.Value(contextKey{}).(ID)
	if !ok {
		panic("BUG: no tenant in context; is the route registered behind the gate?")
	}
	return id
}
