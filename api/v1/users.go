package v1

import (
	"net/http"
	"time"

	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

type userAnswer struct {
	Name      string    `json:"name"`
	Role      string    `json:"role"`
	Tenant    tenant.ID `json:"tenant"`
	CreatedAt time.Time `json:"createdAt"`
}

func userOf(u metastore.User) userAnswer { return userAnswer{u.Name, u.Role, u.Tenant, u.CreatedAt} }

func (a *Identity) users(r *http.Request) (int, any, error) {
	users, err := a.service.Users(r.Context(), caller(r.Context()))
	out := make([]userAnswer, len(users))
	for i, u := range users {
		out[i] = userOf(u)
	}
	return http.StatusOK, map[string]any{"users": out}, err
}

func (a *Identity) createUser(r *http.Request) (int, any, error) {
	var body struct {
		Name     string    `json:"name"`
		Password string    `json:"password"`
		Role     auth.Role `json:"role"`
		Tenant   tenant.ID `json:"tenant"`
	}
	if err := httpx.ReadJSON(r, &body); err != nil {
		return 0, nil, err
	}
	u, err := a.service.CreateUser(r.Context(), caller(r.Context()), auth.NewUser{
		Name: body.Name, Password: body.Password, Role: body.Role, Tenant: body.Tenant,
	})
	return http.StatusCreated, userOf(u), err
}

// updateUser changes what the body names: the role, the password.
func (a *Identity) updateUser(r *http.Request) (int, any, error) {
	var body struct {
		Role     *auth.Role `json:"role"`
		Password *string    `json:"password"`
	}
	if err := httpx.ReadJSON(r, &body); err != nil {
		return 0, nil, err
	}
	ctx, name := r.Context(), r.PathValue("name")
	if body.Role == nil && body.Password == nil {
		return 0, nil, &httpx.Error{Status: http.StatusBadRequest, Code: "nothing_to_do", Message: "name a role or a password"}
	}
	return http.StatusNoContent, nil, a.service.UpdateUser(ctx, caller(ctx), name, auth.UserChange{Role: body.Role, Password: body.Password})
}

func (a *Identity) deleteUser(r *http.Request) (int, any, error) {
	return http.StatusNoContent, nil, a.service.DeleteUser(r.Context(), caller(r.Context()), r.PathValue("name"))
}
