package dashboards

import (
	"fmt"
	"slices"
	"strings"
)

// Panels of plugins that Grafana itself turns into its own (natel-discrete-panel), and
// those whose picture one of its own panels gives: a tile for each series (polystat,
// vonage-status), cells over time (statusmap).
func (m *migrator) plugin(p object) {
	if likeness[text(p, "type")] != "" {
		if m.likened == nil {
			m.likened = map[string]int{}
		}
		m.likened[text(p, "type")]++
	}
	switch text(p, "type") {
	case "natel-discrete-panel":
		discrete(p)
	case "grafana-polystat-panel":
		m.polystat(p)
	case "flant-statusmap-panel":
		statusmap(p)
	case "vonage-status-panel":
		statusLight(p)
	}
}

// likeness is what panels are drawn as that Grafana itself leaves to their plugins.
var likeness = map[string]string{
	"grafana-polystat-panel": "tiles of stat panels", "vonage-status-panel": "tiles of stat panels", "flant-statusmap-panel": "status histories",
}

// pluginNotes says, once for each plugin, what its panels are drawn as.
func (m *migrator) pluginNotes() {
	var kinds []string
	for kind := range m.likened {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		m.notes = append(m.notes, fmt.Sprintf("%d of %s: drawn as %s", m.likened[kind], kind, likeness[kind]))
	}
	if m.composites > 0 {
		m.notes = append(m.notes, fmt.Sprintf("%d of grafana-polystat-panel have composites: drawn as the series that they are made of", m.composites))
	}
}

// discrete turns a discrete panel into a state timeline: the colour of a text, the text
// of a value or of a range of values.
func discrete(p object) {
	p["type"] = "state-timeline"
	defaults := ensure(ensure(p, "fieldConfig"), "defaults")
	setText(defaults, "unit", text(p, "units"))
	defaults["custom"] = object{"fillOpacity": 100, "lineWidth": 0}
	colors := map[string]string{}
	values := object{}
	for _, c := range objects(p, "colorMaps") {
		if name, color := scalar(c["text"]), text(c, "color"); color != "" {
			colors[name] = color
			values[name] = object{"color": color}
		}
	}
	mappings := []any{}
	result := func(label string) object {
		r := object{"text": label}
		setText(r, "color", colors[label])
		return r
	}
	for _, v := range objects(p, "valueMaps") {
		key, label := scalar(v["value"]), text(v, "text")
		switch {
		case label == "":
		case key == "null":
			mappings = append(mappings, object{"type": "special", "options": object{"match": "null", "result": result(label)}})
		default:
			values[key] = result(label)
		}
	}
	if len(values) > 0 {
		mappings = append([]any{object{"type": "value", "options": values}}, mappings...)
	}
	for _, r := range objects(p, "rangeMaps") {
		bounds := object{"from": nil, "to": nil, "result": result(text(r, "text"))}
		for _, key := range []string{"from", "to"} {
			if v, ok := toNumber(r[key]); ok {
				bounds[key] = v
			}
		}
		if text(r, "text") != "" {
			mappings = append(mappings, object{"type": "range", "options": bounds})
		}
	}
	defaults["mappings"] = mappings
	showValue := "auto"
	if p["writeAllValues"] == false {
		showValue = "never"
	}
	p["options"] = object{"mergeValues": true, "showValue": showValue, "alignValue": "left", "rowHeight": 0.9,
		"legend":  object{"showLegend": flag(p, "showLegend"), "displayMode": "list", "placement": "bottom"},
		"tooltip": object{"mode": "single"}}
}

// polystat turns a plugin's polygons into tiles. Both its models are read: options of
// version 1.2 and later, and "polystat" with "savedOverrides" of before.
func (m *migrator) polystat(p object) {
	old := child(p, "options")
	if old == nil || old["globalOperator"] == nil && old["globalUnitFormat"] == nil {
		old = child(p, "polystat")
	}
	p["type"] = "stat"
	defaults := ensure(ensure(p, "fieldConfig"), "defaults")
	if text(defaults, "unit") == "" {
		setText(defaults, "unit", text(old, "globalUnitFormat"))
	}
	if d, ok := toNumber(old["globalDecimals"]); ok && defaults["decimals"] == nil {
		defaults["decimals"] = max(0, min(d, maxDecimals))
	}
	base := orText(text(old, "globalFillColor"), "#299c46")
	steps := objects(old, "globalThresholdsConfig")
	if steps == nil {
		steps = objects(old, "globalThresholds")
	}
	defaults["thresholds"] = polystatThresholds(steps, base)
	defaults["color"] = object{"mode": "thresholds"}
	if config := objects(child(old, "overrideConfig"), "overrides"); config != nil {
		polystatOverrides(p, config, base)
	} else {
		polystatOverrides(p, objects(p, "savedOverrides"), base)
	}
	if len(objects(child(old, "compositeConfig"), "composites"))+len(objects(p, "savedComposites")) > 0 {
		m.composites++
	}
	operator := orText(text(old, "globalOperator"), text(old, "globalOperatorName"))
	p["options"] = object{
		"reduceOptions": object{"calcs": []any{reducer(polystatOperator(operator))}, "fields": "", "values": false},
		"colorMode":     "background_solid", "graphMode": "none", "textMode": "value_and_name", "justifyMode": "center", "orientation": "auto",
	}
	if shows, present := old["globalShowValueEnabled"].(bool); present && !shows {
		child(p, "options")["textMode"] = "name"
	}
}

