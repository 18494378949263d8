package metrics

import (
	"reflect"
	"strings"

	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// knownKeys maps a key of prometheus.yml to the keys that may stand below it; "" is
// the top of the file.
func knownKeys() map[string][]string {
	known := map[string][]string{"static_configs": {"targets", "labels"}}
	collectKeys("", reflect.TypeFor[config.Config](), known, map[reflect.Type]bool{})
	return known
}

// collectKeys adds the keys of t, which stands below parent, as its YAML tags name
// them.
func collectKeys(parent string, t reflect.Type, known map[string][]string, under map[reflect.Type]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || under[t] || t == reflect.TypeFor[targetgroup.Group]() {
		return
	}
	under[t] = true
	defer delete(under, t)
	for i := range t.NumField() {
		field := t.Field(i)
		if field.Type == reflect.TypeFor[discovery.Configs]() {
			known[parent] = append(known[parent], "static_configs")
			for _, kind := range supportedDiscoveries() {
				known[parent] = append(known[parent], kind+discoverySuffix)
			}
			continue
		}
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		switch {
		case !field.IsExported() || name == "-":
		case strings.Contains(options, "inline"):
			collectKeys(parent, field.Type, known, under)
		case name != "":
			known[parent] = append(known[parent], name)
			collectKeys(name, field.Type, known, under)
		}
	}
}

// unknownKey finds the key called name on the line and returns its column and the
// key that was meant, if one is near.
func unknownKey(doc *yaml.Node, line int, name string) (column int, hint string) {
	var walk func(parent string, n *yaml.Node)
	walk = func(parent string, n *yaml.Node) {
		if n.Kind != yaml.MappingNode {
			for _, child := range n.Content {
				walk(parent, child)
			}
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			if key.Line == line && key.Value == name {
				column, hint = key.Column, strictyaml.Suggest(name, knownKeys()[parent])
			}
			walk(key.Value, value)
		}
	}
	walk("", doc)
	return column, hint
}
