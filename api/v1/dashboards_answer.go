package v1

import (
	"errors"
	"net/http"

	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// respond sends what h returns; a nil value sends the status alone.
func respond(h func(*http.Request) (int, any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, v, err := h(r)
		switch {
		case err != nil:
			httpx.WriteError(w, dashboardError(err))
		case v == nil:
			w.WriteHeader(status)
		default:
			w.Header().Set("Cache-Control", "no-store")
			httpx.WriteJSON(w, status, v)
		}
	})
}

// asker is the tenant and the person of a request, as the library wants them.
func asker(r *http.Request) (tenant.ID, dashboards.Actor) {
	return tenant.FromContext(r.Context()), actorOf(caller(r.Context()))
}

func actorOf(i auth.Identity) dashboards.Actor {
	a := dashboards.Actor{Owner: i.Name, Role: string(i.Role), Writes: i.CanWrite}
	switch i.Kind {
	case auth.KindUser:
		a.User = i.Name
	case auth.KindToken:
		a.Owner = "token:" + i.Name
	}
	return a
}

// dashboardError gives the package's errors their status and code.
func dashboardError(err error) error {
	for _, known := range []struct {
		err    error
		status int
		code   string
		hint   string
	}{
		{dashboards.ErrNotFound, http.StatusNotFound, "dashboard_not_found", ""},
		{dashboards.ErrInvalid, http.StatusBadRequest, "dashboard_invalid", "export it from Grafana as JSON"},
		{dashboards.ErrExists, http.StatusConflict, "dashboard_exists", `send "overwrite": true to replace it`},
		{dashboards.ErrProvisioned, http.StatusConflict, "dashboard_provisioned", "change the file, or save it under another uid"},
		{metastore.ErrConflict, http.StatusConflict, "version_conflict", `load the newest version and apply the change to it, or send "overwrite": true`},
		{dashboards.ErrForbidden, http.StatusForbidden, "forbidden", "ask an administrator for a role or for the folder's permission"},
		{dashboards.ErrNotWritable, http.StatusConflict, "file_not_writable", "download the patch and apply it where the file is kept"},
		{dashboards.ErrBadInput, http.StatusBadRequest, "bad_input", ""},
		{dashboards.ErrMissing, http.StatusNotFound, "not_found", ""},
		{dashboards.ErrTaken, http.StatusConflict, "exists", "choose another name"},
		{dashboards.ErrInUse, http.StatusConflict, "in_use", "remove what uses it first; for a folder, force=true deletes what is in it"},
		{metastore.ErrFull, http.StatusConflict, "limit_reached", "delete what is not needed any more"},
	} {
		if errors.Is(err, known.err) {
			return &httpx.Error{Status: known.status, Code: known.code, Message: err.Error(), Hint: known.hint}
		}
	}
	return err
}