func polystatOperator(name string) string {
	switch name {
	case "last", "":
		return "lastNotNull"
	case "logmin", "time", "time_step":
		return "lastNotNull"
	}
	return name
}

// polystatThresholds reads values with a colour, or with a state: 0 fine, 1 warning, 2
// critical.
func polystatThresholds(in []object, base string) object {
	steps := []object{}
	for _, t := range in {
		v, ok := toNumber(t["value"])
		if !ok {
			continue
		}
		color := text(t, "color")
		if color == "" {
			color = []string{"#299c46", "#e5ac0e", "#bf1b00", base}[min(3, max(0, int(number(t, "state", 0))))]
		}
		steps = append(steps, object{"color": color, "value": v})
	}
	return object{"mode": "absolute", "steps": thresholdSteps(append([]object{{"color": base, "value": nil}}, steps...))}
}

func polystatOverrides(p object, in []object, base string) {
	for _, o := range in {
		name := text(o, "metricName")
		if name == "" || o["enabled"] == false {
			continue
		}
		properties := []any{}
		if unit := text(o, "unitFormat"); unit != "" {
			properties = append(properties, "unit", unit)
		}
		if d, ok := toNumber(o["decimals"]); ok {
			properties = append(properties, "decimals", max(0, min(d, maxDecimals)))
		}
		if t := objects(o, "thresholds"); len(t) > 0 {
			properties = append(properties, "thresholds", polystatThresholds(t, base))
		}
		if alias := text(o, "alias"); alias != "" {
			properties = append(properties, "displayName", alias)
		}
		override(p, "byRegexp", name, properties...)
	}
}

// statusmap turns a plugin's buckets of states into a status history.
func statusmap(p object) {
	p["type"] = "status-history"
	defaults := ensure(ensure(p, "fieldConfig"), "defaults")
	color := child(p, "color")
	values := object{}
	for i, t := range objects(color, "thresholds") {
		if key := strings.TrimSpace(scalar(t["value"])); t["value"] != nil && key != "" {
			result := object{"index": i}
			setText(result, "color", text(t, "color"))
			setText(result, "text", text(t, "tooltip"))
			values[key] = result
		}
	}
	switch mode := orText(text(color, "mode"), "spectrum"); {
	case mode == "discrete" && len(values) > 0:
		defaults["mappings"] = []any{object{"type": "value", "options": values}}
	case mode == "opacity":
		defaults["color"] = object{"mode": "shades", "fixedColor": orText(text(color, "cardColor"), "#b4ff00")}
	default:
		defaults["color"] = object{"mode": "continuous-GrYlRd"}
	}
	defaults["custom"] = object{"fillOpacity": 100, "lineWidth": 0}
	p["options"] = object{"showValue": "never", "rowHeight": 0.9, "colWidth": 0.9,
		"legend":  object{"showLegend": flag(child(p, "legend"), "show"), "displayMode": "list", "placement": "bottom"},
		"tooltip": object{"mode": "single"}}
}

// statusLight turns a plugin's traffic light into tiles, each with the thresholds of its query.
func statusLight(p object) {
	p["type"] = "stat"
	defaults := ensure(ensure(p, "fieldConfig"), "defaults")
	colors := child(p, "colors")
	ok := orText(text(colors, "ok"), "green")
	defaults["thresholds"] = object{"mode": "absolute", "steps": []any{object{"color": ok, "value": nil}}}
	defaults["color"] = object{"mode": "thresholds"}
	for _, t := range objects(p, "targets") {
		warn, hasWarn := toNumber(t["warn"])
		crit, hasCrit := toNumber(t["crit"])
		steps := []object{{"color": ok, "value": nil}}
		falling := hasWarn && hasCrit && crit < warn
		switch {
		case falling:
			steps = []object{{"color": orText(text(colors, "crit"), "red"), "value": nil}, {"color": orText(text(colors, "warn"), "orange"), "value": crit}, {"color": ok, "value": warn}}
		default:
			if hasWarn {
				steps = append(steps, object{"color": orText(text(colors, "warn"), "orange"), "value": warn})
			}
			if hasCrit {
				steps = append(steps, object{"color": orText(text(colors, "crit"), "red"), "value": crit})
			}
		}
		if len(steps) > 1 {
			override(p, "byFrameRefID", orText(text(t, "refId"), "A"), "thresholds", object{"mode": "absolute", "steps": thresholdSteps(steps)})
		}
	}
	p["options"] = object{"reduceOptions": object{"calcs": []any{"lastNotNull"}, "fields": "", "values": false},
		"colorMode": "background_solid", "graphMode": "none", "textMode": "value_and_name", "justifyMode": "center", "orientation": "auto"}
}
