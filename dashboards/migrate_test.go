package dashboards

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// render parses, renders and returns the panels.
func render(t *testing.T, source string) (panels []object, notes []string) {
	t.Helper()
	doc, err := Parse([]byte(source))
	require.NoError(t, err)
	b, notes := doc.Render()
	var tree object
	require.NoError(t, json.Unmarshal(b, &tree))
	return objects(tree, "panels"), notes
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

func TestGraphBecomesTimeseries(t *testing.T) {
	panels, notes := render(t, `{"title":"d","panels":[{"id":3,"type":"graph","title":"cpu","gridPos":{"x":0,"y":0,"w":12,"h":8},
		"stack":true,"fill":2,"linewidth":3,"steppedLine":true,"nullPointMode":"connected","decimals":1,
		"legend":{"show":true,"values":true,"avg":true,"current":true,"alignAsTable":true,"rightSide":true,"sort":"avg","sortDesc":true},
		"tooltip":{"shared":true,"sort":2},
		"yaxes":[{"format":"bytes","min":"0","logBase":2,"label":"used"},{"format":"percent","max":100}],
		"thresholds":[{"value":80,"op":"gt","colorMode":"critical","line":true}],
		"aliasColors":{"idle":"#00ff00"},
		"seriesOverrides":[{"alias":"/total.*/","yaxis":2,"stack":false,"fill":0}],
		"alert":{"name":"x"},"datasource":"Prom","targets":[{"expr":"up","refId":"A"}]}]}`)
	p := panels[0]
	require.Equal(t, "timeseries", p["type"])
	require.JSONEq(t, `{"uid":"Prom","type":"prometheus"}`, asJSON(t, p["datasource"]))
	defaults := child(child(p, "fieldConfig"), "defaults")
	custom := child(defaults, "custom")
	require.Equal(t, "bytes", defaults["unit"])
	require.EqualValues(t, 0, defaults["min"])
	require.EqualValues(t, 1, defaults["decimals"])
	require.EqualValues(t, 20, custom["fillOpacity"])
	require.EqualValues(t, 3, custom["lineWidth"])
	require.Equal(t, "stepAfter", custom["lineInterpolation"])
	require.Equal(t, true, custom["spanNulls"])
	require.JSONEq(t, `{"mode":"normal","group":"A"}`, asJSON(t, custom["stacking"]))
	require.JSONEq(t, `{"type":"log","log":2}`, asJSON(t, custom["scaleDistribution"]))
	require.JSONEq(t, `{"mode":"absolute","steps":[{"color":"transparent","value":null},{"color":"red","value":80}]}`, asJSON(t, defaults["thresholds"]))
	require.JSONEq(t, `{"mode":"line"}`, asJSON(t, custom["thresholdsStyle"]))
	require.JSONEq(t, `{"showLegend":true,"displayMode":"table","placement":"right","calcs":["mean","lastNotNull"],"sortBy":"Mean","sortDesc":true}`,
		asJSON(t, child(p, "options")["legend"]))
	require.JSONEq(t, `[
		{"matcher":{"id":"byName","options":"idle"},"properties":[{"id":"color","value":{"mode":"fixed","fixedColor":"#00ff00"}}]},
		{"matcher":{"id":"byRegexp","options":"/total.*/"},"properties":[
			{"id":"custom.fillOpacity","value":0},
			{"id":"custom.stacking","value":{"mode":"none","group":""}},
			{"id":"custom.axisPlacement","value":"right"},{"id":"unit","value":"percent"},{"id":"max","value":100}]}]`,
		asJSON(t, child(p, "fieldConfig")["overrides"]))
	require.Equal(t, []string{`panel "cpu": its dashboard alert is not evaluated; write it as a Prometheus rule`}, notes)
}

func TestSinglestatBecomesStatOrGauge(t *testing.T) {
	panels, _ := render(t, `{"title":"d","panels":[
		{"type":"singlestat","format":"percent","valueName":"current","thresholds":"85,95","colors":["green","orange","red"],
		 "colorValue":true,"sparkline":{"show":true},"mappingType":1,"valueMaps":[{"op":"=","text":"N/A","value":"null"},{"op":"=","text":"ok","value":"1"}],"tableColumn":"a.b"},
		{"type":"singlestat","format":"none","gauge":{"show":true,"minValue":0,"maxValue":3},"mappingType":2,"rangeMaps":[{"from":"1","to":"2","text":"mid"}]},
		{"type":"singlestat","format":"none","postfix":" nodes"}]}`)
	stat, gauge := panels[0], panels[1]
	require.Equal(t, "stat", stat["type"])
	require.JSONEq(t, `{"reduceOptions":{"calcs":["lastNotNull"],"fields":"/^a\\.b$/","values":false},"orientation":"horizontal","colorMode":"value","graphMode":"area","textMode":"auto"}`,
		asJSON(t, stat["options"]))
	defaults := child(child(stat, "fieldConfig"), "defaults")
	require.JSONEq(t, `{"mode":"absolute","steps":[{"color":"green","value":null},{"color":"orange","value":85},{"color":"red","value":95}]}`, asJSON(t, defaults["thresholds"]))
	require.JSONEq(t, `[{"type":"special","options":{"match":"null","result":{"text":"N/A","index":0}}},{"type":"value","options":{"1":{"text":"ok","index":1}}}]`, asJSON(t, defaults["mappings"]))
	require.Equal(t, "gauge", gauge["type"])
	gaugeDefaults := child(child(gauge, "fieldConfig"), "defaults")
	require.EqualValues(t, 3, gaugeDefaults["max"])
	require.JSONEq(t, `[{"type":"range","options":{"from":1,"to":2,"result":{"text":"mid","index":0}}}]`, asJSON(t, gaugeDefaults["mappings"]))
	require.Equal(t, "suffix:nodes", child(child(panels[2], "fieldConfig"), "defaults")["unit"])
}

func TestOldTableBecomesTable(t *testing.T) {
	panels, notes := render(t, `{"title":"d","panels":[{"type":"table","title":"t","transform":"timeseries_to_columns","styles":[
		{"pattern":"Time","type":"hidden"},
		{"pattern":"/.*/","type":"number","unit":"bytes","decimals":2,"alias":"Size","colorMode":"cell","colors":["g","o","r"],"thresholds":["50","80"]}]},
		{"type":"table","title":"u","styles":[],"transform":"json"}]}`)
	require.JSONEq(t, `[{"id":"joinByField","options":{"byField":"Time"}}]`, asJSON(t, panels[0]["transformations"]))
	require.JSONEq(t, `[
		{"matcher":{"id":"byRegexp","options":"/.*/"},"properties":[{"id":"displayName","value":"Size"},{"id":"unit","value":"bytes"},{"id":"decimals","value":2},
			{"id":"custom.cellOptions","value":{"type":"color-background"}},
			{"id":"thresholds","value":{"mode":"absolute","steps":[{"color":"g","value":null},{"color":"o","value":50},{"color":"r","value":80}]}}]},
		{"matcher":{"id":"byName","options":"Time"},"properties":[{"id":"custom.hidden","value":true}]}]`,
		asJSON(t, child(panels[0], "fieldConfig")["overrides"]), "the last override wins, so the first style comes last")
	require.Equal(t, []string{`panel "u": table transform "json" is not supported`}, notes)
}

func TestRowsBecomeAGrid(t *testing.T) {
	panels, _ := render(t, `{"title":"d","rows":[
		{"title":"One","showTitle":true,"height":"250px","panels":[{"type":"graph","span":8},{"type":"graph","span":4},{"type":"graph","span":6}]},
		{"title":"Two","collapse":true,"height":76,"panels":[{"type":"text","span":12,"content":"hi","mode":"markdown"}]}]}`)
	type place struct{ x, y, w, h float64 }
	where := func(p object) place {
		pos := child(p, "gridPos")
		return place{number(pos, "x", -1), number(pos, "y", -1), number(pos, "w", -1), number(pos, "h", -1)}
	}
	require.Len(t, panels, 5)
	require.Equal(t, place{0, 0, 24, 1}, where(panels[0]))
	require.Equal(t, place{0, 1, 16, 7}, where(panels[1]))
	require.Equal(t, place{16, 1, 8, 7}, where(panels[2]))
	require.Equal(t, place{0, 8, 12, 7}, where(panels[3]), "what does not fit goes on the next line")
	require.Equal(t, place{0, 15, 24, 1}, where(panels[4]))
	require.Equal(t, true, panels[4]["collapsed"])
	inner := objects(panels[4], "panels")
	require.Equal(t, place{0, 16, 24, 3}, where(inner[0]))
	require.JSONEq(t, `{"content":"hi","mode":"markdown"}`, asJSON(t, inner[0]["options"]))
}

func TestPanelsWithoutPlaceOrNumberGetOne(t *testing.T) {
	panels, _ := render(t, `{"title":"d","panels":[{"id":7,"type":"stat"},{"id":7,"type":"stat","gridPos":{"x":20,"y":2,"w":24.2,"h":4}},{"type":"stat"}]}`)
	require.EqualValues(t, 7, panels[0]["id"])
	require.EqualValues(t, 8, panels[1]["id"])
	require.EqualValues(t, 9, panels[2]["id"])
	require.JSONEq(t, `{"x":0,"y":2,"w":24,"h":4}`, asJSON(t, panels[1]["gridPos"]))
	require.JSONEq(t, `{"x":0,"y":6,"w":12,"h":8}`, asJSON(t, panels[0]["gridPos"]))
}
