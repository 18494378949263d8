package dashboards

import (
	"cmp"
	"slices"
	"strings"
)

// options brings what newer panels kept elsewhere to its place of today: migrations to
// schemaVersion 30 to 42 and those of the panels themselves.
func (m *migrator) options(p object) {
	switch text(p, "type") {
	case "stat", "gauge", "bargauge":
		m.fieldOptions(p)
	case "alertlist":
		topOptions(p, map[string]string{"show": "showOptions", "limit": "maxItems", "sortOrder": "sortOrder", "nameFilter": "alertName",
			"dashboardTags": "tags", "folderId": "folderId", "onlyAlertsOnDashboard": "dashboardAlerts", "stateFilter": "stateFilter"})
	case "dashlist":
		topOptions(p, map[string]string{"starred": "showStarred", "recent": "showRecentlyViewed", "search": "showSearch", "headings": "showHeadings",
			"query": "query", "tags": "tags", "limit": "maxItems", "folderId": "folderId"})
	case "annolist":
		topOptions(p, map[string]string{"limit": "limit", "tags": "tags", "onlyFromThisDashboard": "onlyFromThisDashboard",
			"onlyInTimeRange": "onlyInTimeRange", "showTags": "showTags", "showUser": "showUser", "showTime": "showTime"})
	case "xychart":
		xyChart(p)
	}
	if options := child(p, "options"); options != nil {
		if old, ok := options["tooltipOptions"].(object); ok {
			if options["tooltip"] == nil {
				options["tooltip"] = old
			}
			delete(options, "tooltipOptions")
		}
		if legend := child(options, "legend"); legend != nil && (text(legend, "displayMode") == "hidden" || legend["showLegend"] == false) {
			legend["displayMode"], legend["showLegend"] = "list", false
		}
	}
	m.fieldConfig(p)
	m.transformations(p)
}

// topOptions moves the settings of an Angular panel from its top level into options.
func topOptions(p object, names map[string]string) {
	if child(p, "options") != nil {
		return
	}
	options := object{}
	for _, old := range sortedKeys(p) {
		if now, ok := names[old]; ok && p[old] != nil {
			options[now] = p[old]
		}
	}
	if len(options) > 0 {
		p["options"] = options
	}
}

// fieldOptions moves options.fieldOptions of Grafana 6 and the valueOptions of 6.0
// into reduceOptions and the field configuration.
func (m *migrator) fieldOptions(p object) {
	options := child(p, "options")
	if options == nil {
		return
	}
	old, values := child(options, "fieldOptions"), child(options, "valueOptions")
	if old == nil && values == nil {
		return
	}
	defaults := ensure(ensure(p, "fieldConfig"), "defaults")
	keep := func(key string, v any) {
		if defaults[key] == nil && v != nil && v != "" {
			defaults[key] = v
		}
	}
	for key, v := range child(old, "defaults") {
		if key == "title" {
			key = "displayName"
		}
		keep(key, v)
	}
	keep("unit", values["unit"])
	keep("decimals", values["decimals"])
	keep("min", options["minValue"])
	keep("max", options["maxValue"])
	for _, key := range []string{"thresholds", "mappings"} {
		keep(key, old[key])
		keep(key, options[key])
	}
	keep("mappings", options["valueMappings"])
	affixes(object{"prefix": values["prefix"], "postfix": values["suffix"]}, defaults)
	if steps := objects(defaults, "thresholds"); steps != nil {
		defaults["thresholds"] = object{"mode": "absolute", "steps": thresholdSteps(steps)}
	}
	if child(options, "reduceOptions") == nil {
		calcs := list(old, "calcs")
		if stat := text(values, "stat"); stat != "" {
			calcs = []any{reducer(stat)}
		}
		if len(calcs) == 0 {
			calcs = []any{"mean"}
		}
		reduce := object{"calcs": calcs, "values": flag(old, "values"), "fields": ""}
		if limit, ok := toNumber(old["limit"]); ok {
			reduce["limit"] = limit
		}
		options["reduceOptions"] = reduce
	}
	for _, key := range []string{"fieldOptions", "valueOptions", "minValue", "maxValue", "thresholds", "valueMappings", "mappings"} {
		delete(options, key)
	}
	shapeFieldConfig(p, func(s string) { m.note(p, "%s", s) })
}

// thresholdSteps brings a list of thresholds into order, the first without a bound.
func thresholdSteps(in []object) []any {
	slices.SortStableFunc(in, func(a, b object) int { return cmp.Compare(number(a, "value", -1e308), number(b, "value", -1e308)) })
	out := []any{}
	for i, s := range in {
		step := object{"color": s["color"], "value": s["value"]}
		if _, ok := toNumber(s["value"]); i == 0 || !ok {
			step["value"] = nil
		}
		out = append(out, step)
	}
	return out
}

