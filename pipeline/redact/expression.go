package redact

import (
	"regexp/syntax"
	"strings"

	"github.com/grafana/regexp"
)

// newExpressionFinder finds what the groups of an expression match, or the whole match
// if it has none.
func newExpressionFinder(re *regexp.Regexp) finder {
	literal := requiredLiteral(re.String())
	return func(s string, spans []span) []span {
		if !strings.Contains(s, literal) {
			return spans
		}
		for _, at := range re.FindAllStringSubmatchIndex(s, -1) {
			first := 0
			if len(at) > 2 {
				first = 2
			}
			done := 0
			if n := len(spans); n > 0 {
				done = spans[n-1].to
			}
			for i := first; i < len(at); i += 2 {
				// A group within another one is gone with it.
				if at[i] >= done && at[i+1] > at[i] {
					spans = append(spans, span{at[i], at[i+1]})
					done = at[i+1]
				}
			}
		}
		return spans
	}
}

// requiredLiteral is the longest text that each match of an expression has in it, ""
// if none is known: looking for it is far cheaper than the expression.
func requiredLiteral(expression string) string {
	re, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return ""
	}
	return literalOf(re)
}

func literalOf(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return string(re.Rune)
		}
	case syntax.OpCapture, syntax.OpPlus:
		return literalOf(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return literalOf(re.Sub[0])
		}
	case syntax.OpConcat:
		longest := ""
		for _, sub := range re.Sub {
			if l := literalOf(sub); len(l) > len(longest) {
				longest = l
			}
		}
		return longest
	}
	return ""
}
