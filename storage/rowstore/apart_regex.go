package rowstore

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// spelledBytes are the bytes of values that are kept apart.
const spelledBytes = "0123456789.-_:TZ "

// maySpell says whether the text can be a part of a value that is kept apart.
func maySpell(text string, foldCase bool) bool {
	if foldCase {
		text = strings.ToUpper(text)
	}
	return strings.Trim(text, spelledBytes) == ""
}

// markedRegex returns the expression that finds in a marked value what expr finds in
// the value, "" if nothing. A match that begins with the value begins behind the
// mark; there, and only there, is the begin of the text.
func markedRegex(expr string) string {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil || needsOther(re) {
		return ""
	}
	first, ok1 := behindMark(re, true)
	later, ok2 := behindMark(re, false)
	if !ok1 || !ok2 {
		return ""
	}
	// Not a negated class: the engine takes 100 ms to spell one. The mark and line ends
	// are in no value behind the mark.
	return `\A` + apartMark + `(?:(?:` + first.String() + `)|.+(?:` + later.String() + `))`
}

// needsOther says whether every match has a rune that no value kept apart has.
func needsOther(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		return !maySpell(string(re.Rune), re.Flags&syntax.FoldCase != 0)
	case syntax.OpConcat:
		return slices.ContainsFunc(re.Sub, needsOther)
	case syntax.OpAlternate:
		return !slices.ContainsFunc(re.Sub, func(s *syntax.Regexp) bool { return !needsOther(s) })
	case syntax.OpCapture, syntax.OpPlus:
		return needsOther(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min > 0 && needsOther(re.Sub[0])
	}
	return false
}

// behindMark replaces assertions of the begin of the text by what they are where re
// begins: true with start, else false. ok is false if that depends on what matches
// before them.
func behindMark(re *syntax.Regexp, start bool) (out *syntax.Regexp, ok bool) {
	switch re.Op {
	case syntax.OpBeginText, syntax.OpBeginLine:
		if start {
			return &syntax.Regexp{Op: syntax.OpEmptyMatch}, true
		}
		return &syntax.Regexp{Op: syntax.OpNoMatch}, true
	case syntax.OpConcat:
		out := *re
		out.Sub = make([]*syntax.Regexp, len(re.Sub))
		for i, sub := range re.Sub {
			if out.Sub[i], ok = behindMark(sub, start); !ok {
				return nil, false
			}
			switch least, most := width(sub); {
			case least > 0:
				start = false
			case most > 0 && start && slices.ContainsFunc(re.Sub[i+1:], asksForBegin):
				return nil, false
			}
		}
		return &out, true
	case syntax.OpAlternate, syntax.OpCapture, syntax.OpQuest:
		out := *re
		out.Sub = make([]*syntax.Regexp, len(re.Sub))
		for i, sub := range re.Sub {
			if out.Sub[i], ok = behindMark(sub, start); !ok {
				return nil, false
			}
		}
		return &out, true
	}
	return re, !asksForBegin(re)
}

func asksForBegin(re *syntax.Regexp) bool {
	return re.Op == syntax.OpBeginText || re.Op == syntax.OpBeginLine || slices.ContainsFunc(re.Sub, asksForBegin)
}

// width returns the fewest runes that re matches, and whether it may match more than
// none as a number that is greater then.
func width(re *syntax.Regexp) (least, most int) {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune), len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1, 1
	case syntax.OpCapture, syntax.OpPlus:
		return width(re.Sub[0])
	case syntax.OpStar, syntax.OpQuest:
		_, most = width(re.Sub[0])
		return 0, most
	case syntax.OpRepeat:
		least, most = width(re.Sub[0])
		if re.Max == 0 {
			most = 0
		}
		return least * re.Min, most
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			l, m := width(sub)
			least, most = least+l, most+m
		}
	case syntax.OpAlternate:
		for i, sub := range re.Sub {
			l, m := width(sub)
			if i == 0 || l < least {
				least = l
			}
			most = max(most, m)
		}
	}
	return least, most
}
