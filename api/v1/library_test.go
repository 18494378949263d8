package v1

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/auth"
	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/metastore"
)

// desk is the real library behind the real gate, and who may ask it.
type desk struct {
	t       *testing.T
	dir     string // of provisioned files: d is read only, e allows changes
	db      *metastore.DB
	auth    *auth.Service
	library *dashboards.Library
	handler http.Handler
	secrets map[string]string
	routes  []httpx.Route
}

const root = "/api/pharos/v1"

// newDesk has people of tenant a (ann, an administrator; ed and eve, editors; vic, a
// viewer), a token that only reads, one that only writes, and bob, another tenant's
// administrator.
func newDesk(t *testing.T, files map[string]string) *desk {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	d := &desk{t: t, dir: t.TempDir(), secrets: map[string]string{}}
	d.write("p/dashboards/a.yaml", "apiVersion: 1\nproviders:\n- {name: fixed, folder: Fixed, options: {path: ../../d}}\n- {name: open, folder: Open, allowUiUpdates: true, options: {path: ../../e}}\n")
	d.write("d/keep", "")
	d.write("e/keep", "")
	for name, text := range files {
		d.write(name, text)
	}
	var err error
	d.db, err = metastore.Open(t.Context(), t.TempDir(), log)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.db.Close()) })
	p, err := dashboards.NewProvisioner(dashboards.Config{Provisioning: filepath.Join(d.dir, "p")}, log, os.LookupEnv)
	require.NoError(t, err)
	d.library = dashboards.NewLibrary(p, d.db)
	d.auth = auth.NewService(auth.DefaultConfig(), d.db, log)
	for _, i := range []auth.Identity{
		{Kind: auth.KindUser, Name: "ann", Tenant: "a", Role: auth.Admin, CanRead: true, CanWrite: true},
		{Kind: auth.KindUser, Name: "ed", Tenant: "a", Role: auth.Editor, CanRead: true, CanWrite: true},
		{Kind: auth.KindUser, Name: "eve", Tenant: "a", Role: auth.Editor, CanRead: true, CanWrite: true},
		{Kind: auth.KindUser, Name: "vic", Tenant: "a", Role: auth.Viewer, CanRead: true, CanWrite: true},
		{Kind: auth.KindToken, Name: "reader", Tenant: "a", Role: auth.Editor, CanRead: true},
		{Kind: auth.KindToken, Name: "shipper", Tenant: "a", Role: auth.Viewer, CanWrite: true},
		{Kind: auth.KindUser, Name: "bob", Tenant: "b", Role: auth.Admin, CanRead: true, CanWrite: true},
	} {
		d.secrets[i.Name] = auth.NewTokenSecret()
		d.auth.AddProcessToken(d.secrets[i.Name], i)
		if i.Kind == auth.KindUser {
			require.NoError(t, d.db.CreateUser(t.Context(), metastore.User{Name: i.Name, Tenant: i.Tenant, Role: string(i.Role)}))
		}
	}
	d.routes = slices.Concat(NewDashboards(d.library, func() time.Duration { return 10 * time.Second }).Routes(), NewFolders(d.library).Routes(), NewAnnotations(d.library).Routes(), NewCollections(d.library).Routes())
	d.serve()
	return d
}

// serve puts the routes behind the gate.
func (d *desk) serve() {
	d.handler = auth.NewGate(d.auth, slog.New(slog.DiscardHandler), prometheus.NewRegistry()).Handler(d.routes)
}

func (d *desk) write(name, text string) {
	d.t.Helper()
	file := filepath.Join(d.dir, name)
	require.NoError(d.t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(d.t, os.WriteFile(file, []byte(text), 0o644))
}

func (d *desk) read(name string) string {
	d.t.Helper()
	text, err := os.ReadFile(filepath.Join(d.dir, name))
	require.NoError(d.t, err)
	return string(text)
}

// ask sends one request as somebody, "" for nobody. A target without a slash at its
// beginning is below our own API.
func (d *desk) ask(who, method, target, body string) (int, string) {
	d.t.Helper()
	if !strings.HasPrefix(target, "/") {
		target = root + "/" + target
	}
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	w, r := httptest.NewRecorder(), httptest.NewRequestWithContext(d.t.Context(), method, target, in)
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+d.secrets[who])
	}
	d.handler.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// want asks and checks the status and a text of the answer, which it returns.
