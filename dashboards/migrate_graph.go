package dashboards

import (
	"cmp"
	"slices"
	"strings"
)

// graph turns the flot graph into a timeseries, a barchart (x axis by series) or
// a histogram (x axis by value).
func (m *migrator) graph(p object) {
	p["type"] = "timeseries"
	switch text(child(p, "xaxis"), "mode") {
	case "series":
		p["type"] = "barchart"
	case "histogram":
		p["type"] = "histogram"
	}
	config := ensure(p, "fieldConfig")
	defaults := ensure(config, "defaults")
	custom := ensure(defaults, "custom")
	axes := objects(p, "yaxes")
	if len(axes) == 0 {
		axes = oldAxes(p)
	}
	if len(axes) > 0 {
		axisProperties(axes[0], func(key string, v any) { setPath(defaults, key, v) })
	}
	drawStyle(p, custom)
	stacking := "none"
	if flag(p, "stack") {
		stacking = "normal"
		if flag(p, "percentage") {
			stacking = "percent"
		}
	}
	custom["stacking"] = object{"mode": stacking, "group": "A"}
	custom["spanNulls"] = text(p, "nullPointMode") == "connected"
	if d, ok := toNumber(p["decimals"]); ok {
		defaults["decimals"] = max(0, min(d, maxDecimals))
	}
	graphThresholds(p, defaults, custom)
	addColors(p, child(p, "aliasColors"))
	for _, o := range objects(p, "seriesOverrides") {
		m.seriesOverride(p, o, axes)
	}
	if links := objects(child(p, "options"), "dataLinks"); len(links) > 0 && defaults["links"] == nil {
		defaults["links"] = dataLinks(links)
	}
	if len(objects(p, "timeRegions")) > 0 {
		m.regions = append(m.regions, p)
	}
	p["options"] = object{"legend": graphLegend(child(p, "legend")), "tooltip": graphTooltip(child(p, "tooltip"))}
	if p["alert"] != nil {
		m.note(p, "its dashboard alert is not evaluated; write it as a Prometheus rule")
	}
}

// dataLinks renames what Grafana 6 called __series_name and __value_time.
func dataLinks(links []object) []any {
	renamed := strings.NewReplacer("__series_name", "__series.name", "$__value_time", "${__value.time}", "__field_name", "__field.name")
	out := []any{}
	for _, l := range links {
		l["url"] = renamed.Replace(text(l, "url"))
		out = append(out, l)
	}
	return out
}

// oldAxes reads the axes as they were before schemaVersion 12.
func oldAxes(p object) []object {
	formats := list(p, "y_formats")
	grid := child(p, "grid")
	var out []object
	for i, side := range []string{"left", "right"} {
		if i >= len(formats) {
			break
		}
		out = append(out, object{
			"format": formats[i], "min": grid[side+"Min"], "max": grid[side+"Max"],
			"logBase": grid[side+"LogBase"], "label": p[side+"YAxisLabel"],
		})
	}
	return out
}

// axisProperties calls set with today's field options for a flot y axis.
func axisProperties(axis object, set func(key string, v any)) {
	if unit := text(axis, "format"); unit != "" {
		set("unit", unit)
	}
	if v, ok := toNumber(axis["min"]); ok {
		set("min", v)
	}
	if v, ok := toNumber(axis["max"]); ok {
		set("max", v)
	}
	if v, ok := toNumber(axis["decimals"]); ok {
		set("decimals", v)
	}
	if label := text(axis, "label"); label != "" {
		set("custom.axisLabel", label)
	}
	if base := number(axis, "logBase", 1); base > 1 {
		set("custom.scaleDistribution", object{"type": "log", "log": base})
	}
	if show, present := axis["show"].(bool); present && !show {
		set("custom.axisPlacement", "hidden")
	}
}

func drawStyle(p, custom object) {
	lines := p["lines"] == nil || flag(p, "lines")
	fill := number(p, "fill", 1) * 10
	switch {
	case flag(p, "bars"):
		custom["drawStyle"] = "bars"
		if fill < 10 {
			fill = 100
		}
	case !lines && flag(p, "points"):
		custom["drawStyle"] = "points"
	default:
		custom["drawStyle"] = "line"
	}
	custom["fillOpacity"] = min(fill, 100)
	if gradient := number(p, "fillGradient", 0); gradient > 0 {
		custom["gradientMode"], custom["fillOpacity"] = "opacity", min(gradient*10, 100)
	}
	custom["lineWidth"] = number(p, "linewidth", 1)
	custom["pointSize"] = 2 * number(p, "pointradius", 2)
	custom["showPoints"] = "never"
	if flag(p, "points") {
		custom["showPoints"] = "always"
	}
	if flag(p, "steppedLine") {
		custom["lineInterpolation"] = "stepAfter"
	}
	if flag(p, "dashes") {
		custom["lineStyle"] = object{"fill": "dash", "dash": []any{number(p, "dashLength", 10), number(p, "spaceLength", 10)}}
	}
}

