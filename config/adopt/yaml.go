package adopt

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// value is the value of a key of a mapping, nil if there is none.
func value(n *yaml.Node, key string) *yaml.Node {
	if n = target(n); n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return target(n.Content[i+1])
		}
	}
	return nil
}

// at follows keys separated by slashes.
func at(n *yaml.Node, path string) *yaml.Node {
	for key := range strings.SplitSeq(path, "/") {
		n = value(n, key)
	}
	return n
}

func target(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func keys(n *yaml.Node) []string {
	var out []string
	if n = target(n); n != nil && n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			out = append(out, n.Content[i].Value)
		}
	}
	return out
}

// text is a scalar's text, "" for everything else.
func text(n *yaml.Node) string {
	if n = target(n); n != nil && n.Kind == yaml.ScalarNode {
		return n.Value
	}
	return ""
}

// texts are the scalars of a sequence, or the words of a single one.
func texts(n *yaml.Node) []string {
	n = target(n)
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.ScalarNode:
		return strings.Fields(n.Value)
	}
	var out []string
	for _, c := range n.Content {
		if t := text(c); t != "" {
			out = append(out, t)
		}
	}
	return out
}

func line(n *yaml.Node) int {
	if n == nil {
		return 0
	}
	return n.Line
}

// elements are a sequence's elements.
func elements(n *yaml.Node) []*yaml.Node {
	if n = target(n); n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}
