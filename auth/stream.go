package auth

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

// recheckAfter is how often the credentials of an answer without an end are looked
// at again, so that a token that was revoked does not go on reading for days.
const recheckAfter = 30 * time.Second

// recheck calls end when the request's credentials stand no longer for identity. It
// returns when ctx is done. Passwords are not checked again: that is costly, and
// whoever has one may begin anew.
func (g *Gate) recheck(ctx context.Context, r *http.Request, route httpx.Route, identity Identity, end func()) {
	if identity.Kind == KindAnonymous || identity.Kind == KindUser && r.Header.Get("Authorization") != "" {
		return
	}
	tick := time.NewTicker(g.recheckAfter)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now, err := g.service.Identify(r)
		if err == nil {
			err = now.mayPass(route)
			if err == nil && (now.Tenant != identity.Tenant || now.Scope.String() != identity.Scope.String()) {
				err = tenant.ErrForbidden
			}
		}
		// A database that does not answer for a moment ends nothing.
		if errors.Is(err, tenant.ErrUnauthenticated) || errors.Is(err, tenant.ErrForbidden) {
			end()
			return
		}
	}
}

// takeQueryToken moves a token from the URL to where tokens belong, so that nothing
// behind the gate sees it there. Credentials in the header win.
func takeQueryToken(r *http.Request) *http.Request {
	query := r.URL.Query()
	if !query.Has("token") {
		return r
	}
	token := query.Get("token")
	query.Del("token")
	r = r.Clone(r.Context())
	r.URL.RawQuery = query.Encode()
	r.RequestURI = r.URL.RequestURI()
	if r.Header.Get("Authorization") == "" && token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r
}
