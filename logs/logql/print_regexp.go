package logql

import "regexp/syntax"

// plainRegexp says whether Loki replaces a regular expression by comparisons of
// plain text: literals, alternatives of literals, and one literal among ".*".
// Only the printing of label filters depends on it.
func plainRegexp(text string) bool {
	re, err := syntax.Parse(text, syntax.Perl)
	return err == nil && plainTree(re.Simplify())
}

func plainTree(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if !plainTree(uncaptured(sub)) {
				return false
			}
		}
		return true
	case syntax.OpConcat:
		return plainConcat(re, false)
	case syntax.OpCapture:
		return plainTree(re.Sub[0])
	case syntax.OpLiteral, syntax.OpEmptyMatch:
		return true
	}
	return isDotStar(re) || re.Op == syntax.OpPlus && re.Sub[0].Op == syntax.OpAnyCharNotNL
}

// plainConcat accepts one literal with ".*" around it or with alternatives of
// literals behind it. literal says that one stands in front already.
func plainConcat(re *syntax.Regexp, literal bool) bool {
	var subs []*syntax.Regexp
	for _, sub := range re.Sub {
		if sub = uncaptured(sub); sub.Op != syntax.OpEmptyMatch {
			subs = append(subs, sub)
		}
	}
	if len(subs) > 3 {
		return false
	}
	seen := 0
	for _, sub := range subs {
		switch {
		case sub.Op == syntax.OpLiteral && seen == 0:
			seen++
			literal = true
		case sub.Op == syntax.OpAlternate && literal && plainAlternatives(sub):
		case isDotStar(sub):
		default:
			return false
		}
	}
	return literal
}

func plainAlternatives(re *syntax.Regexp) bool {
	for _, alt := range re.Sub {
		switch {
		case alt.Op == syntax.OpEmptyMatch, alt.Op == syntax.OpLiteral, isDotStar(alt):
		case alt.Op == syntax.OpConcat && plainConcat(alt, true):
		default:
			return false
		}
	}
	return true
}

func isDotStar(re *syntax.Regexp) bool {
	return re.Op == syntax.OpStar && re.Sub[0].Op == syntax.OpAnyCharNotNL
}

func uncaptured(re *syntax.Regexp) *syntax.Regexp {
	for re.Op == syntax.OpCapture {
		re = re.Sub[0]
	}
	return re
}
