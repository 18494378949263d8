package conf

import (
	"net/url"
	"regexp"

	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// secretKey are the keys of which pages do not show the values.
var secretKey = regexp.MustCompile(`(?i)(password|secret|token|credentials|connection_string|api_key|_key)$`)

const secret = "<secret>"

// Redacted is the file as it was read, without its secrets, which stand in files of
// their own or under keys that say so.
func (c *Config) Redacted() string {
	root, err := strictyaml.Parse(c.File, c.text)
	if err != nil || root == nil {
		return ""
	}
	redact(root)
	text, err := yaml.Marshal(root)
	if err != nil {
		return ""
	}
	return string(text)
}

func redact(n *yaml.Node) {
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if v := n.Content[i+1]; v.Kind == yaml.ScalarNode && v.Value != "" && secretKey.MatchString(n.Content[i].Value) {
				v.SetString(secret)
			}
		}
	}
	if n.Kind == yaml.ScalarNode {
		if u, err := url.Parse(n.Value); err == nil && u.User != nil && u.Host != "" {
			n.SetString(u.Redacted())
		}
	}
	for _, child := range n.Content {
		redact(child)
	}
}
