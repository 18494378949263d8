package xmldom

import "strings"

// Simple are the options of Ruby's XmlSimple that the xml filter has.
type Simple struct {
	// ForceArray makes a list of every child element, also of a single one.
	ForceArray bool
	// ForceContent puts text under "content" also where there is nothing else.
	ForceContent bool
	// SuppressEmpty leaves out elements without content.
	SuppressEmpty bool
}

// Value turns an element into maps, lists and texts as XmlSimple.xml_in does.
func (o Simple) Value(n *Node) any {
	result := map[string]any{}
	for _, a := range n.Attrs {
		result[a.Name()] = a.Value
	}
	elements, texts := n.parts()
	switch {
	case len(elements) > 0:
		for _, c := range elements {
			v := o.Value(c)
			if o.SuppressEmpty && empty(v) && len(n.Attrs) == 0 {
				continue
			}
			o.merge(result, c.Local, v)
		}
		if strings.TrimSpace(strings.Join(texts, "")) != "" {
			result["content"] = mixed(texts)
		}
	case len(texts) > 0:
		return o.text(n, result, strings.Join(texts, ""))
	}
	if len(result) == 0 && o.SuppressEmpty {
		return nil
	}
	return result
}

func (n *Node) parts() (elements []*Node, texts []string) {
	for c := n.First; c != nil; c = c.Next {
		switch c.Kind {
		case Element:
			elements = append(elements, c)
		case Text:
			texts = append(texts, c.Data)
		}
	}
	return elements, texts
}

func mixed(texts []string) any {
	if len(texts) == 1 {
		return texts[0]
	}
	list := make([]any, len(texts))
	for i, t := range texts {
		list[i] = t
	}
	return list
}

func (o Simple) text(n *Node, result map[string]any, text string) any {
	switch {
	case strings.TrimSpace(text) == "":
		return map[string]any{}
	case len(n.Attrs) == 0 && !o.ForceContent:
		return text
	}
	result["content"] = text
	return result
}

func (o Simple) merge(result map[string]any, name string, v any) {
	switch old, has := result[name]; {
	case !has && o.ForceArray:
		result[name] = []any{v}
	case !has:
		result[name] = v
	default:
		if list, ok := old.([]any); ok {
			result[name] = append(list, v)
		} else {
			result[name] = []any{old, v}
		}
	}
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case map[string]any:
		return len(v) == 0
	}
	return false
}
