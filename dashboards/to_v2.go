package dashboards

import (
	"fmt"
	"slices"
	"strings"
)

// Forms in which a dashboard is handed out.
const (
	FormClassic  = "classic"  // Grafana's classic model
	FormResource = "resource" // the classic model as a Kubernetes resource
	FormV2       = "v2"       // schema v2, as a Kubernetes resource
)

// Export returns the dashboard's classic model of today in another of Grafana's forms; name
// is the uid that a resource gets when the model has none. The error wraps ErrBadInput.
func (d *Document) Export(form, name string) ([]byte, error) {
	tree, _ := d.render()
	uid := orText(text(tree, "uid"), name)
	switch form {
	case FormClassic:
		return pretty(tree), nil
	case FormResource:
		return pretty(asResource("v1beta1", uid, withoutKeys(tree, "uid", "id", "version"))), nil
	case FormV2:
		return pretty(asResource("v2beta1", uid, toV2(tree))), nil
	}
	return nil, fmt.Errorf("%w: form %q is none of classic, resource, v2", ErrBadInput, form)
}

func asResource(version, uid string, spec object) object {
	return object{"apiVersion": resourceGroup + version, "kind": "Dashboard", "metadata": object{"name": uid}, "spec": spec}
}

// Shape says in which of Grafana's forms the source is: FormClassic, FormResource or FormV2.
// Saving a change of the classic model replaces the others.
func (d *Document) Shape() string {
	tree, ok := decode(d.source).(object)
	if !ok {
		return FormClassic
	}
	found, err := unwrap(tree)
	switch {
	case err != nil:
		return FormClassic
	case isV2(found.tree):
		return FormV2
	case found.resource:
		return FormResource
	}
	return FormClassic
}

// toV2 returns the spec of schema v2beta1 for a dashboard of the classic model: the inverse
// of fromV2 for what both have.
func toV2(tree object) object {
	out := object{"cursorSync": []string{"Off", "Crosshair", "Tooltip"}[int(clampNumber(tree, "graphTooltip", 0, 2))]}
	for _, key := range []string{"title", "description", "editable", "liveNow", "revision", "preload"} {
		if v, has := tree[key]; has {
			out[key] = v
		}
	}
	for _, key := range []string{"tags", "links"} {
		out[key] = orList(list(tree, key))
	}
	out["timeSettings"] = toV2Time(tree)
	variables, annotations := []any{}, []any{}
	for _, v := range objects(child(tree, "templating"), "list") {
		variables = append(variables, toV2Variable(v))
	}
	for _, a := range objects(child(tree, "annotations"), "list") {
		annotations = append(annotations, toV2Annotation(a))
	}
	out["variables"], out["annotations"] = variables, annotations
	l := toV2Layout{elements: object{}}
	out["layout"] = l.layout(objects(tree, "panels"))
	out["elements"] = l.elements
	return out
}

func orList(l []any) []any {
	if l == nil {
		return []any{}
	}
	return l
}

func toV2Time(tree object) object {
	picker, span := child(tree, "timepicker"), child(tree, "time")
	out := object{"from": orText(text(span, "from"), "now-6h"), "to": orText(text(span, "to"), "now"), "autoRefresh": text(tree, "refresh"),
		"hideTimepicker": flag(picker, "hidden"), "fiscalYearStartMonth": int(number(tree, "fiscalYearStartMonth", 0)),
		"autoRefreshIntervals": orList(list(picker, "refresh_intervals"))}
	if list(picker, "refresh_intervals") == nil {
		out["autoRefreshIntervals"] = []any{"5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d"}
	}
	setText(out, "timezone", text(tree, "timezone"))
	setText(out, "weekStart", text(tree, "weekStart"))
	setText(out, "nowDelay", text(picker, "nowDelay"))
	if v := list(picker, "quick_ranges"); v != nil {
		out["quickRanges"] = v
	}
	return out
}

// toV2Query is a query as DataQuery: its plugin, its data source, and what is its own.
func toV2Query(spec object, ref any) object {
	ds, _ := ref.(object)
	out := object{"kind": "DataQuery", "group": text(ds, "type"), "version": "v0", "spec": spec}
	if uid := text(ds, "uid"); uid != "" {
		out["datasource"] = object{"name": uid}
	}
	if name, ok := ref.(string); ok && name != "" {
		out["datasource"] = object{"name": name}
	}
	return out
}

