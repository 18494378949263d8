package onig

import "strings"

// bytes is a set of bytes that something may begin with; nil is "any, or nothing".
type bytes = *[256]bool

func (r ranges) firstBytes() bytes {
	var b [256]bool
	for i := 0; i < len(r); i += 2 {
		for c := r[i]; c <= min(r[i+1], 0x7f); c++ {
			b[c] = true
		}
		if r[i+1] >= 0x80 { // leading bytes, and whatever invalid text holds
			for c := 0x80; c <= 0xff; c++ {
				b[c] = true
			}
		}
	}
	return &b
}

func unite(a, b bytes) bytes {
	if a == nil || b == nil {
		return nil
	}
	u := *a
	for i, in := range b {
		u[i] = u[i] || in
	}
	return &u
}

func apart(a, b bytes) bool {
	if a == nil || b == nil {
		return false
	}
	for i := range a {
		if a[i] && b[i] {
			return false
		}
	}
	return true
}

// first is what n followed by something that begins with follow may begin with.
func first(n node, follow bytes) bytes {
	switch n := n.(type) {
	case text:
		if n.s == "" {
			return follow
		}
		var b [256]bool
		b[n.s[0]] = true
		return &b
	case class:
		return n.in.firstBytes()
	case cat:
		for i := len(n.of) - 1; i >= 0; i-- {
			follow = first(n.of[i], follow)
		}
		return follow
	case alt:
		u := first(n.of[0], follow)
		for _, x := range n.of[1:] {
			u = unite(u, first(x, follow))
		}
		return u
	case group:
		return first(n.of, follow)
	case atomic:
		return first(n.of, follow)
	case repeat:
		if n.max == 0 {
			return follow
		}
		f := first(n.of, follow)
		if n.min == 0 {
			f = unite(f, follow)
		}
		return f
	case back:
		return nil
	}
	return follow // zero-width
}

// facts speed a search up.
type facts struct {
	// once: a match can begin only where the search does; lines: only there or after a
	// line feed.
	once, lines bool
	begin       bytes
	// prefix is text that every match begins with, needle text that every match holds.
	prefix, needle string
}

func learn(n node) facts {
	f := facts{begin: first(n, nil)}
	f.once, f.lines = starts(n)
	switch lead := leading(n).(type) {
	case text:
		f.prefix = lead.s
	}
	f.needle = needle(n)
	return f
}

// leading is the first piece of n.
func leading(n node) node {
	switch x := n.(type) {
	case cat:
		if len(x.of) > 0 {
			return leading(x.of[0])
		}
	case group:
		return leading(x.of)
	}
	return n
}

func starts(n node) (once, lines bool) {
	switch x := leading(n).(type) {
	case anchor:
		return x.kind == textStart || x.kind == searchStart, x.kind == lineStart
	case repeat:
		// What .* cannot match from here it cannot match from further on.
		if c, ok := x.of.(class); ok && x.min == 0 && x.max < 0 && !x.possessive && !refers(n) {
			if len(c.in) == 2 && c.in[0] == 0 && c.in[1] == maxRune {
				return true, false
			}
			return false, len(c.in) == 4 && c.in[1] == '\n'-1 && c.in[2] == '\n'+1 && c.in[3] == maxRune
		}
	case alt:
		once, lines = true, true
		for _, a := range x.of {
			o, l := starts(a)
			once, lines = once && o, lines && (l || o)
		}
		return once, lines && !once
	}
	return false, false
}

// refers reports whether what n matches depends on where it began.
func refers(n node) bool {
	switch x := n.(type) {
	case cat:
		for _, y := range x.of {
			if refers(y) {
				return true
			}
		}
	case alt:
		for _, y := range x.of {
			if refers(y) {
				return true
			}
		}
	case group:
		return refers(x.of)
	case atomic:
		return true
	case repeat:
		return refers(x.of)
	case look:
		return refers(x.of)
	case back:
		return true
	case anchor:
		return x.kind == searchStart || x.kind == keepOut
	}
	return false
}

// needle is the longest text that is in every match.
func needle(n node) string {
	best := ""
	switch x := n.(type) {
	case text:
		return x.s
	case cat:
		for _, y := range x.of {
			if s := needle(y); len(s) > len(best) {
				best = s
			}
		}
	case group:
		return needle(x.of)
	case atomic:
		return needle(x.of)
	case repeat:
		if x.min > 0 {
			return needle(x.of)
		}
	case alt:
		best = needle(x.of[0])
		for _, y := range x.of[1:] {
			if s := needle(y); !strings.Contains(s, best) {
				return ""
			}
		}
	}
	return best
}
