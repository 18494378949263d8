package strictyaml

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"
)

// Bounds of one file, far above what people write. Aliases are followed, so that
// a few lines could otherwise stand for billions of nodes.
const (
	maxDepth    = 64
	maxNodes    = 200_000
	maxProblems = 100
)

type decoder struct {
	doc      *Document
	problems []Problem
	nodes    int
}

// full reports whether a bound is reached; the rest of the file is left unread.
func (d *decoder) full() bool { return len(d.problems) >= maxProblems || d.nodes > maxNodes }

// spend counts nodes against the bounds and reports whether they still hold.
func (d *decoder) spend(key string, n *yaml.Node, nodes, depth int) bool {
	if d.full() {
		return false
	}
	if d.nodes += nodes; d.nodes > maxNodes {
		d.problem(key, n, fmt.Sprintf("the file has more than %d values once its aliases are followed", maxNodes), "")
		return false
	}
	if depth > maxDepth {
		d.problem(key, n, fmt.Sprintf("nested deeper than %d levels", maxDepth), "")
		return false
	}
	return true
}

func (d *decoder) problem(key string, n *yaml.Node, message, hint string) {
	if len(d.problems) < maxProblems {
		d.problems = append(d.problems, Problem{
			File: d.doc.file, Line: max(n.Line, 1), Column: max(n.Column, 1), Key: key, Message: message, Hint: hint,
		})
	}
}

// value decodes n into v. An empty value leaves v as it is.
func (d *decoder) value(key string, n *yaml.Node, v reflect.Value, depth int) {
	if !d.spend(key, n, 1, depth) {
		return
	}
	if n.Kind == yaml.AliasNode {
		d.value(key, n.Alias, v, depth+1)
		return
	}
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		return
	}
	if v.Type() == nodeType { // another reader's part of the file
		v.Set(reflect.ValueOf(*n))
		return
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		d.value(key, n, v.Elem(), depth+1)
		return
	}
	if isScalar(v) {
		if n.Kind != yaml.ScalarNode {
			d.wrongKind(key, n, expectation(v))
			return
		}
		if message, hint := setScalar(n, v); message != "" {
			d.problem(key, n, message, hint)
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(key, n, v, depth)
	case reflect.Slice:
		d.slice(key, n, v, depth)
	case reflect.Map:
		d.mapping(key, n, v, depth)
	default:
		panic(fmt.Sprintf("BUG: strictyaml cannot decode into %s (key %q)", v.Type(), key))
	}
}

func (d *decoder) wrongKind(key string, n *yaml.Node, want string) {
	d.problem(key, n, fmt.Sprintf("expected %s, found %s", want, describe(n)), "")
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	const most = 40
	value := n.Value
	if len(value) > most {
		value = strings.ToValidUTF8(value[:most], "") + "..."
	}
	return fmt.Sprintf("%q", value)
}

func (d *decoder) structure(key string, n *yaml.Node, v reflect.Value, depth int) {
	pairs, ok := d.pairs(key, n, depth)
	if !ok {
		return
	}
	fields := fieldsOf(v.Type())
	for _, p := range pairs {
		path := join(key, p.key.Value)
		field, ok := fields.index[p.key.Value]
		if !ok {
			d.problem(path, p.key, UnknownKey, suggest(p.key.Value, fields.names))
			continue
		}
		d.doc.keys[path] = position{p.value.Line, p.value.Column}
		d.value(path, p.value, fieldByIndex(v, field), depth+1)
	}
}

func (d *decoder) slice(key string, n *yaml.Node, v reflect.Value, depth int) {
	if n.Kind != yaml.SequenceNode {
		d.wrongKind(key, n, "a list")
		return
	}
	out := reflect.MakeSlice(v.Type(), 0, min(len(n.Content), 1024))
	for i, item := range n.Content {
		if d.full() {
			return
		}
		path := fmt.Sprintf("%s[%d]", key, i)
		d.doc.keys[path] = position{item.Line, item.Column}
		element := reflect.New(v.Type().Elem()).Elem()
		d.value(path, item, element, depth+1)
		out = reflect.Append(out, element)
	}
	v.Set(out)
}

// mapping adds the file's entries to those that v holds.
func (d *decoder) mapping(key string, n *yaml.Node, v reflect.Value, depth int) {
	pairs, ok := d.pairs(key, n, depth)
	if !ok {
		return
	}
	if v.IsNil() {
		v.Set(reflect.MakeMapWithSize(v.Type(), min(len(pairs), 1024)))
	}
	for _, p := range pairs {
		if d.full() {
			return
		}
		path := join(key, p.key.Value)
		d.doc.keys[path] = position{p.value.Line, p.value.Column}
		name := reflect.New(v.Type().Key()).Elem()
		if message, hint := setScalar(p.key, name); message != "" {
			d.problem(path, p.key, message, hint)
			continue
		}
		element := reflect.New(v.Type().Elem()).Elem()
		if old := v.MapIndex(name); old.IsValid() {
			element.Set(old)
		}
		d.value(path, p.value, element, depth+1)
		v.SetMapIndex(name, element)
	}
}

type pair struct{ key, value *yaml.Node }

// pairs returns a mapping's entries: its own, then those that merge keys (<<)
// bring and that it does not set itself.
func (d *decoder) pairs(key string, n *yaml.Node, depth int) ([]pair, bool) {
	if n.Kind != yaml.MappingNode {
		d.wrongKind(key, n, "a mapping")
		return nil, false
	}
	if !d.spend(key, n, len(n.Content)/2, depth) {
		return nil, false
	}
	seen := make(map[string]*yaml.Node, len(n.Content)/2)
	var own []pair
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, value := n.Content[i], n.Content[i+1]
		for k.Kind == yaml.AliasNode {
			k = k.Alias
		}
		switch {
		case k.Kind == yaml.ScalarNode && k.ShortTag() == "!!merge":
			merged = append(merged, value)
		case k.Kind != yaml.ScalarNode:
			d.problem(key, k, "a key must be a plain word", "")
		case seen[k.Value] != nil:
			d.problem(join(key, k.Value), k, fmt.Sprintf("duplicate key, first set on line %d", seen[k.Value].Line), "")
		default:
			seen[k.Value] = k
			own = append(own, pair{k, value})
		}
	}
	for _, source := range merged {
		own = append(own, d.mergedPairs(key, source, seen, depth+1)...)
	}
	return own, true
}

func (d *decoder) mergedPairs(key string, source *yaml.Node, seen map[string]*yaml.Node, depth int) []pair {
	if !d.spend(key, source, 1, depth) {
		return nil
	}
	var out []pair
	switch source.Kind {
	case yaml.AliasNode:
		return d.mergedPairs(key, source.Alias, seen, depth+1)
	case yaml.SequenceNode:
		for _, item := range source.Content {
			out = append(out, d.mergedPairs(key, item, seen, depth+1)...)
		}
		return out
	}
	pairs, _ := d.pairs(key, source, depth)
	for _, p := range pairs {
		if seen[p.key.Value] == nil {
			seen[p.key.Value] = p.key
			out = append(out, p)
		}
	}
	return out
}

func join(parent, key string) string {
	if parent == "" || key == "" {
		return parent + key
	}
	return parent + "." + key
}

var (
	nodeType        = reflect.TypeFor[yaml.Node]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)
