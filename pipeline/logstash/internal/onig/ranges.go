package onig

import (
	"slices"
	"unicode"
)

// ranges is a set of characters: pairs of first and last, ascending, apart.
type ranges []rune

const maxRune = unicode.MaxRune

func one(r rune) ranges { return ranges{r, r} }

// merged sorts pairs and joins those that touch.
func merged(pairs ranges) ranges {
	type span struct{ lo, hi rune }
	spans := make([]span, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		spans = append(spans, span{pairs[i], pairs[i+1]})
	}
	slices.SortFunc(spans, func(a, b span) int { return int(a.lo) - int(b.lo) })
	var out ranges
	for _, s := range spans {
		if n := len(out); n > 0 && s.lo <= out[n-1]+1 {
			out[n-1] = max(out[n-1], s.hi)
			continue
		}
		out = append(out, s.lo, s.hi)
	}
	return out
}

func (a ranges) union(b ranges) ranges { return merged(append(slices.Clone(a), b...)) }

func (a ranges) negate() ranges {
	var out ranges
	next := rune(0)
	for i := 0; i < len(a); i += 2 {
		if a[i] > next {
			out = append(out, next, a[i]-1)
		}
		next = a[i+1] + 1
	}
	if next <= maxRune {
		out = append(out, next, maxRune)
	}
	return out
}

func (a ranges) intersect(b ranges) ranges {
	return a.negate().union(b.negate()).negate()
}

func (a ranges) has(r rune) bool {
	lo, hi := 0, len(a)/2
	for lo < hi {
		mid := (lo + hi) / 2
		switch {
		case r < a[2*mid]:
			hi = mid
		case r > a[2*mid+1]:
			lo = mid + 1
		default:
			return true
		}
	}
	return false
}

// folded adds the other cases of each character. Wide ranges hold both cases anyway.
func (a ranges) folded() ranges {
	out := slices.Clone(a)
	for i := 0; i < len(a); i += 2 {
		if a[i+1]-a[i] > 0x2000 {
			continue
		}
		for r := a[i]; r <= a[i+1]; r++ {
			for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
				out = append(out, f, f)
			}
		}
	}
	return merged(out)
}

func table(t *unicode.RangeTable) ranges {
	var out ranges
	add := func(lo, hi, stride rune) {
		if stride == 1 {
			out = append(out, lo, hi)
			return
		}
		for r := lo; r <= hi; r += stride {
			out = append(out, r, r)
		}
	}
	for _, r := range t.R16 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	for _, r := range t.R32 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	return merged(out)
}

func tables(ts ...*unicode.RangeTable) ranges {
	var out ranges
	for _, t := range ts {
		out = append(out, table(t)...)
	}
	return merged(out)
}

// The escapes are of ASCII in Ruby, the POSIX brackets and properties of Unicode.
var (
	digits    = ranges{'0', '9'}
	words     = ranges{'0', '9', 'A', 'Z', '_', '_', 'a', 'z'}
	spaces    = ranges{'\t', '\r', ' ', ' '}
	hexDigits = ranges{'0', '9', 'A', 'F', 'a', 'f'}
)

// property is the class of a POSIX bracket or \p{...}; ok is false for an unknown name.
// Names are in lower case without separators.
func property(name string) (r ranges, ok bool) {
	switch name {
	case "alnum":
		return tables(unicode.L, unicode.M, unicode.Nd), true
	case "alpha":
		return tables(unicode.L, unicode.M), true
	case "ascii":
		return ranges{0, 0x7f}, true
	case "blank":
		return table(unicode.Zs).union(one('\t')), true
	case "cntrl":
		return tables(unicode.C), true
	case "digit":
		return table(unicode.Nd), true
	case "graph":
		return tables(unicode.L, unicode.M, unicode.N, unicode.P, unicode.S), true
	case "lower":
		return table(unicode.Lower), true
	case "print":
		return tables(unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Zs), true
	case "punct":
		return tables(unicode.P).union(ranges{'$', '$', '+', '+', '<', '>', '^', '^', '`', '`', '|', '|', '~', '~'}), true
	case "space":
		return table(unicode.White_Space), true
	case "upper":
		return table(unicode.Upper), true
	case "xdigit":
		return hexDigits, true
	case "word":
		return tables(unicode.L, unicode.M, unicode.Nd, unicode.Pc), true
	case "any":
		return ranges{0, maxRune}, true
	}
	for _, named := range []map[string]*unicode.RangeTable{unicode.Categories, unicode.Scripts, unicode.Properties} {
		for n, t := range named {
			if plain(n) == name {
				return table(t), true
			}
		}
	}
	return nil, false
}

// plain is a property's name without case and separators.
func plain(name string) string {
	out := make([]byte, 0, len(name))
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == '_' || c == ' ' || c == '-':
		case 'A' <= c && c <= 'Z':
			out = append(out, c+32)
		default:
			out = append(out, c)
		}
	}
	return string(out)
}
