package dashboards

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

func environment(env map[string]string) func(string) (string, bool) {
	return func(k string) (string, bool) { v, ok := env[k]; return v, ok }
}

// Panels that some step of Render must have replaced.
var migrated = map[string]bool{"graph": true, "singlestat": true, "table-old": true, "grafana-piechart-panel": true}

func TestPublicDashboardsAreReadLosslesslyAndMigrate(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t, "fixtures", "grafana"), "*", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			source, err := os.ReadFile(file)
			require.NoError(t, err)
			doc, err := Parse(source)
			if title := titleOf(source); title == "" {
				require.ErrorIs(t, err, ErrInvalid)
				return
			}
			require.NoError(t, err)
			require.JSONEq(t, string(dashboardOf(source)), string(doc.Source()))
			require.JSONEq(t, string(dashboardOf(source)), string(marshal(doc.tree)), "the tree keeps every key")
			checkRendered(t, doc)
			require.JSONEq(t, string(dashboardOf(source)), string(marshal(doc.tree)), "Render works on a copy")
		})
	}
}

// checkRendered holds what the UI relies on.
func checkRendered(t *testing.T, doc *Document) {
	t.Helper()
	rendered, _ := doc.Render()
	var tree object
	require.NoError(t, json.Unmarshal(rendered, &tree))
	require.Nil(t, tree["rows"])
	ids := map[float64]bool{}
	count := 0
	for _, p := range objects(tree, "panels") {
		for _, q := range append([]object{p}, objects(p, "panels")...) {
			count++
			require.False(t, migrated[text(q, "type")], "%q is still a %s", text(q, "title"), text(q, "type"))
			id := number(q, "id", 0)
			require.False(t, ids[id], "id %v is used twice", id)
			ids[id] = true
			pos := child(q, "gridPos")
			require.NotNil(t, pos, text(q, "title"))
			require.LessOrEqual(t, number(pos, "x", 0)+number(pos, "w", 0), 24.0)
			_, isText := q["datasource"].(string)
			require.False(t, isText)
		}
	}
	want := len(objects(doc.tree, "panels"))
	for _, key := range []string{"panels", "rows"} {
		for _, p := range objects(doc.tree, key) {
			want += len(objects(p, "panels"))
		}
	}
	require.GreaterOrEqual(t, count, want, "no panel is lost")
}

func dashboardOf(source []byte) []byte {
	var tree map[string]json.RawMessage
	if json.Unmarshal(source, &tree) == nil && tree["panels"] == nil && tree["rows"] == nil && tree["dashboard"] != nil {
		return tree["dashboard"]
	}
	return source
}

func titleOf(source []byte) string {
	var tree struct {
		Title string `json:"title"`
	}
	_ = json.Unmarshal(dashboardOf(source), &tree)
	return tree.Title
}

func TestUnchangedStackLoads(t *testing.T) {
	dir := filepath.Join(testkit.Shared(t, "stacks", "dante"), "grafana", "provisioning")
	p, err := NewProvisioner(Config{Provisioning: dir, Defaults: true}, slog.New(slog.DiscardHandler), environment(nil))
	require.NoError(t, err)
	s := p.Snapshot()
	require.Len(t, s.Dashboards, defaultDashboards, "the defaults stand beside it")
	require.Equal(t, []Problem{{
		File: filepath.Join(dir, "dashboards", "default.yaml"), Line: 3,
		Message: `provider "dante-platform": the folder /var/lib/grafana/dashboards does not exist`,
	}}, s.Problems)
	require.Equal(t, Datasource{UID: "prometheus", Name: "Prometheus", Type: "prometheus", Dialect: "prometheus", Default: true}, s.Datasources[0])
}
