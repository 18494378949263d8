package dashboards

import (
	"fmt"
	"slices"
	"strings"
)

// queries reports whether a panel has something to show: none of its queries is needed,
// or at least one can be asked.
func (k *checking) queries(p object) bool {
	if slices.Contains(k.support.Panels.Plain, text(p, "type")) {
		return true
	}
	asked, failed := 0, 0
	var worst []func(Severity)
	for _, t := range objects(p, "targets") {
		if flag(t, "hide") {
			continue
		}
		asked++
		if what, r, refused := k.target(p, t); refused {
			failed++
			worst = append(worst, func(level Severity) { k.find(level, what, r) })
		}
	}
	level := LevelFeature
	if failed > 0 && failed == asked {
		level = LevelPanel // nothing is left
	}
	for _, find := range worst {
		find(level)
	}
	return level != LevelPanel
}

// target reports whether a query cannot be asked, and why.
func (k *checking) target(p, t object) (what string, r Refusal, refused bool) {
	ref := child(t, "datasource")
	if ref == nil || text(ref, "uid") == "" && text(ref, "type") == "" {
		ref = child(p, "datasource")
	}
	ds := k.sources.resolve(ref)
	name := fmt.Sprintf("query %s", orText(text(t, "refId"), "A"))
	kind := text(t, "queryType")
	if ds.Type == "grafana" && (kind == "" || kind == "randomWalk") {
		return "", Refusal{}, false // the page makes it up
	}
	if ds.Dialect == "" {
		return name + ": " + describeSource(ds), k.refuseSource(ds), true
	}
	switch ds.Dialect {
	case "expression":
		kind = text(t, "type")
	case "testdata":
		kind = text(t, "scenarioId")
	}
	if ds.Dialect != "prometheus" { // which has no kinds, whatever old editors wrote
		if r, refused := k.support.Queries[ds.Dialect].refuse(kind, k.support.Unknown["query"]); refused {
			return fmt.Sprintf("%s: %s query of kind %q", name, ds.Type, kind), r, true
		}
	}
	switch ds.Dialect {
	case "prometheus", "loki":
		if err := k.parse(ds.Dialect, text(t, "expr")); err != nil {
			return fmt.Sprintf("%s does not parse: %s", name, shorten(text(t, "expr"))), Refusal{err.Error(), "correct the query"}, true
		}
	case "tempo":
		if kind == "" || kind == "traceql" {
			if err := k.parse("tempo", text(t, "query")); err != nil {
				return fmt.Sprintf("%s does not parse: %s", name, shorten(text(t, "query"))), Refusal{err.Error(), "correct the query"}, true
			}
		}
	case "elasticsearch":
		return k.elasticsearch(name, t)
	}
	return "", Refusal{}, false
}

func (k *checking) elasticsearch(name string, t object) (string, Refusal, bool) {
	for _, part := range []struct {
		key  string
		have []string
	}{{"metrics", k.support.Elasticsearch.Metrics}, {"bucketAggs", k.support.Elasticsearch.Buckets}} {
		for _, agg := range objects(t, part.key) {
			kind := text(agg, "type")
			if slices.Contains(part.have, kind) || flag(agg, "hide") {
				continue
			}
			r, known := k.support.Elasticsearch.Refused[kind]
			if !known {
				r = k.support.Unknown["aggregation"]
			}
			return fmt.Sprintf("%s: aggregation %q", name, kind), r, true
		}
	}
	return "", Refusal{}, false
}

// parse parses a query in the ways that its variables may be meant; the error is that
// of the most likely one. An empty query asks nothing and is none.
func (k *checking) parse(dialect, query string) error {
	parser := k.checker.Parse[dialect]
	if parser == nil || query == "" {
		return nil
	}
	if whole := strings.TrimSpace(query); reference.FindString(whole) == whole && k.values.byName[referencedVariables(whole)[0]] == "" {
		return nil // a variable holds all of it, and only a reader fills it: a trace id, a query
	}
	if len(query) > maxQueryBytes {
		return fmt.Errorf("it has %d bytes, more than %d", len(query), maxQueryBytes)
	}
	var first error
	for _, reading := range k.values.Readings(query) {
		err := parser(reading)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// maxQueryBytes bounds the text of a query that is looked into; the languages' own
// bounds are lower.
const maxQueryBytes = 128 << 10
