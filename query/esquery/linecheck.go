package esquery

import (
	"strings"
	"unicode/utf8"

	"github.com/pharosd/pharos/logs"
)

// A filter that ignores case is much dearer to the store than to us: it leaves these
// parts out, and we look for the text on the line before it is decoded.

// forStore returns what the store is asked: f without the parts that ignore the case
// of letters. Documents must be tested then.
func forStore(f logs.Filter) logs.Filter {
	weak, exact := logs.Weaken(f, func(leaf logs.Filter) (logs.Filter, bool) {
		if c, ok := leaf.(logs.Contains); ok && c.FoldCase {
			return logs.And{}, false
		}
		return leaf, true
	})
	if exact {
		return f
	}
	return simplify(weak)
}

// simplify takes out what is always or never true.
func simplify(f logs.Filter) logs.Filter {
	switch f := f.(type) {
	case logs.And:
		var out logs.And
		for _, one := range f {
			switch one = simplify(one); {
			case one == nil || isAll(one):
			case isNone(one):
				return logs.Or{}
			default:
				out = append(out, one)
			}
		}
		if len(out) == 1 {
			return out[0]
		}
		return out
	case logs.Or:
		out := logs.Or{}
		for _, one := range f {
			switch one = simplify(one); {
			case one == nil || isAll(one):
				return logs.And{}
			case isNone(one):
			default:
				out = append(out, one)
			}
		}
		if len(out) == 1 {
			return out[0]
		}
		return out
	case logs.Not:
		switch inner := simplify(f.Filter); {
		case inner == nil || isAll(inner):
			return logs.Or{}
		case isNone(inner):
			return logs.And{}
		default:
			return logs.Not{Filter: inner}
		}
	}
	return f
}

func isAll(f logs.Filter) bool {
	and, ok := f.(logs.And)
	return ok && len(and) == 0
}

func isNone(f logs.Filter) bool {
	or, ok := f.(logs.Or)
	return ok && len(or) == 0
}

// lineCheck says of an entry, by its stream and its line alone, whether a filter may
// match. It must be true for all that match.
type lineCheck func(b *logs.Block, line string) bool

// newLineCheck returns nil if no line is ruled out.
func newLineCheck(f logs.Filter) lineCheck {
	switch f := f.(type) {
	case logs.And:
		var all []lineCheck
		for _, one := range f {
			if c := newLineCheck(one); c != nil {
				all = append(all, c)
			}
		}
		if all == nil {
			return nil
		}
		return func(b *logs.Block, line string) bool {
			for _, c := range all {
				if !c(b, line) {
					return false
				}
			}
			return true
		}
	case logs.Or:
		any := make([]lineCheck, len(f))
		for i, one := range f {
			if any[i] = newLineCheck(one); any[i] == nil {
				return nil
			}
		}
		return func(b *logs.Block, line string) bool {
			for _, c := range any {
				if c(b, line) {
					return true
				}
			}
			return false
		}
	case logs.InStreams:
		return func(b *logs.Block, _ string) bool {
			for _, m := range f.Matchers {
				if !m.Matches(b.Stream.Get(m.Name)) {
					return false
				}
			}
			return true
		}
	case logs.Contains:
		return containsCheck(f)
	}
	return nil
}

func containsCheck(f logs.Contains) lineCheck {
	text := f.Text
	switch f.Field.Kind {
	case logs.Line:
	case logs.Parsed: // what a JSON string has, its line has, or an escape
		if text = unescapable(text); text == "" {
			return nil
		}
	default:
		return nil
	}
	has := finder(text, f.FoldCase)
	if has == nil {
		return nil
	}
	if f.Field.Kind == logs.Line {
		return func(_ *logs.Block, line string) bool { return has(line) }
	}
	return func(_ *logs.Block, line string) bool { return has(line) || strings.Contains(line, escaped.Text) }
}

// finder looks for a text; nil if it would have to know other letters' cases than
// ASCII's.
func finder(text string, fold bool) func(string) bool {
	if !fold || !hasLetter(text) {
		return func(s string) bool { return strings.Contains(s, text) }
	}
	if !isASCII(text) {
		return nil
	}
	small := lower(text)
	return func(s string) bool { return containsFold(s, small) }
}

// hasLetter says whether case matters.
func hasLetter(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			return true
		}
	}
	return false
}

// containsFold looks for an ASCII text, in small letters, ignoring the case of ASCII.
// (No other letter is lower-cased to one of ASCII, see lowerRune.)
func containsFold(s, small string) bool { return indexFold(s, small, 0) >= 0 }

// indexFold returns the place of such a text from at on, -1 if there is none.
func indexFold(s, small string, at int) int {
	first := small[0]
	capital := first
	if first >= 'a' && first <= 'z' {
		capital = first - 'a' + 'A'
	}
	last := len(s) - len(small)
	a, b := -2, -2 // the next places of either form; -2: not looked for
	for at <= last {
		if a != -1 && a < at {
			a = indexFrom(s, first, at)
		}
		if b != -1 && b < at {
			b = indexFrom(s, capital, at)
		}
		next := a
		if next < 0 || b >= 0 && b < next {
			next = b
		}
		if next < 0 || next > last {
			return -1
		}
		if equalFoldASCII(s[next:next+len(small)], small) {
			return next
		}
		at = next + 1
	}
	return -1
}

func indexFrom(s string, c byte, at int) int {
	i := strings.IndexByte(s[at:], c)
	if i < 0 {
		return -1
	}
	return at + i
}

func equalFoldASCII(s, small string) bool {
	for i := range len(small) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != small[i] {
			return false
		}
	}
	return true
}