func (d *desk) want(who, method, target, body string, status int, text string) string {
	d.t.Helper()
	code, answer := d.ask(who, method, target, body)
	require.Equal(d.t, status, code, "%s: %s %s: %s", who, method, target, answer)
	require.Contains(d.t, answer, text, "%s: %s %s", who, method, target)
	return answer
}

// into asks, wants success and decodes the answer.
func (d *desk) into(v any, who, method, target, body string) {
	d.t.Helper()
	code, answer := d.ask(who, method, target, body)
	require.Less(d.t, code, 300, "%s: %s %s: %s", who, method, target, answer)
	require.NoError(d.t, json.Unmarshal([]byte(answer), v), answer)
}

// titles are the dashboards that somebody sees in a list.
func (d *desk) titles(who, query string) []string {
	d.t.Helper()
	var list dashboardList
	d.into(&list, who, "GET", "dashboards?"+query, "")
	out := []string{}
	for _, s := range list.Dashboards {
		out = append(out, s.Folder.Title+"/"+s.Title)
	}
	return out
}

func TestDashboardsAreListedImportedAndDeleted(t *testing.T) {
	d := newDesk(t, map[string]string{"d/file.json": `{"uid":"file","title":"File","tags":["x"]}`, "e/open.json": `{"uid":"open","title":"Open one","tags":["x","y"]}`})
	require.Equal(t, []string{"Fixed/File", "Open/Open one"}, d.titles("vic", ""))
	require.Equal(t, []string{"Open/Open one"}, d.titles("vic", "query=open&tag=y"))
	require.Equal(t, []string{"Fixed/File"}, d.titles("vic", "folder=fixed"))
	d.want("vic", "GET", "datasources", "", 200, `"scrape_interval_ms":10000`)

	d.want("ed", "POST", "dashboards", `{"dashboard":{"uid":"mine","title":"Mine","rows":[{"panels":[{"type":"graph"}]}]},"folder":"Team"}`, 201, `"version":1`)
	answer := d.want("vic", "GET", "dashboards/mine", "", 200, `"type":"timeseries"`)
	require.Contains(t, answer, `"folder":{"uid":"team","title":"Team"}`)
	require.Contains(t, answer, `"can_edit":false`)
	require.Equal(t, `{"uid":"mine","title":"Mine","rows":[{"panels":[{"type":"graph"}]}]}`, d.want("vic", "GET", "dashboards/mine/source", "", 200, ""))
	d.want("ed", "POST", "dashboards", `{"dashboard":{"title":"No uid"}}`, 201, `"uid":"0`)
	d.want("ed", "POST", "dashboards", `{"dashboard":{"uid":"open","title":"Mine now"},"overwrite":true,"folder_uid":"team"}`, 201, "")
	require.Equal(t, []string{"/No uid", "Fixed/File", "Team/Mine", "Team/Mine now"}, d.titles("vic", ""))
	d.want("ed", "DELETE", "dashboards/open", "", 204, "")
	require.Equal(t, []string{"/No uid", "Fixed/File", "Open/Open one", "Team/Mine"}, d.titles("vic", ""), "the file is back")

	for _, c := range []struct {
		who, method, target, body, want string
		status                          int
	}{
		{"bob", "GET", "dashboards/mine", "", "dashboard_not_found", 404},
		{"ed", "POST", "dashboards", `{"dashboard":{"uid":"mine","title":"x"}}`, "dashboard_exists", 409},
		{"ed", "POST", "dashboards", `{"dashboard":{"uid":"file","title":"x"},"overwrite":true}`, "dashboard_provisioned", 409},
		{"ed", "POST", "dashboards", `{"dashboard":{}}`, "dashboard_invalid", 400},
		{"ed", "POST", "dashboards", `{"dashboard":{"uid":"../x","title":"x"}}`, "dashboard_invalid", 400},
		{"ed", "POST", "dashboards", `{"dashboard":{"title":"x"},"folder_uid":"none"}`, "not_found", 404},
		{"ed", "POST", "dashboards", `{}`, "dashboard_missing", 400},
		{"ed", "POST", "dashboards", `{"dashbord":{}}`, "bad_json", 400},
		{"vic", "POST", "dashboards", `{"dashboard":{"title":"x"}}`, "forbidden", 403},
		{"reader", "POST", "dashboards", `{"dashboard":{"title":"x"}}`, "forbidden", 403},
		{"shipper", "POST", "dashboards", `{"dashboard":{"title":"x"}}`, "forbidden", 403},
		{"", "GET", "dashboards", "", "unauthenticated", 401},
		{"ed", "DELETE", "dashboards/file", "", "dashboard_provisioned", 409},
		{"vic", "DELETE", "dashboards/mine", "", "forbidden", 403},
		{"bob", "DELETE", "dashboards/mine", "", "dashboard_not_found", 404},
		{"ed", "DELETE", "dashboards/mine", "", "", 204},
		{"ed", "GET", "dashboards/mine", "", "dashboard_not_found", 404},
		{"vic", "GET", "datasources", "", `"dialect":"loki"`, 200},
	} {
		d.want(c.who, c.method, c.target, c.body, c.status, c.want)
	}
}

