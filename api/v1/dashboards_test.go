package v1

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// call serves one request of a tenant through the routes.
func call(t *testing.T, routes []httpx.Route, id tenant.ID, method, target, body string) (int, string) {
	t.Helper()
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.Handle(r.Pattern, r.Handler)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	mux.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), id)))
	return w.Code, w.Body.String()
}

func TestDashboards(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	db, err := metastore.Open(t.Context(), t.TempDir(), log)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	p, err := dashboards.NewProvisioner(dashboards.DefaultConfig(), log, os.LookupEnv)
	require.NoError(t, err)
	routes := NewDashboards(dashboards.NewLibrary(p, db)).Routes()
	const path = "/api/pharos/v1/dashboards"

	code, body := call(t, routes, "a", "GET", path+"?query=storage&tag=data-ingestion", "")
	require.Equal(t, 200, code)
	var list dashboardList
	require.NoError(t, json.Unmarshal([]byte(body), &list))
	require.Len(t, list.Dashboards, 1)
	require.Equal(t, "storage", list.Dashboards[0].UID)
	require.Equal(t, []folderCount{{dashboards.Folder{UID: "data-ingestion", Title: "Data ingestion"}, 6}}, list.Folders)
	require.Contains(t, list.Tags, tagCount{"data-ingestion", 5})

	code, body = call(t, routes, "a", "POST", path, `{"dashboard":{"uid":"mine","title":"Mine","rows":[{"panels":[{"type":"graph"}]}]},"folder":"Team"}`)
	require.Equal(t, 201, code, body)
	code, body = call(t, routes, "a", "GET", path+"/mine", "")
	require.Equal(t, 200, code)
	require.Contains(t, body, `"type":"timeseries"`)
	require.Contains(t, body, `"folder":{"uid":"team","title":"Team"}`)
	_, body = call(t, routes, "a", "GET", path+"/mine/source", "")
	require.Equal(t, `{"uid":"mine","title":"Mine","rows":[{"panels":[{"type":"graph"}]}]}`, body)

	for _, c := range []struct {
		id                         tenant.ID
		method, target, body, want string
		status                     int
	}{
		{"b", "GET", path + "/mine", "", "dashboard_not_found", 404},
		{"a", "POST", path, `{"dashboard":{"uid":"mine","title":"x"}}`, "dashboard_exists", 409},
		{"a", "POST", path, `{"dashboard":{"uid":"storage","title":"x"},"overwrite":true}`, "dashboard_provisioned", 409},
		{"a", "POST", path, `{"dashboard":{}}`, "dashboard_invalid", 400},
		{"a", "POST", path, `{}`, "dashboard_missing", 400},
		{"a", "POST", path, `{"dashbord":{}}`, "bad_json", 400},
		{"a", "DELETE", path + "/storage", "", "dashboard_provisioned", 409},
		{"b", "DELETE", path + "/mine", "", "dashboard_not_found", 404},
		{"a", "DELETE", path + "/mine", "", "", 204},
		{"a", "GET", path + "/mine", "", "dashboard_not_found", 404},
		{"a", "GET", "/api/pharos/v1/datasources", "", `"dialect":"loki"`, 200},
	} {
		code, body := call(t, routes, c.id, c.method, c.target, c.body)
		require.Equal(t, c.status, code, "%s %s: %s", c.method, c.target, body)
		require.Contains(t, body, c.want)
	}
}
