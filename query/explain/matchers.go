package explain

import (
	"regexp/syntax"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
)

// condition is a matcher in words.
func condition(m *labels.Matcher) string {
	value := strconv.Quote(m.Value)
	switch m.Type {
	case labels.MatchEqual:
		if m.Value == "" {
			return m.Name + " is absent or empty"
		}
		return m.Name + " is " + value
	case labels.MatchNotEqual:
		if m.Value == "" {
			return "there is a " + m.Name
		}
		return m.Name + " is not " + value
	case labels.MatchRegexp:
		if set := m.SetMatches(); len(set) > 1 {
			return m.Name + " is one of " + strings.Join(set, ", ")
		}
		switch m.Value {
		case ".*":
			return m.Name + " is anything"
		case ".+":
			return "there is a " + m.Name
		}
		return m.Name + " matches " + value
	}
	return m.Name + " does not match " + value
}

func conditions(ms []*labels.Matcher) string {
	var out []string
	for _, m := range ms {
		if m.Name != labels.MetricName {
			out = append(out, condition(m))
		}
	}
	return list(out)
}

// warnMatchers warns of matchers that cost without choosing.
func warnMatchers(ms []*labels.Matcher, warn func(Warning)) {
	for _, m := range ms {
		text := m.String()
		switch {
		case m.Type == labels.MatchRegexp && m.Value == ".*":
			warn(Warning{"matches_everything", text + " matches everything, also what has no " + m.Name, "leave it out", text})
		case (m.Type == labels.MatchRegexp || m.Type == labels.MatchNotRegexp) && m.Value != "" && isLiteral(m.Value):
			op := "="
			if m.Type == labels.MatchNotRegexp {
				op = "!="
			}
			warn(Warning{"regexp_without_pattern", text + " is a regular expression that is just a text", "write " + m.Name + op + strconv.Quote(m.Value) + ", which is faster", text})
		case m.Type == labels.MatchEqual && strings.ContainsAny(m.Value, "*|") && looksLikePattern(m.Value):
			warn(Warning{"pattern_without_regexp", text + " compares with the text itself: = knows no patterns", "write " + m.Name + "=~" + strconv.Quote(m.Value), text})
		}
	}
}

func isLiteral(re string) bool {
	x, err := syntax.Parse(re, syntax.Perl)
	return err == nil && x.Op == syntax.OpLiteral && x.Flags&syntax.FoldCase == 0
}

// looksLikePattern says whether a value has the usual pieces of a regular expression.
func looksLikePattern(v string) bool {
	return strings.Contains(v, ".*") || strings.Contains(v, ".+") || strings.Contains(v, "|") && !strings.Contains(v, " | ")
}
