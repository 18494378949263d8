package dashboards

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// renderFile renders a file of testdata.
func renderFile(t *testing.T, name string) (tree object, doc *Document, notes []string) {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	doc, err = Parse(source)
	require.NoError(t, err)
	require.Equal(t, string(source), string(doc.Source()), "the source stays as it was written")
	rendered, notes := doc.Render()
	require.NoError(t, json.Unmarshal(rendered, &tree))
	return tree, doc, notes
}

func TestSchemaV2BecomesTheClassicModel(t *testing.T) {
	tree, doc, notes := renderFile(t, "v2beta1.json")
	require.Equal(t, "shop-v2", doc.UID(), "the resource's name")
	require.Equal(t, "Shop", doc.Title())
	require.Equal(t, []string{"orders", "v2"}, doc.Tags())
	require.JSONEq(t, `{"from":"now-3h","to":"now"}`, asJSON(t, tree["time"]))
	require.EqualValues(t, 1, tree["graphTooltip"])

	panels := objects(tree, "panels")
	var shown []string
	for _, p := range panels {
		shown = append(shown, text(p, "type")+" "+text(p, "title"))
		for _, inner := range objects(p, "panels") {
			shown = append(shown, "  "+text(inner, "type")+" "+text(inner, "title"))
		}
	}
	require.Equal(t, []string{"row Orders", "timeseries Orders a second", "row Detail", "  stat Failed", "  logs Lines", "row Tabs / One", " Shared", "row Tabs / Two"}, shown)

	series := panels[1]
	require.JSONEq(t, `{"x":0,"y":1,"w":16,"h":9}`, asJSON(t, series["gridPos"]))
	require.JSONEq(t, `{"type":"prometheus","uid":"prom-1"}`, asJSON(t, series["datasource"]))
	require.JSONEq(t, `[{"refId":"A","expr":"rate(orders_total[$__rate_interval])","datasource":{"type":"prometheus","uid":"prom-1"}},
		{"refId":"B","hide":true,"expr":"1","datasource":{"type":"prometheus","uid":"prom-1"}}]`, asJSON(t, series["targets"]))
	require.JSONEq(t, `[{"id":"organize","options":{"excludeByName":{"x":true}}}]`, asJSON(t, series["transformations"]))
	require.Equal(t, "reqps", child(child(series, "fieldConfig"), "defaults")["unit"])
	require.Equal(t, "region", series["repeat"])
	require.EqualValues(t, 3, series["maxPerRow"])
	require.Equal(t, "30s", series["interval"])

	failed, lines := objects(panels[2], "panels")[0], objects(panels[2], "panels")[1]
	require.JSONEq(t, `{"x":0,"y":11,"w":12,"h":4}`, asJSON(t, failed["gridPos"]), "two columns, short rows")
	require.JSONEq(t, `{"x":12,"y":11,"w":12,"h":4}`, asJSON(t, lines["gridPos"]))
	require.Equal(t, "-- Mixed --", child(lines, "datasource")["uid"])
	require.JSONEq(t, `{"name":"Shared one","uid":"lib-1"}`, asJSON(t, panels[4]["libraryPanel"]))

	variables := objects(child(tree, "templating"), "list")
	require.Len(t, variables, 5)
	require.JSONEq(t, `{"type":"query","name":"region","label":"Region","hide":0,"refresh":1,"sort":1,"multi":true,"includeAll":true,"regex":"","options":[],
		"current":{"text":"All","value":"$__all"},"skipUrlSync":false,"allowCustomValue":true,"definition":"label_values(region)",
		"datasource":{"type":"prometheus","uid":"prom-1"},"query":{"query":"label_values(region)","refId":"V"}}`, asJSON(t, variables[0]))
	require.Equal(t, "datasource", variables[1]["type"])
	require.Equal(t, "prometheus", variables[1]["query"])
	require.Equal(t, "adhoc", variables[2]["type"])
	require.Equal(t, "switch", variables[3]["type"])
	require.Equal(t, []any{"1", "0"}, []any{variables[3]["enabledValue"], variables[3]["disabledValue"]})
	require.Equal(t, "hidden", variables[4]["name"])

	annotations := objects(child(tree, "annotations"), "list")
	require.Len(t, annotations, 2)
	require.EqualValues(t, 1, annotations[0]["builtIn"])
	require.Equal(t, "changes(deploys_total[1m]) > 0", annotations[1]["expr"])
	require.Equal(t, []string{
		"tabs are shown as rows, one below the other",
		`variable "hidden" belongs to one row: here it belongs to the dashboard`,
		`the layout names element "gone", which does not exist`,
	}, notes)
}

func TestSchemaV2Alpha(t *testing.T) {
	tree, _, notes := renderFile(t, "v2alpha1.json")
	require.Empty(t, notes)
	panels := objects(tree, "panels")
	require.Equal(t, "gauge", panels[0]["type"])
	require.JSONEq(t, `{"type":"loki","uid":"l"}`, asJSON(t, panels[0]["datasource"]))
	require.JSONEq(t, `[{"id":"reduce","options":{"reducers":["last"]}}]`, asJSON(t, panels[0]["transformations"]))
	variables := objects(child(tree, "templating"), "list")
	require.JSONEq(t, `{"type":"prometheus","uid":"p"}`, asJSON(t, variables[0]["datasource"]))
	require.Equal(t, "label_values(up, job)", variables[0]["query"])
}

func TestClassicResourceKeepsItsWrapping(t *testing.T) {
	source := `{"apiVersion":"dashboard.grafana.app/v1beta1","kind":"Dashboard","metadata":{"name":"u1"},"spec":{"title":"x","schemaVersion":41,"panels":[{"id":4,"type":"stat"}]}}`
	doc, err := Parse([]byte(source))
	require.NoError(t, err)
	require.Equal(t, source, string(doc.Source()))
	require.Equal(t, "u1", doc.UID())
	require.Equal(t, 41, doc.SchemaVersion())
	inEnvelope, err := Parse([]byte(`{"meta":{},"dashboard":` + source + `}`))
	require.NoError(t, err)
	require.JSONEq(t, source, string(inEnvelope.Source()))
}

// A small file must not become a large one.
func TestSchemaV2PlacesAnElementOnce(t *testing.T) {
	doc, err := Parse([]byte(`{"title":"x","elements":{"a":{"kind":"Panel","spec":{"title":"A","vizConfig":{"kind":"VizConfig","group":"stat"}}},"b":{"kind":"Panel","spec":{"title":"B","vizConfig":{"kind":"VizConfig","group":"stat"}}}},
		"layout":{"kind":"GridLayout","spec":{"items":[{"kind":"GridLayoutItem","spec":{"x":0,"y":0,"width":12,"height":8,"element":{"name":"a"}}},{"kind":"GridLayoutItem","spec":{"element":{"name":"a"}}}]}}}`))
	require.NoError(t, err)
	rendered, notes := doc.Render()
	var tree object
	require.NoError(t, json.Unmarshal(rendered, &tree))
	require.Len(t, objects(tree, "panels"), 2)
	require.Equal(t, []string{`element "a" is placed twice: it is shown once`, `element "b" has no place in the layout: it is shown at the end`}, notes)
}
