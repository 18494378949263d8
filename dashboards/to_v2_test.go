package dashboards

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// asksOf is what a dashboard asks, panel by panel, without how it is written.
func asksOf(t *testing.T, d *Document) []string {
	t.Helper()
	tree, _ := d.render()
	out := []string{}
	for _, p := range allPanels(tree) {
		ref := p["datasource"]
		if child(p, "options") == nil {
			p["options"] = object{}
		}
		if child(p, "fieldConfig") == nil {
			p["fieldConfig"] = object{"defaults": object{}, "overrides": []any{}}
		}
		if text(p, "type") == "row" {
			p["gridPos"] = object{"x": 0, "w": gridColumns, "h": 1}
		}
		if text(p, "type") == "row" || child(p, "libraryPanel") != nil {
			p["options"], p["fieldConfig"] = nil, nil
		}
		one := object{"type": p["type"], "title": text(p, "title"), "repeat": text(p, "repeat"), "options": child(p, "options"), "fieldConfig": child(p, "fieldConfig"),
			"transformations": orList(list(p, "transformations")), "interval": p["interval"], "timeFrom": p["timeFrom"], "w": number(child(p, "gridPos"), "w", 0), "h": number(child(p, "gridPos"), "h", 0), "x": number(child(p, "gridPos"), "x", 0)}
		targets := []any{}
		if text(p, "type") == "row" {
			p["targets"] = nil
		}
		for _, q := range objects(p, "targets") {
			ds := q["datasource"]
			if ds == nil {
				ds = ref
			}
			o, _ := ds.(object)
			if text(q, "refId") == "" {
				q["refId"] = string(rune('A' + len(targets)%26))
			}
			targets = append(targets, object{"q": withoutKeys(q, "datasource", "hide"), "hide": flag(q, "hide"), "ds": text(o, "uid")})
		}
		one["targets"] = targets
		out = append(out, string(marshal(one)))
	}
	slices.Sort(out) // files have panels in any order; schema v2 has them as they stand
	return out
}

func TestSchemaV2AndBack(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("defaults", "*", "*.json"))
	require.NoError(t, err)
	if shared := os.Getenv("PHAROS_SHARED"); shared != "" {
		more, err := filepath.Glob(filepath.Join(shared, "fixtures", "grafana", "open", "*.json"))
		require.NoError(t, err)
		files = append(files, more...)
	}
	require.NotEmpty(t, files)
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		doc, err := Parse(source)
		require.NoError(t, err)
		exported, err := doc.Export(FormV2, "fallback")
		require.NoError(t, err)
		back, err := Parse(exported)
		require.NoError(t, err, file)
		require.Equal(t, FormV2, back.Shape())
		require.Equal(t, orText(doc.UID(), "fallback"), back.UID(), file)
		mine, theirs := asksOf(t, doc), asksOf(t, back)
		require.Len(t, theirs, len(mine), file)
		for i := range mine {
			require.JSONEq(t, mine[i], theirs[i], file)
		}
		was, _ := doc.render()
		is, _ := back.render()
		require.Equal(t, variablesOf(was), variablesOf(is), file)
		require.Empty(t, back.notes, file)

		resource, err := doc.Export(FormResource, "fallback")
		require.NoError(t, err)
		again, err := Parse(resource)
		require.NoError(t, err)
		require.Equal(t, FormResource, again.Shape())
		require.Len(t, asksOf(t, again), len(mine), file)
	}
}

func variablesOf(tree object) []string {
	out := []string{}
	for _, v := range objects(child(tree, "templating"), "list") {
		query := v["query"]
		out = append(out, string(marshal(object{"name": v["name"], "type": v["type"], "query": query, "multi": flag(v, "multi"), "all": flag(v, "includeAll"), "regex": text(v, "regex"), "hide": number(v, "hide", 0), "sort": number(v, "sort", 0)})))
	}
	return out
}

func TestSchemaV2KeepsRowsRepeatsAndSwitches(t *testing.T) {
	doc, err := Parse([]byte(`{"uid":"u","title":"T","graphTooltip":2,"schemaVersion":41,"panels":[
		{"id":1,"type":"stat","title":"Top","gridPos":{"x":0,"y":0,"w":6,"h":4},"repeat":"v","repeatDirection":"h","maxPerRow":3},
		{"id":2,"type":"row","title":"Open","gridPos":{"x":0,"y":4,"w":24,"h":1},"repeat":"v"},
		{"id":3,"type":"stat","title":"In","gridPos":{"x":6,"y":5,"w":6,"h":4}},
		{"id":4,"type":"row","title":"Closed","collapsed":true,"gridPos":{"x":0,"y":9,"w":24,"h":1},"panels":[{"id":5,"type":"text","title":"Hidden","gridPos":{"x":0,"y":10,"w":12,"h":3}}]},
		{"id":6,"type":"row","title":"Empty","gridPos":{"x":0,"y":10,"w":24,"h":1}}],
		"templating":{"list":[{"name":"s","type":"switch","current":{"value":"1"},"options":[{"value":"1"},{"value":"0"}]}]},
		"annotations":{"list":[{"name":"Deploys","enable":false,"datasource":{"type":"prometheus","uid":"p"},"expr":"up","titleFormat":"x","target":{"expr":"up"}}]}}`))
	require.NoError(t, err)
	exported, err := doc.Export(FormV2, "")
	require.NoError(t, err)
	var v2 struct {
		Spec struct {
			CursorSync string
			Variables  []struct {
				Kind string
				Spec struct{ EnabledValue, DisabledValue, Current string }
			}
		}
	}
	require.NoError(t, json.Unmarshal(exported, &v2))
	require.Equal(t, "Tooltip", v2.Spec.CursorSync)
	require.Equal(t, "SwitchVariable", v2.Spec.Variables[0].Kind)
	require.Equal(t, []string{"1", "0", "1"}, []string{v2.Spec.Variables[0].Spec.EnabledValue, v2.Spec.Variables[0].Spec.DisabledValue, v2.Spec.Variables[0].Spec.Current})
	back, err := Parse(exported)
	require.NoError(t, err)
	tree, _ := back.render()
	var shown []string
	for _, p := range objects(tree, "panels") {
		shown = append(shown, text(p, "type")+" "+text(p, "title")+" "+text(p, "repeat")+" "+string(marshal(p["gridPos"])))
		for _, q := range objects(p, "panels") {
			shown = append(shown, "  "+text(q, "title")+" "+string(marshal(q["gridPos"])))
		}
	}
	require.Equal(t, []string{`stat Top v {"h":4,"w":6,"x":0,"y":0}`, `row Open v {"h":1,"w":24,"x":0,"y":4}`, `stat In  {"h":4,"w":6,"x":6,"y":5}`,
		`row Closed  {"h":1,"w":24,"x":0,"y":9}`, `  Hidden {"h":3,"w":12,"x":0,"y":10}`, `row Empty  {"h":1,"w":24,"x":0,"y":13}`}, shown)
	annotation := objects(child(tree, "annotations"), "list")[0]
	require.Equal(t, "up", annotation["expr"])
	require.Equal(t, "p", text(child(annotation, "datasource"), "uid"))
	require.Equal(t, false, annotation["enable"])
	_, err = doc.Export("yaml", "")
	require.ErrorIs(t, err, ErrBadInput)
}
