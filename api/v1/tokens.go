package v1

import (
	"net/http"
	"time"

	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

type tokenAnswer struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Tenant    tenant.ID  `json:"tenant"`
	Role      string     `json:"role"`
	Read      bool       `json:"read"`
	Write     bool       `json:"write"`
	Selector  string     `json:"selector,omitempty"` // what the token is narrowed to
	CreatedBy string     `json:"createdBy"`
	CreatedAt time.Time  `json:"createdAt"`
	ExpiresAt *time.Time `json:"expiresAt"` // null: never
	UsedAt    *time.Time `json:"usedAt"`    // null: never; a few minutes coarse
	Secret    string     `json:"secret,omitempty"`
}

func tokenOf(t metastore.Token, secret string) tokenAnswer {
	return tokenAnswer{
		ID: t.ID, Name: t.Name, Tenant: t.Tenant, Role: t.Role, Read: t.CanRead, Write: t.CanWrite, Selector: t.Selector,
		CreatedBy: t.CreatedBy, CreatedAt: t.CreatedAt, ExpiresAt: unlessZero(t.ExpiresAt), UsedAt: unlessZero(t.UsedAt), Secret: secret,
	}
}

func unlessZero(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (a *Identity) tokens(r *http.Request) (int, any, error) {
	tokens, err := a.service.Tokens(r.Context(), caller(r.Context()))
	out := make([]tokenAnswer, len(tokens))
	for i, t := range tokens {
		out[i] = tokenOf(t, "")
	}
	return http.StatusOK, map[string]any{"tokens": out}, err
}

// createToken answers with the secret, the only time that it is shown.
func (a *Identity) createToken(r *http.Request) (int, any, error) {
	var body struct {
		Name      string    `json:"name"`
		Tenant    tenant.ID `json:"tenant"`
		Role      auth.Role `json:"role"` // default: viewer
		Read      bool      `json:"read"`
		Write     bool      `json:"write"`
		ExpiresAt time.Time `json:"expiresAt"`
		Selector  string    `json:"selector"` // default: not narrowed
	}
	if err := httpx.ReadJSON(r, &body); err != nil {
		return 0, nil, err
	}
	if body.Role == "" {
		body.Role = auth.Viewer
	}
	t, secret, err := a.service.CreateToken(r.Context(), caller(r.Context()), auth.NewToken{
		Name: body.Name, Role: body.Role, Tenant: body.Tenant, CanRead: body.Read, CanWrite: body.Write, ExpiresAt: body.ExpiresAt, Selector: body.Selector,
	})
	return http.StatusCreated, tokenOf(t, secret), err
}

func (a *Identity) deleteToken(r *http.Request) (int, any, error) {
	return http.StatusNoContent, nil, a.service.DeleteToken(r.Context(), caller(r.Context()), r.PathValue("id"))
}
