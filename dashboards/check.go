package dashboards

import (
	"fmt"
	"slices"
	"strings"
)

// Severity is how much a finding takes away.
type Severity string

const (
	// LevelPanel: the panel does not render.
	LevelPanel Severity = "panel"
	// LevelFeature: the panel or dashboard renders without something.
	LevelFeature Severity = "feature"
	// LevelNote: nothing is missing that one sees, but a person should know.
	LevelNote Severity = "note"
)

// Finding is one thing of a dashboard that does not render as in Grafana.
type Finding struct {
	Level Severity `json:"level"`
	// Panel is the panel's number, 0 when the finding is about the whole dashboard.
	Panel int    `json:"panel,omitempty"`
	Title string `json:"title,omitempty"`
	What  string `json:"what"`
	Why   string `json:"why,omitempty"`
	// Do says what to do about it.
	Do string `json:"do,omitempty"`
}

// Report is what a Checker found in one dashboard.
type Report struct {
	Title string `json:"title"`
	// Panels counts all panels but rows; Rendered those of them that render.
	Panels   int       `json:"panels"`
	Rendered int       `json:"rendered"`
	Findings []Finding `json:"findings"`
}

// Complete reports whether everything renders.
func (r *Report) Complete() bool {
	return !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Level != LevelNote })
}

// Checker says what of a dashboard would not render. It needs no server.
type Checker struct {
	// Datasources are the names under which dashboards find data.
	Datasources []Datasource
	// Parse are the parsers of query languages by dialect; a dialect without one is not
	// looked into. The error says what is wrong, with its place in the text.
	Parse map[string]func(query string) error
}

// Check reads one dashboard. The error wraps ErrInvalid: it is no dashboard at all.
func (c *Checker) Check(source []byte) (*Report, error) {
	doc, err := Parse(source)
	if err != nil {
		return nil, err
	}
	tree, notes := doc.render()
	k := &checking{checker: c, support: SupportList(), report: &Report{Title: doc.Title(), Findings: []Finding{}}, values: newValues(tree)}
	k.sources = &sources{known: completeDatasources(c.Datasources), inputs: objects(tree, "__inputs"),
		variables: objects(child(tree, "templating"), "list")}
	for _, n := range notes {
		k.report.Findings = append(k.report.Findings, Finding{Level: LevelNote, What: n})
	}
	k.variables()
	for _, circle := range variableCircles(tree) {
		k.find(LevelFeature, "variables refer to each other in a circle: "+strings.Join(circle, " > "), Refusal{"none of them can be worked out first", "break the circle in one of their queries"})
	}
	k.annotations(tree)
	for _, p := range objects(tree, "panels") {
		k.panelOrRow(p)
	}
	return k.report, nil
}

// checking is one run over a dashboard.
type checking struct {
	checker *Checker
	support *Support
	sources *sources
	values  *Values
	report  *Report
	panel   object // that findings are about, nil for the dashboard
}

func (k *checking) find(level Severity, what string, r Refusal) {
	f := Finding{Level: level, What: what, Why: r.Why, Do: r.Do}
	if k.panel != nil {
		f.Panel, f.Title = int(number(k.panel, "id", 0)), text(k.panel, "title")
	}
	k.report.Findings = append(k.report.Findings, f)
}

func (k *checking) variables() {
	for _, v := range k.sources.variables {
		what := fmt.Sprintf("variable %q of type %q", text(v, "name"), text(v, "type"))
		if r, refused := k.support.Variables.refuse(text(v, "type"), k.support.Unknown["variable"]); refused {
			k.find(LevelFeature, what, r)
			continue
		}
		if kind := text(v, "type"); kind == "query" || kind == "adhoc" || kind == "groupby" {
			ds := k.sources.resolve(child(v, "datasource"))
			limit, limited := k.support.Variables.Limited[kind]
			switch {
			case ds.Dialect == "" || ds.Dialect == "testdata":
				k.find(LevelFeature, what+": "+describeSource(ds), k.refuseSource(ds))
			case limited && !slices.Contains(limit.Dialects, ds.Dialect):
				k.find(LevelFeature, what+": "+describeSource(ds), limit.Refusal)
			}
		}
		if kind := text(v, "type"); kind == "datasource" && dialectOf(text(v, "query")) == "" {
			k.find(LevelFeature, what+fmt.Sprintf(": data source type %q", text(v, "query")), k.refuseSource(Datasource{Type: text(v, "query")}))
		}
	}
}

