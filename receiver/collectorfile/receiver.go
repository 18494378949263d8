package collectorfile

import (
	"regexp"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/jaegerreceiver"
	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/zipkinreceiver"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"gopkg.in/yaml.v3"
)

// receiver reads one receiver's section with the receiver's own type.
func (r *reader) receiver(c component, used bool) {
	key := "receivers." + c.name
	switch c.kind {
	case "otlp":
		cfg := otlpreceiver.NewFactory().CreateDefaultConfig().(*otlpreceiver.Config)
		if r.decode(key, c, cfg) && used {
			r.out.OTLP[c.name] = cfg
		}
	case "jaeger":
		cfg := jaegerreceiver.NewFactory().CreateDefaultConfig().(*jaegerreceiver.Config)
		if r.decode(key, c, cfg) && used {
			r.out.Jaeger[c.name] = cfg
		}
	case "zipkin":
		cfg := zipkinreceiver.NewFactory().CreateDefaultConfig().(*zipkinreceiver.Config)
		if r.decode(key, c, cfg) && used {
			r.out.Zipkin[c.name] = cfg
		}
	default:
		r.problem(c.key, key, "otlp, jaeger and zipkin are", "receiver %q is not supported", c.kind)
		return
	}
	if !used {
		r.out.Replaced = append(r.out.Replaced, Replaced{Line: c.key.Line, Key: key, Why: "no pipeline names it"})
	}
}

// decode fills cfg; it reports whether the section is right.
func (r *reader) decode(key string, c component, cfg any) bool {
	before := len(r.problems.Problems)
	var raw map[string]any
	if err := c.value.Decode(&raw); err != nil {
		r.problem(c.value, key, "", "%s", err)
		return false
	}
	// A server's credentials and extensions are Pharos' own.
	r.refuse(key, c.value, "auth", "Pharos checks its own tokens", 0)
	r.refuse(key, c.value, "middlewares", "Pharos has no such extension", 0)
	if err := confmap.NewFromStringMap(raw).Unmarshal(cfg); err != nil {
		r.decodeProblem(key, c, err)
	} else if v, ok := cfg.(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			r.problem(c.key, key, "", "%s", err)
		}
	}
	return len(r.problems.Problems) == before
}

// refuse reports each key of that name below n.
func (r *reader) refuse(at string, n *yaml.Node, name, why string, depth int) {
	n = resolve(n)
	if n.Kind != yaml.MappingNode || depth > maxDepth {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Value == name {
			r.problem(key, at+"."+name, "", "is not supported: %s", why)
			continue
		}
		r.refuse(at+"."+key.Value, n.Content[i+1], name, why, depth+1)
	}
}

// How the Collector's decoder names what is wrong: the path of a section that has a
// mistake somewhere in it, keys that it does not know, and a value of a wrong type.
var (
	wrongSection = regexp.MustCompile(`'([^']+)' decoding failed`)
	invalidKeys  = regexp.MustCompile(`'[^']*' has invalid keys: ([^\n]+)`)
	wrongValue   = regexp.MustCompile(`'([^']+)' (expected type|cannot parse|error decoding)`)
)

// decodeProblem finds the places of the keys that the decoder complains about.
func (r *reader) decodeProblem(key string, c component, err error) {
	text := err.Error()
	parent := ""
	if m := wrongSection.FindAllStringSubmatch(text, -1); len(m) > 0 {
		parent = m[len(m)-1][1]
	}
	unknown := invalidKeys.FindAllStringSubmatch(text, -1)
	for _, m := range unknown {
		for name := range strings.SplitSeq(m[1], ", ") {
			node, path := find(c, parent, name)
			r.problem(node, key+"."+path, "", "unknown key")
		}
	}
	if len(unknown) > 0 {
		return
	}
	node, path := c.key, key
	if m := wrongValue.FindStringSubmatch(text); m != nil {
		name := m[1][strings.LastIndexByte(m[1], '.')+1:]
		var rest string
		node, rest = find(c, parent, name)
		path += "." + rest
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	r.problem(node, path, "", "%s", lines[len(lines)-1])
}

// find returns the node of a key and its path within the component: the first of
// that name below the parent path, or else anywhere.
func find(c component, parent, name string) (*yaml.Node, string) {
	best, bestPath, inParent := c.key, name, false
	var walk func(n *yaml.Node, path string, depth int)
	walk = func(n *yaml.Node, path string, depth int) {
		n = resolve(n)
		if n.Kind != yaml.MappingNode || depth > maxDepth {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			at := strings.TrimPrefix(path+"."+k.Value, ".")
			in := path == parent
			if k.Value == name && !inParent && (in || best == c.key) {
				best, bestPath, inParent = k, at, in
			}
			walk(n.Content[i+1], at, depth+1)
		}
	}
	walk(c.value, "", 0)
	return best, bestPath
}

// maxDepth ends the search in files whose aliases nest without end.
const maxDepth = 16
