package rowstore

import (
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// worthLooking is the shortest text that is looked for before an expression.
const worthLooking = 3

// literalBefore returns a text that is in every match of re and is worth looking for
// first, as that is much faster than an expression; "" if there is none. What re begins
// with is not: the engine looks for it, or fails at once if re is bound to the begin.
func literalBefore(re *syntax.Regexp) string {
	for re.Op == syntax.OpCapture {
		re = re.Sub[0]
	}
	if re.Op != syntax.OpConcat || re.Sub[0].Op == syntax.OpBeginText {
		return ""
	}
	rest, least := *re, worthLooking
	if first := re.Sub[0]; first.Op == syntax.OpLiteral {
		rest.Sub, least = re.Sub[1:], max(least, len(string(first.Rune))+1)
	}
	if len(re.Sub) == 3 && isDotStar(re.Sub[0]) && isDotStar(re.Sub[2]) { // is a text to the engine
		return ""
	}
	if text := literalOf(&rest); len(text) >= least {
		return text
	}
	return ""
}

func isDotStar(re *syntax.Regexp) bool {
	return (re.Op == syntax.OpStar || re.Op == syntax.OpPlus) &&
		(re.Sub[0].Op == syntax.OpAnyChar || re.Sub[0].Op == syntax.OpAnyCharNotNL)
}

// literalOf returns the longest text that is known to be in every match. Expressions
// find the replacement character in broken text too: it is in none.
func literalOf(re *syntax.Regexp) (longest string) {
	var parts []string
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			parts = strings.Split(string(re.Rune), string(utf8.RuneError))
		}
	case syntax.OpCapture, syntax.OpPlus:
		return literalOf(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return literalOf(re.Sub[0])
		}
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			parts = append(parts, literalOf(sub))
		}
	}
	for _, p := range parts {
		if len(p) > len(longest) {
			longest = p
		}
	}
	return longest
}
