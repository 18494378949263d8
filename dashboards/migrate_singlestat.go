package dashboards

import (
	"encoding/json"
	"slices"
	"strings"
)

// singlestat turns the flot single value into a stat, or a gauge when it showed
// one.
func (m *migrator) singlestat(p object) {
	gauge := child(p, "gauge")
	p["type"] = "stat"
	if flag(gauge, "show") {
		p["type"] = "gauge"
	}
	defaults := ensure(ensure(p, "fieldConfig"), "defaults")
	setText(defaults, "unit", text(p, "format"))
	if d, ok := toNumber(p["decimals"]); ok {
		defaults["decimals"] = max(0, min(d, maxDecimals))
	}
	if s, ok := p["nullText"].(string); ok {
		defaults["noValue"] = s
	}
	defaults["thresholds"] = singlestatThresholds(p)
	if mappings := valueMappings(p); len(mappings) > 0 {
		defaults["mappings"] = mappings
	}
	fields := ""
	if column := text(p, "tableColumn"); column != "" {
		fields = "/^" + escapeRegexp(column) + "$/"
	}
	options := object{
		"reduceOptions": object{"calcs": []any{reducer(text(p, "valueName"))}, "fields": fields, "values": false},
		"orientation":   "horizontal",
	}
	if p["type"] == "gauge" {
		defaults["min"], defaults["max"] = number(gauge, "minValue", 0), number(gauge, "maxValue", 100)
		options["showThresholdMarkers"] = gauge["thresholdMarkers"] == nil || flag(gauge, "thresholdMarkers")
		options["showThresholdLabels"] = flag(gauge, "thresholdLabels")
		p["options"] = options
		return
	}
	options["colorMode"], options["graphMode"], options["textMode"] = "none", "none", "auto"
	if flag(p, "colorBackground") {
		options["colorMode"] = "background"
	} else if flag(p, "colorValue") {
		options["colorMode"] = "value"
	}
	if flag(child(p, "sparkline"), "show") {
		options["graphMode"] = "area"
	}
	if text(p, "valueName") == "name" {
		options["textMode"] = "name"
	}
	affixes(p, defaults)
	p["options"] = options
}

// affixes keeps a prefix or a postfix where the unit leaves room for one; the
// others had a unit that says the same.
func affixes(p, defaults object) {
	unit := text(defaults, "unit")
	if unit != "" && unit != "none" && unit != "short" {
		return
	}
	if s := strings.TrimSpace(text(p, "prefix")); s != "" {
		defaults["unit"] = "prefix:" + s
	} else if s := strings.TrimSpace(text(p, "postfix")); s != "" {
		defaults["unit"] = "suffix:" + s
	}
}

// singlestatThresholds reads "50,80" with three colours.
func singlestatThresholds(p object) object {
	colors := list(p, "colors")
	color := func(i int) any {
		if i < len(colors) {
			return colors[i]
		}
		return []any{"green", "orange", "red"}[min(i, 2)]
	}
	steps := []any{object{"color": color(0), "value": nil}}
	for i, s := range strings.Split(text(p, "thresholds"), ",") {
		if v, ok := toNumber(s); ok {
			steps = append(steps, object{"color": color(i + 1), "value": v})
		}
	}
	return object{"mode": "absolute", "steps": steps}
}

// valueMappings brings mappings to today's shape: valueMaps and rangeMaps of
// flot's panels, of which mappingType (1 value, 2 range) chose one.
func valueMappings(p object) []any {
	var out []any
	ranges := number(p, "mappingType", 1) == 2
	if !ranges {
		values := object{}
		for i, v := range objects(p, "valueMaps") {
			key := scalar(v["value"])
			if key == "null" {
				out = append(out, object{"type": "special", "options": object{"match": "null", "result": object{"text": text(v, "text"), "index": i}}})
				continue
			}
			values[key] = object{"text": text(v, "text"), "index": i}
		}
		if len(values) > 0 {
			out = append(out, object{"type": "value", "options": values})
		}
		return out
	}
	for i, r := range objects(p, "rangeMaps") {
		result := object{"text": text(r, "text"), "index": i}
		if r["from"] == "null" {
			out = append(out, object{"type": "special", "options": object{"match": "null", "result": result}})
			continue
		}
		bounds := object{"from": nil, "to": nil, "result": result}
		for _, key := range []string{"from", "to"} {
			if v, ok := toNumber(r[key]); ok {
				bounds[key] = v
			}
		}
		out = append(out, object{"type": "range", "options": bounds})
	}
	return out
}

func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case nil:
		return "null"
	}
	return strings.Trim(string(marshal(v)), `"`)
}

func escapeRegexp(s string) string {
	var b strings.Builder
	for _, r := range s {
		if slices.Contains([]rune(`.*+?^${}()|[]\/`), r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
