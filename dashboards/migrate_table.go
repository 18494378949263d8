package dashboards

import "strings"

// tableOld turns the angular table into today's: its transform becomes
// transformations, its styles become overrides. The first style that matches a
// column wins there, the last override here, so they are appended in reverse.
func (m *migrator) tableOld(p object) {
	p["type"] = "table"
	ensure(ensure(p, "fieldConfig"), "defaults")
	if p["options"] == nil {
		p["options"] = object{"showHeader": p["showHeader"] == nil || flag(p, "showHeader")}
	}
	m.tableTransform(p)
	styles := objects(p, "styles")
	for i := len(styles) - 1; i >= 0; i-- {
		tableStyle(p, styles[i])
	}
	delete(p, "styles")
}

func (m *migrator) tableTransform(p object) {
	var out []any
	switch kind := text(p, "transform"); kind {
	case "", "table":
		if len(objects(p, "targets")) > 1 && kind == "table" {
			out = append(out, object{"id": "merge", "options": object{"reducers": []any{}}})
		}
	case "timeseries_to_columns":
		out = append(out, object{"id": "joinByField", "options": object{"byField": "Time"}})
	case "timeseries_to_rows":
		out = append(out, object{"id": "seriesToRows", "options": object{}})
	case "timeseries_aggregations":
		calcs := []any{}
		for _, c := range objects(p, "columns") {
			calcs = append(calcs, reducer(text(c, "value")))
		}
		if len(calcs) == 0 {
			calcs = []any{"mean"}
		}
		out = append(out, object{"id": "reduce", "options": object{"reducers": calcs, "includeTimeField": false}})
	default:
		m.note(p, "table transform %q is not supported", kind)
	}
	if len(out) > 0 {
		p["transformations"] = append(out, list(p, "transformations")...)
	}
}

func tableStyle(p, s object) {
	pattern := text(s, "pattern")
	if pattern == "" {
		return
	}
	matcher := "byName"
	if strings.HasPrefix(pattern, "/") {
		matcher = "byRegexp"
	}
	var props []any
	add := func(id string, v any) { props = append(props, id, v) }
	if alias := text(s, "alias"); alias != "" && !strings.Contains(alias, "$") {
		add("displayName", alias)
	}
	switch text(s, "type") {
	case "hidden":
		add("custom.hidden", true)
	case "date":
		add("unit", "time: "+text(s, "dateFormat"))
	case "number":
		if unit := text(s, "unit"); unit != "" {
			add("unit", unit)
		}
		if d, ok := toNumber(s["decimals"]); ok {
			add("decimals", d)
		}
	case "string":
		if mappings := valueMappings(s); len(mappings) > 0 {
			add("mappings", mappings)
		}
	}
	if url := text(s, "linkUrl"); flag(s, "link") && url != "" {
		add("links", []any{object{"title": text(s, "linkTooltip"), "url": url, "targetBlank": flag(s, "linkTargetBlank")}})
	}
	if align := text(s, "align"); align != "" && align != "auto" {
		add("custom.align", align)
	}
	switch text(s, "colorMode") {
	case "cell", "row":
		add("custom.cellOptions", object{"type": "color-background"})
		add("thresholds", styleThresholds(s))
	case "value":
		add("custom.cellOptions", object{"type": "color-text"})
		add("thresholds", styleThresholds(s))
	}
	override(p, matcher, pattern, props...)
}

// styleThresholds reads thresholds written as ["50", "80"] with three colours.
func styleThresholds(s object) object {
	parts := []string{}
	for _, v := range list(s, "thresholds") {
		parts = append(parts, scalar(v))
	}
	return singlestatThresholds(object{"thresholds": strings.Join(parts, ","), "colors": s["colors"]})
}
