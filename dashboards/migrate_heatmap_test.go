package dashboards

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHeatmapOfFlotKeepsItsColoursAndCells(t *testing.T) {
	panels, _ := render(t, `{"title":"d","panels":[
		{"type":"heatmap","dataFormat":"tsbuckets","yBucketBound":"upper","reverseYBuckets":true,"yAxis":{"format":"s","decimals":1,"logBase":1,"min":"0","max":null,"show":false},
			"color":{"mode":"spectrum","colorScheme":"interpolateSpectral","max":5},"cards":{"cardPadding":0,"cardRound":3},"tooltip":{"show":true,"showHistogram":true},"legend":{"show":true}},
		{"type":"heatmap","dataFormat":"timeseries","xBucketSize":"5m","yBucketNumber":20,"yAxis":{"format":"bytes","logBase":2,"splitFactor":4},
			"color":{"mode":"opacity","cardColor":"#b4ff00","colorScale":"sqrt","exponent":0.3}},
		{"type":"heatmap","xBucketNumber":30,"yBucketSize":"10","yAxis":{"logBase":1},"color":{"mode":"opacity","colorScale":"linear"}}]}`)
	require.JSONEq(t, `{"calculate":false,"color":{"mode":"scheme","scheme":"Spectral","steps":128,"reverse":false,"max":5},"cellGap":1,"cellRadius":3,
		"rowsFrame":{"layout":"le"},"yAxis":{"unit":"s","decimals":1,"reverse":true,"axisPlacement":"hidden","min":0},"legend":{"show":true},
		"tooltip":{"show":true,"yHistogram":true},"showValue":"never"}`, asJSON(t, panels[0]["options"]))
	second := child(panels[1], "options")
	require.JSONEq(t, `{"mode":"opacity","fill":"#b4ff00","scale":"exponential","exponent":0.3}`, asJSON(t, second["color"]))
	require.JSONEq(t, `{"xBuckets":{"mode":"size","value":"5m"},"yBuckets":{"mode":"count","value":"4","scale":{"type":"log","log":2}}}`, asJSON(t, second["calculation"]))
	require.EqualValues(t, 2, second["cellGap"])
	third := child(panels[2], "options")
	require.JSONEq(t, `{"xBuckets":{"mode":"count","value":"30"},"yBuckets":{"mode":"size","value":"10"}}`, asJSON(t, third["calculation"]))
	require.Equal(t, "linear", child(third, "color")["scale"])
}

func TestGraphWithAGradient(t *testing.T) {
	panels, _ := render(t, `{"title":"d","panels":[{"type":"graph","fill":1,"fillGradient":6},{"type":"graph","fill":2,"fillGradient":0}]}`)
	custom := func(i int) object {
		return child(child(child(panels[i], "fieldConfig"), "defaults"), "custom")
	}
	require.Equal(t, "opacity", custom(0)["gradientMode"])
	require.EqualValues(t, 60, custom(0)["fillOpacity"])
	require.NotContains(t, custom(1), "gradientMode")
	require.EqualValues(t, 20, custom(1)["fillOpacity"])
}