func TestEverySaveIsAVersion(t *testing.T) {
	d := newDesk(t, map[string]string{"e/open.json": `{"uid":"open","title":"File"}`})
	d.want("ed", "POST", "dashboards", `{"dashboard":{"uid":"x","title":"One"}}`, 201, "")
	d.want("eve", "PUT", "dashboards/x", `{"dashboard":{"uid":"x","title":"Two"},"message":"better","base_version":1}`, 200, `"version":2`)
	d.want("ed", "PUT", "dashboards/x", `{"dashboard":{"uid":"x","title":"Lost"},"base_version":1}`, 409, "version_conflict")
	d.want("ed", "PUT", "dashboards/x", `{"dashboard":{"title":"Three"},"base_version":2}`, 200, `"version":3`)
	d.want("ed", "PUT", "dashboards/x", `{"dashboard":{"uid":"y","title":"Three"},"base_version":3}`, 400, "dashboard_invalid")
	d.want("ed", "PUT", "dashboards/none", `{"dashboard":{"title":"Three"}}`, 404, "dashboard_not_found")
	d.want("vic", "PUT", "dashboards/x", `{"dashboard":{"title":"Mine"},"base_version":3}`, 403, "forbidden")
	require.Equal(t, `{"uid":"x","title":"Three"}`, d.want("vic", "GET", "dashboards/x/source", "", 200, ""))

	var got struct{ Versions []dashboards.Version }
	d.into(&got, "vic", "GET", "dashboards/x/versions", "")
	require.Len(t, got.Versions, 3)
	require.Equal(t, "eve", got.Versions[1].By)
	require.Equal(t, "better", got.Versions[1].Message)
	d.want("vic", "GET", "dashboards/x/versions/1", "", 200, `"title":"One"`)
	d.want("vic", "GET", "dashboards/x/versions/9", "", 404, "not_found")
	d.want("vic", "GET", "dashboards/x/versions/a", "", 400, "bad_parameter")
	d.want("bob", "GET", "dashboards/x/versions", "", 404, "dashboard_not_found")
	d.want("vic", "POST", "dashboards/x/versions/1/restore", "", 403, "forbidden")
	d.want("ed", "POST", "dashboards/x/versions/1/restore", "", 200, `"version":4`)
	d.want("vic", "GET", "dashboards/x", "", 200, `"title":"One"`)
	for range 50 {
		d.want("ed", "PUT", "dashboards/x", `{"dashboard":{"title":"More"},"overwrite":true}`, 200, "")
	}
	d.into(&got, "vic", "GET", "dashboards/x/versions", "")
	require.Len(t, got.Versions, 50)
	require.EqualValues(t, 54, got.Versions[0].Version)

	d.want("vic", "GET", "dashboards/open", "", 200, `"version":0,"origin":"file"`)
	d.want("ed", "PUT", "dashboards/open", `{"dashboard":{"title":"Saved"},"base_version":0}`, 200, `"version":1`)
	d.want("vic", "GET", "dashboards/open", "", 200, `"version":1,"origin":"override"`)
	d.want("vic", "GET", "dashboards/open/versions/0", "", 200, `"title":"File"`)
	d.want("ed", "POST", "dashboards/open/versions/0/restore", "", 200, `"version":2`)
	require.Equal(t, []string{"/More", "Open/File"}, d.titles("vic", ""))
}

