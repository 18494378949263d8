package lineparse

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// maxNodes bounds the keys that an Extractor remembers, maxKey their length.
	maxNodes = 2048
	maxKey   = 256
)

// node is a key of a line, below the keys of the objects around it.
type node struct {
	parent *node
	key    string // as written, with its escapes
	// flat is the label name of the key and those above it.
	flat string
	// name is flat with the prefix, "" if there is no letter in it.
	name string
	// bad: no field of that name can be kept.
	bad bool
	// admitted is the generation in which the name was admitted.
	admitted uint64
	// next is the key that came after this one in the line before.
	next *node
	// order is how the fields of a line that ended with this one are sorted.
	order shape
}

type nodeKey struct {
	parent *node
	key    string
}

func (x *Extractor) forget() {
	x.known = map[nodeKey]*node{}
	x.jsonTop, x.pairTop = &node{}, &node{}
}

// follow reads the key that came at this place in the line before, if it is there
// again, up to stop. It returns the place behind stop.
func (x *Extractor) follow(i int, parent *node, stop byte) (*node, int) {
	n := x.last.next
	if n == nil || n.parent != parent {
		return nil, i
	}
	end := i + len(n.key)
	if end >= len(x.line) || x.line[end] != stop || x.line[i:end] != n.key {
		return nil, i
	}
	x.last = n
	return n, end + 1
}

// of returns the node of a key, nil if it is too long or its escapes are bad.
func (x *Extractor) of(parent *node, key string) *node {
	n := x.known[nodeKey{parent, key}]
	if n == nil {
		if n = x.newNode(parent, key); n == nil {
			return nil
		}
	}
	x.last.next = n
	x.last = n
	return n
}

func (x *Extractor) newNode(parent *node, key string) *node {
	if len(key) > maxKey {
		return nil
	}
	key = strings.Clone(key)
	text := key
	if parent != x.pairTop && strings.IndexByte(key, '\\') >= 0 {
		b, ok := appendUnescaped(nil, key, false)
		if !ok {
			return nil
		}
		text = string(b)
	}
	n := &node{parent: parent, key: key, flat: flatName(parent.flat, text)}
	if n.flat != "" {
		n.name = x.prefix + n.flat
	}
	n.bad = len(n.name) > x.maxName || strings.HasPrefix(n.flat, "__error") || n.flat == "__preserve_error__"
	if len(x.known) >= maxNodes {
		last := x.last
		x.forget()
		x.last = last
	}
	x.known[nodeKey{parent, key}] = n
	return n
}

// flatName is the label name of a key below others, as the language makes it.
func flatName(prefix, key string) string {
	key = strings.TrimSpace(key)
	if key == "" {
		return prefix
	}
	b := []byte(prefix)
	if len(b) > 0 || key[0] >= '0' && key[0] <= '9' {
		b = append(b, '_')
	}
	for _, r := range key {
		if r < utf8.RuneSelf && isNameByte(byte(r)) {
			b = append(b, byte(r))
		} else {
			b = append(b, '_')
		}
	}
	return string(b)
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// shape is the order of the fields of lines with the same keys.
type shape struct {
	nodes []*node
	order []int
}

// orderOf returns the places of the fields sorted by name, each name once.
func orderOf(nodes []*node) []int {
	if len(nodes) == 0 {
		return nil
	}
	s := &nodes[len(nodes)-1].order
	if slices.Equal(s.nodes, nodes) {
		return s.order
	}
	s.nodes = append(s.nodes[:0], nodes...)
	s.order = s.order[:0]
	for i := range nodes {
		s.order = append(s.order, i)
	}
	slices.SortStableFunc(s.order, func(a, b int) int { return strings.Compare(nodes[a].name, nodes[b].name) })
	s.order = slices.CompactFunc(s.order, func(a, b int) bool { return nodes[a].name == nodes[b].name })
	return s.order
}
