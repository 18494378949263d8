package v1

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

// maxDashboardBody holds the largest dashboard that Parse reads, in its envelope.
const maxDashboardBody = 9 << 20

// Dashboards serves the library of dashboards.
type Dashboards struct{ library *dashboards.Library }

// NewDashboards serves l.
func NewDashboards(l *dashboards.Library) *Dashboards { return &Dashboards{library: l} }

// Routes returns the table of routes.
func (d *Dashboards) Routes() []httpx.Route {
	const path = "/api/pharos/v1/dashboards"
	return []httpx.Route{
		{Pattern: "GET " + path, Access: httpx.Read, Handler: http.HandlerFunc(d.list)},
		{Pattern: "POST " + path, Access: httpx.Edit, MaxBody: maxDashboardBody, Handler: http.HandlerFunc(d.post)},
		{Pattern: "GET " + path + "/{uid}", Access: httpx.Read, Handler: http.HandlerFunc(d.get)},
		{Pattern: "GET " + path + "/{uid}/source", Access: httpx.Read, Handler: http.HandlerFunc(d.source)},
		{Pattern: "DELETE " + path + "/{uid}", Access: httpx.Edit, Handler: http.HandlerFunc(d.delete)},
		{Pattern: "GET /api/pharos/v1/datasources", Access: httpx.Read, Handler: http.HandlerFunc(d.datasources)},
	}
}

// folderCount and tagCount count what the whole library holds, whatever was
// searched for, so that a page can offer them.
type folderCount struct {
	dashboards.Folder
	Count int `json:"count"`
}

type tagCount struct {
	Tag   string `json:"tag"`
	Count int    `json:"count"`
}

type dashboardList struct {
	Dashboards []dashboards.Summary `json:"dashboards"`
	Folders    []folderCount        `json:"folders"`
	Tags       []tagCount           `json:"tags"`
	Problems   []dashboards.Problem `json:"problems"`
}

// list answers GET /dashboards?query=&tag=&folder=: dashboards whose title, folder
// or tags contain query (ignoring case), that have every tag and are in the folder
// with that uid.
func (d *Dashboards) list(w http.ResponseWriter, r *http.Request) {
	all, err := d.library.List(r.Context(), tenant.FromContext(r.Context()))
	if err != nil {
		httpx.WriteError(w, err)
		return
	}
	q := r.URL.Query()
	out := dashboardList{Dashboards: []dashboards.Summary{}, Folders: countFolders(all), Tags: countTags(all), Problems: d.library.Problems()}
	for _, s := range all {
		if matchesText(s, q.Get("query")) && hasTags(s, q["tag"]) && (!q.Has("folder") || s.Folder.UID == q.Get("folder")) {
			out.Dashboards = append(out.Dashboards, s)
		}
	}
	if out.Problems == nil {
		out.Problems = []dashboards.Problem{}
	}
	httpx.WriteJSON(w, http.StatusOK, out)
}

