package rowstore

import (
	"regexp/syntax"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/regexutil"
)

// engineRegex returns an expression that is to the engine what expr is to Go, and
// whether that is certain.
//
// The engine's '.' matches a line break unless told otherwise. It takes a text from the
// begin of an expression and asks the rest of what follows that text, which forgets
// what is before: so foo\b would not find "foo bar". It does not with alternatives, of
// which the second one here never matches.
func engineRegex(expr string) (text string, exact bool) {
	text = "(?-s:" + expr + ")"
	if keepsMeaning(text) {
		return text, true
	}
	text = "(?-s:(?:" + expr + `)|\b\B)`
	return text, keepsMeaning(text)
}

// streamRegex is the same for the engine's selectors, which are bound to the begin and
// the end.
func streamRegex(expr string) string {
	prefix, _ := regexutil.SimplifyPromRegex(expr)
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil || prefix == "" {
		return expr
	}
	var ops contextOps
	if ops.count(re, false); ops.before == 0 {
		return expr
	}
	return "(?:" + expr + `)|\b\B`
}

// ExactRegex says whether the store finds with MatchRegex what Go's package regexp
// finds. If not, it may find too few or too many rows.
func ExactRegex(expr string) bool {
	if _, err := syntax.Parse(expr, syntax.Perl); err != nil {
		return true
	}
	_, exact := engineRegex(expr)
	return exact
}

// keepsMeaning says whether what the engine makes of an expression is the same.
func keepsMeaning(text string) bool {
	re, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return true // is an error anyway
	}
	prefix, suffix := regexutil.SimplifyRegex(text)
	rest, err := syntax.Parse(suffix, syntax.Perl)
	if err != nil {
		return false
	}
	var want, got contextOps
	want.count(re.Simplify(), false)
	got.count(rest.Simplify(), false)
	return want.lines == got.lines && (prefix == "" || want.before == 0)
}

// contextOps counts what the engine's simplification may change: what depends on the
// text before, and what is about line breaks, which it takes for its relative that is
// not.
type contextOps struct{ before, lines int }

func (c *contextOps) count(re *syntax.Regexp, repeated bool) {
	switch re.Op {
	case syntax.OpWordBoundary, syntax.OpNoWordBoundary, syntax.OpBeginText, syntax.OpBeginLine:
		c.before++
	case syntax.OpEndLine:
		c.lines++
	case syntax.OpAnyChar:
		if !repeated {
			c.lines++
		}
	}
	for _, sub := range re.Sub {
		c.count(sub, re.Op == syntax.OpStar || re.Op == syntax.OpPlus || re.Op == syntax.OpQuest)
	}
}