func TestStarsAreEverybodysOwn(t *testing.T) {
	d := newDesk(t, map[string]string{"d/a.json": `{"uid":"a","title":"A"}`, "d/b.json": `{"uid":"b","title":"B"}`})
	d.want("vic", "PUT", "dashboards/b/star", "", 204, "")
	d.want("vic", "PUT", "dashboards/b/star", "", 204, "")
	d.want("reader", "PUT", "dashboards/a/star", "", 204, "")
	d.want("vic", "PUT", "dashboards/none/star", "", 404, "dashboard_not_found")
	d.want("vic", "GET", "dashboards/b", "", 200, `"starred":true`)
	d.want("ed", "GET", "dashboards/b", "", 200, `"starred":false`)
	require.Equal(t, []string{"Fixed/B"}, d.titles("vic", "starred=true"))
	require.Equal(t, []string{"Fixed/A"}, d.titles("reader", "starred=true"))
	require.Empty(t, d.titles("bob", "starred=true"))
	d.want("vic", "DELETE", "dashboards/b/star", "", 204, "")
	require.Empty(t, d.titles("vic", "starred=true"))
}

func TestLibraryPanelsAreShownInPlace(t *testing.T) {
	d := newDesk(t, map[string]string{"d/a.json": `{"uid":"a","title":"A","panels":[{"id":7,"gridPos":{"h":1,"w":2,"x":3,"y":4},"libraryPanel":{"uid":"lib","name":"old"}}]}`})
	d.want("vic", "POST", "library-panels", `{"uid":"lib","name":"Load","model":{"type":"stat"}}`, 403, "")
	d.want("ed", "POST", "library-panels", `{"uid":"lib","name":"Load","model":{"id":1,"type":"stat","title":"Load","gridPos":{"h":9,"w":9,"x":9,"y":9},"targets":[{"expr":"load1"}]}}`, 201, `"type":"stat"`)
	answer := d.want("vic", "GET", "dashboards/a", "", 200, `"expr":"load1"`)
	require.Contains(t, answer, `"id":7`)
	require.Contains(t, answer, `"h":1`)
	require.Contains(t, answer, `"name":"Load"`)
	d.want("ed", "POST", "library-panels", `{"name":"Load","model":{"type":"stat"}}`, 409, "exists")
	d.want("ed", "PUT", "library-panels/lib", `{"name":"Load","model":{"type":"gauge","title":"New"}}`, 200, `"type":"gauge"`)
	d.want("vic", "GET", "dashboards/a", "", 200, `"type":"gauge"`)
	d.want("vic", "GET", "library-panels", "", 200, `"used_by":1`)
	d.want("ed", "DELETE", "library-panels/lib", "", 409, "in_use")
	d.want("bob", "GET", "library-panels/lib", "", 404, "not_found")
	d.want("ed", "POST", "library-panels", `{"uid":"other","name":"Other","model":{"type":"stat"}}`, 201, "")
	d.want("ed", "DELETE", "library-panels/other", "", 204, "")
	d.want("ed", "POST", "library-panels", `{"name":"No type","model":{}}`, 400, "bad_input")
	d.want("ed", "POST", "library-panels", `{"name":"Deep","model":`+strings.Repeat(`{"a":`, 80)+`1`+strings.Repeat(`}`, 80)+`}`, 400, "")
}

