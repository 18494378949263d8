package metrics

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/discovery"
	// Each discovery that prometheus.yml may use registers itself. The others of
	// Prometheus would add a cloud's SDK each; naming one of them is an error that
	// says so.
	_ "github.com/prometheus/prometheus/discovery/aws"
	_ "github.com/prometheus/prometheus/discovery/consul"
	_ "github.com/prometheus/prometheus/discovery/dns"
	_ "github.com/prometheus/prometheus/discovery/file"
	_ "github.com/prometheus/prometheus/discovery/http"
	_ "github.com/prometheus/prometheus/discovery/kubernetes"
	_ "github.com/prometheus/prometheus/discovery/moby"
	"gopkg.in/yaml.v3"
)

const discoverySuffix = "_sd_configs"

// supportedDiscoveries returns the kinds of discovery of this build, sorted.
func supportedDiscoveries() []string {
	return slices.DeleteFunc(discovery.RegisteredConfigNames(), func(kind string) bool { return kind == "static" })
}

// otherDiscoveries are the kinds that Prometheus has and this build lacks.
var otherDiscoveries = []string{
	"azure", "digitalocean", "eureka", "gce", "hetzner", "ionos", "kuma", "linode", "marathon", "nerve", "nomad", "oci",
	"openstack", "outscale", "ovhcloud", "puppetdb", "scaleway", "serverset", "stackit", "triton", "uyuni", "vultr",
}

// unsupportedDiscoveries returns the keys below n that name a kind of discovery
// that this build lacks.
func unsupportedDiscoveries(n *yaml.Node) []*yaml.Node {
	var found []*yaml.Node
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			kind, ok := strings.CutSuffix(n.Content[i].Value, discoverySuffix)
			if ok && slices.Contains(otherDiscoveries, kind) {
				found = append(found, n.Content[i])
			}
		}
	}
	for _, child := range n.Content {
		found = append(found, unsupportedDiscoveries(child)...)
	}
	return found
}
