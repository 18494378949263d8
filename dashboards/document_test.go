package dashboards

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseSaysWhatIsWrong(t *testing.T) {
	for source, want := range map[string]string{
		`{"title": "x"`:             "line 1: the JSON ends too early",
		"{\n\"title\": \"x\",\n]":   "line 3: invalid character ']'",
		`[1]`:                       "line 1: a dashboard is a JSON object, this is a array",
		`{"title":"x"} {}`:          "text after the dashboard's closing brace",
		`{"panels":[]}`:             `it has no "title"`,
		`{"title":"x","panels":{}}`: `"panels" is not a list`,
		`{"kind":"Dashboard","apiVersion":"apps/v1","spec":{"title":"x"}}`:                  `apiVersion "apps/v1" is not one of Grafana's`,
		`{"kind":"Dashboard","apiVersion":"dashboard.grafana.app/v9","spec":{"title":"x"}}`: "newer than what Pharos reads",
		`{"kind":"Playlist","apiVersion":"dashboard.grafana.app/v1","spec":{"title":"x"}}`:  `kind "Playlist", not a Dashboard`,
		`{"kind":"Dashboard","spec":{"panels":[]}}`:                                         `it has no "title"`,
		strings.Repeat("[", 100_000):                                                        "nested deeper than 64",
		`{"title":"x","panels":[` + strings.Repeat("{},", maxPanels) + `{}]}`:               "2001 panels are more than 2000",
	} {
		_, err := Parse([]byte(source))
		require.ErrorIs(t, err, ErrInvalid)
		require.ErrorContains(t, err, want)
	}
}

func TestParseKeepsWhatItDoesNotKnow(t *testing.T) {
	source := `{"title":"x","id":12345678901234567890,"future":{"a":[1.10,null]},"panels":[{"type":"x","zz":"<&>"}]}`
	doc, err := Parse([]byte(source))
	require.NoError(t, err)
	rendered, _ := doc.Render()
	require.Contains(t, string(rendered), `"id":12345678901234567890`)
	require.Contains(t, string(rendered), `1.10`)
	require.Contains(t, string(rendered), `"zz":"<&>"`)
}

func TestParseOpensTheEnvelopeOfGrafanasAPI(t *testing.T) {
	doc, err := Parse([]byte(`{"meta":{},"dashboard":{"uid":"a","title":"x","tags":["b","a","b"]}}`))
	require.NoError(t, err)
	require.Equal(t, "a", doc.UID())
	require.Equal(t, []string{"a", "b"}, doc.Tags())
	require.JSONEq(t, `{"uid":"a","title":"x","tags":["b","a","b"]}`, string(doc.Source()))
}

// defaultDashboards come with Pharos.
const defaultDashboards = 14

// The dashboards that come with Pharos need no migration, have numbers, queries
// and places that do not overlap.
func TestDefaultsAreInOrder(t *testing.T) {
	files, err := fs.Glob(defaults, "defaults/*/*.json")
	require.NoError(t, err)
	require.Len(t, files, defaultDashboards)
	for _, file := range files {
		source, err := fs.ReadFile(defaults, file)
		require.NoError(t, err)
		doc, err := Parse(source)
		require.NoError(t, err)
		require.NotEmpty(t, doc.UID())
		require.GreaterOrEqual(t, doc.SchemaVersion(), 39)
		rendered, notes := doc.Render()
		require.Empty(t, notes)
		require.JSONEq(t, string(source), string(rendered), "%s is in today's model", file)
		covered := map[[2]int]string{}
		for _, p := range objects(doc.tree, "panels") {
			pos := child(p, "gridPos")
			for x := range int(number(pos, "w", 0)) {
				for y := range int(number(pos, "h", 0)) {
					cell := [2]int{x + int(number(pos, "x", 0)), y + int(number(pos, "y", 0))}
					require.Empty(t, covered[cell], "%s: %q overlaps", file, text(p, "title"))
					covered[cell] = text(p, "title")
				}
			}
			switch text(p, "type") {
			case "row", "text", "alertlist":
				continue
			}
			require.NotEmpty(t, objects(p, "targets"), "%s: %q", file, text(p, "title"))
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"title":"x","rows":[{"panels":[{"type":"graph","yaxes":[{"min":"0"}]},{"type":"singlestat","thresholds":"1,2"}]}]}`))
	f.Add([]byte(`{"dashboard":{"title":"x","panels":[{"type":"table","styles":[{"pattern":"/a/"}]},{"type":"heatmap","color":{}}]}}`))
	f.Add([]byte(`{"title":"x","panels":[{"type":"row","panels":[{"id":"1","gridPos":{"w":1e308}}]}],"templating":{"list":[{"datasource":"x"}]}}`))
	f.Add([]byte(`{"title":"x","panels":[null,"x",{"targets":{},"fieldConfig":"y","options":[],"type":7,"panels":[{"panels":[{}]}]}],"templating":{"list":[{"name":"a","query":"$b"},{"name":"b","query":"$a","current":{"value":[1,true,null]}}]}}`))
	f.Add([]byte(`{"title":"x","__inputs":[{"name":"P","type":"constant","value":"up"}],"__elements":{"u":{"name":"n","model":{"type":"stat","options":{"fieldOptions":{"thresholds":[{"value":1}]}}}}},"panels":[{"libraryPanel":{"uid":"u"}},{"type":"stat","targets":[{"expr":"${P}"}]}]}`))
	f.Add([]byte(`{"apiVersion":"dashboard.grafana.app/v2","kind":"Dashboard","metadata":{"name":"u"},"spec":{"title":"x","elements":{"a":{"kind":"Panel","spec":{"id":1,"vizConfig":{"kind":"VizConfig","group":"stat","spec":{}}}}},"layout":{"kind":"TabsLayout","spec":{"tabs":[{"spec":{"layout":{"kind":"AutoGridLayout","spec":{"items":[{"spec":{"element":{"name":"a"}}}]}}}}]}}}}`))
	f.Fuzz(func(t *testing.T, source []byte) {
		doc, err := Parse(source)
		if err != nil {
			require.ErrorIs(t, err, ErrInvalid)
			return
		}
		rendered, _ := doc.Render()
		require.True(t, json.Valid(rendered))
		again, err := Parse(rendered)
		require.NoError(t, err)
		twice, _ := again.Render()
		require.JSONEq(t, string(rendered), string(twice), "rendering what was rendered changes nothing")
	})
}
