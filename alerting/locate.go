package alerting

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/prometheus/alertmanager/config"
	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/strictyaml"
)

var (
	yamlLine   = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
	unknownKey = regexp.MustCompile(`^field (\S+) not found in type \S+$`)
	quoted     = regexp.MustCompile(`["']([^"']+)["']|<([^<>]+)>`)
)

// locate puts the file's name, and the place where it can be told, before each
// problem of err. The YAML parser names lines itself; what Alertmanager finds
// later quotes a name, which is looked up and located if it occurs once.
func locate(name string, text []byte, err error) error {
	var doc yaml.Node
	if yaml.Unmarshal(text, &doc) != nil {
		doc = yaml.Node{} // a syntax error, which err has
	}
	nodes := scalars(&doc, reflect.TypeFor[config.Config](), nil)
	var errs []error
	for message := range strings.SplitSeq(err.Error(), "\n") {
		message = strings.TrimSpace(message)
		if message == "" || message == "yaml: unmarshal errors:" {
			continue
		}
		place, message := placeOf(nodes, message)
		errs = append(errs, fmt.Errorf("%s%s: %s", name, place, message))
	}
	return errors.Join(errs...)
}

// placeOf returns ":line:column", ":line" or "", and the message without its line.
func placeOf(nodes []scalar, message string) (place, rest string) {
	m := yamlLine.FindStringSubmatch(message)
	if m == nil {
		if n := onlyQuoted(nodes, message); n != nil {
			return fmt.Sprintf(":%d:%d", n.Line, n.Column), message
		}
		return "", message
	}
	line, err := strconv.Atoi(m[1])
	if err != nil {
		return "", message
	}
	message = m[2]
	if key := unknownKey.FindStringSubmatch(message); key != nil {
		for _, n := range nodes {
			if n.Line == line && n.Value == key[1] {
				message = key[1] + ": unknown key"
				if hint := strictyaml.Suggest(key[1], n.known); hint != "" {
					message += " (" + hint + ")"
				}
				return fmt.Sprintf(":%d:%d", line, n.Column), message
			}
		}
	}
	return fmt.Sprintf(":%d", line), message
}

// onlyQuoted returns the only scalar that message quotes, or nil.
func onlyQuoted(nodes []scalar, message string) *scalar {
	for _, m := range quoted.FindAllStringSubmatch(message, -1) {
		var found []scalar
		for _, n := range nodes {
			if n.Value == m[1]+m[2] {
				found = append(found, n)
			}
		}
		if len(found) == 1 {
			return &found[0]
		}
	}
	return nil
}

// scalar is a key or a value of a document.
type scalar struct {
	*yaml.Node
	known []string // of a key: the keys that its place knows
}

// scalars appends all scalars of n, whose Go type is t (nil if it is not known);
// aliases are not followed.
func scalars(n *yaml.Node, t reflect.Type, to []scalar) []scalar {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch n.Kind {
	case yaml.DocumentNode:
		for _, child := range n.Content {
			to = scalars(child, t, to)
		}
	case yaml.SequenceNode:
		var element reflect.Type
		if t != nil && t.Kind() == reflect.Slice {
			element = t.Elem()
		}
		for _, child := range n.Content {
			to = scalars(child, element, to)
		}
	case yaml.MappingNode:
		names, types := keysOf(t)
		for i := 0; i+1 < len(n.Content); i += 2 {
			to = append(to, scalar{n.Content[i], names})
			to = scalars(n.Content[i+1], types[n.Content[i].Value], to)
		}
	case yaml.ScalarNode:
		to = append(to, scalar{Node: n})
	}
	return to
}

// keysOf returns the YAML keys of a struct and the types of their values.
func keysOf(t reflect.Type) (names []string, types map[string]reflect.Type) {
	types = make(map[string]reflect.Type)
	if t == nil || t.Kind() != reflect.Struct {
		return nil, types
	}
	for _, field := range reflect.VisibleFields(t) {
		if !field.IsExported() || len(field.Index) > 1 {
			continue
		}
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if strings.Contains(options, "inline") {
			inner := field.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			innerNames, innerTypes := keysOf(inner)
			names = append(names, innerNames...)
			maps.Copy(types, innerTypes)
			continue
		}
		if name != "" && name != "-" {
			names = append(names, name)
			types[name] = field.Type
		}
	}
	return names, types
}
