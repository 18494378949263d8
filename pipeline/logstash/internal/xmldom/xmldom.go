// Package xmldom reads XML documents into trees of bounded size, for the xml filter:
// XPath over them, and XmlSimple's way of turning them into maps. There are no external
// entities and no document type definitions.
package xmldom

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Bounds on a document.
const (
	maxDepth = 256
	maxNodes = 50_000
)

// Kind is what a node is.
type Kind byte

// The kinds of nodes.
const (
	Document Kind = iota
	Element
	Text
	Comment
)

// Node is a node of a document.
type Node struct {
	Kind Kind
	// Prefix and Local are an element's name; Space is the namespace that it is in.
	Prefix, Local, Space string
	Attrs                []Attr
	// Data is the text of texts and comments.
	Data        string
	Parent      *Node
	First, Last *Node
	Next, Prev  *Node
	spaces      map[string]string // by prefix, in scope
}

// Attr is an attribute; one that declares a namespace has the prefix or name xmlns.
type Attr struct {
	Prefix, Local, Space, Value string
}

// Name is the attribute's name as written.
func (a Attr) Name() string {
	if a.Prefix != "" {
		return a.Prefix + ":" + a.Local
	}
	return a.Local
}

func (a Attr) declares() bool { return a.Prefix == "xmlns" || a.Prefix == "" && a.Local == "xmlns" }

var (
	errDeep  = fmt.Errorf("elements nest deeper than %d", maxDepth)
	errNodes = fmt.Errorf("there are more than %d nodes", maxNodes)
)

// Parse reads a document. With an error the tree holds what came before it.
func Parse(text string) (*Node, error) {
	p := parser{doc: &Node{Kind: Document}}
	p.at = p.doc
	d := xml.NewDecoder(strings.NewReader(text))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // text is UTF-8 by now
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return p.doc, p.end()
		}
		if err == nil {
			err = p.token(t)
		}
		if err != nil {
			return p.doc, err
		}
	}
}

type parser struct {
	doc, at      *Node
	depth, nodes int
}

func (p *parser) end() error {
	if p.at != p.doc {
		return fmt.Errorf("the element %s has no end", p.at.Local)
	}
	if p.doc.Root() == nil {
		return errors.New("there is no element")
	}
	return nil
}

func (p *parser) token(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		return p.start(t)
	case xml.EndElement:
		if p.at.Kind != Element || p.at.Local != t.Name.Local || p.at.Prefix != t.Name.Space {
			return fmt.Errorf("the end of %s is not where it should be", t.Name.Local)
		}
		p.at = p.at.Parent
		p.depth--
	case xml.CharData:
		if p.at.Kind == Document {
			if strings.TrimSpace(string(t)) != "" {
				return errors.New("there is text outside of the elements")
			}
			return nil
		}
		if last := p.at.Last; last != nil && last.Kind == Text {
			last.Data += string(t)
			return nil
		}
		return p.add(&Node{Kind: Text, Data: string(t)})
	case xml.Comment:
		return p.add(&Node{Kind: Comment, Data: string(t)})
	}
	return nil
}

func (p *parser) start(t xml.StartElement) error {
	if p.at == p.doc && p.doc.Root() != nil {
		return errors.New("there is more than one outermost element")
	}
	if p.depth++; p.depth > maxDepth {
		return errDeep
	}
	n := &Node{Kind: Element, Prefix: t.Name.Space, Local: t.Name.Local, spaces: p.at.spaces}
	for _, a := range t.Attr {
		n.Attrs = append(n.Attrs, Attr{Prefix: a.Name.Space, Local: a.Name.Local, Value: a.Value})
	}
	if p.nodes += len(n.Attrs); p.nodes > maxNodes {
		return errNodes
	}
	n.declare()
	if err := p.add(n); err != nil {
		return err
	}
	p.at = n
	return nil
}

// declare takes the namespaces that the element declares and resolves its names.
func (n *Node) declare() {
	owned := false
	for _, a := range n.Attrs {
		if !a.declares() {
			continue
		}
		if !owned {
			outer := n.spaces
			n.spaces = make(map[string]string, len(outer)+1)
			for k, v := range outer {
				n.spaces[k] = v
			}
			owned = true
		}
		prefix := a.Local
		if a.Prefix == "" {
			prefix = ""
		}
		n.spaces[prefix] = a.Value
	}
	n.Space = n.spaces[n.Prefix]
	for i := range n.Attrs {
		if a := &n.Attrs[i]; a.Prefix != "" {
			a.Space = n.spaces[a.Prefix]
		}
	}
}

func (p *parser) add(n *Node) error {
	if p.nodes++; p.nodes > maxNodes {
		return errNodes
	}
	n.Parent, n.Prev = p.at, p.at.Last
	if n.Prev != nil {
		n.Prev.Next = n
	} else {
		p.at.First = n
	}
	p.at.Last = n
	return nil
}

// Root is the outermost element, nil without one.
func (n *Node) Root() *Node {
	for c := n.First; c != nil; c = c.Next {
		if c.Kind == Element {
			return c
		}
	}
	return nil
}

// RemoveNamespaces drops prefixes and declarations everywhere.
func (n *Node) RemoveNamespaces() {
	n.Prefix, n.Space = "", ""
	kept := n.Attrs[:0]
	for _, a := range n.Attrs {
		if !a.declares() {
			a.Prefix, a.Space = "", ""
			kept = append(kept, a)
		}
	}
	n.Attrs = kept
	for c := n.First; c != nil; c = c.Next {
		c.RemoveNamespaces()
	}
}

// Content is all text within a node.
func (n *Node) Content() string {
	if n.Kind == Text || n.Kind == Comment {
		return n.Data
	}
	var b strings.Builder
	n.content(&b)
	return b.String()
}

func (n *Node) content(b *strings.Builder) {
	for c := n.First; c != nil; c = c.Next {
		if c.Kind == Text {
			b.WriteString(c.Data)
		}
		c.content(b)
	}
}

// XML writes a node as it would stand in a document.
func (n *Node) XML() string {
	var b strings.Builder
	n.write(&b)
	return b.String()
}

var (
	escapeText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	escapeAttr = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\n", "&#10;", "\t", "&#9;")
)

func (n *Node) write(b *strings.Builder) {
	switch n.Kind {
	case Text:
		b.WriteString(escapeText.Replace(n.Data))
		return
	case Comment:
		b.WriteString("<!--" + n.Data + "-->")
		return
	case Document:
		n.writeChildren(b)
		return
	}
	name := n.Local
	if n.Prefix != "" {
		name = n.Prefix + ":" + name
	}
	b.WriteString("<" + name)
	for _, a := range n.Attrs {
		b.WriteString(" " + a.Name() + `="` + escapeAttr.Replace(a.Value) + `"`)
	}
	if n.First == nil {
		b.WriteString("/>")
		return
	}
	b.WriteByte('>')
	n.writeChildren(b)
	b.WriteString("</" + name + ">")
}

func (n *Node) writeChildren(b *strings.Builder) {
	for c := n.First; c != nil; c = c.Next {
		c.write(b)
	}
}
