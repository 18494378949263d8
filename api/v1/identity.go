package v1

import (
	"context"
	"errors"
	"net/http"

	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// Identity is the part of the API about people and credentials: session, users,
// tokens.
type Identity struct{ service *auth.Service }

// NewIdentity returns the handlers over service.
func NewIdentity(service *auth.Service) *Identity { return &Identity{service} }

// Routes returns the route table.
func (a *Identity) Routes() []httpx.Route {
	const root = "/api/pharos/v1"
	route := func(method, path string, access httpx.Access, h func(*http.Request) (int, any, error)) httpx.Route {
		return httpx.Route{Pattern: method + " " + root + path, Access: access, MaxBody: 16 << 10, Handler: answer(h)}
	}
	return []httpx.Route{
		{Pattern: "POST " + root + "/session", Access: httpx.Public, MaxBody: 4 << 10, Handler: http.HandlerFunc(a.signIn)},
		{Pattern: "DELETE " + root + "/session", Access: httpx.Public, MaxBody: 4 << 10, Handler: http.HandlerFunc(a.signOut)},
		{Pattern: "POST " + root + "/password", Access: httpx.Read, MaxBody: 4 << 10, Handler: http.HandlerFunc(a.changePassword)},
		route("GET", "/session", httpx.Public, a.session),
		route("GET", "/users", httpx.Admin, a.users),
		route("POST", "/users", httpx.Admin, a.createUser),
		route("PATCH", "/users/{name}", httpx.Admin, a.updateUser),
		route("DELETE", "/users/{name}", httpx.Admin, a.deleteUser),
		route("GET", "/tokens", httpx.Admin, a.tokens),
		route("POST", "/tokens", httpx.Admin, a.createToken),
		route("DELETE", "/tokens/{id}", httpx.Admin, a.deleteToken),
	}
}

// answer sends what h returns; a nil value sends the status alone.
func answer(h func(*http.Request) (int, any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, v, err := h(r)
		switch {
		case err != nil:
			writeIdentityError(w, err)
		case v == nil:
			w.WriteHeader(status)
		default:
			w.Header().Set("Cache-Control", "no-store")
			httpx.WriteJSON(w, status, v)
		}
	})
}

// writeIdentityError gives auth's and metastore's errors their codes.
func writeIdentityError(w http.ResponseWriter, err error) {
	e := &httpx.Error{Message: err.Error()}
	var throttled *auth.ThrottledError
	switch {
	case errors.As(err, &throttled):
		auth.SetRetryAfter(w.Header(), throttled)
		e.Status, e.Code = http.StatusTooManyRequests, "too_many_attempts"
	case errors.Is(err, auth.ErrBusy):
		w.Header().Set("Retry-After", "1")
		e.Status, e.Code = http.StatusServiceUnavailable, "unavailable"
	case errors.Is(err, tenant.ErrUnauthenticated):
		e.Status, e.Code = http.StatusUnauthorized, "unauthenticated"
	case errors.Is(err, tenant.ErrForbidden):
		e.Status, e.Code = http.StatusForbidden, "forbidden"
	case errors.Is(err, tenant.ErrInvalidID):
		e.Status, e.Code = http.StatusBadRequest, "bad_tenant"
	case errors.Is(err, metastore.ErrNotFound):
		e.Status, e.Code = http.StatusNotFound, "not_found"
	case errors.Is(err, metastore.ErrExists):
		e.Status, e.Code = http.StatusConflict, "exists"
	case errors.Is(err, metastore.ErrLastAdmin):
		e.Status, e.Code, e.Hint = http.StatusConflict, "last_admin", "make another user of the default tenant an administrator first"
	default:
		httpx.WriteError(w, err)
		return
	}
	httpx.WriteError(w, e)
}

// caller is who the gate let through.
func caller(ctx context.Context) auth.Identity {
	i, ok := auth.FromContext(ctx)
	if !ok {
		panic("BUG: no identity in context; is the route registered behind the gate?")
	}
	return i
}
