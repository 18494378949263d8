package dashboards

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStatOfGrafana6(t *testing.T) {
	panels, _ := render(t, `{"title":"d","schemaVersion":18,"panels":[{"type":"bargauge","options":{"orientation":"vertical","fieldOptions":{"calcs":["max"],"values":false,
		"defaults":{"title":"Load","unit":"percent","min":0,"max":100},
		"mappings":[{"id":1,"type":1,"value":"90","text":"high"},{"id":2,"type":2,"from":"1","to":"5","text":"low"}],
		"thresholds":[{"value":80,"color":"red"},{"value":null,"color":"green"}]}}},
		{"type":"gauge","options":{"minValue":"0","maxValue":50,"valueOptions":{"stat":"current","suffix":" k","unit":"none"},"thresholds":[{"index":0,"value":null,"color":"blue"}]}}]}`)
	bar := panels[0]
	require.JSONEq(t, `{"orientation":"vertical","reduceOptions":{"calcs":["max"],"values":false,"fields":""}}`, asJSON(t, bar["options"]))
	require.JSONEq(t, `{"displayName":"Load","unit":"percent","min":0,"max":100,
		"thresholds":{"mode":"absolute","steps":[{"color":"green","value":null},{"color":"red","value":80}]},
		"mappings":[{"type":"value","options":{"90":{"text":"high","index":0,"color":"red"}}},{"type":"range","options":{"from":1,"to":5,"result":{"text":"low","index":1,"color":"green"}}}]}`,
		asJSON(t, child(bar["fieldConfig"].(object), "defaults")))
	gauge := panels[1]
	require.JSONEq(t, `{"reduceOptions":{"calcs":["lastNotNull"],"values":false,"fields":""}}`, asJSON(t, gauge["options"]))
	require.JSONEq(t, `{"min":0,"max":50,"unit":"suffix:k","thresholds":{"mode":"absolute","steps":[{"color":"blue","value":null}]}}`, asJSON(t, child(gauge["fieldConfig"].(object), "defaults")))
}

func TestLaterSchemaVersions(t *testing.T) {
	panels, _ := render(t, `{"title":"d","schemaVersion":30,"panels":[
		{"type":"table","fieldConfig":{"defaults":{"custom":{"displayMode":"lcd-gauge"}},"overrides":[{"matcher":{"id":"byName","options":"a"},"properties":[{"id":"custom.displayMode","value":"color-background-solid"}]}]},
		 "transformations":[{"id":"labelsToFields","options":{}},{"id":"timeSeriesTable","options":{"refIdToStat":{"A":"max"}}}]},
		{"type":"timeseries","options":{"legend":{"displayMode":"hidden","placement":"bottom"},"tooltipOptions":{"mode":"multi"}},
		 "fieldConfig":{"defaults":{},"overrides":[{"matcher":{"id":"byName","options":"a"},"properties":[{"id":"custom.hideFrom","value":{"viz":true,"tooltip":false,"legend":false}}]}]}},
		{"type":"xychart","options":{"seriesMapping":"manual","series":[{"name":"s","x":"a","y":"b","pointColor":{"fixed":"red"}}]}},
		{"type":"dashlist","recent":true,"limit":5,"tags":["x"]},{"type":"heatmap-new"},{"id":9,"type":"stat","repeatPanelId":2}]}`)
	require.Len(t, panels, 5, "a saved copy of a repeated panel goes")
	config := panels[0]["fieldConfig"].(object)
	require.JSONEq(t, `{"cellOptions":{"type":"gauge","mode":"lcd"}}`, asJSON(t, child(config, "defaults")["custom"]))
	require.JSONEq(t, `[{"id":"custom.cellOptions","value":{"type":"color-background","mode":"basic"}}]`, asJSON(t, objects(config, "overrides")[0]["properties"]))
	require.JSONEq(t, `[{"id":"labelsToFields","options":{}},{"id":"merge","options":{}},{"id":"timeSeriesTable","options":{"A":{"stat":"max"}}}]`, asJSON(t, panels[0]["transformations"]))
	require.JSONEq(t, `{"legend":{"displayMode":"list","showLegend":false,"placement":"bottom"},"tooltip":{"mode":"multi"}}`, asJSON(t, panels[1]["options"]))
	require.Contains(t, asJSON(t, panels[1]["fieldConfig"]), `"tooltip":true`)
	require.JSONEq(t, `{"mapping":"manual","series":[{"name":{"fixed":"s"},"x":{"matcher":{"id":"byName","options":"a"}},"y":{"matcher":{"id":"byName","options":"b"}}}]}`, asJSON(t, panels[2]["options"]))
	require.JSONEq(t, `{"showRecentlyViewed":true,"maxItems":5,"tags":["x"]}`, asJSON(t, panels[3]["options"]))
	require.Equal(t, "heatmap", panels[4]["type"])
}

