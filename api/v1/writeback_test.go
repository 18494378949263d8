package v1

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const filed = `{
  "title": "File",
  "uid": "open",
  "tags": ["a", "b"],
  "panels": [
    {
      "id": 1,
      "type": "graph",
      "title": "Old",
      "fill": 1,
      "targets": [{ "expr": "up < 1", "refId": "A" }]
    },
    {
      "type": "stat",
      "title": "Second"
    }
  ],
  "schemaVersion": 16
}
`

// shown is the dashboard as the browser gets it.
func (d *desk) shown(who, uid string) map[string]any {
	var got struct{ Dashboard map[string]any }
	d.into(&got, who, "GET", "dashboards/"+uid, "")
	return got.Dashboard
}

func (d *desk) save(who, uid string, dashboard any) {
	body, err := json.Marshal(map[string]any{"dashboard": dashboard, "overwrite": true})
	require.NoError(d.t, err)
	d.want(who, "PUT", "dashboards/"+uid, string(body), 200, "")
}

func TestChangesAreWrittenBackToTheFile(t *testing.T) {
	d := newDesk(t, map[string]string{"e/sub/open.json": filed})
	require.Empty(t, d.want("vic", "GET", "dashboards/open/patch", "", 200, ""))
	d.want("ed", "POST", "dashboards/open/file", "", 404, "not_found")
	board := d.shown("ed", "open")
	board["title"] = "Changed"
	board["panels"].([]any)[1].(map[string]any)["description"] = "why"
	d.save("ed", "open", board)

	d.want("vic", "GET", "dashboards/open", "", 200, `"writable_file":true`)
	text := d.want("vic", "GET", "dashboards/open/file", "", 200, "")
	want := strings.Replace(strings.Replace(filed, `"title": "File"`, `"title": "Changed"`, 1), "      \"title\": \"Second\"\n", "      \"title\": \"Second\",\n      \"description\": \"why\"\n", 1)
	require.Equal(t, want, text, "an old dashboard is not migrated by a change elsewhere")
	patch := d.want("vic", "GET", "dashboards/open/patch", "", 200, "--- a/sub/open.json\n+++ b/sub/open.json\n@@ -1,5 +1,5 @@\n {\n-  \"title\": \"File\",\n+  \"title\": \"Changed\",\n")
	requireApplies(t, filed, patch, text)

	d.want("vic", "POST", "dashboards/open/file", "", 403, "forbidden")
	d.want("ed", "POST", "dashboards/open/file", "", 204, "")
	require.Equal(t, want, d.read("e/sub/open.json"))
	d.want("vic", "GET", "dashboards/open", "", 200, `"version":1,"origin":"file"`)
	require.Equal(t, []string{"Open/Changed"}, d.titles("vic", ""))
	entries, err := os.ReadDir(filepath.Join(d.dir, "e/sub"))
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing is left beside it")
	d.want("ed", "POST", "dashboards/open/file", "", 404, "no saved changes")

	// What is saved on top goes on counting; a file that changes in between is not run over.
	board["title"] = "Again"
	d.save("ed", "open", board)
	d.want("vic", "GET", "dashboards/open", "", 200, `"version":2,"origin":"override"`)
	d.write("e/sub/open.json", strings.Replace(want, "Second", "Elsewhere", 1))
	d.want("ed", "POST", "dashboards/open/file", "", 409, "file_not_writable")
}

func TestPatchesOfWhatCannotBeWritten(t *testing.T) {
	d := newDesk(t, map[string]string{"d/fixed.json": filed})
	board := d.shown("ed", "open")
	board["title"] = "Changed"
	body, err := json.Marshal(map[string]any{"dashboard": board})
	require.NoError(t, err)
	patch := d.want("vic", "POST", "dashboards/open/patch", string(body), 200, "+  \"title\": \"Changed\",")
	require.Equal(t, 9, strings.Count(patch, "\n"), "one line changes: %s", patch)
	d.want("ed", "PUT", "dashboards/open", string(body), 409, "dashboard_provisioned")
	d.want("ed", "POST", "dashboards/open/file", "", 403, "")
	d.want("ed", "POST", "dashboards", `{"dashboard":{"uid":"stored","title":"x"}}`, 201, "")
	d.want("ed", "GET", "dashboards/stored/patch", "", 404, "comes from no file")
	d.want("bob", "GET", "dashboards/stored/file", "", 404, "dashboard_not_found")
	d.want("ed", "POST", "dashboards/open/patch", `{}`, 400, "dashboard_missing")
}

// requireApplies gives the patch to git.
func requireApplies(t *testing.T, old, patch, want string) {
	t.Helper()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("there is no git to apply the patch")
	}
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "sub"), 0o755))
	file := filepath.Join(dir, "sub/open.json")
	require.NoError(t, os.WriteFile(file, []byte(old), 0o644))
	cmd := exec.CommandContext(t.Context(), git, "apply", "-")
	cmd.Dir, cmd.Stdin, cmd.Env = dir, strings.NewReader(patch), append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s\n%s", out, patch)
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, want, string(got))
}
