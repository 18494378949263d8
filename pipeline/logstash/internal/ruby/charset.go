package ruby

import (
	"strconv"
	"strings"
)

// parseBase is to_i with a base: the number that a text begins with.
func parseBase(s string, base int) int64 {
	if base < 2 || base > 36 {
		return 0
	}
	s = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(s), "_", ""))
	sign := ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign, s = s[:1], s[1:]
	}
	for prefix, b := range map[string]int{"0x": 16, "0b": 2, "0o": 8} {
		if b == base {
			s = strings.TrimPrefix(s, prefix)
		}
	}
	end := 0
	for end < len(s) {
		d, err := strconv.ParseInt(s[end:end+1], 36, 64)
		if err != nil || d >= int64(base) {
			break
		}
		end++
	}
	n, _ := strconv.ParseInt(sign+s[:end], base, 64)
	return n
}

// charSet is what tr, delete and count take: "a-z", "^0-9".
type charSet struct {
	not   bool
	runes []rune
}

func newCharSet(s string) charSet {
	set := charSet{}
	if len(s) > 1 && s[0] == '^' {
		set.not, s = true, s[1:]
	}
	set.runes = spread(s)
	return set
}

// spread writes ranges out.
func spread(s string) []rune {
	in := []rune(s)
	var out []rune
	for i := 0; i < len(in); i++ {
		switch {
		case in[i] == '\\' && i+1 < len(in):
			i++
			out = append(out, in[i])
		case i+2 < len(in) && in[i+1] == '-' && in[i+2] >= in[i] && in[i+2]-in[i] < 0x10000:
			for c := in[i]; c <= in[i+2]; c++ {
				out = append(out, c)
			}
			i += 2
		default:
			out = append(out, in[i])
		}
	}
	return out
}

func (s charSet) has(r rune) bool {
	for _, c := range s.runes {
		if c == r {
			return !s.not
		}
	}
	return s.not
}

// translate is tr.
func translate(s, from, to string) string {
	set, with := newCharSet(from), spread(to)
	return strings.Map(func(r rune) rune {
		if !set.has(r) {
			return r
		}
		if len(with) == 0 {
			return -1
		}
		if set.not {
			return with[len(with)-1]
		}
		for i, c := range set.runes {
			if c == r {
				return with[min(i, len(with)-1)]
			}
		}
		return r
	}, s)
}
