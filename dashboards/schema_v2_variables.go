package dashboards

import "slices"

// The words of schema v2 for what the classic model numbers.
var (
	v2Sorts = []string{"disabled", "alphabeticalAsc", "alphabeticalDesc", "numericalAsc", "numericalDesc",
		"alphabeticalCaseInsensitiveAsc", "alphabeticalCaseInsensitiveDesc", "naturalAsc", "naturalDesc"}
	v2Refresh = []string{"never", "onDashboardLoad", "onTimeRangeChanged"}
	v2Hide    = []string{"dontHide", "hideLabel", "hideVariable"}
	v2Kinds   = map[string]string{
		"QueryVariable": "query", "TextVariable": "textbox", "ConstantVariable": "constant", "DatasourceVariable": "datasource",
		"IntervalVariable": "interval", "CustomVariable": "custom", "GroupByVariable": "groupby", "AdhocVariable": "adhoc",
		"SwitchVariable": "switch",
	}
)

// variable returns a variable of the classic model.
func (c *v2) variable(in object) object {
	spec := child(in, "spec")
	out := object{}
	for k, v := range spec {
		out[k] = v
	}
	kind, known := v2Kinds[text(in, "kind")]
	if !known {
		c.note("variable %q is of kind %q, which is not supported", text(spec, "name"), text(in, "kind"))
		kind = text(in, "kind")
	}
	out["type"] = kind
	for key, words := range map[string][]string{"sort": v2Sorts, "refresh": v2Refresh, "hide": v2Hide} {
		if word, ok := spec[key].(string); ok {
			// "inControlsMenu" is a place of Grafana's for variables that are shown.
			out[key] = max(0, slices.Index(words, word))
		}
	}
	switch kind {
	case "query":
		query, ds := v2Query(child(spec, "query"), spec["datasource"])
		if ds != nil {
			out["datasource"] = ds
		}
		out["query"] = query
		// What the old editor wrote as text is kept under this key.
		if legacy, ok := query["__legacyStringValue"].(string); ok {
			out["query"] = legacy
		}
	case "datasource":
		out["query"] = text(spec, "pluginId")
	case "adhoc", "groupby":
		ds := object{}
		setText(ds, "type", text(in, "group"))
		setText(ds, "uid", text(child(in, "datasource"), "name"))
		if old := child(spec, "datasource"); old != nil {
			ds = old
		}
		out["datasource"] = ds
	case "switch":
		on, off := switchValues(spec)
		current := orText(text(spec, "current"), off)
		out["enabledValue"], out["disabledValue"] = on, off
		out["current"] = object{"text": current, "value": current}
		out["options"] = []any{object{"text": on, "value": on, "selected": current == on}, object{"text": off, "value": off, "selected": current != on}}
	}
	return out
}
