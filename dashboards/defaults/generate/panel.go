package main

import "strconv"

var (
	prometheus = object{"type": "prometheus", "uid": "prometheus"}
	loki       = object{"type": "loki", "uid": "loki"}
)

// query is one question of a panel; legend names its series.
type query struct{ expr, legend string }

func q(expr, legend string) query { return query{expr, legend} }

// spec is what most panels share.
type spec struct {
	title, help, unit string
	// limits are thresholds: from each value on, its colour.
	limits []limit
	// max of a gauge or of an axis; 0 is none.
	max     float64
	queries []query
	// colors of series by their names; the palette's where there is none.
	colors []named
}

type named struct{ name, color string }

// levels are the colours of the levels of lines.
var levels = []named{{"critical", "purple"}, {"fatal", "purple"}, {"error", "red"}, {"warn", "orange"}, {"info", "blue"}, {"debug", "super-light-blue"}, {"trace", "super-light-blue"}, {"unknown", "#8e99a5"}}

type limit struct {
	from  float64
	color string
}

// above warns from one value on and is bad from another on.
func above(warn, bad float64) []limit { return []limit{{warn, "orange"}, {bad, "red"}} }

func (s spec) thresholds(base string) object {
	steps := []object{{"color": base, "value": nil}}
	for _, l := range s.limits {
		steps = append(steps, object{"color": l.color, "value": l.from})
	}
	return object{"mode": "absolute", "steps": steps}
}

func (s spec) targets(datasource object, instant bool, format string) []object {
	out := []object{}
	for i, one := range s.queries {
		t := object{"datasource": datasource, "refId": string(rune('A' + i)), "expr": one.expr, "legendFormat": one.legend}
		if datasource["type"] == "loki" {
			t["queryType"], t["editorMode"] = "range", "code"
			if instant {
				t["queryType"] = "instant"
			}
		} else {
			t["editorMode"], t["instant"], t["range"] = "code", instant, !instant
			if format != "" {
				t["format"] = format
			}
		}
		out = append(out, t)
	}
	return out
}

func (s spec) panel(kind string, datasource object, defaults, options object, targets []object) object {
	if s.unit != "" {
		defaults["unit"] = s.unit
	}
	if s.max != 0 {
		defaults["max"] = s.max
	}
	defaults["mappings"] = []any{}
	overrides := []object{}
	for _, one := range s.colors {
		overrides = append(overrides, object{"matcher": object{"id": "byName", "options": one.name}, "properties": []object{{"id": "color", "value": object{"mode": "fixed", "fixedColor": one.color}}}})
	}
	return object{
		"type": kind, "title": s.title, "description": s.help, "datasource": datasource,
		"fieldConfig": object{"defaults": defaults, "overrides": overrides}, "options": options, "targets": targets,
	}
}

var lastValue = object{"calcs": []string{"lastNotNull"}, "fields": "", "values": false}

// stat shows the newest value large, with its course behind.
func (b *board) stat(w int, s spec) {
	b.place(s.panel("stat", prometheus, object{"color": object{"mode": "thresholds"}, "thresholds": s.thresholds("green")}, object{
		"colorMode": "value", "graphMode": "area", "justifyMode": "auto", "orientation": "auto", "textMode": "auto", "wideLayout": true, "reduceOptions": lastValue,
	}, s.targets(prometheus, false, "")), w, 4)
}

// logStat is a stat over a LogQL question.
func (b *board) logStat(w int, s spec) {
	b.stat(w, s)
	p := b.panels[len(b.panels)-1]
	p["datasource"], p["targets"] = loki, s.targets(loki, false, "")
}

// gauge shows how full something is.
func (b *board) gauge(w int, s spec) {
	b.place(s.panel("gauge", prometheus, object{"color": object{"mode": "thresholds"}, "thresholds": s.thresholds("green"), "min": 0}, object{
		"orientation": "auto", "showThresholdLabels": false, "showThresholdMarkers": true, "reduceOptions": lastValue,
	}, s.targets(prometheus, false, "")), w, 6)
}

// bars compares the newest values of several things, longest on top.
func (b *board) bars(w, h int, s spec) {
	b.place(s.panel("bargauge", prometheus, object{"color": object{"mode": "thresholds"}, "thresholds": s.thresholds("green"), "min": 0}, object{
		"displayMode": "gradient", "orientation": "horizontal", "reduceOptions": lastValue, "showUnfilled": true, "valueMode": "color", "namePlacement": "auto", "sizing": "auto",
	}, s.targets(prometheus, true, "")), w, h)
}

func custom(stack bool, fill int) object {
	mode := "none"
	if stack {
		mode = "normal"
	}
	return object{
		"drawStyle": "line", "lineInterpolation": "linear", "lineWidth": 1, "fillOpacity": fill, "gradientMode": "none", "showPoints": "never", "pointSize": 4,
		"spanNulls": false, "stacking": object{"group": "A", "mode": mode}, "axisPlacement": "auto", "axisLabel": "", "axisColorMode": "text",
		"scaleDistribution": object{"type": "linear"}, "thresholdsStyle": object{"mode": "off"}, "hideFrom": object{"legend": false, "tooltip": false, "viz": false},
	}
}

func (s spec) series(datasource object, stack bool, fill int) object {
	c := custom(stack, fill)
	base := "green"
	if len(s.limits) > 0 {
		base = "transparent"
		c["thresholdsStyle"] = object{"mode": "dashed"}
	}
	return s.panel("timeseries", datasource, object{"color": object{"mode": "palette-classic"}, "thresholds": s.thresholds(base), "custom": c, "min": 0}, object{
		"legend":  object{"showLegend": true, "displayMode": "table", "placement": "bottom", "calcs": []string{"mean", "max", "lastNotNull"}},
		"tooltip": object{"mode": "multi", "sort": "desc"},
	}, s.targets(datasource, false, ""))
}

