package dashboards

import (
	"regexp"
	"strings"
)

// inferTypes gives references to data sources that name no type the one that their
// queries are written for: files of before Grafana 8.3 hold a name only ("Metrics"),
// which says nothing outside of the installation that they come from. A reference to
// the default source gets a type only where its queries cannot be PromQL, because the
// default of the other installation may have been anything. What is known by uid or
// name here is still found by it.
func inferTypes(tree object) {
	seen := &evidence{byName: map[string]map[string]int{}, declared: declaredVariables(tree)}
	forEachQuery(tree, func(p, t object) {
		ref := effectiveRef(p, t)
		if seen.nameless(ref) {
			seen.add(text(ref, "uid"), queryType(t))
		}
	})
	for _, key := range []string{"templating", "annotations"} {
		for _, o := range objects(child(tree, key), "list") {
			if ref := child(o, "datasource"); seen.nameless(ref) {
				seen.add(text(ref, "uid"), queryType(o))
				seen.add(text(ref, "uid"), variableQueryType(o))
			}
		}
	}
	seen.only = onlyRequired(tree)
	seen.apply(tree)
}

// evidence counts what queries of a nameless source are written for.
type evidence struct {
	byName map[string]map[string]int
	// only is the one type of data source that the file says it requires, "" if several.
	only string
	// declared are the dashboard's variables: a reference through one means its choice.
	declared map[string]bool
}

// nameless reports whether a reference says a name that only its queries explain.
func (e *evidence) nameless(ref object) bool {
	name := text(ref, "uid")
	if name == "" || text(ref, "type") != "" || noSource(name) {
		return false
	}
	for _, v := range referencedVariables(name) {
		if e.declared[v] {
			return false
		}
	}
	return true
}

func declaredVariables(tree object) map[string]bool {
	out := map[string]bool{}
	for _, v := range objects(child(tree, "templating"), "list") {
		out[text(v, "name")] = true
	}
	for _, in := range objects(tree, "__inputs") {
		out[text(in, "name")] = true
	}
	return out
}

func (e *evidence) add(name, kind string) {
	if e.byName[name] == nil {
		e.byName[name] = map[string]int{}
	}
	if kind != "" {
		e.byName[name][kind]++
	}
}

// kind returns the type that most queries of a source are written for.
func (e *evidence) kind(name string) string {
	best := ""
	for kind, n := range e.byName[name] {
		if most := e.byName[name][best]; n > most || n == most && kind > best {
			best = kind
		}
	}
	return orText(best, e.only)
}

func (e *evidence) apply(tree object) {
	set := func(o object) {
		ref := child(o, "datasource")
		if !e.nameless(ref) {
			return
		}
		if kind := e.kind(text(ref, "uid")); kind != "" {
			o["datasource"] = object{"uid": ref["uid"], "type": kind}
		}
	}
	for _, key := range []string{"templating", "annotations"} {
		for _, o := range objects(child(tree, key), "list") {
			set(o)
		}
	}
	for _, p := range allPanels(tree) {
		set(p)
		for _, t := range objects(p, "targets") {
			set(t)
			if effectiveRef(p, t) != nil && text(effectiveRef(p, t), "uid") != sourceMixed {
				continue
			}
			if kind := queryType(t); kind != "" && kind != "prometheus" {
				t["datasource"] = object{"type": kind}
			}
		}
	}
}

func noSource(name string) bool {
	switch name {
	case sourceMixed, sourceDashboard, sourceGrafana, sourceExpression, "grafana", "-100", "default":
		return true
	}
	return false
}

// effectiveRef is the source of a query: its own or that of its panel, nil for the
// default.
func effectiveRef(p, t object) object {
	for _, o := range []object{t, p} {
		if ref := child(o, "datasource"); text(ref, "uid") != "" || text(ref, "type") != "" {
			return ref
		}
	}
	return nil
}

func forEachQuery(tree object, visit func(p, t object)) {
	for _, p := range allPanels(tree) {
		for _, t := range objects(p, "targets") {
			visit(p, t)
		}
	}
}

// queryType returns the plugin id that a query's keys belong to, "" when they do not say.
func queryType(t object) string {
	expr := orText(text(t, "expr"), text(child(t, "target"), "expr"))
	switch {
	case text(t, "scenarioId") != "":
		return "grafana-testdata-datasource"
	case expr != "" && isLogQL(expr):
		return "loki"
	case expr != "":
		return "prometheus"
	case t["bucketAggs"] != nil:
		return "elasticsearch"
	case t["rawSql"] != nil:
		return "mysql"
	case text(t, "measurement") != "" && t["select"] != nil, t["resultFormat"] != nil && t["rawQuery"] != nil:
		return "influxdb"
	case t["dimensions"] != nil && text(t, "namespace") != "":
		return "cloudwatch"
	case text(t, "aggregator") != "" && text(t, "metric") != "":
		return "opentsdb"
	case text(t, "target") != "":
		return "graphite"
	}
	switch text(t, "queryType") {
	case "traceql", "traceqlSearch", "nativeSearch", "traceId", "serviceMap":
		return "tempo"
	}
	return ""
}

var promVariable = regexp.MustCompile(`^\s*(?:label_values|label_names|query_result|metrics)\(`)

// variableQueryType is queryType of a variable.
func variableQueryType(v object) string {
	query := variableQuery(v)
	switch {
	case !promVariable.MatchString(query):
		return ""
	case strings.HasPrefix(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(query), "label_values(")), "{") && !strings.Contains(query, "__name__"):
		return "" // a stream of logs or a series without a name
	}
	return "prometheus"
}

var (
	quoted = regexp.MustCompile("\"(?:\\\\.|[^\"\\\\])*\"|'(?:\\\\.|[^'\\\\])*'|`[^`]*`")
	// bareSelector is a stream selector: braces that follow no name.
	bareSelector = regexp.MustCompile(`(?:^|[(,]|\bby|\bwithout|[-+*/%^=<>])\s*\{`)
)

// isLogQL reports whether an expression can only be LogQL: it has a pipe, or a selector
// without a name of a metric.
func isLogQL(expr string) bool {
	bare := quoted.ReplaceAllString(expr, `""`)
	if strings.Contains(bare, "|") {
		return true
	}
	at := bareSelector.FindStringIndex(bare)
	if at == nil {
		return false
	}
	// {"name", ...} and {__name__=...} are Prometheus'.
	inside := strings.TrimSpace(bare[at[1]:])
	return !strings.Contains(bare, "__name__") && !strings.HasPrefix(inside, `"`) && !strings.HasPrefix(inside, "$") && !strings.HasPrefix(inside, "}")
}

// onlyRequired is the type of data source of a file whose "__requires" names one only.
func onlyRequired(tree object) string {
	only := ""
	for _, r := range objects(tree, "__requires") {
		if text(r, "type") != "datasource" {
			continue
		}
		if only != "" && only != text(r, "id") {
			return ""
		}
		only = text(r, "id")
	}
	return only
}
