package dashboards

// variables brings a dashboard's variables to today's model.
func (m *migrator) variables(tree object) {
	for _, v := range objects(child(tree, "templating"), "list") {
		m.variable(v)
	}
}

func (m *migrator) variable(v object) {
	v["datasource"] = datasourceRef(v["datasource"])
	if kind := text(v, "type"); kind == "" || kind == "filter" {
		v["type"] = "query"
	}
	switch {
	case v["hide"] != nil:
	case flag(v, "hideVariable"):
		v["hide"] = 2
	case flag(v, "hideLabel"):
		v["hide"] = 1
	}
	if r, isFlag := v["refresh"].(bool); isFlag {
		v["refresh"] = map[bool]int{true: 1, false: 0}[r]
	}
	// A constant that is shown was a text box until schemaVersion 27.
	if text(v, "type") == "constant" && m.version > 0 && m.version < 27 && number(v, "hide", 0) == 0 {
		v["type"] = "textbox"
	}
	if current := child(v, "current"); current != nil {
		scalars(current)
		if one, isList := current["value"].([]any); isList && !flag(v, "multi") && text(v, "type") != "adhoc" {
			if len(one) == 0 {
				one = []any{""}
			}
			current["value"] = one[0]
			if texts, ok := current["text"].([]any); ok {
				current["text"] = append(texts, one[0])[0]
			}
		}
	}
	for _, o := range objects(v, "options") {
		scalars(o)
	}
}

// scalars makes text of the numbers and flags that an option may hold.
func scalars(o object) {
	for _, key := range []string{"text", "value"} {
		switch v := o[key].(type) {
		case nil, string:
		case []any:
			out := []any{}
			for _, e := range v {
				if s, ok := scalarText(e); ok {
					out = append(out, s)
				}
			}
			o[key] = out
		default:
			if s, ok := scalarText(v); ok {
				o[key] = s
			} else {
				delete(o, key)
			}
		}
	}
}

func scalarText(v any) (string, bool) {
	switch v.(type) {
	case nil, object, []any:
		return "", false
	}
	return scalar(v), true
}
