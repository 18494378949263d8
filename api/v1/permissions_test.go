package v1

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/dashboards"
)

func TestFoldersAreNestedAndMoved(t *testing.T) {
	d := newDesk(t, map[string]string{"d/a.json": `{"uid":"a","title":"A"}`})
	d.want("ed", "POST", "folders", `{"title":" Team A "}`, 201, `"uid":"team-a","title":"Team A"`)
	d.want("ed", "POST", "folders", `{"title":"Team A"}`, 409, "exists")
	d.want("ed", "POST", "folders", `{"title":"Team A","parent_uid":"team-a"}`, 201, `"parent_uid":"team-a"`)
	parent := "team-a"
	for _, uid := range []string{"l2", "l3", "l4"} {
		d.want("ed", "POST", "folders", `{"uid":"`+uid+`","title":"`+uid+`","parent_uid":"`+parent+`"}`, 201, "")
		parent = uid
	}
	d.want("ed", "POST", "folders", `{"title":"l5","parent_uid":"l4"}`, 400, "4 deep")
	d.want("ed", "PUT", "folders/team-a", `{"title":"Team A","parent_uid":"l3"}`, 400, "inside itself")
	d.want("ed", "POST", "folders", `{"uid":"top","title":"Top"}`, 201, "")
	d.want("ed", "PUT", "folders/team-a", `{"title":"Team A","parent_uid":"top"}`, 400, "4 deep")
	d.want("ed", "PUT", "folders/l2", `{"title":"Two","parent_uid":"top"}`, 200, `"title":"Two"`)
	for body, want := range map[string]string{`{"title":""}`: "bad_input", `{"title":"` + strings.Repeat("x", 201) + `"}`: "bad_input", `{"uid":"general","title":"x"}`: "bad_input", `{"uid":"a b","title":"x"}`: "bad_input"} {
		d.want("ed", "POST", "folders", body, 400, want)
	}
	d.want("ed", "POST", "folders", `{"title":"x","parent_uid":"none"}`, 404, "not_found")
	d.want("vic", "POST", "folders", `{"title":"x"}`, 403, "forbidden")
	d.want("ed", "PUT", "folders/fixed", `{"title":"x"}`, 409, "provisioned")
	d.want("ed", "DELETE", "folders/fixed", "", 409, "provisioned")
	d.want("bob", "DELETE", "folders/top", "", 404, "not_found")

	d.want("ed", "POST", "dashboards", `{"dashboard":{"uid":"x","title":"X"},"folder_uid":"l3"}`, 201, `"folder":{"uid":"l3","title":"l3"}`)
	d.want("ed", "PUT", "dashboards/x/folder", `{"folder_uid":"fixed"}`, 204, "")
	d.want("ed", "PUT", "dashboards/x", `{"dashboard":{"title":"X"},"base_version":1,"folder_uid":"l4"}`, 200, `"uid":"l4"`)
	d.want("ed", "PUT", "dashboards/a/folder", `{"folder_uid":"l3"}`, 409, "provisioned")
	var list struct{ Folders []dashboards.FolderInfo }
	d.into(&list, "vic", "GET", "folders", "")
	counts := map[string]int{}
	for _, f := range list.Folders {
		counts[f.UID] = f.Count
		require.False(t, f.CanEdit)
	}
	require.Equal(t, 1, counts["l4"])
	require.Equal(t, 1, counts["fixed"])
	d.want("ed", "DELETE", "folders/top", "", 409, "in_use")
	d.want("ed", "DELETE", "folders/top?force=true", "", 204, "")
	d.want("ed", "GET", "dashboards/x", "", 404, "dashboard_not_found")
	d.into(&list, "vic", "GET", "folders", "")
	require.Len(t, list.Folders, 3, "Fixed, Team A and the one in it")
}

