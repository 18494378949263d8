package dashboards

import (
	"encoding/json"
	"strings"
)

// Query is one query of a panel or of annotations, as the file has it.
type Query struct {
	// Panel is the panel's number as rendered, 0 for annotations.
	Panel int
	Title string
	// Dialect is the API that answers it ("" when none does), Kind the query's own kind.
	Dialect, Kind string
	// Text is the expression with its variables.
	Text, Legend string
	// Target is the whole query.
	Target json.RawMessage
}

// VariableQuery is what a variable asks for its values.
type VariableQuery struct {
	Name, Dialect, Text, Regex string
}

// Asks is everything that a dashboard asks.
type Asks struct {
	// Values replaces variables; variables that only a query can fill have none until
	// Set gives them one.
	Values    *Values
	Variables []VariableQuery
	Queries   []Query
}

// Set gives a variable a value.
func (v *Values) Set(name, value string) { v.byName[name] = value }

// Asks returns what the dashboard asks, hidden queries too: others may use them. known
// are the data sources that there are.
func (d *Document) Asks(known []Datasource) Asks {
	tree, _ := d.render()
	s := &sources{known: completeDatasources(known), inputs: objects(tree, "__inputs"), variables: objects(child(tree, "templating"), "list")}
	a := Asks{Values: newValues(tree)}
	for _, v := range s.variables {
		if text(v, "type") == "query" {
			a.Variables = append(a.Variables, VariableQuery{Name: text(v, "name"), Dialect: s.resolve(child(v, "datasource")).Dialect,
				Text: variableQuery(v), Regex: text(v, "regex")})
		}
	}
	for _, n := range objects(child(tree, "annotations"), "list") {
		if expr := orText(text(n, "expr"), text(child(n, "target"), "expr")); expr != "" {
			a.Queries = append(a.Queries, Query{Title: text(n, "name"), Dialect: s.resolve(child(n, "datasource")).Dialect, Text: expr, Target: marshal(n)})
		}
	}
	for _, p := range allPanels(tree) {
		for _, t := range objects(p, "targets") {
			ref := child(t, "datasource")
			if ref == nil || text(ref, "uid") == "" && text(ref, "type") == "" {
				ref = child(p, "datasource")
			}
			a.Queries = append(a.Queries, Query{Panel: int(number(p, "id", 0)), Title: text(p, "title"), Dialect: s.resolve(ref).Dialect,
				Kind: text(t, "queryType"), Text: orText(text(t, "expr"), text(t, "query")), Legend: text(t, "legendFormat"), Target: marshal(t)})
		}
	}
	return a
}

// variableQuery is a variable's query as text, whichever of its shapes it has.
func variableQuery(v object) string {
	if s := strings.TrimSpace(text(v, "query")); s != "" {
		return s
	}
	q := child(v, "query")
	if s := strings.TrimSpace(text(q, "query")); s != "" {
		return s
	}
	if label := text(q, "label"); label != "" {
		if stream := orText(text(q, "stream"), text(q, "metric")); stream != "" {
			return "label_values(" + stream + ", " + label + ")"
		}
		return "label_values(" + label + ")"
	}
	return strings.TrimSpace(text(v, "definition"))
}
