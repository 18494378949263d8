package v1

import (
	"net/http"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/httpx"
)

// QueryHistory serves what each person ran in Explore, to that person.
type QueryHistory struct{ library *dashboards.Library }

// NewQueryHistory serves l's.
func NewQueryHistory(l *dashboards.Library) *QueryHistory { return &QueryHistory{library: l} }

// Routes returns the table of routes. Everybody who reads has a history.
func (h *QueryHistory) Routes() []httpx.Route {
	const path = "/api/pharos/v1/query-history"
	return []httpx.Route{
		{Pattern: "GET " + path, Access: httpx.Read, Handler: respond(h.list)},
		{Pattern: "POST " + path, Access: httpx.Read, MaxBody: 4 << 20, Handler: respond(h.add)},
		{Pattern: "PUT " + path + "/star", Access: httpx.Read, Handler: respond(h.star)},
		{Pattern: "DELETE " + path, Access: httpx.Read, Handler: respond(h.forget)},
	}
}

type queryList struct {
	Queries []dashboards.RanQuery `json:"queries"`
}

func (h *QueryHistory) list(r *http.Request) (int, any, error) {
	t, who := asker(r)
	found, err := h.library.QueryHistory(r.Context(), t, who)
	return http.StatusOK, queryList{found}, err
}

// add answers POST with {"queries": [...]}: runs, or what a browser kept before.
func (h *QueryHistory) add(r *http.Request) (int, any, error) {
	var in queryList
	if err := httpx.ReadJSON(r, &in); err != nil {
		return 0, nil, err
	}
	t, who := asker(r)
	return http.StatusNoContent, nil, h.library.AddQueries(r.Context(), t, who, in.Queries)
}

func (h *QueryHistory) star(r *http.Request) (int, any, error) {
	var in struct {
		Kind    string `json:"kind"`
		Text    string `json:"text"`
		Starred bool   `json:"starred"`
	}
	if err := httpx.ReadJSON(r, &in); err != nil {
		return 0, nil, err
	}
	t, who := asker(r)
	return http.StatusNoContent, nil, h.library.StarQuery(r.Context(), t, who, in.Kind, in.Text, in.Starred)
}

// forget answers DELETE ?kind=&text= (one query), ?starred=keep (all without a star), or
// without parameters (all).
func (h *QueryHistory) forget(r *http.Request) (int, any, error) {
	t, who := asker(r)
	q := r.URL.Query()
	if q.Has("text") {
		return http.StatusNoContent, nil, h.library.ForgetQuery(r.Context(), t, who, q.Get("kind"), q.Get("text"))
	}
	return http.StatusNoContent, nil, h.library.ForgetQueries(r.Context(), t, who, q.Get("starred") == "keep")
}