func TestPlaylistsAndSavedSearches(t *testing.T) {
	d := newDesk(t, nil)
	var p dashboards.Playlist
	d.into(&p, "ed", "POST", "playlists", `{"name":"Wall","interval_s":30,"items":[{"uid":"a"},{"tag":"x"}]}`)
	d.want("vic", "GET", "playlists", "", 200, `"interval_s":30`)
	d.want("ed", "PUT", "playlists/"+p.ID, `{"name":"Wall","interval_s":60,"items":[{"uid":"a"}]}`, 200, `"interval_s":60`)
	d.want("ed", "PUT", "playlists/none", `{"name":"Wall","interval_s":60,"items":[{"uid":"a"}]}`, 404, "not_found")
	d.want("ed", "POST", "playlists", `{"name":"Wall","interval_s":0,"items":[{"uid":"a"}]}`, 400, "bad_input")
	d.want("ed", "POST", "playlists", `{"name":"Wall","interval_s":1,"items":[{"uid":"a","tag":"b"}]}`, 400, "bad_input")
	d.want("vic", "POST", "playlists", `{"name":"Wall","interval_s":1,"items":[{"uid":"a"}]}`, 403, "")
	d.want("bob", "GET", "playlists/"+p.ID, "", 404, "not_found")
	d.want("vic", "DELETE", "playlists/"+p.ID, "", 403, "")
	d.want("ed", "DELETE", "playlists/"+p.ID, "", 204, "")

	var s dashboards.Saved
	d.into(&s, "vic", "POST", "saved", `{"kind":"logs","name":"Errors","query":{"expr":"{a=\"b\"}"},"shared":false}`)
	d.want("vic", "GET", "saved?kind=logs", "", 200, `"name":"Errors"`)
	d.want("ed", "GET", "saved", "", 200, `{"saved":[]}`)
	d.want("ed", "GET", "saved/"+s.ID, "", 404, "not_found")
	d.want("ann", "DELETE", "saved/"+s.ID, "", 404, "not_found")
	d.want("vic", "PUT", "saved/"+s.ID, `{"kind":"logs","name":"Errors","query":{"expr":"x"},"shared":true}`, 200, `"shared":true`)
	d.want("ed", "GET", "saved?kind=logs", "", 200, `"expr":"x"`)
	d.want("ed", "GET", "saved?kind=traces", "", 200, `{"saved":[]}`)
	d.want("ed", "DELETE", "saved/"+s.ID, "", 403, "forbidden")
	d.want("bob", "GET", "saved/"+s.ID, "", 404, "not_found")
	d.want("ann", "DELETE", "saved/"+s.ID, "", 204, "")
	for _, body := range []string{`{"kind":"x","name":"n","query":{}}`, `{"kind":"logs","name":"","query":{}}`, `{"kind":"logs","name":"n","query":[]}`,
		`{"kind":"logs","name":"n","query":{"a":"` + strings.Repeat("x", 70_000) + `"}}`} {
		d.want("vic", "POST", "saved", body, 400, "bad_input")
	}
	d.want("reader", "POST", "saved", `{"kind":"logs","name":"n","query":{}}`, 403, "forbidden")
	for range 103 {
		d.want("vic", "POST", "saved", `{"kind":"logs","query":{},"history":true}`, 201, "")
	}
	var list struct{ Saved []dashboards.Saved }
	d.into(&list, "vic", "GET", "saved?history=true", "")
	require.Len(t, list.Saved, 100)
	d.want("ann", "GET", "saved?history=true", "", 200, `{"saved":[]}`)
}

