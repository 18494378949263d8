package dashboards

import (
	"fmt"
	"slices"
)

// v2 turns a dashboard of Grafana's schema v2 (v2alpha1, v2beta1, v2) into the classic
// model. What the classic model has no place for is left out and noted.
type v2 struct {
	notes []string
	// placed holds the elements that the layout has shown: each appears once, so that a
	// small document cannot become a large one.
	placed map[string]bool
	panels int
}

func (c *v2) note(format string, args ...any) {
	if n := fmt.Sprintf(format, args...); !slices.Contains(c.notes, n) {
		c.notes = append(c.notes, n)
	}
}

// fromV2 returns the classic model of a schema v2 dashboard, and notes for people.
func fromV2(in object) (object, []string) {
	c := &v2{placed: map[string]bool{}}
	out := object{"schemaVersion": latestSchema}
	for _, key := range []string{"uid", "title", "description", "tags", "links", "editable", "liveNow", "revision", "preload"} {
		if v, present := in[key]; present {
			out[key] = v
		}
	}
	switch text(in, "cursorSync") {
	case "Crosshair":
		out["graphTooltip"] = 1
	case "Tooltip":
		out["graphTooltip"] = 2
	default:
		out["graphTooltip"] = 0
	}
	v2Time(out, child(in, "timeSettings"))
	variables := []any{}
	for _, v := range objects(in, "variables") {
		variables = append(variables, c.variable(v))
	}
	annotations := []any{}
	for _, a := range objects(in, "annotations") {
		annotations = append(annotations, v2Annotation(child(a, "spec")))
	}
	out["annotations"] = object{"list": annotations}
	l := &v2Layout{c: c, elements: child(in, "elements"), variables: variables}
	l.layout(child(in, "layout"), "", 0)
	l.rest()
	out["panels"] = l.out
	out["templating"] = object{"list": l.variables}
	return out, c.notes
}

func v2Time(out, settings object) {
	out["time"] = object{"from": orText(text(settings, "from"), "now-6h"), "to": orText(text(settings, "to"), "now")}
	out["refresh"] = text(settings, "autoRefresh")
	setText(out, "timezone", text(settings, "timezone"))
	setText(out, "weekStart", text(settings, "weekStart"))
	if v, ok := toNumber(settings["fiscalYearStartMonth"]); ok {
		out["fiscalYearStartMonth"] = v
	}
	picker := object{}
	if flag(settings, "hideTimepicker") {
		picker["hidden"] = true
	}
	setText(picker, "nowDelay", text(settings, "nowDelay"))
	if v := list(settings, "autoRefreshIntervals"); v != nil {
		picker["refresh_intervals"] = v
	}
	if v := list(settings, "quickRanges"); v != nil {
		picker["quick_ranges"] = v
	}
	out["timepicker"] = picker
}

// v2Query returns the query itself and its data source. Before v2beta1 the kind of a
// query was its plugin and the data source stood beside it; since, group is the plugin
// and datasource.name the uid.
func v2Query(query object, beside any) (spec, datasource object) {
	spec = object{}
	for k, v := range child(query, "spec") {
		spec[k] = v
	}
	plugin := text(query, "kind")
	if plugin == "DataQuery" || plugin == "" {
		plugin = text(query, "group")
	}
	datasource = object{}
	setText(datasource, "type", plugin)
	setText(datasource, "uid", text(child(query, "datasource"), "name"))
	if old, ok := beside.(object); ok {
		setText(datasource, "type", text(old, "type"))
		setText(datasource, "uid", text(old, "uid"))
	}
	if len(datasource) == 0 {
		return spec, nil
	}
	return spec, datasource
}

// panel returns the classic panel of an element, without its place.
func (c *v2) panel(name string, element object) object {
	spec := child(element, "spec")
	out := object{}
	for _, key := range []string{"id", "title", "description", "links", "transparent"} {
		if v, present := spec[key]; present {
			out[key] = v
		}
	}
	switch text(element, "kind") {
	case "Panel":
	case "LibraryPanel":
		out["libraryPanel"] = child(spec, "libraryPanel")
		return out
	default:
		c.note("element %q is of kind %q, which is not supported", name, text(element, "kind"))
		out["type"] = "unsupported"
		return out
	}
	viz := child(spec, "vizConfig")
	out["type"] = text(viz, "group")
	if kind := text(viz, "kind"); kind != "VizConfig" && kind != "" {
		out["type"] = kind // v2alpha1
	}
	vizSpec := child(viz, "spec")
	for _, key := range []string{"options", "fieldConfig"} {
		if v, ok := vizSpec[key].(object); ok {
			out[key] = v
		}
	}
	setText(out, "pluginVersion", orText(text(viz, "version"), text(vizSpec, "pluginVersion")))
	data := child(child(spec, "data"), "spec")
	v2Targets(out, objects(data, "queries"))
	if steps := objects(data, "transformations"); len(steps) > 0 {
		out["transformations"] = v2Transformations(steps)
	}
	for k, v := range child(data, "queryOptions") {
		if _, taken := out[k]; !taken && v != nil {
			out[k] = v
		}
	}
	return out
}

// v2Targets sets a panel's targets, each with its own data source, and the panel's
// data source: the one that all have, or "mixed".
func v2Targets(out object, queries []object) {
	if len(queries) == 0 {
		return
	}
	targets := []any{}
	var shared object
	mixed := false
	for i, q := range queries {
		spec := child(q, "spec")
		target, ds := v2Query(child(spec, "query"), spec["datasource"])
		target["refId"] = orText(text(spec, "refId"), string(rune('A'+i%26)))
		if flag(spec, "hidden") {
			target["hide"] = true
		}
		if ds != nil {
			target["datasource"] = ds
		}
		if i == 0 {
			shared = ds
		} else if text(shared, "uid") != text(ds, "uid") || text(shared, "type") != text(ds, "type") {
			mixed = true
		}
		targets = append(targets, target)
	}
	out["targets"] = targets
	switch {
	case mixed:
		out["datasource"] = object{"type": "datasource", "uid": "-- Mixed --"}
	case shared != nil:
		out["datasource"] = clone(shared)
	}
}

func v2Transformations(steps []object) []any {
	out := []any{}
	for _, step := range steps {
		one := object{}
		for k, v := range child(step, "spec") {
			one[k] = v
		}
		id := text(step, "group")
		if kind := text(step, "kind"); id == "" && kind != "Transformation" {
			id = kind // v2alpha1, which has it in spec.id as well
		}
		if text(one, "id") == "" {
			one["id"] = id
		}
		if child(one, "options") == nil {
			one["options"] = object{}
		}
		out = append(out, one)
	}
	return out
}

// v2Annotation returns an annotation query of the classic model.
func v2Annotation(spec object) object {
	out := object{}
	for k, v := range child(spec, "legacyOptions") {
		out[k] = v
	}
	for _, key := range []string{"enable", "hide", "iconColor", "name", "filter", "mappings"} {
		if v, present := spec[key]; present {
			out[key] = v
		}
	}
	target, ds := v2Query(child(spec, "query"), spec["datasource"])
	if ds != nil {
		out["datasource"] = ds
	}
	if flag(spec, "builtIn") {
		out["builtIn"], out["type"] = 1, "dashboard"
	}
	if len(target) > 0 {
		out["target"] = target
		// The classic editor of Prometheus and Loki keeps these at the top.
		for _, key := range []string{"expr", "step", "titleFormat", "textFormat", "tagKeys", "useValueForTime", "query"} {
			if v, present := target[key]; present && out[key] == nil {
				out[key] = v
			}
		}
	}
	return out
}

func orText(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
