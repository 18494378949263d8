package dashboards

import (
	"encoding/json"
	"fmt"
	"strings"
)

// fromManifest opens the Kubernetes resources that carry a dashboard as a text: a
// ConfigMap with one, as Grafana's sidecar reads it, and the operator's GrafanaDashboard
// ("spec.json"). ok is false when the document is neither.
func fromManifest(tree object) (inner object, ok bool, err error) {
	texts := map[string]string{}
	switch text(tree, "kind") {
	case "ConfigMap":
		for _, key := range sortedKeys(child(tree, "data")) {
			if s := strings.TrimSpace(text(child(tree, "data"), key)); strings.HasPrefix(s, "{") {
				texts[key] = s
			}
		}
	case "GrafanaDashboard":
		s := text(child(tree, "spec"), "json")
		if s == "" {
			return nil, true, fmt.Errorf("%w: this GrafanaDashboard has no \"spec.json\": the dashboard itself is elsewhere", ErrInvalid)
		}
		texts["spec.json"] = s
	default:
		return nil, false, nil
	}
	if len(texts) != 1 {
		return nil, true, fmt.Errorf("%w: this ConfigMap holds %d dashboards; give each a file of its own", ErrInvalid, len(texts))
	}
	for key, s := range texts {
		if err := checkDepth([]byte(s)); err != nil {
			return nil, true, fmt.Errorf("%s: %w", key, err)
		}
		dec := json.NewDecoder(strings.NewReader(s))
		dec.UseNumber()
		if err := dec.Decode(&inner); err != nil {
			return nil, true, fmt.Errorf("%w: %s: %s", ErrInvalid, key, describeJSONError([]byte(s), err))
		}
	}
	return inner, true, nil
}