func TestEarlySchemaVersions(t *testing.T) {
	panels, _ := render(t, `{"title":"d","schemaVersion":3,"sharedCrosshair":true,"rows":[{"panels":[
		{"type":"graphite","span":6,"y_formats":["bytes","ms"],"grid":{"leftMin":0,"threshold1":10,"threshold2":20,"thresholdLine":true},"aliasYAxis":{"b":2}},
		{"type":"singlestat","span":6,"thresholds":"0,50,80","colors":["green","orange","red"]}]},
		{"repeatIteration":1,"panels":[{"type":"text"}]}]}`)
	require.Len(t, panels, 2)
	defaults := child(panels[0]["fieldConfig"].(object), "defaults")
	require.Equal(t, "bytes", defaults["unit"])
	require.JSONEq(t, `{"mode":"absolute","steps":[{"color":"transparent","value":null},{"color":"rgba(216, 200, 27, 0.27)","value":10},{"color":"rgba(234, 112, 112, 0.22)","value":20}]}`, asJSON(t, defaults["thresholds"]))
	require.Contains(t, asJSON(t, panels[0]["fieldConfig"]), `"custom.axisPlacement"`)
	require.JSONEq(t, `[{"color":"green","value":null},{"color":"orange","value":50},{"color":"red","value":80}]`,
		asJSON(t, child(child(panels[1]["fieldConfig"].(object), "defaults"), "thresholds")["steps"]), "the lower bound of old goes")
}

func TestLibraryPanelsAndConstantsOfExports(t *testing.T) {
	panels, _ := render(t, `{"title":"d","__inputs":[{"name":"VAR_P","type":"constant","value":"shop"},{"name":"DS","type":"datasource","value":""}],
		"__elements":{"u1":{"name":"Shared","uid":"u1","kind":1,"model":{"id":1,"type":"stat","title":"Of the library","targets":[{"expr":"${VAR_P}_up","refId":"A"}],"gridPos":{"x":5,"y":5,"w":5,"h":5}}}},
		"panels":[{"id":7,"gridPos":{"x":0,"y":0,"w":12,"h":8},"libraryPanel":{"uid":"u1"}},
			{"id":8,"libraryPanel":{"name":"Inline","uid":"u2","model":{"type":"text","options":{"content":"hi","mode":"markdown"}}}},
			{"id":9,"libraryPanel":{"name":"Gone","uid":"u3"}}]}`)
	require.Equal(t, "Of the library", panels[0]["title"])
	require.EqualValues(t, 7, panels[0]["id"])
	require.EqualValues(t, 12, child(panels[0], "gridPos")["w"], "the dashboard's place wins")
	require.Equal(t, "shop_up", objects(panels[0], "targets")[0]["expr"])
	require.JSONEq(t, `{"name":"Shared","uid":"u1"}`, asJSON(t, panels[0]["libraryPanel"]))
	require.Equal(t, "text", panels[1]["type"])
	require.Nil(t, panels[2]["type"])
}

