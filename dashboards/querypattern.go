package dashboards

import (
	"regexp"
	"strings"
)

// Bounds of patterns: they are compiled for whoever follows a link.
const (
	maxPatterns      = 5000
	maxPatternQuery  = 64 << 10 // bytes
	maxPatternValues = 200      // of one variable
	maxPatternText   = 512 << 10
)

// QueryPattern matches the queries that a dashboard sends for one of its stored ones.
type QueryPattern struct {
	Dialect string // of ours: prometheus, loki...; "" if the data source is not known
	// Exemplars says that the target asks for exemplars too.
	Exemplars bool
	Panel     string // the panel's title, "" for annotations
	Literal   int    // bytes of it that stand as they are: which of several patterns says most
	match     *regexp.Regexp
}

// Matches reports whether the text is what the stored query becomes: every character as it
// stands, built-in variables any duration or number, the dashboard's variables one of
// their values.
func (p *QueryPattern) Matches(text string) bool { return p.match.MatchString(strings.TrimSpace(text)) }

// QueryPatterns are the patterns of a dashboard in today's model: of each panel's targets
// and of annotations. dialect says which of our APIs a data source is, by its reference.
func QueryPatterns(d *Document, datasources []Datasource) []QueryPattern {
	b := &patternBuilder{datasources: datasources, values: variableValues(d.tree)}
	for _, p := range allPanels(d.tree) {
		for _, target := range objects(p, "targets") {
			b.add(text(p, "title"), target, p["datasource"])
		}
	}
	for _, a := range objects(child(d.tree, "annotations"), "list") {
		b.add("", a, nil)
		b.add("", child(a, "target"), a["datasource"])
	}
	return b.out
}

// LooseQueryPatterns are those of which the dashboard's variables may be anything: good to
// tell which panel asked, not to decide what may be asked.
func LooseQueryPatterns(d *Document) []QueryPattern {
	b := &patternBuilder{loose: true}
	for _, p := range allPanels(d.tree) {
		for _, target := range objects(p, "targets") {
			b.add(text(p, "title"), target, p["datasource"])
		}
	}
	return b.out
}

type patternBuilder struct {
	loose       bool
	datasources []Datasource
	values      map[string][]string
	out         []QueryPattern
}

// queryKeys are where targets keep their text, by Grafana's data sources.
var queryKeys = []string{"expr", "query", "rawQuery"}

func (b *patternBuilder) add(panel string, target object, inherited any) {
	for _, key := range queryKeys {
		q := strings.TrimSpace(text(target, key))
		if q == "" || len(q) > maxPatternQuery || len(b.out) >= maxPatterns {
			continue
		}
		source, literal := b.pattern(q)
		if len(source) > maxPatternText {
			continue
		}
		match, err := regexp.Compile(source)
		if err != nil {
			continue // too large to compile: such a query does not pass
		}
		ref := target["datasource"]
		if ref == nil {
			ref = inherited
		}
		b.out = append(b.out, QueryPattern{Dialect: b.dialect(ref), Exemplars: flag(target, "exemplar"), Panel: panel, Literal: literal, match: match})
	}
}

// dialect resolves a reference to a data source: its type where it says it, else the
// source of that uid or name, else the default.
func (b *patternBuilder) dialect(ref any) string {
	name, _ := ref.(string)
	if o, ok := ref.(object); ok {
		if d := dialectOf(text(o, "type")); d != "" {
			return d
		}
		name = text(o, "uid")
	}
	if found := variable.FindStringSubmatch(name); found != nil {
		if values := b.values[variableName(found)]; len(values) > 0 {
			name = values[0]
		}
	}
	fallback := ""
	for _, d := range b.datasources {
		if name != "" && (d.UID == name || d.Name == name) {
			return d.Dialect
		}
		if d.Default {
			fallback = d.Dialect
		}
	}
	return fallback
}

// variable is a reference to a variable in each of Grafana's three ways.
var variable = regexp.MustCompile(`\$(\w+)|\$\{(\w+)(?:[.:]([^}]*))?\}|\[\[(\w+)(?::(\w+))?\]\]`)

func variableName(m []string) string { return m[1] + m[2] + m[4] }

