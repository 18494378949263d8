package dashboards

import (
	"fmt"
	"slices"
)

// What a renderer may rely on: keys of a panel, a query and so on that have another
// type than Grafana's model says are dropped and noted, in that panel only.
var (
	panelShape = map[string]kind{
		"type": isText, "title": isText, "description": isText, "transparent": isFlag, "gridPos": isObject,
		"targets": isList, "fieldConfig": isObject, "options": isObject, "transformations": isList, "interval": isText,
		"maxDataPoints": isNumber, "timeFrom": isText, "timeShift": isText, "timeCompare": isText, "repeat": isText, "repeatDirection": isText,
		"maxPerRow": isNumber, "collapsed": isFlag, "panels": isList, "links": isList, "libraryPanel": isObject,
		"hideTimeOverride": isFlag, "styles": isList, "seriesOverrides": isList, "yaxes": isList,
	}
	targetShape = map[string]kind{
		"expr": isText, "legendFormat": isText, "format": isText, "hide": isFlag, "instant": isFlag, "range": isFlag,
		"interval": isText, "intervalFactor": isNumber, "step": isNumber, "maxLines": isNumber, "queryType": isText, "exemplar": isFlag,
	}
	variableShape = map[string]kind{
		"name": isText, "label": isText, "description": isText, "type": isText, "regex": isText, "sort": isNumber, "hide": isNumber,
		"multi": isFlag, "includeAll": isFlag, "allValue": isText, "auto": isFlag, "auto_count": isNumber, "auto_min": isText,
		"definition": isText, "options": isList, "current": isObject,
	}
	linkShape = map[string]kind{
		"title": isText, "type": isText, "url": isText, "tags": isList, "targetBlank": isFlag, "keepTime": isFlag,
		"includeVars": isFlag, "asDropdown": isFlag,
	}
	annotationShape = map[string]kind{"name": isText, "enable": isFlag, "hide": isFlag, "iconColor": isText, "expr": isText, "target": isObject}
	dashboardShape  = map[string]kind{
		"templating": isObject, "annotations": isObject, "time": isObject, "links": isList, "tags": isList, "graphTooltip": isNumber,
		"description": isText, "uid": isText, "__inputs": isList, "__elements": isObject, "timepicker": isObject,
	}
)

// kind is what a key's value may be; null is always allowed.
type kind int

const (
	isText kind = iota
	isFlag
	isNumber
	isObject
	isList
)

var kindNames = []string{"text", "true or false", "a number", "an object", "a list"}

func (k kind) of(v any) bool {
	ok := false
	switch k {
	case isText:
		_, ok = v.(string)
	case isFlag:
		_, ok = v.(bool)
	case isNumber:
		_, ok = toNumber(v)
	case isObject:
		_, ok = v.(object)
	case isList:
		_, ok = v.([]any)
	}
	return ok
}

// coerce returns a value of this kind that means the same: numbers written as text,
// and the other way round; ok is false when there is none.
func (k kind) coerce(v any) (any, bool) {
	switch k {
	case isText:
		if _, ok := toNumber(v); ok {
			return scalar(v), true
		}
	case isFlag:
		switch v {
		case "true":
			return true, true
		case "false", "":
			return false, true
		}
		if n, ok := toNumber(v); ok {
			return n != 0, true
		}
	case isObject:
		// Old serialisers of PHP and Lua wrote an empty object as an empty list.
		if l, ok := v.([]any); ok && len(l) == 0 {
			return object{}, true
		}
	}
	return nil, false
}

// shape corrects or drops what of o has another kind than rules say; say is told what
// was dropped. A number written as text becomes a number.
func shape(o object, rules map[string]kind, say func(string)) {
	for _, key := range sortedKeys(o) {
		want, known := rules[key]
		v := o[key]
		if !known || v == nil {
			continue
		}
		if want.of(v) {
			if s, isString := v.(string); want == isNumber && isString {
				o[key], _ = toNumber(s)
			}
			continue
		}
		if better, ok := want.coerce(v); ok {
			o[key] = better
			continue
		}
		delete(o, key)
		if v != "" && v != false {
			say(fmt.Sprintf("%q should be %s and is left out", key, kindNames[want]))
		}
	}
}

// shapeList drops what is no object from a list.
func shapeList(o object, key string, rules map[string]kind, say func(string)) {
	in := list(o, key)
	if in == nil {
		return
	}
	out := slices.DeleteFunc(slices.Clone(in), func(v any) bool { _, ok := v.(object); return !ok })
	if len(out) < len(in) {
		o[key] = out
		say(fmt.Sprintf("%d of %q are no objects and are left out", len(in)-len(out), key))
	}
	for _, v := range out {
		shape(v.(object), rules, say)
	}
}