func TestAnnotationsInBothShapes(t *testing.T) {
	d := newDesk(t, map[string]string{"d/a.json": `{"uid":"a","title":"A"}`})
	var made struct{ ID int64 }
	d.into(&made, "ed", "POST", "annotations", `{"time_ms":1000,"end_ms":3000,"text":"deploy","tags":["deploy","shop"]}`)
	d.want("shipper", "POST", "/api/annotations", `{"time":5000,"text":"v2","tags":["deploy"],"isRegion":false}`, 200, `"message":"Annotation added"`)
	d.want("ed", "POST", "/api/annotations", `{"dashboardUID":"a","panelId":3,"time":6000,"timeEnd":7000,"text":"on a"}`, 200, "")
	d.want("ed", "POST", "/api/annotations/graphite", `{"what":"event","when":8,"tags":"one two","data":"more"}`, 200, "Graphite annotation added")

	var list struct{ Annotations []annotation }
	d.into(&list, "vic", "GET", "annotations?from=2000&to=6500", "")
	require.Len(t, list.Annotations, 3)
	require.Equal(t, annotation{ID: list.Annotations[0].ID, TimeMs: 6000, EndMs: 7000, Text: "on a", Tags: []string{}, DashboardUID: "a", PanelID: 3, CreatedBy: "ed"}, list.Annotations[0])
	require.Equal(t, "token:shipper", list.Annotations[1].CreatedBy)
	d.into(&list, "vic", "GET", "annotations?tags=deploy&tags=shop", "")
	require.Len(t, list.Annotations, 1)
	d.into(&list, "vic", "GET", "annotations?dashboard_uid=a", "")
	require.Len(t, list.Annotations, 1)
	d.into(&list, "vic", "GET", "annotations?global=true", "")
	require.Len(t, list.Annotations, 3)
	d.want("bob", "GET", "annotations?dashboard_uid=none", "", 200, `{"annotations":[]}`)
	d.into(&list, "vic", "GET", "annotations?limit=2", "")
	require.Len(t, list.Annotations, 2)
	var grafana []grafanaAnnotation
	d.into(&grafana, "vic", "GET", "/api/annotations?from=0&to=9000&tags=shop&tags=one&matchAny=true", "")
	require.Len(t, grafana, 2)
	require.Equal(t, []string{"one", "two"}, grafana[0].Tags)
	require.Equal(t, "event\nmore", grafana[0].Text)
	require.EqualValues(t, 3000, grafana[1].TimeEnd)
	d.want("vic", "GET", "/api/annotations/tags", "", 200, `{"tag":"deploy","count":2}`)

	id := list.Annotations[1].ID // on a
	target := func(prefix string, id int64) string { b, _ := json.Marshal(id); return prefix + string(b) }
	d.want("ed", "PATCH", target("/api/annotations/", id), `{"text":"changed"}`, 200, "Annotation updated")
	d.want("vic", "GET", target("annotations/", id), "", 200, `"time_ms":6000,"end_ms":7000,"text":"changed"`)
	d.want("ed", "PUT", target("annotations/", id), `{"time_ms":1,"text":"moved","dashboard_uid":"a"}`, 200, `"text":"moved"`)
	d.want("vic", "DELETE", target("annotations/", id), "", 403, "forbidden")
	d.want("shipper", "DELETE", target("/api/annotations/", id), "", 403, "")
	d.want("bob", "GET", target("annotations/", id), "", 404, "not_found")
	d.want("ed", "DELETE", target("/api/annotations/", id), "", 200, "Annotation deleted")
	d.want("ed", "GET", target("/api/annotations/", id), "", 404, `{"message":`)
	for who, body := range map[string]string{"ed": `{"text":"no time"}`, "ann": `{"time_ms":5,"end_ms":4,"text":"x"}`, "eve": `{"time_ms":5}`} {
		d.want(who, "POST", "annotations", body, 400, "bad_input")
	}
	d.want("vic", "POST", "annotations", `{"time_ms":5,"text":"x"}`, 403, "")
	d.want("shipper", "POST", "annotations", `{"time_ms":5,"text":"x","dashboard_uid":"a"}`, 403, "forbidden")
	d.want("ed", "POST", "annotations", `{"time_ms":5,"text":"x","dashboard_uid":"none"}`, 404, "dashboard_not_found")
	d.want("ed", "GET", "annotations?limit=0", "", 400, "bad_input")
	d.want("ed", "GET", "annotations?from=x", "", 400, "bad_parameter")
}
