package dashboards

import (
	"regexp"
	"strings"
)

const allValue = "$__all"

// Built-in variables, with values as they are on a panel of an hour.
var builtinValues = map[string]string{
	"__interval": "1m", "__interval_ms": "60000", "__rate_interval": "5m", "__rate_interval_ms": "300000", "__range": "1h", "__range_s": "3600",
	"__range_ms": "3600000", "__from": "1700000000000", "__to": "1700003600000", "__dashboard": "dashboard", "__name": "name", "__org": "1",
	"__auto": "1m", "interval": "1m", "timeFilter": "true", "__timeFilter": "true",
}

// currentValue is what a variable stands for when nobody chose: what was saved, else
// its first option, "" when only a query could say.
func currentValue(v object) string {
	first := func(x any) string {
		switch x := x.(type) {
		case string:
			if x != allValue {
				return x
			}
		case []any:
			for _, e := range x {
				if s, ok := e.(string); ok && s != allValue {
					return s
				}
			}
		}
		return ""
	}
	if value := first(child(v, "current")["value"]); value != "" && value != "$__auto_interval_"+text(v, "name") {
		return value
	}
	if all := text(v, "allValue"); all != "" {
		return all
	}
	switch text(v, "type") {
	case "custom", "interval", "constant", "textbox":
		option, _, _ := strings.Cut(text(v, "query"), ",")
		if _, value, pair := strings.Cut(option, " : "); pair {
			option = value
		}
		if value := strings.TrimSpace(option); value != "" {
			return value
		}
		if text(v, "type") == "interval" {
			return "1m"
		}
	}
	for _, o := range objects(v, "options") {
		if value := first(o["value"]); value != "" {
			return value
		}
	}
	return ""
}

// Values gives variables values, so that a query can be parsed, or series be made for
// it, without a server.
type Values struct {
	byName map[string]string
}

func newValues(tree object) *Values {
	v := &Values{byName: map[string]string{}}
	for _, one := range objects(child(tree, "templating"), "list") {
		if name := text(one, "name"); name != "" {
			if _, taken := v.byName[name]; !taken {
				v.byName[name] = currentValue(one)
			}
		}
	}
	return v
}

// Value returns a variable's value; ok is false when only a query can say it or it does
// not exist.
func (v *Values) Value(name string) (value string, ok bool) {
	value = v.byName[name]
	return value, value != ""
}

// fallbacks are tried, one for all unknown variables, until a query parses: what stands
// in the place of a name, a duration, a number, an operator or a selector.
var fallbacks = []string{"x", "5m", "1", ".*", "", "sum", "by", "up", `x="x"`}

// Readings returns a query with its variables replaced, in the ways that it may be
// meant: most likely first, at most a dozen.
func (v *Values) Readings(query string) []string {
	if !strings.ContainsAny(query, "$[") {
		return []string{query}
	}
	var out []string
	for i, fallback := range fallbacks {
		for _, forced := range []bool{false, true} {
			if forced && i > 2 {
				continue
			}
			r := v.read(query, fallback, forced)
			if len(out) == 0 || out[len(out)-1] != r {
				out = append(out, r)
			}
		}
	}
	return out
}

var durationPlace = regexp.MustCompile(`(?:\[|:|offset\s+-?)\s*$`)

// read replaces variables: those in the place of a duration by one, those with a value
// by it, the others by fallback. forced does not believe the values that were saved.
func (v *Values) read(query, fallback string, forced bool) string {
	var b strings.Builder
	last := 0
	for _, at := range reference.FindAllStringSubmatchIndex(query, -1) {
		whole := query[at[0]:at[1]]
		name := ""
		for g := 2; g < 8; g += 2 {
			if at[g] >= 0 {
				name = query[at[g]:at[g+1]]
			}
		}
		b.WriteString(query[last:at[0]])
		last = at[1]
		b.WriteString(v.valueAt(name, whole, b.String(), fallback, forced))
	}
	b.WriteString(query[last:])
	return b.String()
}

func (v *Values) valueAt(name, whole, before, fallback string, forced bool) string {
	if value, ok := v.Value(name); ok && !forced {
		if nested := referencedVariables(value); len(nested) == 0 {
			return value
		}
	}
	if _, own := v.byName[name]; !own {
		if value, ok := builtinValues[name]; ok {
			return value
		}
		return whole // "$1" of label_replace, or nothing at all: it stays, as in Grafana
	}
	switch {
	case inString(before):
		if fallback == `x="x"` || fallback == "" {
			return "x"
		}
		return fallback
	case durationPlace.MatchString(before):
		return "5m"
	}
	return fallback
}

// inString reports whether the end of a text is inside quotes, as PromQL and LogQL
// write them.
func inString(s string) bool {
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0 && quote != '`' && c == '\\':
			i++
		case quote == 0 && (c == '"' || c == '\'' || c == '`'):
			quote = c
		case quote == c:
			quote = 0
		}
	}
	return quote != 0
}