// lines draws series over time.
func (b *board) lines(w int, s spec) { b.place(s.series(prometheus, false, 0), w, 9) }

// areas draws series over time, one on top of the other.
func (b *board) areas(w int, s spec) { b.place(s.series(prometheus, true, 25), w, 9) }

// logAreas draws a LogQL metric question, stacked.
func (b *board) logAreas(w int, s spec) { b.place(s.series(loki, true, 40), w, 9) }

// states shows what was when, such as which node was ready.
func (b *board) states(w, h int, s spec, names ...string) {
	values := object{}
	for i, name := range names {
		color := "red"
		if i > 0 {
			color = "green"
		}
		values[strconv.Itoa(i)] = object{"text": name, "color": color, "index": i}
	}
	p := s.panel("state-timeline", prometheus, object{
		"color": object{"mode": "thresholds"}, "thresholds": s.thresholds("red"),
		"custom": object{"fillOpacity": 75, "lineWidth": 0, "spanNulls": false, "hideFrom": object{"legend": false, "tooltip": false, "viz": false}},
	}, object{
		"mergeValues": true, "showValue": "never", "alignValue": "left", "rowHeight": 0.85, "legend": object{"showLegend": false, "displayMode": "list", "placement": "bottom"},
		"tooltip": object{"mode": "single", "sort": "none"},
	}, s.targets(prometheus, false, ""))
	p["fieldConfig"].(object)["defaults"].(object)["mappings"] = []object{{"type": "value", "options": values}}
	b.place(p, w, h)
}

// heat draws how a histogram's observations lie over time.
func (b *board) heat(w int, s spec) {
	b.place(s.panel("heatmap", prometheus, object{"custom": object{"hideFrom": object{"legend": false, "tooltip": false, "viz": false}}}, object{
		"calculate": false, "cellGap": 1, "color": object{"mode": "scheme", "scheme": "Oranges", "scale": "exponential", "exponent": 0.5, "steps": 64, "reverse": false, "fill": "dark-orange"},
		"yAxis": object{"axisPlacement": "left", "reverse": false, "unit": s.unit}, "legend": object{"show": true}, "tooltip": object{"mode": "single", "yHistogram": true, "showColorScale": false},
		"rowsFrame": object{"layout": "auto"}, "filterValues": object{"le": 1e-9}, "exemplars": object{"color": "rgba(255,0,255,0.7)"}, "showValue": "never",
	}, s.targets(prometheus, false, "heatmap")), w, 9)
}

// column is one column of a table: the query that fills it, its heading and its unit.
type column struct {
	query
	heading, unit string
	limits        []limit
}

// table joins instant queries by their labels; labels are the columns that name a row.
func (b *board) table(w, h int, title, help string, labels []column, values []column) {
	s := spec{title: title, help: help}
	organize := object{}
	order := object{}
	rename := object{}
	overrides := []object{}
	for i, l := range labels {
		order[l.expr], rename[l.expr] = i, l.heading
	}
	for i, v := range values {
		s.queries = append(s.queries, v.query)
		name := "Value #" + string(rune('A'+i))
		if len(values) == 1 {
			name = "Value"
		}
		order[name], rename[name] = len(labels)+i, v.heading
		props := []object{{"id": "unit", "value": v.unit}}
		if v.limits != nil {
			props = append(props, object{"id": "thresholds", "value": spec{limits: v.limits}.thresholds("text")}, object{"id": "custom.cellOptions", "value": object{"type": "color-text"}})
		}
		overrides = append(overrides, object{"matcher": object{"id": "byName", "options": v.heading}, "properties": props})
	}
	organize["excludeByName"] = object{"Time": true}
	organize["indexByName"], organize["renameByName"] = order, rename
	p := s.panel("table", prometheus, object{"color": object{"mode": "thresholds"}, "thresholds": s.thresholds("green"), "custom": object{"align": "auto", "cellOptions": object{"type": "auto"}, "inspect": false, "filterable": true}}, object{
		"showHeader": true, "cellHeight": "sm", "footer": object{"show": false, "reducer": []string{"sum"}, "countRows": false, "fields": ""},
		"sortBy": []object{{"displayName": values[0].heading, "desc": true}},
	}, s.targets(prometheus, true, "table"))
	p["fieldConfig"].(object)["overrides"] = overrides
	p["transformations"] = []object{{"id": "merge", "options": object{}}, {"id": "organize", "options": organize}}
	b.place(p, w, h)
}

// messages shows a JSON line by its message, and any other as it is.
const messages = ` | json message="message", msg="msg" | line_format "{{ if .message }}{{ .message }}{{ else if .msg }}{{ .msg }}{{ else }}{{ __line__ }}{{ end }}" | drop msg, __error__, __error_details__`

// logs shows lines.
func (b *board) logs(h int, title, help, expr string) {
	b.place(object{
		"type": "logs", "title": title, "description": help, "datasource": loki, "fieldConfig": object{"defaults": object{}, "overrides": []any{}},
		"options": object{"dedupStrategy": "none", "enableLogDetails": true, "prettifyLogMessage": false, "showCommonLabels": false, "showLabels": false, "showTime": true, "sortOrder": "Descending", "wrapLogMessage": false},
		"targets": []object{{"datasource": loki, "refId": "A", "expr": expr, "queryType": "range", "maxLines": 200}},
	}, 24, h)
}