// fieldConfig upgrades value mappings, the table's cells and what hides a series, in the
// defaults and in each override.
func (m *migrator) fieldConfig(p object) {
	config := child(p, "fieldConfig")
	if config == nil {
		return
	}
	defaults := child(config, "defaults")
	if old := objects(defaults, "mappings"); oldMappings(old) {
		defaults["mappings"] = upgradeMappings(old, child(defaults, "thresholds"))
	}
	if custom := child(defaults, "custom"); text(custom, "displayMode") != "" && text(p, "type") == "table" {
		if custom["cellOptions"] == nil {
			custom["cellOptions"] = cellOptions(text(custom, "displayMode"))
		}
		delete(custom, "displayMode")
	}
	for _, o := range objects(config, "overrides") {
		for _, prop := range objects(o, "properties") {
			switch text(prop, "id") {
			case "mappings":
				if old := objects(prop, "value"); oldMappings(old) {
					prop["value"] = upgradeMappings(old, child(defaults, "thresholds"))
				}
			case "custom.displayMode":
				if mode, ok := prop["value"].(string); ok && text(p, "type") == "table" {
					prop["id"], prop["value"] = "custom.cellOptions", cellOptions(mode)
				}
			case "custom.hideFrom":
				if from := child(prop, "value"); m.version > 0 && m.version < 42 && flag(from, "viz") {
					from["tooltip"] = true
				}
			}
		}
	}
}

// cellOptions is what the display modes of before schemaVersion 38 became.
func cellOptions(mode string) object {
	switch mode {
	case "basic", "gradient-gauge", "lcd-gauge":
		return object{"type": "gauge", "mode": strings.TrimSuffix(mode, "-gauge")}
	case "color-background":
		return object{"type": "color-background", "mode": "gradient"}
	case "color-background-solid":
		return object{"type": "color-background", "mode": "basic"}
	}
	return object{"type": mode}
}

// oldMappings reports whether mappings are those of before schemaVersion 30: their type
// is a number.
func oldMappings(in []object) bool {
	return slices.ContainsFunc(in, func(m object) bool {
		_, isText := m["type"].(string)
		return !isText
	})
}

// upgradeMappings turns mappings with type 1 (value) and 2 (range) into today's; the
// colour of a number is that of its threshold, as it was shown before.
func upgradeMappings(in []object, thresholds object) []any {
	values := object{}
	var out []any
	for i, m := range in {
		if _, isText := m["type"].(string); isText {
			out = append(out, m)
			continue
		}
		result := object{"text": text(m, "text"), "index": i}
		colour := func(v any) {
			if n, ok := toNumber(v); ok {
				setText(result, "color", thresholdColour(n, objects(thresholds, "steps")))
			}
		}
		if number(m, "type", 1) != 2 && (m["value"] != nil || m["from"] == nil) {
			key := scalar(m["value"])
			if key == "null" {
				out = append(out, object{"type": "special", "options": object{"match": "null", "result": result}})
				continue
			}
			colour(m["value"])
			values[key] = result
			continue
		}
		bounds := object{"from": nil, "to": nil, "result": result}
		for _, key := range []string{"from", "to"} {
			if v, ok := toNumber(m[key]); ok {
				bounds[key] = v
			}
		}
		colour(m["from"])
		out = append(out, object{"type": "range", "options": bounds})
	}
	if len(values) > 0 {
		out = append([]any{object{"type": "value", "options": values}}, out...)
	}
	return out
}

func thresholdColour(v float64, steps []object) string {
	colour := ""
	for _, s := range steps {
		if bound, ok := toNumber(s["value"]); !ok || v >= bound {
			colour = text(s, "color")
		}
	}
	return colour
}

// transformations upgrades the steps whose options changed.
func (m *migrator) transformations(p object) {
	steps := list(p, "transformations")
	if len(steps) == 0 {
		return
	}
	out := []any{}
	for _, v := range steps {
		step, ok := v.(object)
		if !ok {
			continue
		}
		out = append(out, step)
		switch text(step, "id") {
		case "labelsToFields":
			// It merged its frames until schemaVersion 31.
			if m.version > 0 && m.version < 31 {
				out = append(out, object{"id": "merge", "options": object{}})
			}
		case "timeSeriesTable":
			options := child(step, "options")
			if stats, ok := options["refIdToStat"].(object); ok {
				delete(options, "refIdToStat")
				for _, ref := range sortedKeys(stats) {
					options[ref] = object{"stat": stats[ref]}
				}
			}
		}
	}
	p["transformations"] = out
}

// xyChart turns the series of Grafana 8 to 10, which named fields, into today's with
// matchers.
func xyChart(p object) {
	options := child(p, "options")
	if options == nil || options["mapping"] != nil {
		return
	}
	mapping := text(options, "seriesMapping")
	if mapping == "" {
		return
	}
	options["mapping"] = mapping
	delete(options, "seriesMapping")
	byName := func(name string) object { return object{"matcher": object{"id": "byName", "options": name}} }
	series := []any{}
	if mapping == "manual" {
		for _, s := range objects(options, "series") {
			one := object{}
			for key, from := range map[string]string{"x": text(s, "x"), "y": text(s, "y"), "color": text(child(s, "pointColor"), "field"), "size": text(child(s, "pointSize"), "field")} {
				if from != "" {
					one[key] = byName(from)
				}
			}
			if name := text(s, "name"); name != "" {
				one["name"] = object{"fixed": name}
			}
			series = append(series, one)
		}
	} else if x := text(child(options, "dims"), "x"); x != "" {
		series = append(series, object{"x": byName(x)})
	}
	options["series"] = series
	delete(options, "dims")
}