// Wrong types are dropped in their panel, with a note; everything else stays.
func TestWrongTypesStayInTheirPanel(t *testing.T) {
	panels, notes := render(t, `{"title":"d","tags":"x","schemaVersion":39,"panels":[null,{"title":5,"type":"stat","targets":{"a":1},"options":[],"maxDataPoints":"100","fieldConfig":{"defaults":"x","overrides":[{},3,{"matcher":{"id":"byName"}}]}},
		{"type":"timeseries","title":"good","targets":[{"expr":"up","hide":"false"}]}],"templating":{"list":[{"name":"a","type":"custom","query":"x","current":{"value":[1,true],"text":{}}},"b",{"type":"custom"}]}}`)
	require.Len(t, panels, 3)
	require.Equal(t, "unreadable", panels[0]["type"])
	require.Equal(t, "5", panels[1]["title"])
	require.Nil(t, panels[1]["targets"])
	require.JSONEq(t, `{}`, asJSON(t, panels[1]["options"]))
	require.EqualValues(t, 100, panels[1]["maxDataPoints"])
	require.JSONEq(t, `{"overrides":[{"matcher":{"id":"byName"},"properties":[]}]}`, asJSON(t, panels[1]["fieldConfig"]))
	require.JSONEq(t, `[{"expr":"up","hide":false}]`, asJSON(t, panels[2]["targets"]))
	require.Equal(t, []string{
		`the dashboard's "tags" should be a list and is left out`,
		`panel 1: it is no object`,
		`panel "5": "targets" should be a list and is left out`,
		`panel "5": "defaults" should be an object and is left out`,
		`panel "5": 1 of "overrides" are no objects and are left out`,
		`the dashboard's 1 of "list" are no objects and are left out`,
	}, notes)
}

func TestDecimalsAreOnesThatCanBeWritten(t *testing.T) {
	panels, notes := render(t, `{"title":"d","schemaVersion":39,"panels":[{"type":"stat","fieldConfig":{"defaults":{"decimals":-1},"overrides":[{"matcher":{"id":"byName"},"properties":[{"id":"decimals","value":1e9}]}]}},
		{"type":"singlestat","decimals":-3}]}`)
	require.Empty(t, notes)
	require.JSONEq(t, `{"defaults":{"decimals":0},"overrides":[{"matcher":{"id":"byName"},"properties":[{"id":"decimals","value":20}]}]}`, asJSON(t, panels[0]["fieldConfig"]))
	require.EqualValues(t, 0, child(child(panels[1], "fieldConfig"), "defaults")["decimals"])
}

func TestVariablesInACircleAreNamed(t *testing.T) {
	r := check(t, `{"title":"d","templating":{"list":[{"name":"a","query":"label_values(up{x=\"$b\"},x)"},{"name":"b","query":{"query":"label_values(${c:regex})"}},{"name":"c","regex":"/[[a]]/"},{"name":"d","query":"$a"}]}}`)
	require.Len(t, r.Findings, 1)
	require.Equal(t, "variables refer to each other in a circle: a > b > c > a", r.Findings[0].What)
	require.Equal(t, LevelFeature, r.Findings[0].Level)
}

// What a small file can grow to is bounded.
func TestConstantsAndLibraryPanelsAreBounded(t *testing.T) {
	value := strings.Repeat("x", maxConstantBytes)
	source := `{"title":"d","__inputs":[{"name":"A","type":"constant","value":"` + value + `"}],"description":"` + strings.Repeat("${A}", 4000) + `"}`
	doc, err := Parse([]byte(source))
	require.NoError(t, err)
	rendered, _ := doc.Render()
	require.Less(t, len(rendered), 2*maxDocumentBytes)

	model := `{"type":"text","options":{"content":"` + strings.Repeat("y", 1<<20) + `"}}`
	source = `{"title":"d","__elements":{"u":{"model":` + model + `}},"panels":[` + strings.Repeat(`{"libraryPanel":{"uid":"u"}},`, 100) + `{}]}`
	doc, err = Parse([]byte(source))
	require.NoError(t, err)
	rendered, notes := doc.Render()
	require.True(t, json.Valid(rendered))
	require.Less(t, len(rendered), 2*maxDocumentBytes)
	require.Contains(t, notes[0], "larger than 8 MB together")
}