// graphThresholds carries lines and areas over: flot compares with gt or lt and
// names a colour or one of three words.
func graphThresholds(p, defaults, custom object) {
	type step struct {
		value float64
		color string
	}
	var above []step
	base, drawLine, drawArea := any("transparent"), false, false
	for _, t := range objects(p, "thresholds") {
		v, ok := toNumber(t["value"])
		if !ok {
			continue
		}
		color := thresholdColor(t)
		drawLine = drawLine || flag(t, "line")
		drawArea = drawArea || flag(t, "fill")
		if text(t, "op") == "lt" {
			base = color
			color = "transparent"
		}
		above = append(above, step{v, color})
	}
	if len(above) == 0 {
		return
	}
	slices.SortStableFunc(above, func(a, b step) int { return cmp.Compare(a.value, b.value) })
	steps := []any{object{"color": base, "value": nil}}
	for _, s := range above {
		steps = append(steps, object{"color": s.color, "value": s.value})
	}
	defaults["thresholds"] = object{"mode": "absolute", "steps": steps}
	mode := "off"
	switch {
	case drawLine && drawArea:
		mode = "line+area"
	case drawLine:
		mode = "line"
	case drawArea:
		mode = "area"
	}
	custom["thresholdsStyle"] = object{"mode": mode}
}

func thresholdColor(t object) string {
	switch text(t, "colorMode") {
	case "critical":
		return "red"
	case "warning":
		return "orange"
	case "ok":
		return "green"
	}
	return cmp.Or(text(t, "fillColor"), text(t, "lineColor"), "red")
}

func (m *migrator) seriesOverride(p, o object, axes []object) {
	alias := text(o, "alias")
	if alias == "" {
		return
	}
	matcher := "byName"
	if len(alias) > 2 && strings.HasPrefix(alias, "/") && strings.LastIndex(alias, "/") > 0 {
		matcher = "byRegexp"
	}
	var props []any
	add := func(id string, v any) { props = append(props, id, v) }
	for _, key := range sortedKeys(o) {
		v := o[key]
		switch key {
		case "alias", "$$hashKey":
		case "yaxis":
			if n, _ := toNumber(v); n == 2 {
				add("custom.axisPlacement", "right")
				if len(axes) > 1 {
					axisProperties(axes[1], func(id string, v any) {
						if id != "custom.axisPlacement" {
							add(id, v)
						}
					})
				}
			}
		case "color":
			add("color", object{"mode": "fixed", "fixedColor": v})
		case "fill":
			if n, ok := toNumber(v); ok {
				add("custom.fillOpacity", n*10)
			}
		case "linewidth":
			if n, ok := toNumber(v); ok {
				add("custom.lineWidth", n)
			}
		case "bars":
			if v == true {
				add("custom.drawStyle", "bars")
			}
		case "lines":
			if v == true {
				add("custom.drawStyle", "line")
			} else if o["bars"] != true {
				add("custom.lineWidth", 0)
			}
		case "points":
			if v == true {
				add("custom.showPoints", "always")
			}
		case "steppedLine":
			if v == true {
				add("custom.lineInterpolation", "stepAfter")
			}
		case "dashes":
			if v == true {
				add("custom.lineStyle", object{"fill": "dash", "dash": []any{number(o, "dashLength", 10), number(o, "spaceLength", 10)}})
			}
		case "stack":
			if v == false {
				add("custom.stacking", object{"mode": "none", "group": ""})
			} else {
				group, isText := v.(string)
				if !isText {
					group = "A"
				}
				add("custom.stacking", object{"mode": "normal", "group": group})
			}
		case "transform":
			if v == "negative-Y" {
				add("custom.transform", "negative-Y")
			}
		case "hideTooltip", "legend", "hiddenSeries":
			if key != "legend" && v == true || key == "legend" && v == false {
				add("custom.hideFrom", object{"legend": key == "legend", "tooltip": key == "hideTooltip", "viz": key == "hiddenSeries"})
			}
		case "fillBelowTo":
			add("custom.fillBelowTo", v)
		}
	}
	override(p, matcher, alias, props...)
}

func graphLegend(l object) object {
	out := object{"showLegend": l["show"] == nil || flag(l, "show"), "displayMode": "list", "placement": "bottom", "calcs": []any{}}
	if flag(l, "alignAsTable") {
		out["displayMode"] = "table"
	}
	if flag(l, "rightSide") {
		out["placement"] = "right"
	}
	if l["values"] == nil || flag(l, "values") {
		calcs := []any{}
		for _, c := range []string{"min", "max", "avg", "current", "total"} {
			if flag(l, c) {
				calcs = append(calcs, reducer(c))
			}
		}
		out["calcs"] = calcs
		if sort := text(l, "sort"); sort != "" {
			out["sortBy"] = map[string]string{"min": "Min", "max": "Max", "avg": "Mean", "current": "Last *", "total": "Total"}[sort]
			out["sortDesc"] = flag(l, "sortDesc")
		}
	}
	return out
}

func graphTooltip(t object) object {
	mode := "multi"
	if shared, ok := t["shared"].(bool); ok && !shared {
		mode = "single"
	}
	sort := "none"
	switch number(t, "sort", 0) {
	case 1:
		sort = "asc"
	case 2:
		sort = "desc"
	}
	return object{"mode": mode, "sort": sort}
}

// setPath sets "a.b" as o[a][b].
func setPath(o object, path string, v any) {
	if head, tail, nested := strings.Cut(path, "."); nested {
		setPath(ensure(o, head), tail, v)
		return
	}
	o[path] = v
}

func sortedKeys(o object) []string {
	keys := make([]string, 0, len(o))
	for k := range o {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
