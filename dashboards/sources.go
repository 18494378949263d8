package dashboards

import "slices"

// Grafana's names for data sources that are none.
const (
	sourceMixed      = "-- Mixed --"
	sourceDashboard  = "-- Dashboard --"
	sourceGrafana    = "-- Grafana --"
	sourceExpression = "__expr__"
)

// sources resolves references to data sources as the page does.
type sources struct {
	known     []Datasource
	variables []object
	inputs    []object
}

// resolve returns the plugin id and dialect that a reference means: by uid, by name,
// through a variable of the dashboard or an input of an exported one, or the default.
// Dialect is "" when nothing here answers; it is "expression" and "dashboard" for what
// the page works out by itself.
func (s *sources) resolve(ref object) Datasource {
	uid, kind := text(ref, "uid"), text(ref, "type")
	switch {
	case uid == sourceExpression || kind == sourceExpression || uid == "-100":
		return Datasource{UID: uid, Type: sourceExpression, Dialect: "expression"}
	case uid == sourceDashboard:
		return Datasource{UID: uid, Type: sourceDashboard, Dialect: "dashboard"}
	case uid == sourceGrafana || uid == "grafana" || kind == "grafana" || kind == "datasource" && uid != sourceMixed:
		return Datasource{UID: uid, Type: "grafana"}
	case uid == "" || uid == "default" || uid == sourceMixed:
		return s.ofType(kind)
	}
	if names := referencedVariables(uid); len(names) > 0 {
		return s.throughVariable(names[0], kind)
	}
	for _, same := range []func(Datasource) bool{
		func(d Datasource) bool { return d.UID == uid },
		func(d Datasource) bool { return d.Name == uid },
	} {
		if i := slices.IndexFunc(s.known, same); i >= 0 {
			return s.known[i]
		}
	}
	if kind == "" {
		return Datasource{UID: uid}
	}
	return s.ofType(kind)
}

// ofType returns the default source of a type, or what answers such a type when none is
// declared; with an empty type the default of all.
func (s *sources) ofType(kind string) Datasource {
	best := -1
	for i, d := range s.known {
		if (kind == "" && d.Default) || (kind != "" && d.Type == kind && (best < 0 || d.Default)) {
			best = i
		}
	}
	if best >= 0 {
		return s.known[best]
	}
	return Datasource{Type: kind, Dialect: dialectOf(kind)}
}

func (s *sources) throughVariable(name, kind string) Datasource {
	for _, v := range s.variables {
		if text(v, "name") != name {
			continue
		}
		if text(v, "type") == "datasource" {
			return s.ofType(text(v, "query"))
		}
		// Any other variable holds the name or uid of a source.
		if value := currentValue(v); value != "" && len(referencedVariables(value)) == 0 {
			return s.resolve(object{"uid": value, "type": kind})
		}
	}
	for _, in := range s.inputs {
		if text(in, "name") == name && text(in, "pluginId") != "" {
			return s.ofType(text(in, "pluginId"))
		}
	}
	return s.ofType(kind)
}
