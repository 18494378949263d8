package promtail

import (
	"encoding/json"
	"strings"

	"github.com/valyala/fastjson"
)

// plainPath returns the names of an expression that is nothing but names with dots
// between them, each in double quotes or of letters, digits and underscores.
func plainPath(expression string) (path []string, ok bool) {
	rest := strings.TrimSpace(expression)
	for {
		n := plainNameLength(rest)
		if n == 0 {
			return nil, false
		}
		name := rest[:n]
		if name[0] == '"' && json.Unmarshal([]byte(name), &name) != nil {
			return nil, false
		}
		path = append(path, name)
		if rest = rest[n:]; rest == "" {
			return path, true
		}
		if rest[0] != '.' {
			return nil, false
		}
		rest = rest[1:]
	}
}

// plainNameLength is the length of the name that s begins with, 0 if with none.
func plainNameLength(s string) int {
	if strings.HasPrefix(s, `"`) {
		for i := 1; i < len(s); i++ {
			switch s[i] {
			case '\\':
				i++
			case '"':
				return i + 1
			}
		}
		return 0
	}
	i := 0
	for i < len(s) && (s[i] == '_' || s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z' || i > 0 && s[i] >= '0' && s[i] <= '9') {
		i++
	}
	return i
}

// jsonPaths finds the values of several paths in one pass over a document.
type jsonPaths struct {
	names []string
	found []*fastjson.Value // by index in names, of the current document
	root  pathNode
}

// pathNode is one name of the paths and what is looked for below it.
type pathNode struct {
	children map[string]*pathNode
	targets  []int // indexes in names of the paths that end here
}

func newJSONPaths() *jsonPaths { return &jsonPaths{} }

func (p *jsonPaths) add(name string, path []string) {
	node := &p.root
	for _, key := range path {
		if node.children == nil {
			node.children = map[string]*pathNode{}
		}
		if node.children[key] == nil {
			node.children[key] = &pathNode{}
		}
		node = node.children[key]
	}
	node.targets = append(node.targets, len(p.names))
	p.names = append(p.names, name)
	p.found = append(p.found, nil)
}

// extract sets a field for each path; what the document does not have is nil.
func (p *jsonPaths) extract(document *fastjson.Value, fields map[string]any) {
	clear(p.found)
	p.visit(&p.root, document)
	for i, name := range p.names {
		v := p.found[i]
		switch {
		case v == nil:
			fields[name] = nil
		case v.Type() == fastjson.TypeString:
			b, _ := v.StringBytes()
			fields[name] = string(b)
		default:
			setFound(fields, name, decoded(v))
		}
	}
}

func (p *jsonPaths) visit(node *pathNode, v *fastjson.Value) {
	for _, i := range node.targets {
		p.found[i] = v
	}
	if len(node.children) == 0 || v.Type() != fastjson.TypeObject {
		return
	}
	o, _ := v.Object()
	o.Visit(func(key []byte, v *fastjson.Value) {
		if next := node.children[string(key)]; next != nil {
			// The last of equal keys counts, with all that is below it.
			p.forget(next)
			p.visit(next, v)
		}
	})
}

func (p *jsonPaths) forget(node *pathNode) {
	for _, i := range node.targets {
		p.found[i] = nil
	}
	for _, next := range node.children {
		p.forget(next)
	}
}