const (
	durationPattern = `(?:[0-9]+(?:\.[0-9]+)?(?:ms|[smhdwy]))+`
	numberPattern   = `[0-9]+(?:\.[0-9]+)?`
	datePattern     = `[0-9A-Za-z:.+ -]{1,40}` // nothing that could end a text
)

// builtins are the variables that each request fills in anew.
var builtins = map[string]string{
	"__interval": durationPattern, "__rate_interval": durationPattern, "__range": durationPattern, "__auto": durationPattern, "interval": durationPattern,
	"__interval_ms": numberPattern, "__rate_interval_ms": numberPattern, "__range_ms": numberPattern, "__range_s": numberPattern, "__from": datePattern, "__to": datePattern,
}

// pattern is the regular expression for a stored query, and how many bytes of the query
// stand in it as they are.
func (b *patternBuilder) pattern(query string) (string, int) {
	var out strings.Builder
	out.WriteString(`^(?s:`)
	last, literal := 0, len(query)
	for _, at := range variable.FindAllStringSubmatchIndex(query, -1) {
		m := variable.FindStringSubmatch(query[at[0]:at[1]])
		name := variableName(m)
		values, known := b.values[name]
		builtin, isBuiltin := builtins[name]
		out.WriteString(regexp.QuoteMeta(query[last:at[0]]))
		last = at[1]
		literal -= at[1] - at[0]
		switch {
		case known:
			out.WriteString(alternatives(values))
		case isBuiltin:
			out.WriteString(builtin)
		case b.loose:
			out.WriteString(`.*`)
		default:
			out.WriteString(regexp.QuoteMeta(query[at[0]:at[1]]))
		}
	}
	out.WriteString(regexp.QuoteMeta(query[last:]))
	out.WriteString(`)$`)
	return out.String(), literal
}

// alternatives are the texts that a variable's values become in a query: each by itself or
// all together, plain or escaped for a regular expression in a quoted text.
func alternatives(values []string) string {
	seen := map[string]bool{}
	var out []string
	add := func(s string) {
		if !seen[s] {
			seen[s] = true
			out = append(out, regexp.QuoteMeta(s))
		}
	}
	for _, escape := range []func(string) string{plain, escapeForRegexp, escapeQuoted, func(s string) string { return escapeQuoted(escapeForRegexp(s)) }} {
		escaped := make([]string, len(values))
		for i, v := range values {
			escaped[i] = escape(v)
			add(escaped[i])
			add("(" + escaped[i] + ")")
		}
		pipes := strings.Join(escaped, "|")
		add(pipes)
		add("(" + pipes + ")")
		add(strings.Join(escaped, ","))
		add("{" + strings.Join(escaped, ",") + "}")
	}
	return "(?:" + strings.Join(out, "|") + ")"
}

func plain(s string) string { return s }

// escapeForRegexp escapes what Grafana escapes for PromQL and LogQL.
func escapeForRegexp(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(`\^$*+?.()|[]{}`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func escapeQuoted(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s)
}

// variableValues are the values that a shared dashboard's variables have: it was shared
// with them filled in as constants, and panels that repeat use one of them each.
func variableValues(tree object) map[string][]string {
	out := map[string][]string{}
	for _, v := range objects(child(tree, "templating"), "list") {
		name := text(v, "name")
		if name == "" || text(v, "type") == "adhoc" {
			continue
		}
		var values []string
		add := func(x any) {
			if s, ok := x.(string); ok && s != "$__all" && len(values) < maxPatternValues {
				values = append(values, s)
			}
		}
		current := child(v, "current")["value"]
		add(current)
		all := current == "$__all"
		if l, ok := current.([]any); ok {
			for _, x := range l {
				add(x)
				all = all || x == "$__all"
			}
		}
		if all && text(v, "allValue") != "" {
			add(v["allValue"])
		} else if all {
			for _, o := range objects(v, "options") {
				add(o["value"])
			}
		}
		if len(values) == 0 && (text(v, "type") == "constant" || text(v, "type") == "textbox") {
			add(v["query"])
		}
		if text(v, "type") == "interval" && len(values) > 0 && strings.HasPrefix(values[0], "$__auto") {
			continue // one of the built-in kind: see builtins
		}
		if len(values) > 0 {
			out[name] = values
		}
	}
	return out
}
