package v1

import (
	"encoding/json"
	"net/http"

	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/httpx"
)

// Sharing serves what is made to be shown to others: public links, see Public for what
// they lead to, and snapshots.
type Sharing struct {
	library *dashboards.Library
	auth    *auth.Service
}

// NewSharing serves l's.
func NewSharing(l *dashboards.Library, service *auth.Service) *Sharing {
	return &Sharing{library: l, auth: service}
}

// Routes returns the table of routes. The library decides who may do what.
func (s *Sharing) Routes() []httpx.Route {
	const path = "/api/pharos/v1"
	return []httpx.Route{
		{Pattern: "GET " + path + "/dashboards/{uid}/shares", Access: httpx.Read, Handler: respond(s.shares)},
		{Pattern: "POST " + path + "/dashboards/{uid}/shares", Access: httpx.Read, MaxBody: maxDashboardBody, Handler: respond(s.share)},
		{Pattern: "DELETE " + path + "/shares/{key}", Access: httpx.Read, Handler: respond(s.unshare)},
		{Pattern: "GET " + path + "/snapshots", Access: httpx.Read, Handler: respond(s.snapshots)},
		{Pattern: "POST " + path + "/snapshots", Access: httpx.Read, MaxBody: dashboards.MaxSnapshotBytes + 1<<20, Handler: respond(s.takeSnapshot)},
		// A snapshot may be public: then its key is enough.
		{Pattern: "GET " + path + "/snapshots/{key}", Access: httpx.Public, Handler: respond(s.snapshot)},
		{Pattern: "DELETE " + path + "/snapshots/{key}", Access: httpx.Read, Handler: respond(s.deleteSnapshot)},
	}
}

func (s *Sharing) shares(r *http.Request) (int, any, error) {
	t, who := asker(r)
	all, err := s.library.Shares(r.Context(), t, who, r.PathValue("uid"))
	return http.StatusOK, map[string][]dashboards.Share{"shares": all}, err
}

func (s *Sharing) share(r *http.Request) (int, any, error) {
	var in dashboards.Share
	if err := httpx.ReadJSON(r, &in); err != nil {
		return 0, nil, err
	}
	if len(in.Dashboard) == 0 {
		return 0, nil, missingDashboard(`{"dashboard": {...}, "time": {"from": "now-6h", "to": "now"}, "fixed_time": false, "expires": "2026-12-01T00:00:00Z"}`)
	}
	t, who := asker(r)
	made, err := s.library.Share(r.Context(), t, who, r.PathValue("uid"), in)
	return http.StatusCreated, made, err
}

func (s *Sharing) unshare(r *http.Request) (int, any, error) {
	t, who := asker(r)
	return http.StatusNoContent, nil, s.library.Unshare(r.Context(), t, who, r.PathValue("key"))
}

func (s *Sharing) snapshots(r *http.Request) (int, any, error) {
	t, who := asker(r)
	all, err := s.library.Snapshots(r.Context(), t, who)
	return http.StatusOK, map[string][]dashboards.DataSnapshot{"snapshots": all}, err
}

func (s *Sharing) takeSnapshot(r *http.Request) (int, any, error) {
	var in dashboards.DataSnapshot
	if err := httpx.ReadJSON(r, &in); err != nil {
		return 0, nil, err
	}
	t, who := asker(r)
	taken, err := s.library.TakeSnapshot(r.Context(), t, who, in)
	return http.StatusCreated, taken, err
}

// snapshot answers who may see it: everybody if it is public, else people of the tenant
// whose it is. To others it is not there.
func (s *Sharing) snapshot(r *http.Request) (int, any, error) {
	t, found, err := s.library.Snapshot(r.Context(), r.PathValue("key"))
	if err != nil {
		return 0, nil, err
	}
	if !found.Public {
		i, err := s.auth.Identify(r)
		if err != nil || i.Tenant != t || !i.May(httpx.Read) || !i.Scope.IsZero() {
			return 0, nil, &httpx.Error{Status: http.StatusNotFound, Code: "not_found", Message: "this snapshot is not there: not found", Hint: "sign in, if it is not a public one"}
		}
	}
	return http.StatusOK, found, nil
}

func (s *Sharing) deleteSnapshot(r *http.Request) (int, any, error) {
	t, who := asker(r)
	return http.StatusNoContent, nil, s.library.DeleteSnapshot(r.Context(), t, who, r.PathValue("key"))
}

// sharedDashboard is what a public link shows.
type sharedDashboard struct {
	Dashboard   json.RawMessage         `json:"dashboard"`
	Time        dashboards.TimeSpan     `json:"time"`
	FixedTime   bool                    `json:"fixed_time"`
	Expires     string                  `json:"expires"`
	Datasources []dashboards.Datasource `json:"datasources"`
}
