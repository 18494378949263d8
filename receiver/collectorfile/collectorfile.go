// Package collectorfile reads the configuration file of an OpenTelemetry Collector
// (or of Jaeger v2, which is one) that Pharos replaces: which receivers it runs and
// where they listen. Receivers are read with their own configuration types. What
// only moved data on to a store that Pharos replaces is left out and reported; what
// would change data, or send it elsewhere, is an error, because leaving it out would
// lose something that somebody relies on.
package collectorfile

import (
	"fmt"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/jaegerreceiver"
	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/zipkinreceiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// File is what Pharos takes from a Collector's configuration.
type File struct {
	// The receivers that a pipeline names, by their name in the file ("otlp",
	// "jaeger/legacy").
	OTLP   map[string]*otlpreceiver.Config
	Jaeger map[string]*jaegerreceiver.Config
	Zipkin map[string]*zipkinreceiver.Config
	// Replaced are the parts that Pharos makes unnecessary, in the file's order.
	Replaced []Replaced
}

// Replaced is a part of the file that is left out.
type Replaced struct {
	Line int
	Key  string // "exporters.elasticsearch"
	Why  string
}

// String returns "line 21: exporters.elasticsearch: replaced by Pharos: ...".
func (r Replaced) String() string {
	return fmt.Sprintf("line %d: %s: replaced by Pharos: %s", r.Line, r.Key, r.Why)
}

// Read reads the text of the file. Variables are the environment's: ${env:NAME},
// ${env:NAME:-default} and ${NAME}. The error is a *strictyaml.Error with every
// problem.
func Read(file string, text []byte, lookupEnv func(string) (string, bool)) (*File, error) {
	if len(text) > strictyaml.MaxSize {
		return nil, fmt.Errorf("%s: %d bytes are too many, at most %d are read", file, len(text), strictyaml.MaxSize)
	}
	r := &reader{file: file, out: &File{
		OTLP:   map[string]*otlpreceiver.Config{},
		Jaeger: map[string]*jaegerreceiver.Config{},
		Zipkin: map[string]*zipkinreceiver.Config{},
	}}
	expanded := r.expand(text, lookupEnv)
	var root yaml.Node
	if err := yaml.Unmarshal(expanded, &root); err != nil {
		if len(r.problems.Problems) > 0 { // missing variables leave no YAML
			return nil, &r.problems
		}
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: want a mapping with receivers and service", file)
	}
	r.read(root.Content[0])
	if len(r.problems.Problems) > 0 {
		return nil, &r.problems
	}
	return r.out, nil
}

type reader struct {
	file     string
	out      *File
	problems strictyaml.Error
}

func (r *reader) problem(n *yaml.Node, key, hint, format string, args ...any) {
	r.problems.Problems = append(r.problems.Problems, strictyaml.Problem{
		File: r.file, Line: max(1, n.Line), Column: max(1, n.Column), Key: key, Message: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// component is one entry of a section: "jaeger/legacy:".
type component struct {
	name  string // jaeger/legacy
	kind  string // jaeger
	key   *yaml.Node
	value *yaml.Node
}

func (r *reader) read(root *yaml.Node) {
	var receivers []component
	var service *yaml.Node
	r.each(root, "", func(section, key, value *yaml.Node) {
		switch section.Value {
		case "receivers":
			receivers = r.components("receivers", value)
		case "processors":
			r.leaveOut("processors", r.components("processors", value), processors, "it would change what is stored")
		case "exporters":
			r.leaveOut("exporters", r.components("exporters", value), exporters, "data would no longer get there")
		case "extensions":
			r.leaveOut("extensions", r.components("extensions", value), extensions, "Pharos has no such extension")
		case "connectors":
			r.leaveOut("connectors", r.components("connectors", value), nil, "Pharos has no such connector")
		case "service":
			service = value
		default:
			r.problem(key, section.Value, "the Collector knows receivers, processors, exporters, extensions, connectors and service", "unknown key")
		}
	})
	used := r.used(service, receivers, root)
	for _, c := range receivers {
		r.receiver(c, used[c.name])
	}
}

// each calls f with the entries of a mapping; an empty one is no problem.
func (r *reader) each(n *yaml.Node, at string, f func(name, key, value *yaml.Node)) {
	n = resolve(n)
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.problem(n, at, "", "want a mapping")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		f(n.Content[i], n.Content[i], resolve(n.Content[i+1]))
	}
}

func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

func (r *reader) components(section string, n *yaml.Node) []component {
	var out []component
	r.each(n, section, func(name, key, value *yaml.Node) {
		kind, _, _ := strings.Cut(name.Value, "/")
		out = append(out, component{name: name.Value, kind: kind, key: key, value: value})
	})
	return out
}

func (r *reader) leaveOut(section string, list []component, known map[string]string, otherwise string) {
	for _, c := range list {
		key := section + "." + c.name
		if why, ok := known[c.kind]; ok {
			r.out.Replaced = append(r.out.Replaced, Replaced{Line: c.key.Line, Key: key, Why: why})
			continue
		}
		r.problem(c.key, key, "", "%q is not supported: %s", c.kind, otherwise)
	}
}

// used returns the receivers that a pipeline names: a Collector starts no others.
func (r *reader) used(service *yaml.Node, receivers []component, root *yaml.Node) map[string]bool {
	used := map[string]bool{}
	if service == nil {
		r.problem(root, "service", "", "the file has no service, so that it runs nothing")
		return used
	}
	defined := map[string]bool{}
	for _, c := range receivers {
		defined[c.name] = true
	}
	r.each(service, "service", func(name, key, value *yaml.Node) {
		switch name.Value {
		case "extensions":
		case "telemetry":
			r.out.Replaced = append(r.out.Replaced, Replaced{Line: key.Line, Key: "service.telemetry", Why: "Pharos has metrics and logs of its own"})
		case "pipelines":
			r.each(value, "service.pipelines", func(name, _, pipeline *yaml.Node) {
				r.pipeline("service.pipelines."+name.Value, pipeline, defined, used)
			})
		default:
			r.problem(key, "service."+name.Value, "", "unknown key")
		}
	})
	return used
}

func (r *reader) pipeline(at string, n *yaml.Node, defined, used map[string]bool) {
	r.each(n, at, func(name, key, list *yaml.Node) {
		switch name.Value {
		case "processors", "exporters":
		case "receivers":
			for _, item := range list.Content {
				used[item.Value] = true
				if !defined[item.Value] {
					r.problem(item, at+".receivers", "", "receiver %q is not defined", item.Value)
				}
			}
		default:
			r.problem(key, at+"."+name.Value, "", "unknown key")
		}
	})
}