func toV2Annotation(a object) object {
	own := []string{"enable", "hide", "iconColor", "name", "filter", "mappings"}
	spec := object{"enable": a["enable"] != false, "hide": flag(a, "hide"), "iconColor": text(a, "iconColor"), "name": text(a, "name")}
	for _, key := range []string{"filter", "mappings"} {
		if v, has := a[key]; has {
			spec[key] = v
		}
	}
	if builtIn := flag(a, "builtIn") || number(a, "builtIn", 0) > 0; builtIn {
		spec["builtIn"] = true
	}
	target := object{}
	for k, v := range child(a, "target") {
		target[k] = v
	}
	spec["query"] = toV2Query(target, a["datasource"])
	if legacy := withoutKeys(a, append(own, "builtIn", "target", "datasource")...); len(legacy) > 0 {
		spec["legacyOptions"] = legacy
	}
	return object{"kind": "AnnotationQuery", "spec": spec}
}

func toV2Variable(v object) object {
	kind := text(v, "type")
	spec := withoutKeys(v, "type", "datasource", "id", "global", "index", "state", "error")
	for key, words := range map[string][]string{"hide": v2Hide, "refresh": v2Refresh, "sort": v2Sorts} {
		if n, ok := toNumber(v[key]); ok && n >= 0 && int(n) < len(words) {
			spec[key] = words[int(n)]
		}
	}
	out := object{"kind": "CustomVariable", "spec": spec}
	for name, classic := range v2Kinds {
		if classic == kind {
			out["kind"] = name
		}
	}
	switch kind {
	case "query":
		query, isObject := v["query"].(object)
		if !isObject {
			query = object{"__legacyStringValue": text(v, "query")}
		}
		spec["query"] = toV2Query(query, v["datasource"])
	case "datasource":
		spec["pluginId"] = text(v, "query")
		delete(spec, "query")
	case "adhoc", "groupby":
		query := toV2Query(nil, v["datasource"])
		out["group"] = query["group"]
		if ds, has := query["datasource"]; has {
			out["datasource"] = ds
		}
	case "switch":
		on, off := switchValues(v)
		spec["enabledValue"], spec["disabledValue"], spec["current"] = on, off, firstText(child(v, "current")["value"], off)
		delete(spec, "options")
		delete(spec, "query")
	}
	return out
}

// switchValues are the two values of a switch, in whichever shape it has them.
func switchValues(v object) (on, off string) {
	options := objects(v, "options")
	on, off = text(v, "enabledValue"), text(v, "disabledValue")
	if len(options) > 0 {
		on = orText(on, firstText(options[0]["value"], ""))
	}
	if len(options) > 1 {
		off = orText(off, firstText(options[1]["value"], ""))
	}
	return orText(on, "true"), orText(off, "false")
}

func firstText(v any, fallback string) string {
	if l, ok := v.([]any); ok && len(l) > 0 {
		v = l[0]
	}
	if s, ok := v.(string); ok && s != "" {
		return s
	}
	return fallback
}

// toV2Layout turns panels on the classic grid into elements and a layout.
type toV2Layout struct {
	elements object
	n        int
}

// layout is a grid; with rows it is rows of grids, the first without a heading for what
// stands above them.
func (l *toV2Layout) layout(panels []object) object {
	sorted := slices.Clone(panels)
	slices.SortStableFunc(sorted, func(a, b object) int {
		return int(number(child(a, "gridPos"), "y", 0)) - int(number(child(b, "gridPos"), "y", 0))
	})
	var rows []any
	var items []any
	var header object
	hasRows := slices.ContainsFunc(sorted, func(p object) bool { return text(p, "type") == "row" })
	top := 0
	end := func() {
		if header != nil || len(items) > 0 {
			rows = append(rows, toV2Row(header, items))
		}
	}
	for _, p := range sorted {
		if text(p, "type") != "row" {
			items = append(items, l.item(p, top))
			continue
		}
		end()
		header, items = p, []any{}
		inner := objects(p, "panels")
		top = int(number(child(p, "gridPos"), "y", 0)) + 1
		// The panels of a collapsed row keep their places among themselves.
		lowest := -1
		for _, q := range inner {
			if y := int(number(child(q, "gridPos"), "y", 0)); lowest < 0 || y < lowest {
				lowest = y
			}
		}
		for _, q := range inner {
			items = append(items, l.item(q, lowest))
		}
	}
	if !hasRows {
		return object{"kind": "GridLayout", "spec": object{"items": orList(items)}}
	}
	end()
	return object{"kind": "RowsLayout", "spec": object{"rows": rows}}
}

