package dashboards

import (
	"fmt"
	"strings"
)

// resourceGroup is the API group of dashboards that are kept as Kubernetes resources:
// "dashboard.grafana.app/v1beta1", "dashboard.grafana.app/v2"...
const resourceGroup = "dashboard.grafana.app/"

// opened is a document's dashboard without what it was wrapped in.
type opened struct {
	tree object
	// wrapped says that tree is a part of the source.
	wrapped bool
	// resource says that the wrapping is a Kubernetes resource, which the source keeps.
	resource bool
}

// unwrap opens the envelopes that dashboards come in: that of Grafana's HTTP API
// ({"dashboard": ...}, also with a resource inside) and a Kubernetes resource of kind
// Dashboard, whose name is the uid.
func unwrap(tree object) (opened, error) {
	out := opened{tree: tree}
	if inner, ok := tree["dashboard"].(object); ok && tree["panels"] == nil && tree["rows"] == nil && tree["elements"] == nil {
		out = opened{tree: inner, wrapped: true}
	}
	spec, hasSpec := out.tree["spec"].(object)
	group, kind := text(out.tree, "apiVersion"), text(out.tree, "kind")
	if !hasSpec || kind != "Dashboard" && !strings.HasPrefix(group, resourceGroup) {
		return out, nil
	}
	if kind != "" && kind != "Dashboard" {
		return out, fmt.Errorf("%w: this is a resource of kind %q, not a Dashboard", ErrInvalid, kind)
	}
	if group != "" && !strings.HasPrefix(group, resourceGroup) {
		return out, fmt.Errorf("%w: apiVersion %q is not one of Grafana's (%sv0, v1 or v2)", ErrInvalid, group, resourceGroup)
	}
	version := strings.TrimPrefix(group, resourceGroup)
	if version != "" && !strings.HasPrefix(version, "v0") && !strings.HasPrefix(version, "v1") && !strings.HasPrefix(version, "v2") {
		return out, fmt.Errorf("%w: apiVersion %q is newer than what Pharos reads (v0, v1 and v2); export it as v2 or as the classic model", ErrInvalid, group)
	}
	named := make(object, len(spec)+1)
	for k, v := range spec {
		named[k] = v
	}
	if name := text(child(out.tree, "metadata"), "name"); name != "" && text(named, "uid") == "" {
		named["uid"] = name
	}
	return opened{tree: named, wrapped: out.wrapped, resource: true}, nil
}

// isV2 reports whether a dashboard has the shape of Grafana's schema v2.
func isV2(tree object) bool {
	_, elements := tree["elements"].(object)
	return elements && tree["panels"] == nil && tree["rows"] == nil
}

// kept is what of the whole document is the dashboard's source: a resource stays
// whole, the envelope of an HTTP answer goes.
func (o opened) kept(whole object) object {
	if inner, ok := whole["dashboard"].(object); ok && o.wrapped && o.resource {
		return inner
	}
	return o.tree
}
