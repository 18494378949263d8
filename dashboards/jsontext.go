package dashboards

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
)

// textNode is a JSON value with where it stands in a text.
type textNode struct {
	start, end int // of the value in the text
	value      any
	order      []string // an object's keys
	fields     map[string]*textNode
	items      []*textNode
}

// parseText reads JSON that checkDepth has passed.
func parseText(source []byte) (*textNode, error) {
	dec := json.NewDecoder(bytes.NewReader(source))
	dec.UseNumber()
	r := &textReader{source: source, dec: dec}
	return r.value()
}

type textReader struct {
	source []byte
	dec    *json.Decoder
}

func (r *textReader) value() (*textNode, error) {
	start := int(r.dec.InputOffset())
	for start < len(r.source) && bytes.IndexByte([]byte(" \t\r\n,:"), r.source[start]) >= 0 {
		start++
	}
	tok, err := r.dec.Token()
	if err != nil {
		return nil, err
	}
	n := &textNode{start: start, value: tok}
	switch tok {
	case json.Delim('{'):
		err = r.object(n)
	case json.Delim('['):
		err = r.array(n)
	}
	n.end = int(r.dec.InputOffset())
	return n, err
}

func (r *textReader) object(n *textNode) error {
	tree := object{}
	n.value, n.fields = tree, map[string]*textNode{}
	for r.dec.More() {
		tok, err := r.dec.Token()
		if err != nil {
			return err
		}
		key, ok := tok.(string)
		if !ok {
			return errors.New("a key is no text")
		}
		member, err := r.value()
		if err != nil {
			return err
		}
		if n.fields[key] == nil {
			n.order = append(n.order, key)
		}
		n.fields[key], tree[key] = member, member.value
	}
	_, err := r.dec.Token()
	return err
}

func (r *textReader) array(n *textNode) error {
	items := []any{}
	for r.dec.More() {
		item, err := r.value()
		if err != nil {
			return err
		}
		n.items, items = append(n.items, item), append(items, item.value)
	}
	n.value = items
	_, err := r.dec.Token()
	return err
}

// sameJSON compares decoded values; numbers by what they are, not by how they are written.
func sameJSON(a, b any) bool {
	switch a := a.(type) {
	case object:
		b, ok := b.(object)
		if !ok || len(a) != len(b) {
			return false
		}
		for k, v := range a {
			if w, ok := b[k]; !ok || !sameJSON(v, w) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, sameJSON)
	case json.Number, float64, int:
		switch b.(type) {
		case json.Number, float64, int:
			x, okX := toNumber(a)
			y, okY := toNumber(b)
			return okX && okY && x == y
		}
		return false
	}
	return a == b
}