// shapeAll brings the whole dashboard into the shape that the steps and the page rely on.
func (m *migrator) shapeAll(tree object) {
	say := func(s string) { m.notes = append(m.notes, "the dashboard's "+s) }
	shape(tree, dashboardShape, say)
	shapeList(tree, "links", linkShape, say)
	m.shapePanels(tree, 0)
	for _, r := range objects(tree, "rows") {
		m.shapePanels(r, 1)
	}
	if templating := child(tree, "templating"); templating != nil {
		shape(templating, map[string]kind{"list": isList}, say)
		shapeList(templating, "list", variableShape, say)
		templating["list"] = slices.DeleteFunc(list(templating, "list"), func(v any) bool { return text(v.(object), "name") == "" })
		for _, v := range objects(templating, "list") {
			shapeList(v, "options", nil, say)
			if q := v["query"]; q != nil && !isText.of(q) && !isObject.of(q) {
				delete(v, "query")
			}
		}
	}
	if annotations := child(tree, "annotations"); annotations != nil {
		shape(annotations, map[string]kind{"list": isList}, say)
		shapeList(annotations, "list", annotationShape, say)
	}
}

// shapePanels brings a list of panels into shape. What is no panel at all becomes one
// that says so: the others keep their places.
func (m *migrator) shapePanels(tree object, depth int) {
	for i, v := range list(tree, "panels") {
		p, ok := v.(object)
		if !ok {
			list(tree, "panels")[i] = object{"type": "unreadable", "title": fmt.Sprintf("Panel %d", i+1),
				"description": "The dashboard's file has no object in this panel's place."}
			m.notes = append(m.notes, fmt.Sprintf("panel %d: it is no object", i+1))
			continue
		}
		say := func(s string) { m.note(p, "%s", s) }
		shape(p, map[string]kind{"title": isText}, say) // what the others are named by
		shape(p, panelShape, say)
		shapeList(p, "targets", targetShape, say)
		shapeList(p, "links", linkShape, say)
		shapeList(p, "transformations", map[string]kind{"id": isText, "options": isObject, "disabled": isFlag}, say)
		for _, key := range []string{"styles", "seriesOverrides", "yaxes"} {
			shapeList(p, key, nil, say)
		}
		shapeFieldConfig(p, say)
		if depth < 2 {
			m.shapePanels(p, depth+1)
		} else if p["panels"] != nil {
			delete(p, "panels")
			say("its panels are nested too deep and are left out")
		}
	}
}

func shapeFieldConfig(p object, say func(string)) {
	config := child(p, "fieldConfig")
	if config == nil {
		return
	}
	shape(config, map[string]kind{"defaults": isObject, "overrides": isList}, say)
	if defaults := child(config, "defaults"); defaults != nil {
		shape(defaults, map[string]kind{"custom": isObject, "thresholds": isObject, "mappings": isList, "links": isList, "color": isObject,
			"unit": isText, "displayName": isText, "min": isNumber, "max": isNumber, "decimals": isNumber}, say)
		clampDecimals(defaults, "decimals")
		if thresholds := child(defaults, "thresholds"); thresholds != nil {
			shape(thresholds, map[string]kind{"steps": isList, "mode": isText}, say)
			shapeList(thresholds, "steps", nil, say)
		}
		shapeList(defaults, "mappings", nil, say)
		shapeList(defaults, "links", linkShape, say)
	}
	if overrides := list(config, "overrides"); overrides != nil {
		shapeList(config, "overrides", map[string]kind{"matcher": isObject, "properties": isList}, say)
		config["overrides"] = slices.DeleteFunc(list(config, "overrides"), func(v any) bool { return child(v.(object), "matcher") == nil })
		for _, o := range objects(config, "overrides") {
			if o["properties"] == nil {
				o["properties"] = []any{}
			}
			shapeList(o, "properties", map[string]kind{"id": isText}, say)
			for _, p := range objects(o, "properties") {
				if text(p, "id") == "decimals" {
					clampDecimals(p, "value")
				}
			}
		}
	}
}

// maxDecimals is more than a float64 holds.
const maxDecimals = 20

// clampDecimals brings a number of decimals to what numbers can be written with: -1 in
// the field means none.
func clampDecimals(o object, key string) {
	if d, ok := toNumber(o[key]); ok && (d < 0 || d > maxDecimals) {
		o[key] = max(0, min(d, maxDecimals))
	}
}
