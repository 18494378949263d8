package dashboards

import (
	"slices"
	"strings"
)

// latestSchema is the schemaVersion of what Render returns at least.
const latestSchema = 39

// early does what Grafana's migrations to schemaVersion 2 to 15 did to the dashboard,
// as far as it changes what is shown.
func (m *migrator) early(tree object) {
	if m.version < 2 {
		if services := child(child(tree, "services"), "filter"); services != nil {
			if tree["time"] == nil && services["time"] != nil {
				tree["time"] = services["time"]
			}
			if child(tree, "templating") == nil {
				tree["templating"] = object{"list": list(services, "list")}
			}
		}
	}
	if m.version < 14 && tree["graphTooltip"] == nil && flag(tree, "sharedCrosshair") {
		tree["graphTooltip"] = 1
	}
	for _, p := range allPanels(tree) {
		m.earlyPanel(p)
	}
}

// allPanels returns the panels at the top, in rows and in row panels.
func allPanels(tree object) []object {
	var out []object
	add := func(in object) {
		for _, p := range objects(in, "panels") {
			out = append(append(out, p), objects(p, "panels")...)
		}
	}
	add(tree)
	for _, r := range objects(tree, "rows") {
		add(r)
	}
	return out
}

// Types that were renamed without a change of their model.
var renamedTypes = map[string]string{
	"graphite": "graph", "text2": "text", "table2": "table", "singlestat2": "stat", "graph2": "timeseries", "heatmap-new": "heatmap",
	"bar-gauge": "bargauge", "annolist-panel": "annolist", "ryantxu-annolist-panel": "annolist", "piechart-v2": "piechart",
}

func (m *migrator) earlyPanel(p object) {
	if now, ok := renamedTypes[text(p, "type")]; ok {
		p["type"] = now
	}
	switch text(p, "type") {
	case "singlestat":
		if m.version < 9 {
			dropFirstThreshold(p)
		}
	case "table", "table-old":
		if m.version < 10 {
			for _, s := range objects(p, "styles") {
				dropFirstThreshold(s)
			}
		}
	case "graph":
		m.earlyGraph(p)
	}
	if span, ok := toNumber(p["minSpan"]); ok && span > 0 && m.version < 17 {
		p["maxPerRow"] = maxPerRow(gridColumns / span)
		delete(p, "minSpan")
	}
}

// earlyGraph brings the axes and thresholds of before schemaVersion 13 to their later
// shape; y_formats are read by oldAxes.
func (m *migrator) earlyGraph(p object) {
	if formats := list(p, "y_formats"); formats == nil && text(p, "y_format") != "" {
		p["y_formats"] = []any{p["y_format"], "short"}
	}
	grid := child(p, "grid")
	if v, present := grid["min"]; present && grid["leftMin"] == nil {
		grid["leftMin"] = v
	}
	if v, present := grid["max"]; present && grid["leftMax"] == nil {
		grid["leftMax"] = v
	}
	if aliases := child(p, "aliasYAxis"); len(aliases) > 0 && m.version < 4 {
		overrides := list(p, "seriesOverrides")
		for _, name := range sortedKeys(aliases) {
			overrides = append(overrides, object{"alias": name, "yaxis": aliases[name]})
		}
		p["seriesOverrides"] = overrides
		delete(p, "aliasYAxis")
	}
	if m.version < 13 && p["thresholds"] == nil {
		if t := gridThresholds(grid); len(t) > 0 {
			p["thresholds"] = t
		}
	}
}

// gridThresholds reads grid.threshold1 and threshold2: lines, or areas from one to the
// other, in the direction in which they grow.
func gridThresholds(grid object) []any {
	first, hasFirst := toNumber(grid["threshold1"])
	second, hasSecond := toNumber(grid["threshold2"])
	line := flag(grid, "thresholdLine")
	op := "gt"
	if hasFirst && hasSecond && first > second {
		op = "lt"
	}
	var out []any
	add := func(value float64, color string) {
		t := object{"value": value, "op": op, "fill": !line, "line": line, "colorMode": "custom"}
		t[map[bool]string{true: "lineColor", false: "fillColor"}[line]] = color
		out = append(out, t)
	}
	if hasFirst {
		add(first, orText(text(grid, "threshold1Color"), "rgba(216, 200, 27, 0.27)"))
	}
	if hasSecond {
		add(second, orText(text(grid, "threshold2Color"), "rgba(234, 112, 112, 0.22)"))
	}
	return out
}

// dropFirstThreshold removes the lower bound that thresholds once began with.
func dropFirstThreshold(o object) {
	if s, ok := o["thresholds"].(string); ok {
		if parts := strings.Split(s, ","); len(parts) >= 3 {
			o["thresholds"] = strings.Join(parts[1:], ",")
		}
		return
	}
	if l := list(o, "thresholds"); len(l) >= 3 {
		o["thresholds"] = slices.Clone(l[1:])
	}
}

// maxPerRow is the largest number of equal parts of the grid that are no more than n.
func maxPerRow(n float64) int {
	best := 1
	for _, parts := range []int{2, 3, 4, 6, 8, 12, 24} {
		if float64(parts) <= n {
			best = parts
		}
	}
	return best
}