func TestPermissionsOfFolders(t *testing.T) {
	d := newDesk(t, map[string]string{"d/a.json": `{"uid":"a","title":"A"}`})
	d.want("ed", "POST", "folders", `{"uid":"secret","title":"Secret"}`, 201, "")
	d.want("ed", "POST", "folders", `{"uid":"inner","title":"Inner","parent_uid":"secret"}`, 201, "")
	d.want("ed", "POST", "dashboards", `{"dashboard":{"uid":"s","title":"S","tags":["hush"]},"folder_uid":"secret"}`, 201, "")
	d.want("ed", "POST", "dashboards", `{"dashboard":{"uid":"i","title":"I"},"folder_uid":"inner"}`, 201, "")
	d.want("ed", "POST", "annotations", `{"time_ms":5,"text":"on s","dashboard_uid":"s"}`, 201, "")
	grant := func(uid, entries string) {
		t.Helper()
		d.want("ann", "PUT", "folders/"+uid+"/permissions", `{"entries":[`+entries+`]}`, 204, "")
	}
	d.want("ed", "PUT", "folders/secret/permissions", `{"entries":[]}`, 403, "forbidden")
	d.want("vic", "GET", "folders/secret/permissions", "", 403, "forbidden")

	// Nobody but eve and administrators.
	grant("secret", `{"role":"viewer","level":"none"},{"role":"editor","level":"none"},{"user":"eve","level":"edit"}`)
	for _, who := range []string{"vic", "ed", "reader"} {
		require.Equal(t, []string{"Fixed/A"}, d.titles(who, ""), who)
		for _, target := range []string{"dashboards/s", "dashboards/s/source", "dashboards/s/versions", "dashboards/s/versions/1", "dashboards/i", "dashboards/s/file", "dashboards/s/patch"} {
			d.want(who, "GET", target, "", 404, "dashboard_not_found")
		}
		d.want(who, "GET", "folders/secret/permissions", "", 404, "not_found")
		require.NotContains(t, d.want(who, "GET", "folders", "", 200, ""), "Secret")
		require.NotContains(t, d.want(who, "GET", "annotations", "", 200, ""), "on s")
		require.NotContains(t, d.want(who, "GET", "dashboards", "", 200, ""), "hush", "nor its tags")
		d.want(who, "PUT", "dashboards/s/star", "", 404, "")
	}
	d.want("ed", "PUT", "dashboards/s", `{"dashboard":{"title":"x"},"overwrite":true}`, 404, "dashboard_not_found")
	d.want("ed", "DELETE", "dashboards/s", "", 404, "")
	d.want("ed", "POST", "dashboards/s/versions/1/restore", "", 404, "")
	d.want("ed", "POST", "dashboards", `{"dashboard":{"uid":"s","title":"x"},"overwrite":true}`, 403, "forbidden")
	d.want("ed", "POST", "dashboards", `{"dashboard":{"uid":"s","title":"x"}}`, 409, "dashboard_exists")
	d.want("ed", "POST", "dashboards", `{"dashboard":{"title":"x"},"folder_uid":"secret"}`, 404, "not_found")
	d.want("ed", "POST", "folders", `{"title":"x","parent_uid":"secret"}`, 404, "not_found")
	d.want("ed", "DELETE", "folders/secret?force=true", "", 404, "not_found")
	d.want("ed", "POST", "annotations", `{"time_ms":5,"text":"x","dashboard_uid":"s"}`, 404, "")
	d.want("eve", "PUT", "dashboards/s", `{"dashboard":{"title":"S"},"base_version":1}`, 200, "")
	d.want("eve", "GET", "dashboards/i", "", 200, `"can_edit":true`)
	d.want("ann", "GET", "dashboards/i", "", 200, `"can_edit":true`)

	// The nearest folder decides; what it does not say comes from above.
	grant("inner", `{"role":"viewer","level":"view"},{"user":"vic","level":"edit"}`)
	d.want("vic", "PUT", "dashboards/i", `{"dashboard":{"title":"by a viewer"},"base_version":1}`, 200, "")
	d.want("vic", "GET", "dashboards/s", "", 404, "")
	d.want("ed", "GET", "dashboards/i", "", 404, "")
	require.Contains(t, d.want("vic", "GET", "folders", "", 200, `"uid":"inner"`), `"uid":"secret"`, "the way to it is shown")
	d.want("vic", "GET", "folders/inner/permissions", "", 200, `"inherited":[{"folder":{"uid":"secret"`)
	d.want("vic", "PUT", "dashboards/i", `{"dashboard":{"title":"x"},"base_version":2,"folder_uid":""}`, 403, "forbidden")

	// A file's folder and the top can be closed too.
	grant("fixed", `{"role":"viewer","level":"none"}`)
	d.want("vic", "GET", "dashboards/a", "", 404, "")
	d.want("ed", "GET", "dashboards/a", "", 200, "")
	grant("general", `{"role":"editor","level":"view"}`)
	d.want("ed", "POST", "dashboards", `{"dashboard":{"title":"x"}}`, 403, "forbidden")
	d.want("ed", "POST", "folders", `{"title":"x"}`, 403, "forbidden")
	require.Equal(t, []string{"Fixed/A"}, d.titles("bob", ""), "other tenants have permissions of their own")
	for _, entry := range []string{`{"role":"admin","level":"view"}`, `{"role":"viewer","level":"own"}`, `{"level":"view"}`, `{"user":"bob","level":"view"}`, `{"user":"nobody","level":"view"}`,
		`{"role":"viewer","user":"ed","level":"view"}`, `{"role":"viewer","level":"view"},{"role":"viewer","level":"none"}`} {
		d.want("ann", "PUT", "folders/inner/permissions", `{"entries":[`+entry+`]}`, 400, "bad_input")
	}
	grant("secret", "")
	d.want("vic", "GET", "dashboards/s", "", 200, `"can_edit":false`)
}
