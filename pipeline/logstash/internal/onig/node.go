package onig

// node is a piece of a parsed pattern.
type node interface{}

type (
	// text is characters as they are.
	text struct{ s string }
	// class is one character of a set.
	class struct{ in ranges }
	// cat is pieces one after the other.
	cat struct{ of []node }
	// alt is alternatives in order.
	alt struct{ of []node }
	// group captures what its piece matches under a number.
	group struct {
		n  int
		of node
	}
	// repeat is a quantifier; max -1 has no bound.
	repeat struct {
		of         node
		min, max   int
		lazy       bool
		possessive bool
	}
	// atomic forgets the alternatives of its piece once it matched.
	atomic struct{ of node }
	// look is a look-around.
	look struct {
		of     node
		behind bool
		not    bool
	}
	// back is a back-reference; of several groups of one name the last that matched.
	back struct {
		groups []int
		fold   bool
	}
	// anchor matches between characters.
	anchor struct{ kind anchorKind }
)

type anchorKind byte

const (
	lineStart anchorKind = iota
	lineEnd
	textStart
	textEnd
	textEndLine // at the end, or before the line feed there
	wordEdge
	notWordEdge
	searchStart // \G
	keepOut     // \K
)

// width is how many characters a piece matches, if always the same number.
func width(n node) (int, bool) {
	switch n := n.(type) {
	case text:
		return len([]rune(n.s)), true
	case class:
		return 1, true
	case cat:
		total := 0
		for _, x := range n.of {
			w, ok := width(x)
			if !ok {
				return 0, false
			}
			total += w
		}
		return total, true
	case alt:
		first := -1
		for _, x := range n.of {
			w, ok := width(x)
			if !ok || first >= 0 && w != first {
				return 0, false
			}
			first = w
		}
		return first, true
	case group:
		return width(n.of)
	case atomic:
		return width(n.of)
	case repeat:
		if n.min != n.max {
			return 0, false
		}
		w, ok := width(n.of)
		return w * n.min, ok
	case look, anchor:
		return 0, true
	}
	return 0, false
}

// nullable reports whether a piece can match nothing.
func nullable(n node) bool {
	switch n := n.(type) {
	case text:
		return n.s == ""
	case class:
		return false
	case cat:
		for _, x := range n.of {
			if !nullable(x) {
				return false
			}
		}
		return true
	case alt:
		for _, x := range n.of {
			if nullable(x) {
				return true
			}
		}
		return false
	case group:
		return nullable(n.of)
	case atomic:
		return nullable(n.of)
	case repeat:
		return n.min == 0 || nullable(n.of)
	}
	return true // anchors, look-around, back-references
}
