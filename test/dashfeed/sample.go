package dashfeed

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// sample returns a text that a regular expression matches, built from usual where it
// leaves a choice; usual itself when nothing better is found.
func sample(pattern, usual string) string {
	for _, s := range samples(pattern) {
		if re, err := regexp.Compile(pattern); err == nil && re.MatchString(s) {
			return s
		}
	}
	return usual
}

const (
	maxSamples     = 6
	maxSampleBytes = 200
)

// samples returns a few texts that a regular expression matches whole: one for each
// alternative, as far as they are few.
func samples(pattern string) []string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	return expand(re.Simplify(), 0)
}

// expand returns texts that a node matches; the first is the plainest.
func expand(re *syntax.Regexp, depth int) []string {
	if depth > 30 {
		return []string{""}
	}
	switch re.Op {
	case syntax.OpLiteral:
		return []string{string(re.Rune)}
	case syntax.OpCharClass:
		return []string{oneOf(re.Rune)}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return []string{"x"}
	case syntax.OpCapture, syntax.OpPlus:
		return expand(re.Sub[0], depth+1)
	case syntax.OpStar:
		if any := re.Sub[0].Op; any == syntax.OpAnyChar || any == syntax.OpAnyCharNotNL || any == syntax.OpCharClass {
			return expand(re.Sub[0], depth+1)
		}
		return []string{""}
	case syntax.OpQuest:
		return []string{""}
	case syntax.OpRepeat:
		one := expand(re.Sub[0], depth+1)[0]
		return []string{strings.Repeat(one, min(max(re.Min, 1), 20))}
	case syntax.OpAlternate:
		var out []string
		for _, sub := range re.Sub {
			out = append(out, expand(sub, depth+1)...)
		}
		return out[:min(len(out), maxSamples)]
	case syntax.OpConcat:
		out := []string{""}
		for _, sub := range re.Sub {
			var next []string
			for _, head := range out {
				for _, tail := range expand(sub, depth+1) {
					if len(next) < maxSamples && len(head)+len(tail) <= maxSampleBytes {
						next = append(next, head+tail)
					}
				}
			}
			if len(next) == 0 {
				return []string{""}
			}
			out = next
		}
		return out
	}
	return []string{""} // anchors, boundaries, empty
}

// oneOf chooses a character of a class: a letter or a digit where there is one.
func oneOf(ranges []rune) string {
	for _, want := range "a1A_-/. " {
		for i := 0; i+1 < len(ranges); i += 2 {
			if want >= ranges[i] && want <= ranges[i+1] {
				return string(want)
			}
		}
	}
	if len(ranges) > 0 {
		return string(ranges[0])
	}
	return ""
}
