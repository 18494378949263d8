package v1

import (
	"net/http"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/httpx"
)

// Collections serves what people keep beside dashboards: playlists, saved searches,
// library panels.
type Collections struct{ library *dashboards.Library }

// NewCollections serves l's.
func NewCollections(l *dashboards.Library) *Collections { return &Collections{library: l} }

// Routes returns the table of routes.
func (c *Collections) Routes() []httpx.Route {
	const playlists, saved, panels = "/api/pharos/v1/playlists", "/api/pharos/v1/saved", "/api/pharos/v1/library-panels"
	return []httpx.Route{
		{Pattern: "GET " + playlists, Access: httpx.Read, Handler: respond(c.playlists)},
		{Pattern: "POST " + playlists, Access: httpx.Edit, Handler: respond(c.putPlaylist)},
		{Pattern: "GET " + playlists + "/{id}", Access: httpx.Read, Handler: respond(c.playlist)},
		{Pattern: "PUT " + playlists + "/{id}", Access: httpx.Edit, Handler: respond(c.putPlaylist)},
		{Pattern: "DELETE " + playlists + "/{id}", Access: httpx.Edit, Handler: respond(c.deletePlaylist)},

		// Everybody may keep searches of their own.
		{Pattern: "GET " + saved, Access: httpx.Read, Handler: respond(c.saved)},
		{Pattern: "POST " + saved, Access: httpx.Read, Handler: respond(c.putSaved)},
		{Pattern: "GET " + saved + "/{id}", Access: httpx.Read, Handler: respond(c.savedByID)},
		{Pattern: "PUT " + saved + "/{id}", Access: httpx.Read, Handler: respond(c.putSaved)},
		{Pattern: "DELETE " + saved + "/{id}", Access: httpx.Read, Handler: respond(c.deleteSaved)},

		{Pattern: "GET " + panels, Access: httpx.Read, Handler: respond(c.libraryPanels)},
		{Pattern: "POST " + panels, Access: httpx.Edit, MaxBody: 2 << 20, Handler: respond(c.putLibraryPanel)},
		{Pattern: "GET " + panels + "/{uid}", Access: httpx.Read, Handler: respond(c.libraryPanel)},
		{Pattern: "PUT " + panels + "/{uid}", Access: httpx.Edit, MaxBody: 2 << 20, Handler: respond(c.putLibraryPanel)},
		{Pattern: "DELETE " + panels + "/{uid}", Access: httpx.Edit, Handler: respond(c.deleteLibraryPanel)},
	}
}

// putStatus is 201 for a POST.
func putStatus(r *http.Request) int {
	if r.Method == http.MethodPost {
		return http.StatusCreated
	}
	return http.StatusOK
}

func (c *Collections) playlists(r *http.Request) (int, any, error) {
	t, _ := asker(r)
	all, err := c.library.Playlists(r.Context(), t)
	return http.StatusOK, map[string][]dashboards.Playlist{"playlists": all}, err
}

func (c *Collections) playlist(r *http.Request) (int, any, error) {
	t, _ := asker(r)
	p, err := c.library.Playlist(r.Context(), t, r.PathValue("id"))
	return http.StatusOK, p, err
}

func (c *Collections) putPlaylist(r *http.Request) (int, any, error) {
	var in dashboards.Playlist
	if err := httpx.ReadJSON(r, &in); err != nil {
		return 0, nil, err
	}
	in.ID = r.PathValue("id")
	t, who := asker(r)
	p, err := c.library.PutPlaylist(r.Context(), t, who, in)
	return putStatus(r), p, err
}

func (c *Collections) deletePlaylist(r *http.Request) (int, any, error) {
	t, who := asker(r)
	return http.StatusNoContent, nil, c.library.DeletePlaylist(r.Context(), t, who, r.PathValue("id"))
}

// saved answers GET /saved?kind=&history=true.
func (c *Collections) saved(r *http.Request) (int, any, error) {
	t, who := asker(r)
	all, err := c.library.Saved(r.Context(), t, who, r.URL.Query().Get("kind"), r.URL.Query().Get("history") == "true")
	return http.StatusOK, map[string][]dashboards.Saved{"saved": all}, err
}

func (c *Collections) savedByID(r *http.Request) (int, any, error) {
	t, who := asker(r)
	s, err := c.library.SavedByID(r.Context(), t, who, r.PathValue("id"))
	return http.StatusOK, s, err
}

func (c *Collections) putSaved(r *http.Request) (int, any, error) {
	var in dashboards.Saved
	if err := httpx.ReadJSON(r, &in); err != nil {
		return 0, nil, err
	}
	in.ID = r.PathValue("id")
	t, who := asker(r)
	s, err := c.library.PutSaved(r.Context(), t, who, in)
	return putStatus(r), s, err
}

func (c *Collections) deleteSaved(r *http.Request) (int, any, error) {
	t, who := asker(r)
	return http.StatusNoContent, nil, c.library.DeleteSaved(r.Context(), t, who, r.PathValue("id"))
}

func (c *Collections) libraryPanels(r *http.Request) (int, any, error) {
	t, _ := asker(r)
	all, err := c.library.LibraryPanels(r.Context(), t)
	return http.StatusOK, map[string][]dashboards.LibraryPanel{"library_panels": all}, err
}

func (c *Collections) libraryPanel(r *http.Request) (int, any, error) {
	t, _ := asker(r)
	p, err := c.library.LibraryPanel(r.Context(), t, r.PathValue("uid"))
	return http.StatusOK, p, err
}

func (c *Collections) putLibraryPanel(r *http.Request) (int, any, error) {
	var in dashboards.LibraryPanel
	if err := httpx.ReadJSON(r, &in); err != nil {
		return 0, nil, err
	}
	create := r.Method == http.MethodPost
	if !create {
		in.UID = r.PathValue("uid")
	}
	t, who := asker(r)
	p, err := c.library.PutLibraryPanel(r.Context(), t, who, in, create)
	return putStatus(r), p, err
}

func (c *Collections) deleteLibraryPanel(r *http.Request) (int, any, error) {
	t, who := asker(r)
	return http.StatusNoContent, nil, c.library.DeleteLibraryPanel(r.Context(), t, who, r.PathValue("uid"))
}
