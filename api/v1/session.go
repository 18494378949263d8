package v1

import (
	"errors"
	"net/http"

	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

// sessionAnswer is who is signed in.
type sessionAnswer struct {
	User     sessionUser `json:"user"`
	AuthMode auth.Mode   `json:"authMode"`
}

type sessionUser struct {
	Name   string    `json:"name"`
	Role   auth.Role `json:"role"`
	Tenant tenant.ID `json:"tenant"`
}

func (a *Identity) sessionOf(i auth.Identity) sessionAnswer {
	return sessionAnswer{User: sessionUser{i.Name, i.Role, i.Tenant}, AuthMode: a.service.Mode()}
}

func (a *Identity) session(r *http.Request) (int, any, error) {
	i, err := a.service.Identify(r)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, a.sessionOf(i), nil
}

func (a *Identity) signIn(w http.ResponseWriter, r *http.Request) {
	if a.service.Mode() == auth.Off {
		answer(a.session).ServeHTTP(w, r)
		return
	}
	var body struct {
		Username string `json:"username"`
		Password string `json:"password"`
	}
	if err := httpx.ReadJSON(r, &body); err != nil {
		httpx.WriteError(w, err)
		return
	}
	i, secret, err := a.service.SignIn(r.Context(), body.Username, body.Password, a.service.ClientAddress(r))
	if errors.Is(err, tenant.ErrUnauthenticated) {
		err = &httpx.Error{Status: http.StatusUnauthorized, Code: "bad_credentials", Message: "user name or password is wrong"}
	}
	if err != nil {
		writeIdentityError(w, err)
		return
	}
	a.service.SetSessionCookie(w, r, secret)
	w.Header().Set("Cache-Control", "no-store")
	httpx.WriteJSON(w, http.StatusOK, a.sessionOf(i))
}

func (a *Identity) signOut(w http.ResponseWriter, r *http.Request) {
	if secret := auth.SessionSecret(r); secret != "" {
		if err := a.service.SignOut(r.Context(), secret); err != nil {
			httpx.WriteError(w, err)
			return
		}
	}
	a.service.SetSessionCookie(w, r, "")
	w.WriteHeader(http.StatusNoContent)
}

func (a *Identity) changePassword(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Current string `json:"current"`
		New     string `json:"new"`
	}
	if err := httpx.ReadJSON(r, &body); err != nil {
		httpx.WriteError(w, err)
		return
	}
	secret, err := a.service.ChangePassword(r.Context(), caller(r.Context()), body.Current, body.New, a.service.ClientAddress(r))
	if errors.Is(err, tenant.ErrUnauthenticated) {
		// Not 401, which would mean that the session has ended.
		err = &httpx.Error{Status: http.StatusForbidden, Code: "bad_credentials", Message: "the current password is wrong"}
	}
	if err != nil {
		writeIdentityError(w, err)
		return
	}
	a.service.SetSessionCookie(w, r, secret)
	w.WriteHeader(http.StatusNoContent)
}
