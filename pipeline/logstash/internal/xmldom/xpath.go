package xmldom

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/antchfx/xpath"
)

// Path is a compiled XPath expression.
type Path struct{ expr *xpath.Expr }

// CompilePath compiles an expression; namespaces are by the prefixes that it uses. With
// none, prefixes are those of the documents, and xmlns: is that of a default namespace.
func CompilePath(expr string, namespaces map[string]string) (*Path, error) {
	var e *xpath.Expr
	var err error
	if len(namespaces) == 0 {
		e, err = xpath.Compile(expr)
	} else {
		e, err = xpath.CompileWithNS(expr, namespaces)
	}
	if err != nil {
		return nil, fmt.Errorf("XPath expression %q: %w", expr, err)
	}
	return &Path{e}, nil
}

var errPath = errors.New("the XPath expression cannot be evaluated")

// Strings evaluates on a document: nodes as XML, attributes and texts as they are,
// numbers and booleans as Ruby writes them.
func (p *Path) Strings(doc *Node) (out []string, err error) {
	defer func() { // the library panics on types that do not fit
		if recover() != nil {
			out, err = nil, errPath
		}
	}()
	switch v := p.expr.Evaluate(&navigator{at: doc, attr: -1}).(type) {
	case *xpath.NodeIterator:
		seen := map[navigator]bool{} // the library may find a node twice
		for v.MoveNext() {
			if n := v.Current().(*navigator); !seen[*n] {
				seen[*n] = true
				out = append(out, n.text())
			}
		}
	case string:
		out = append(out, v)
	case float64:
		out = append(out, number(v))
	case bool:
		if v { // as in Ruby, false is no result
			out = append(out, "true")
		}
	}
	return out, nil
}

func number(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 0):
		return "Infinity"
	case f == math.Trunc(f) && math.Abs(f) < 1e16:
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// navigator walks a tree for package xpath; attr is the attribute it is at, or -1.
type navigator struct {
	at   *Node
	attr int
}

func (n *navigator) text() string {
	if n.attr >= 0 {
		return n.at.Attrs[n.attr].Value
	}
	return n.at.XML()
}

func (n *navigator) NodeType() xpath.NodeType {
	switch {
	case n.attr >= 0:
		return xpath.AttributeNode
	case n.at.Kind == Element:
		return xpath.ElementNode
	case n.at.Kind == Text:
		return xpath.TextNode
	case n.at.Kind == Comment:
		return xpath.CommentNode
	}
	return xpath.RootNode
}

func (n *navigator) LocalName() string {
	if n.attr >= 0 {
		return n.at.Attrs[n.attr].Local
	}
	return n.at.Local
}

// Prefix is xmlns for elements of a default namespace: names without a prefix are in
// none.
func (n *navigator) Prefix() string {
	if n.attr >= 0 {
		return n.at.Attrs[n.attr].Prefix
	}
	if n.at.Kind == Element && n.at.Prefix == "" && n.at.Space != "" {
		return "xmlns"
	}
	return n.at.Prefix
}

// NamespaceURL is asked for by package xpath for expressions with namespaces.
func (n *navigator) NamespaceURL() string {
	if n.attr >= 0 {
		return n.at.Attrs[n.attr].Space
	}
	return n.at.Space
}

func (n *navigator) Value() string {
	if n.attr >= 0 {
		return n.at.Attrs[n.attr].Value
	}
	return n.at.Content()
}

func (n *navigator) Copy() xpath.NodeNavigator { c := *n; return &c }

func (n *navigator) MoveToRoot() {
	for n.at.Parent != nil {
		n.at = n.at.Parent
	}
	n.attr = -1
}

func (n *navigator) MoveToParent() bool {
	if n.attr >= 0 {
		n.attr = -1
		return true
	}
	return n.move(n.at.Parent)
}

func (n *navigator) move(to *Node) bool {
	if to != nil {
		n.at = to
	}
	return to != nil
}

func (n *navigator) MoveToNextAttribute() bool {
	for i := n.attr + 1; i < len(n.at.Attrs); i++ {
		if !n.at.Attrs[i].declares() {
			n.attr = i
			return true
		}
	}
	return false
}

func (n *navigator) MoveToChild() bool { return n.attr < 0 && n.move(n.at.First) }

func (n *navigator) MoveToFirst() bool {
	if n.attr >= 0 || n.at.Prev == nil {
		return false
	}
	for n.at.Prev != nil {
		n.at = n.at.Prev
	}
	return true
}

func (n *navigator) MoveToNext() bool     { return n.attr < 0 && n.move(n.at.Next) }
func (n *navigator) MoveToPrevious() bool { return n.attr < 0 && n.move(n.at.Prev) }

func (n *navigator) MoveTo(other xpath.NodeNavigator) bool {
	o, ok := other.(*navigator)
	if ok {
		*n = *o
	}
	return ok
}