func (k *checking) annotations(tree object) {
	for _, a := range objects(child(tree, "annotations"), "list") {
		if flag(a, "builtIn") || number(a, "builtIn", 0) > 0 || a["enable"] == false {
			continue
		}
		ds := k.sources.resolve(child(a, "datasource"))
		kind := ds.Dialect
		if ds.Type == "grafana" {
			kind = "grafana"
		}
		if !slices.Contains(k.support.Annotations, kind) {
			k.find(LevelFeature, fmt.Sprintf("annotations %q: %s", text(a, "name"), describeSource(ds)), k.refuseSource(ds))
			continue
		}
		expr := text(a, "expr")
		if expr == "" {
			expr = text(child(a, "target"), "expr")
		}
		if err := k.parse(ds.Dialect, expr); err != nil {
			k.find(LevelFeature, fmt.Sprintf("annotations %q: the query does not parse: %s", text(a, "name"), shorten(expr)), Refusal{err.Error(), "correct the query"})
		}
	}
}

func (k *checking) panelOrRow(p object) {
	if text(p, "type") == "row" {
		for _, inner := range objects(p, "panels") {
			k.panelOrRow(inner)
		}
		return
	}
	k.panel = p
	defer func() { k.panel = nil }()
	k.report.Panels++
	if k.panelType(p) && k.queries(p) {
		k.report.Rendered++
	}
	for _, step := range objects(p, "transformations") {
		if r, refused := k.support.Transformations.refuse(text(step, "id"), k.support.Unknown["transformation"]); refused && !flag(step, "disabled") {
			k.find(LevelFeature, fmt.Sprintf("transformation %q", text(step, "id")), r)
		}
	}
	for _, o := range objects(child(p, "fieldConfig"), "overrides") {
		if id := text(child(o, "matcher"), "id"); !slices.Contains(k.support.Matchers, id) {
			k.find(LevelFeature, fmt.Sprintf("field override with matcher %q", id), k.support.Unknown["matcher"])
		}
	}
}

// panelType reports whether the panel's kind is drawn.
func (k *checking) panelType(p object) bool {
	kind := text(p, "type")
	if slices.Contains(k.support.Panels.Drawn, kind) {
		return true
	}
	if ref := child(p, "libraryPanel"); ref != nil && kind == "" {
		k.find(LevelPanel, fmt.Sprintf("library panel %q (%s)", text(ref, "name"), text(ref, "uid")), k.support.Unknown["library panel"])
		return false
	}
	r, known := k.support.Panels.Refused[kind]
	if !known {
		r = k.support.Unknown["panel"]
	}
	k.find(LevelPanel, fmt.Sprintf("panel type %q", orText(kind, "none")), r)
	return false
}

func (k *checking) refuseSource(ds Datasource) Refusal {
	if r, ok := k.support.Datasources[ds.Type]; ok && r.Why != "" {
		return r.Refusal
	}
	if ds.Type == "" {
		return k.support.Unknown["nameless datasource"]
	}
	return k.support.Unknown["datasource"]
}

func describeSource(ds Datasource) string {
	if ds.Type == "" {
		return fmt.Sprintf("data source %q", ds.UID)
	}
	return fmt.Sprintf("data source type %q", ds.Type)
}

func shorten(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 120 {
		return string(r[:117]) + "..."
	}
	return s
}
