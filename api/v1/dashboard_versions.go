package v1

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/httpx"
)

func (d *Dashboards) versions(r *http.Request) (int, any, error) {
	t, who := asker(r)
	all, err := d.library.Versions(r.Context(), t, who, r.PathValue("uid"))
	return http.StatusOK, map[string][]dashboards.Version{"versions": all}, err
}

// version answers one save in the shape of today's Grafana model, as get does.
func (d *Dashboards) version(r *http.Request) (int, any, error) {
	n, err := versionNumber(r)
	if err != nil {
		return 0, nil, err
	}
	t, who := asker(r)
	v, doc, err := d.library.Version(r.Context(), t, who, r.PathValue("uid"), n)
	if err != nil {
		return 0, nil, err
	}
	rendered, _ := doc.Render()
	return http.StatusOK, struct {
		Dashboard json.RawMessage `json:"dashboard"`
		dashboards.Version
	}{rendered, v}, nil
}

func (d *Dashboards) restore(r *http.Request) (int, any, error) {
	n, err := versionNumber(r)
	if err != nil {
		return 0, nil, err
	}
	t, who := asker(r)
	saved, err := d.library.Restore(r.Context(), t, who, r.PathValue("uid"), n)
	return http.StatusOK, saved, err
}

func versionNumber(r *http.Request) (int64, error) {
	n, err := strconv.ParseInt(r.PathValue("version"), 10, 64)
	if err != nil || n < 0 {
		return 0, badParameter("version", r.PathValue("version"), "a number from 0 on")
	}
	return n, nil
}

// badParameter says which parameter is wrong and what it may be.
func badParameter(name, value, want string) error {
	return &httpx.Error{Status: http.StatusBadRequest, Code: "bad_parameter", Message: fmt.Sprintf("%s %.60q is not %s", name, value, want)}
}

// star serves PUT and DELETE.
func (d *Dashboards) star(r *http.Request) (int, any, error) {
	t, who := asker(r)
	return http.StatusNoContent, nil, d.library.Star(r.Context(), t, who, r.PathValue("uid"), r.Method == http.MethodPut)
}

// move takes {"folder_uid": "uid"}, "" for General.
func (d *Dashboards) move(r *http.Request) (int, any, error) {
	var in struct {
		FolderUID string `json:"folder_uid"`
	}
	if err := httpx.ReadJSON(r, &in); err != nil {
		return 0, nil, err
	}
	t, who := asker(r)
	return http.StatusNoContent, nil, d.library.Move(r.Context(), t, who, r.PathValue("uid"), in.FolderUID)
}
