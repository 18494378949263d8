package dashboards

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPluginPanelsBecomeTheNearestOfGrafana(t *testing.T) {
	panels, notes := render(t, `{"title":"d","panels":[
		{"id":1,"type":"natel-discrete-panel","title":"states","units":"short","writeAllValues":false,"colorMaps":[{"text":"UP","color":"#0f0"},{"text":"3","color":"#00f"}],
			"valueMaps":[{"op":"=","text":"UP","value":"1"},{"op":"=","text":"gone","value":"null"}],"rangeMaps":[{"from":"4","to":"9","text":"UP"}]},
		{"id":2,"type":"grafana-polystat-panel","title":"tiles","options":{"globalUnitFormat":"bytes","globalDecimals":2,"globalOperator":"last","globalFillColor":"#123456",
			"globalThresholdsConfig":[{"color":"#d44a3a","state":2,"value":8},{"color":"#E0B400","state":1,"value":2}],
			"overrideConfig":{"overrides":[{"metricName":"/disk.*/","unitFormat":"percent","decimals":1,"thresholds":[{"value":5,"state":2}]},{"metricName":"x","enabled":false,"unitFormat":"s"}]},
			"compositeConfig":{"composites":[{"compositeName":"c"}]}}},
		{"id":3,"type":"grafana-polystat-panel","polystat":{"globalOperatorName":"avg","globalUnitFormat":"percent"},"savedOverrides":[{"metricName":"a","unitFormat":"s"}]},
		{"id":4,"type":"flant-statusmap-panel","title":"map","color":{"mode":"discrete","thresholds":[{"color":"red","value":"0","tooltip":"bad"},{"color":"green","value":"1"}]},"legend":{"show":true}},
		{"id":5,"type":"vonage-status-panel","title":"light","targets":[{"refId":"A","warn":80,"crit":90},{"refId":"B","warn":"5","crit":"1"},{"refId":"C"}]}]}`)
	types := []string{}
	for _, p := range panels {
		types = append(types, text(p, "type"))
	}
	require.Equal(t, []string{"state-timeline", "stat", "stat", "status-history", "stat"}, types)
	defaults := func(i int) object { return child(child(panels[i], "fieldConfig"), "defaults") }
	require.JSONEq(t, `[{"type":"value","options":{"UP":{"color":"#0f0"},"3":{"color":"#00f"},"1":{"text":"UP","color":"#0f0"}}},
		{"type":"special","options":{"match":"null","result":{"text":"gone"}}},
		{"type":"range","options":{"from":4,"to":9,"result":{"text":"UP","color":"#0f0"}}}]`, asJSON(t, defaults(0)["mappings"]))
	require.Equal(t, "never", child(panels[0], "options")["showValue"])
	require.JSONEq(t, `{"mode":"absolute","steps":[{"color":"#123456","value":null},{"color":"#E0B400","value":2},{"color":"#d44a3a","value":8}]}`, asJSON(t, defaults(1)["thresholds"]))
	require.Equal(t, "bytes", defaults(1)["unit"])
	require.JSONEq(t, `[{"matcher":{"id":"byRegexp","options":"/disk.*/"},"properties":[{"id":"unit","value":"percent"},{"id":"decimals","value":1},
		{"id":"thresholds","value":{"mode":"absolute","steps":[{"color":"#123456","value":null},{"color":"#bf1b00","value":5}]}}]}]`, asJSON(t, child(panels[1], "fieldConfig")["overrides"]))
	require.JSONEq(t, `["mean"]`, asJSON(t, child(child(panels[2], "options"), "reduceOptions")["calcs"]))
	require.JSONEq(t, `[{"type":"value","options":{"0":{"index":0,"color":"red","text":"bad"},"1":{"index":1,"color":"green"}}}]`, asJSON(t, defaults(3)["mappings"]))
	overrides := objects(child(panels[4], "fieldConfig"), "overrides")
	require.Len(t, overrides, 2)
	require.JSONEq(t, `{"mode":"absolute","steps":[{"color":"red","value":null},{"color":"orange","value":1},{"color":"green","value":5}]}`, asJSON(t, objects(overrides[1], "properties")[0]["value"]))
	require.Equal(t, []string{"1 of flant-statusmap-panel: drawn as status histories", "2 of grafana-polystat-panel: drawn as tiles of stat panels",
		"1 of vonage-status-panel: drawn as tiles of stat panels", "1 of grafana-polystat-panel have composites: drawn as the series that they are made of"}, notes)
}

func TestTimeRegionsBecomeAnnotationsOfTheirPanel(t *testing.T) {
	doc, err := Parse([]byte(`{"title":"d","panels":[{"id":7,"type":"graph","title":"load","targets":[{"expr":"up"}],"timeRegions":[
		{"op":"time","from":"08:00","to":"17:00","fromDayOfWeek":1,"toDayOfWeek":5,"colorMode":"green","fill":true},
		{"fromDayOfWeek":6,"colorMode":"custom","fillColor":"#abcdef","timezone":"browser"}]}]}`))
	require.NoError(t, err)
	tree, notes := doc.render()
	require.Empty(t, notes)
	require.JSONEq(t, `[{"name":"load, region 1","enable":true,"hide":true,"datasource":{"type":"datasource","uid":"grafana"},"iconColor":"rgba(11, 237, 50, 0.6)",
			"filter":{"exclude":false,"ids":[7]},"target":{"queryType":"timeRegions","refId":"Anno","timeRegion":{"mode":"simple","from":"08:00","to":"17:00","fromDayOfWeek":1,"toDayOfWeek":5,"timezone":"utc"}}},
		{"name":"load, region 2","enable":true,"hide":true,"datasource":{"type":"datasource","uid":"grafana"},"iconColor":"#abcdef",
			"filter":{"exclude":false,"ids":[7]},"target":{"queryType":"timeRegions","refId":"Anno","timeRegion":{"mode":"simple","fromDayOfWeek":6,"timezone":"browser"}}}]`,
		asJSON(t, child(tree, "annotations")["list"]))
}
