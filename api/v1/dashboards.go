package v1

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/httpx"
)

// maxDashboardBody holds the largest dashboard that Parse reads, in its envelope.
const maxDashboardBody = 9 << 20

// Dashboards serves the library of dashboards.
type Dashboards struct {
	library  *dashboards.Library
	interval func() time.Duration
}

// NewDashboards serves l. interval says how often most targets are scraped, 0 when
// nobody knows: a panel needs it before it can ask.
func NewDashboards(l *dashboards.Library, interval func() time.Duration) *Dashboards {
	return &Dashboards{library: l, interval: interval}
}

// Routes returns the table of routes.
func (d *Dashboards) Routes() []httpx.Route {
	const path = "/api/pharos/v1/dashboards"
	return []httpx.Route{
		// Folders' permissions may allow a viewer to edit: the library decides, here as below.
		{Pattern: "GET " + path, Access: httpx.Read, Handler: respond(d.list)},
		{Pattern: "POST " + path, Access: httpx.Read, MaxBody: maxDashboardBody, Handler: respond(d.post)},
		{Pattern: "GET " + path + "/{uid}", Access: httpx.Read, Handler: respond(d.get)},
		{Pattern: "PUT " + path + "/{uid}", Access: httpx.Read, MaxBody: maxDashboardBody, Handler: respond(d.put)},
		{Pattern: "GET " + path + "/{uid}/source", Access: httpx.Read, Handler: http.HandlerFunc(d.source)},
		{Pattern: "DELETE " + path + "/{uid}", Access: httpx.Read, Handler: respond(d.delete)},
		{Pattern: "PUT " + path + "/{uid}/folder", Access: httpx.Read, Handler: respond(d.move)},
		{Pattern: "GET " + path + "/{uid}/versions", Access: httpx.Read, Handler: respond(d.versions)},
		{Pattern: "GET " + path + "/{uid}/versions/{version}", Access: httpx.Read, Handler: respond(d.version)},
		{Pattern: "POST " + path + "/{uid}/versions/{version}/restore", Access: httpx.Read, Handler: respond(d.restore)},
		{Pattern: "PUT " + path + "/{uid}/star", Access: httpx.Read, Handler: respond(d.star)},
		{Pattern: "DELETE " + path + "/{uid}/star", Access: httpx.Read, Handler: respond(d.star)},
		{Pattern: "GET " + path + "/{uid}/file", Access: httpx.Read, Handler: http.HandlerFunc(d.file)},
		{Pattern: "POST " + path + "/{uid}/file", Access: httpx.Read, Handler: respond(d.writeFile)},
		{Pattern: "GET " + path + "/{uid}/patch", Access: httpx.Read, Handler: http.HandlerFunc(d.patch)},
		{Pattern: "POST " + path + "/{uid}/patch", Access: httpx.Read, MaxBody: maxDashboardBody, Handler: http.HandlerFunc(d.patch)},
		{Pattern: "POST " + path + "/export", Access: httpx.Read, MaxBody: maxDashboardBody, Handler: http.HandlerFunc(d.export)},
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

// list answers GET /dashboards?query=&tag=&folder=&starred=: dashboards whose title, folder
// or tags contain query (ignoring case), that have every tag, are in the folder
// with that uid and, if starred is true, have the caller's star.
func (d *Dashboards) list(r *http.Request) (int, any, error) {
	t, who := asker(r)
	all, err := d.library.List(r.Context(), t, who)
	if err != nil {
		return 0, nil, err
	}
	q := r.URL.Query()
	out := dashboardList{Dashboards: []dashboards.Summary{}, Folders: countFolders(all), Tags: countTags(all), Problems: d.library.Problems()}
	for _, s := range all {
		if matchesText(s, q.Get("query")) && hasTags(s, q["tag"]) && (!q.Has("folder") || s.Folder.UID == q.Get("folder")) &&
			(q.Get("starred") != "true" || s.Starred) {
			out.Dashboards = append(out.Dashboards, s)
		}
	}
	if out.Problems == nil {
		out.Problems = []dashboards.Problem{}
	}
	return http.StatusOK, out, nil
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
	UpdatedBy     string `json:"updated_by,omitempty"`
	// Version counts saves, 0 for a file that was never saved here.
	Version int64             `json:"version"`
	Origin  dashboards.Origin `json:"origin"`
	CanEdit bool              `json:"can_edit"`
	Starred bool              `json:"starred"`
	// WritableFile says that saved changes can be written back to the file; FileChanged
	// that the file is not what they were made on.
	WritableFile bool `json:"writable_file"`
	FileChanged  bool `json:"file_changed"`
	// Shape is the form in which it is kept: classic, resource or v2. A save writes the
	// classic model.
	Shape string `json:"shape"`
	// Notes say what of an old dashboard could not be carried over.
	Notes []string `json:"notes"`
}

// get answers the dashboard in the shape of today's Grafana model, for rendering.
func (d *Dashboards) get(r *http.Request) (int, any, error) {
	ctx, uid := r.Context(), r.PathValue("uid")
	t, who := asker(r)
	found, err := d.library.Get(ctx, t, who, uid)
	if err != nil {
		return 0, nil, err
	}
	starred, err := d.library.Starred(ctx, t, who, uid)
	if err != nil {
		return 0, nil, err
	}
	whole, err := d.library.Inline(ctx, t, found.Document)
	if err != nil {
		return 0, nil, err
	}
	rendered, notes := whole.Render()
	meta := dashboardMeta{
		UID: uid, Folder: found.Folder, Provisioned: found.Provisioned(),
		SchemaVersion: found.Document.SchemaVersion(), Updated: found.Updated.UTC().Format("2006-01-02T15:04:05Z"), Notes: notes,
		UpdatedBy: found.UpdatedBy, Version: found.Version, Origin: found.Origin, CanEdit: found.CanEdit, Starred: starred,
		WritableFile: found.WritableFile(), FileChanged: found.FileChanged, Shape: found.Document.Shape(),
	}
	if meta.Notes == nil {
		meta.Notes = []string{}
	}
	if found.Provisioned() {
		meta.Source = found.Provider + ": " + found.Path
	}
	return http.StatusOK, struct {
		Dashboard json.RawMessage `json:"dashboard"`
		Meta      dashboardMeta   `json:"meta"`
	}{rendered, meta}, nil
}

// source answers the dashboard as it was written, for Grafana.
func (d *Dashboards) source(w http.ResponseWriter, r *http.Request) {
	t, who := asker(r)
	found, err := d.library.Get(r.Context(), t, who, r.PathValue("uid"))
	if err != nil {
		httpx.WriteError(w, dashboardError(err))
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(found.Document.Source())
}

// export answers POST {"dashboard": {...}, "form": "v2"} with the dashboard in another of
// Grafana's forms: classic, resource or v2. It keeps nothing.
func (d *Dashboards) export(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Dashboard json.RawMessage `json:"dashboard"`
		Form      string          `json:"form"`
		Name      string          `json:"name"`
	}
	err := httpx.ReadJSON(r, &in)
	if err == nil && len(in.Dashboard) == 0 {
		err = missingDashboard(`{"dashboard": {...}, "form": "v2"}`)
	}
	var out []byte
	if err == nil {
		var doc *dashboards.Document
		if doc, err = dashboards.Parse(in.Dashboard); err == nil {
			out, err = doc.Export(in.Form, in.Name)
		}
	}
	if err != nil {
		httpx.WriteError(w, dashboardError(err))
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(out)
}

func missingDashboard(hint string) error {
	return &httpx.Error{Status: http.StatusBadRequest, Code: "dashboard_missing", Message: `the body has no "dashboard"`, Hint: "send " + hint}
}

// post imports {"dashboard": {...}, "folder": "title" or "folder_uid": "uid", "overwrite": false}.
func (d *Dashboards) post(r *http.Request) (int, any, error) {
	var in struct {
		Dashboard json.RawMessage `json:"dashboard"`
		Folder    string          `json:"folder"`
		FolderUID *string         `json:"folder_uid"`
		Message   string          `json:"message"`
		Overwrite bool            `json:"overwrite"`
	}
	if err := httpx.ReadJSON(r, &in); err != nil {
		return 0, nil, err
	}
	if len(in.Dashboard) == 0 {
		return 0, nil, missingDashboard(`{"dashboard": {...}, "folder_uid": "uid", "overwrite": false}`)
	}
	t, who := asker(r)
	made, err := d.library.Import(r.Context(), t, who, dashboards.Change{
		Source: in.Dashboard, FolderTitle: in.Folder, FolderUID: in.FolderUID, Message: in.Message, Overwrite: in.Overwrite,
	})
	return http.StatusCreated, made, err
}

// put saves {"dashboard": {...}, "message": "why", "base_version": 3} as a new version.
func (d *Dashboards) put(r *http.Request) (int, any, error) {
	var in struct {
		Dashboard   json.RawMessage `json:"dashboard"`
		FolderUID   *string         `json:"folder_uid"`
		Message     string          `json:"message"`
		BaseVersion int64           `json:"base_version"`
		Overwrite   bool            `json:"overwrite"`
	}
	if err := httpx.ReadJSON(r, &in); err != nil {
		return 0, nil, err
	}
	if len(in.Dashboard) == 0 {
		return 0, nil, missingDashboard(`{"dashboard": {...}, "message": "why", "base_version": 3}`)
	}
	t, who := asker(r)
	saved, err := d.library.Save(r.Context(), t, who, r.PathValue("uid"), dashboards.Change{
		Source: in.Dashboard, FolderUID: in.FolderUID, Message: in.Message, Base: in.BaseVersion, Overwrite: in.Overwrite,
	})
	return http.StatusOK, saved, err
}

func (d *Dashboards) delete(r *http.Request) (int, any, error) {
	t, who := asker(r)
	return http.StatusNoContent, nil, d.library.Delete(r.Context(), t, who, r.PathValue("uid"))
}

func (d *Dashboards) datasources(w http.ResponseWriter, _ *http.Request) {
	httpx.WriteJSON(w, http.StatusOK, struct {
		Datasources []dashboards.Datasource `json:"datasources"`
		// ScrapeIntervalMS is Grafana's "scrape interval" of a Prometheus data source: the
		// least step of a query. Left out when nothing is scraped.
		ScrapeIntervalMS int64 `json:"scrape_interval_ms,omitempty"`
	}{d.library.Datasources(), d.interval().Milliseconds()})
}
