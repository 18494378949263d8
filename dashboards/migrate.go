package dashboards

import (
	"fmt"
	"slices"
)

// Render returns a copy of the document in the shape of today's Grafana model
// (schemaVersion 39): schema v2 became the classic model, rows became panels with a
// gridPos, library panels that the file brings along stand in their places, and the
// panels of old (graph, singlestat, table-old, grafana-piechart-panel) became timeseries,
// stat or gauge, table and piechart, and references to data sources without a type got
// the one that their queries are written for. What has another type than the model says is
// dropped, so that a renderer can rely on it. Keys that no step touches are kept as they
// are. notes says, for people, what could not be carried over.
//
// The steps follow Grafana's own DashboardMigrator and the panels' migration
// handlers in what they produce.
func (d *Document) Render() (json []byte, notes []string) {
	tree, notes := d.render()
	return marshal(tree), notes
}

func (d *Document) render() (object, []string) {
	tree := clone(d.tree).(object)
	m := &migrator{version: d.SchemaVersion(), notes: slices.Clone(d.notes)}
	m.library(tree)
	m.constants(tree)
	m.shapeAll(tree)
	m.early(tree)
	m.rows(tree)
	dropClones(tree)
	for _, p := range objects(tree, "panels") {
		m.panel(p)
		for _, inner := range objects(p, "panels") {
			m.panel(inner)
		}
	}
	placePanels(tree)
	assignIDs(tree)
	m.variables(tree)
	for _, a := range objects(child(tree, "annotations"), "list") {
		a["datasource"] = datasourceRef(a["datasource"])
	}
	m.pluginNotes()
	m.timeRegions(tree)
	inferTypes(tree)
	if m.version < latestSchema {
		if _, isText := tree["refresh"].(string); !isText && tree["refresh"] != nil {
			tree["refresh"] = ""
		}
		tree["schemaVersion"] = latestSchema
	}
	return tree, m.notes
}

// dropClones removes the copies of repeated panels that old Grafanas saved; they are
// made anew from the panel that repeats.
func dropClones(tree object) {
	isClone := func(v any) bool {
		p, ok := v.(object)
		return ok && p["repeatPanelId"] != nil
	}
	for _, o := range append([]object{tree}, objects(tree, "panels")...) {
		if l := list(o, "panels"); slices.ContainsFunc(l, isClone) {
			o["panels"] = slices.DeleteFunc(slices.Clone(l), isClone)
		}
	}
}

type migrator struct {
	version int
	notes   []string
	// regions are the graphs with regions of the week.
	regions []object
	// likened counts panels of plugins by type, composites those of them with more than series.
	likened    map[string]int
	composites int
}

func (m *migrator) note(p object, format string, args ...any) {
	m.notes = append(m.notes, panelName(p)+": "+fmt.Sprintf(format, args...))
}

// panelName names a panel for people: by its title, else by its number.
func panelName(p object) string {
	if title := text(p, "title"); title != "" || p["id"] == nil {
		return fmt.Sprintf("panel %q", title)
	}
	return "panel " + scalar(p["id"])
}

func (m *migrator) panel(p object) {
	if _, present := p["datasource"]; present || p["targets"] != nil {
		p["datasource"] = datasourceRef(p["datasource"])
	}
	for _, t := range objects(p, "targets") {
		if _, present := t["datasource"]; present {
			t["datasource"] = datasourceRef(t["datasource"])
		}
	}
	switch text(p, "type") {
	case "graph":
		m.graph(p)
	case "singlestat", "grafana-singlestat-panel":
		m.singlestat(p)
	case "table-old":
		m.tableOld(p)
	case "table":
		if p["styles"] != nil && p["fieldConfig"] == nil {
			m.tableOld(p)
		}
	case "heatmap":
		m.heatmap(p)
	case "text":
		migrateText(p)
	case "grafana-piechart-panel":
		m.piechart(p)
	default:
		m.plugin(p)
	}
	m.options(p)
}

// datasourceRef brings the ways in which dashboards name a data source to one:
// null or "default" (the default one) stays null; a text (a name, a uid or a
// variable) becomes {"uid": text}; an object is kept.
func datasourceRef(v any) any {
	switch v := v.(type) {
	case string:
		if v == "" || v == "default" {
			return nil
		}
		return object{"uid": v}
	case object:
		return v
	}
	return nil
}

// migrateText moves what the text panel kept at its top level into options.
func migrateText(p object) {
	if child(p, "options") != nil || (p["content"] == nil && p["mode"] == nil) {
		return
	}
	mode := text(p, "mode")
	if mode == "text" || mode == "" {
		mode = "markdown"
	}
	p["options"] = object{"content": text(p, "content"), "mode": mode}
}

func (m *migrator) piechart(p object) {
	p["type"] = "piechart"
	defaults := ensure(ensure(p, "fieldConfig"), "defaults")
	setText(defaults, "unit", text(p, "format"))
	kind := "pie"
	if text(p, "pieType") == "donut" {
		kind = "donut"
	}
	legend := child(p, "legend")
	placement := "bottom"
	if text(p, "legendType") == "Right side" {
		placement = "right"
	}
	p["options"] = object{
		"pieType":       kind,
		"reduceOptions": object{"calcs": []any{reducer(text(p, "valueName"))}, "fields": "", "values": false},
		"legend": object{"showLegend": flag(legend, "show"), "displayMode": "list", "placement": placement,
			"values": pieLegendValues(legend)},
	}
	addColors(p, child(p, "aliasColors"))
}

func pieLegendValues(legend object) []any {
	values := []any{}
	if flag(legend, "values") {
		values = append(values, "value")
	}
	if flag(legend, "percentage") {
		values = append(values, "percent")
	}
	return values
}

// reducer returns today's name of an old panel's valueName; the source is
// Grafana's fieldReducers registry and its aliases.
func reducer(valueName string) string {
	switch valueName {
	case "", "avg":
		return "mean"
	case "current":
		return "lastNotNull"
	case "total":
		return "sum"
	case "first":
		return "firstNotNull"
	case "name":
		return "lastNotNull"
	case "last_time":
		return "lastNotNull"
	}
	return valueName // min, max, delta, diff, range
}

func setText(o object, key, value string) {
	if value != "" {
		o[key] = value
	}
}

// override appends a field override; properties come as id, value pairs.
func override(p object, matcher, options string, properties ...any) {
	config := ensure(p, "fieldConfig")
	props := []any{}
	for i := 0; i+1 < len(properties); i += 2 {
		props = append(props, object{"id": properties[i], "value": properties[i+1]})
	}
	if len(props) == 0 {
		return
	}
	config["overrides"] = append(list(config, "overrides"),
		object{"matcher": object{"id": matcher, "options": options}, "properties": props})
}

func addColors(p, colors object) {
	for _, name := range sortedKeys(colors) {
		if color, ok := colors[name].(string); ok {
			override(p, "byName", name, "color", object{"mode": "fixed", "fixedColor": color})
		}
	}
}