func toV2Row(header object, items []any) object {
	spec := object{"title": text(header, "title"), "collapse": flag(header, "collapsed"), "layout": object{"kind": "GridLayout", "spec": object{"items": orList(items)}}}
	if header == nil {
		spec["hideHeader"] = true
	}
	if name := text(header, "repeat"); name != "" {
		spec["repeat"] = object{"mode": "variable", "value": name}
	}
	return object{"kind": "RowsLayoutRow", "spec": spec}
}

// item places one panel; top is the row of the grid that counts as 0.
func (l *toV2Layout) item(p object, top int) object {
	l.n++
	name := fmt.Sprintf("panel-%d", int(number(p, "id", 0)))
	if _, taken := l.elements[name]; taken || number(p, "id", 0) == 0 {
		name = fmt.Sprintf("panel-%d-%d", int(number(p, "id", 0)), l.n)
	}
	l.elements[name] = toV2Element(p)
	pos := child(p, "gridPos")
	spec := object{"x": int(number(pos, "x", 0)), "y": max(0, int(number(pos, "y", 0))-top), "width": int(number(pos, "w", 12)), "height": int(number(pos, "h", 8)),
		"element": object{"kind": "ElementReference", "name": name}}
	if variable := text(p, "repeat"); variable != "" {
		repeat := object{"mode": "variable", "value": variable}
		setText(repeat, "direction", text(p, "repeatDirection"))
		if v, ok := toNumber(p["maxPerRow"]); ok {
			repeat["maxPerRow"] = v
		}
		spec["repeat"] = repeat
	}
	return object{"kind": "GridLayoutItem", "spec": spec}
}

// v2QueryOptions are what of a panel says how its queries are asked.
var v2QueryOptions = []string{"timeFrom", "timeShift", "maxDataPoints", "interval", "cacheTimeout", "queryCachingTTL", "hideTimeOverride", "timeCompare"}

func toV2Element(p object) object {
	spec := object{"id": p["id"], "title": text(p, "title")}
	if ref := child(p, "libraryPanel"); ref != nil {
		spec["libraryPanel"] = object{"uid": text(ref, "uid"), "name": text(ref, "name")}
		return object{"kind": "LibraryPanel", "spec": spec}
	}
	spec["description"], spec["links"] = text(p, "description"), orList(list(p, "links"))
	if flag(p, "transparent") {
		spec["transparent"] = true
	}
	options, config := child(p, "options"), child(p, "fieldConfig")
	if options == nil {
		options = object{}
	}
	if config == nil {
		config = object{"defaults": object{}, "overrides": []any{}}
	}
	spec["vizConfig"] = object{"kind": "VizConfig", "group": text(p, "type"), "version": text(p, "pluginVersion"), "spec": object{"options": options, "fieldConfig": config}}
	queries, transformations := []any{}, []any{}
	for i, t := range objects(p, "targets") {
		ref := t["datasource"]
		if ref == nil {
			ref = p["datasource"]
		}
		queries = append(queries, object{"kind": "PanelQuery", "spec": object{"refId": orText(text(t, "refId"), string(rune('A'+i%26))), "hidden": flag(t, "hide"),
			"query": toV2Query(withoutKeys(t, "refId", "hide", "datasource"), ref)}})
	}
	for _, t := range objects(p, "transformations") {
		transformations = append(transformations, object{"kind": text(t, "id"), "spec": t})
	}
	asked := object{}
	for _, key := range v2QueryOptions {
		if v, has := p[key]; has && v != nil {
			asked[key] = v
		}
	}
	spec["data"] = object{"kind": "QueryGroup", "spec": object{"queries": queries, "transformations": transformations, "queryOptions": asked}}
	return object{"kind": "Panel", "spec": spec}
}

// v2Losses says what of a classic dashboard schema v2 has no place for.
func v2Losses(tree object) []string {
	var out []string
	for _, p := range allPanels(tree) {
		extra := withoutKeys(p, append([]string{"id", "type", "title", "description", "links", "transparent", "options", "fieldConfig", "pluginVersion", "targets",
			"datasource", "transformations", "gridPos", "repeat", "repeatDirection", "maxPerRow", "libraryPanel", "collapsed", "panels", "scopedVars", "repeatedByRow"}, v2QueryOptions...)...)
		if len(extra) > 0 {
			out = append(out, fmt.Sprintf("panel %q: %s", text(p, "title"), strings.Join(sortedKeys(extra), ", ")))
		}
	}
	return out
}