func matchesText(s dashboards.Summary, query string) bool {
	text := strings.ToLower(s.Title + "\n" + s.Folder.Title + "\n" + strings.Join(s.Tags, "\n"))
	for _, word := range strings.Fields(strings.ToLower(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

func hasTags(s dashboards.Summary, tags []string) bool {
	return !slices.ContainsFunc(tags, func(tag string) bool { return !slices.Contains(s.Tags, tag) })
}

func countFolders(all []dashboards.Summary) []folderCount {
	out := []folderCount{}
	for _, s := range all {
		i := slices.IndexFunc(out, func(f folderCount) bool { return f.UID == s.Folder.UID })
		if i < 0 {
			i = len(out)
			out = append(out, folderCount{Folder: s.Folder})
		}
		out[i].Count++
	}
	return out
}

func countTags(all []dashboards.Summary) []tagCount {
	counts := map[string]int{}
	for _, s := range all {
		for _, t := range s.Tags {
			counts[t]++
		}
	}
	out := []tagCount{}
	for t, n := range counts {
		out = append(out, tagCount{t, n})
	}
	slices.SortFunc(out, func(a, b tagCount) int { return strings.Compare(a.Tag, b.Tag) })
	return out
}

// dashboardMeta is what Pharos knows about a dashboard beside its JSON.
type dashboardMeta struct {
	UID         string            `json:"uid"`
	Folder      dashboards.Folder `json:"folder"`
	Provisioned bool              `json:"provisioned"`
	// Source names the provider and file of a provisioned dashboard.
	Source string `json:"source,omitempty"`
	// SchemaVersion is the document's; dashboard in the answer is already migrated.
	SchemaVersion int    `json:"schema_version"`
	Updated       string `json:"updated"`
	// Notes say what of an old dashboard could not be carried over.
	Notes []string `json:"notes"`
}

// get answers the dashboard in the shape of today's Grafana model, for rendering.
func (d *Dashboards) get(w http.ResponseWriter, r *http.Request) {
	found, ok := d.find(w, r)
	if !ok {
		return
	}
	rendered, notes := found.Document.Render()
	meta := dashboardMeta{
		UID: r.PathValue("uid"), Folder: found.Folder, Provisioned: found.Provisioned(),
		SchemaVersion: found.Document.SchemaVersion(), Updated: found.Updated.UTC().Format("2006-01-02T15:04:05Z"), Notes: notes,
	}
	if meta.Notes == nil {
		meta.Notes = []string{}
	}
	if found.Provisioned() {
		meta.Source = found.Provider + ": " + found.Path
	}
	httpx.WriteJSON(w, http.StatusOK, struct {
		Dashboard json.RawMessage `json:"dashboard"`
		Meta      dashboardMeta   `json:"meta"`
	}{rendered, meta})
}

// source answers the dashboard as it was written, for Grafana.
func (d *Dashboards) source(w http.ResponseWriter, r *http.Request) {
	if found, ok := d.find(w, r); ok {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(found.Document.Source())
	}
}

func (d *Dashboards) find(w http.ResponseWriter, r *http.Request) (*dashboards.Dashboard, bool) {
	found, err := d.library.Get(r.Context(), tenant.FromContext(r.Context()), r.PathValue("uid"))
	if err != nil {
		httpx.WriteError(w, dashboardError(err))
		return nil, false
	}
	return found, true
}

// post imports {"dashboard": {...}, "folder": "title", "overwrite": false}.
func (d *Dashboards) post(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Dashboard json.RawMessage `json:"dashboard"`
		Folder    string          `json:"folder"`
		Overwrite bool            `json:"overwrite"`
	}
	if err := httpx.ReadJSON(r, &in); err != nil {
		httpx.WriteError(w, err)
		return
	}
	if len(in.Dashboard) == 0 {
		httpx.WriteError(w, &httpx.Error{Status: http.StatusBadRequest, Code: "dashboard_missing", Message: `the body has no "dashboard"`,
			Hint: `send {"dashboard": {...}, "folder": "title", "overwrite": false}`})
		return
	}
	made, err := d.library.Import(r.Context(), tenant.FromContext(r.Context()), in.Dashboard, in.Folder, in.Overwrite)
	if err != nil {
		httpx.WriteError(w, dashboardError(err))
		return
	}
	httpx.WriteJSON(w, http.StatusCreated, made)
}

func (d *Dashboards) delete(w http.ResponseWriter, r *http.Request) {
	if err := d.library.Delete(r.Context(), tenant.FromContext(r.Context()), r.PathValue("uid")); err != nil {
		httpx.WriteError(w, dashboardError(err))
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (d *Dashboards) datasources(w http.ResponseWriter, _ *http.Request) {
	httpx.WriteJSON(w, http.StatusOK, map[string][]dashboards.Datasource{"datasources": d.library.Datasources()})
}

// dashboardError gives the package's errors their status and code.
func dashboardError(err error) error {
	switch {
	case errors.Is(err, dashboards.ErrNotFound):
		return &httpx.Error{Status: http.StatusNotFound, Code: "dashboard_not_found", Message: err.Error()}
	case errors.Is(err, dashboards.ErrInvalid):
		return &httpx.Error{Status: http.StatusBadRequest, Code: "dashboard_invalid", Message: err.Error(), Hint: "export it from Grafana as JSON"}
	case errors.Is(err, dashboards.ErrExists):
		return &httpx.Error{Status: http.StatusConflict, Code: "dashboard_exists", Message: err.Error(), Hint: `send "overwrite": true to replace it`}
	case errors.Is(err, dashboards.ErrProvisioned):
		return &httpx.Error{Status: http.StatusConflict, Code: "dashboard_provisioned", Message: err.Error(), Hint: "change the file, or import it under another uid"}
	}
	return err
}
