package v1

import (
	"net/http"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/metastore"
)

// Folders serves the folders of dashboards and their permissions.
type Folders struct{ library *dashboards.Library }

// NewFolders serves l's.
func NewFolders(l *dashboards.Library) *Folders { return &Folders{library: l} }

// Routes returns the table of routes. The library decides who may change what.
func (f *Folders) Routes() []httpx.Route {
	const path = "/api/pharos/v1/folders"
	return []httpx.Route{
		{Pattern: "GET " + path, Access: httpx.Read, Handler: respond(f.list)},
		{Pattern: "POST " + path, Access: httpx.Read, Handler: respond(f.create)},
		{Pattern: "PUT " + path + "/{uid}", Access: httpx.Read, Handler: respond(f.update)},
		{Pattern: "DELETE " + path + "/{uid}", Access: httpx.Read, Handler: respond(f.delete)},
		{Pattern: "GET " + path + "/{uid}/permissions", Access: httpx.Read, Handler: respond(f.permissions)},
		{Pattern: "PUT " + path + "/{uid}/permissions", Access: httpx.Read, Handler: respond(f.setPermissions)},
	}
}

func (f *Folders) list(r *http.Request) (int, any, error) {
	t, who := asker(r)
	all, err := f.library.Folders(r.Context(), t, who)
	return http.StatusOK, map[string][]dashboards.FolderInfo{"folders": all}, err
}

type folderBody struct {
	UID       string `json:"uid"`
	Title     string `json:"title"`
	ParentUID string `json:"parent_uid"`
}

func (f *Folders) create(r *http.Request) (int, any, error) {
	var in folderBody
	if err := httpx.ReadJSON(r, &in); err != nil {
		return 0, nil, err
	}
	t, who := asker(r)
	made, err := f.library.CreateFolder(r.Context(), t, who, in.UID, in.Title, in.ParentUID)
	return http.StatusCreated, made, err
}

func (f *Folders) update(r *http.Request) (int, any, error) {
	var in folderBody
	if err := httpx.ReadJSON(r, &in); err != nil {
		return 0, nil, err
	}
	t, who := asker(r)
	changed, err := f.library.UpdateFolder(r.Context(), t, who, r.PathValue("uid"), in.Title, in.ParentUID)
	return http.StatusOK, changed, err
}

// delete takes ?force=true to delete what is in the folder too.
func (f *Folders) delete(r *http.Request) (int, any, error) {
	t, who := asker(r)
	return http.StatusNoContent, nil, f.library.DeleteFolder(r.Context(), t, who, r.PathValue("uid"), r.URL.Query().Get("force") == "true")
}

func (f *Folders) permissions(r *http.Request) (int, any, error) {
	t, who := asker(r)
	p, err := f.library.FolderPermissions(r.Context(), t, who, r.PathValue("uid"))
	return http.StatusOK, p, err
}

func (f *Folders) setPermissions(r *http.Request) (int, any, error) {
	var in struct {
		Entries []metastore.FolderGrant `json:"entries"`
	}
	if err := httpx.ReadJSON(r, &in); err != nil {
		return 0, nil, err
	}
	t, who := asker(r)
	return http.StatusNoContent, nil, f.library.SetFolderPermissions(r.Context(), t, who, r.PathValue("uid"), in.Entries)
}
