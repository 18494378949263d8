package dashboards

import "strings"

// Bounds on what exported dashboards may grow by: panels of a library that they bring
// along and constants that are asked for on import.
const (
	maxInlined       = maxDocumentBytes
	maxConstantBytes = 4096
)

// library puts the models of library panels in the places that name them: an exported
// dashboard brings them in __elements, or inside the reference itself.
func (m *migrator) library(tree object) {
	elements := child(tree, "__elements")
	left := maxInlined
	for _, p := range allPanels(tree) {
		ref := child(p, "libraryPanel")
		if ref == nil || text(p, "type") != "" && p["targets"] != nil {
			continue
		}
		model := child(ref, "model")
		if element := child(elements, text(ref, "uid")); model == nil && element != nil {
			model = child(element, "model")
			if text(ref, "name") == "" {
				setText(ref, "name", text(element, "name"))
			}
		}
		if model == nil {
			continue
		}
		if left -= len(marshal(model)); left < 0 {
			m.note(p, "the library panels of this file are larger than %d MB together: this one is left out", maxInlined>>20)
			continue
		}
		for k, v := range model {
			// A place, a number and a title of its own win.
			if k == "gridPos" || k == "id" || k == "libraryPanel" || k == "title" && text(p, "title") != "" {
				continue
			}
			p[k] = clone(v)
		}
		delete(ref, "model")
	}
}

// constants puts the values of __inputs of type constant in their places: Grafana asks
// for them on import and offers these.
func (m *migrator) constants(tree object) {
	values := map[string]string{}
	for _, in := range objects(tree, "__inputs") {
		value, ok := in["value"].(string)
		if text(in, "type") != "constant" || !ok || text(in, "name") == "" {
			continue
		}
		if len(value) > maxConstantBytes {
			m.notes = append(m.notes, "the input "+text(in, "name")+" is longer than 4 KiB and stays empty")
			continue
		}
		values["${"+text(in, "name")+"}"] = value
	}
	if len(values) == 0 {
		return
	}
	left := maxInlined
	for _, key := range sortedKeys(tree) {
		if key != "__inputs" && key != "__elements" {
			tree[key] = replaceConstants(tree[key], values, &left)
		}
	}
}

func replaceConstants(v any, values map[string]string, left *int) any {
	switch v := v.(type) {
	case string:
		if !strings.Contains(v, "${") {
			return v
		}
		for name, value := range values {
			if n := strings.Count(v, name); n > 0 {
				if *left -= n * len(value); *left < 0 {
					return v
				}
				v = strings.ReplaceAll(v, name, value)
			}
		}
		return v
	case object:
		for k, e := range v {
			v[k] = replaceConstants(e, values, left)
		}
	case []any:
		for i, e := range v {
			v[i] = replaceConstants(e, values, left)
		}
	}
	return v
}
