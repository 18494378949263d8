package drain

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// tree finds the clusters that a line may belong to: first by its kind and
// delimiters, then by its first word.
type tree map[string]*node

// node has the clusters of lines with the same delimiters and first word.
type node struct {
	clusters []*cluster
	children map[string]*node
}

// depth is how many words lead to a leaf; maxChildren bounds the different words at
// each: others share one way.
const (
	depth       = 1
	maxChildren = 50
)

// leaf returns the node of a line and makes it if it is new.
func (t tree) leaf(kind string, line *tokens) *node {
	key := kind + "\x00" + line.shape()
	n := t[key]
	if n == nil {
		n = &node{}
		t[key] = n
	}
	for i := range min(depth, len(line.words)) {
		word := line.words[i]
		if strings.ContainsAny(word, "0123456789") || variable(word) {
			word = Wildcard
		}
		next := n.children[word]
		if next == nil && len(n.children) >= maxChildren {
			word = Wildcard
			next = n.children[word]
		}
		if next == nil {
			if n.children == nil {
				n.children = map[string]*node{}
			}
			next = &node{}
			n.children[strings.Clone(word)] = next
		}
		n = next
	}
	return n
}

// each calls f for all nodes, in no order.
func (t tree) each(f func(*node)) {
	for _, n := range t {
		n.each(f)
	}
}

func (n *node) each(f func(*node)) {
	f(n)
	for _, c := range n.children {
		c.each(f)
	}
}

// prune removes nodes without clusters.
func (t tree) prune() {
	for key, n := range t {
		if n.prune() {
			delete(t, key)
		}
	}
}

// prune says whether nothing is left.
func (n *node) prune() bool {
	for word, c := range n.children {
		if c.prune() {
			delete(n.children, word)
		}
	}
	return len(n.clusters) == 0 && len(n.children) == 0
}

// groups calls f with the clusters of the same kind and delimiters, the most frequent
// first, in an order that depends on the lines only.
func (t tree) groups(f func([]*cluster)) {
	for _, key := range slices.Sorted(maps.Keys(t)) {
		var all []*cluster
		t[key].each(func(n *node) { all = append(all, n.clusters...) })
		slices.SortFunc(all, func(a, b *cluster) int {
			return cmp.Or(cmp.Compare(b.total, a.total), strings.Compare(a.text(), b.text()))
		})
		f(all)
	}
}
