package dashboards

import (
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// SharedAsks is what a shared dashboard asks that is no text of a query language: searches
// of Elasticsearch, traces, annotations. Whatever else somebody asks is not among it.
type SharedAsks struct {
	bodies   []any // templates of searches
	traces   map[string]bool
	searches []traceAsk
	graph    bool // of services
	own      bool // annotations of the dashboard itself
	tags     []tagAsk
	patterns *patternBuilder
}

// traceAsk is a search of Jaeger's API.
type traceAsk struct {
	service, operation, minDuration, maxDuration, limit string
	tags                                                map[string]string
}

// tagAsk is a query of annotations by tags.
type tagAsk struct {
	tags []string // sorted
	any  bool
}

const maxSharedAsks = 2000

// NewSharedAsks reads a dashboard in today's model, with its variables filled in.
func NewSharedAsks(d *Document, datasources []Datasource) *SharedAsks {
	a := &SharedAsks{traces: map[string]bool{}, patterns: &patternBuilder{datasources: datasources, values: variableValues(d.tree)}}
	for _, p := range allPanels(d.tree) {
		for _, target := range objects(p, "targets") {
			ref := target["datasource"]
			if ref == nil {
				ref = p["datasource"]
			}
			a.target(target, a.patterns.dialect(ref))
		}
	}
	if list, has := child(d.tree, "annotations")["list"].([]any); has {
		builtIn := false
		for _, one := range list {
			if q, ok := one.(object); ok && len(a.tags) < maxSharedAsks {
				builtIn = builtIn || flag(q, "builtIn") || number(q, "builtIn", 0) > 0
				a.annotation(q)
			}
		}
		// The page adds the dashboard's own when the file does not name them.
		a.own = a.own || !builtIn
	}
	return a
}

func (a *SharedAsks) target(target object, dialect string) {
	if len(a.bodies)+len(a.searches)+len(a.traces) >= maxSharedAsks {
		return
	}
	q := orText(text(target, "expr"), text(target, "query"))
	kind := text(target, "queryType")
	switch dialect {
	case "elasticsearch":
		if body, err := elasticTemplate(target, q); err == nil {
			a.bodies = append(a.bodies, a.compiled(body))
		}
	case "jaeger", "zipkin", "tempo":
		id := strings.TrimSpace(q)
		switch {
		case kind == "dependencyGraph" || kind == "serviceMap":
			a.graph = true
		case traceIDText.MatchString(id):
			a.traces[strings.ToLower(id)] = true
		case dialect == "jaeger" && text(target, "service") != "":
			a.searches = append(a.searches, traceSearch(target))
		}
	}
}

var traceIDText = regexp.MustCompile(`^[0-9a-fA-F]{1,32}$`)

// traceSearch is what the page asks for a search by service, operation and tags.
func traceSearch(target object) traceAsk {
	limit, ok := toNumber(target["limit"])
	if !ok || limit == 0 {
		limit = 20
	}
	operation := text(target, "operation")
	if operation == "All" {
		operation = ""
	}
	return traceAsk{service: text(target, "service"), operation: operation, minDuration: text(target, "minDuration"), maxDuration: text(target, "maxDuration"),
		limit: strconv.FormatFloat(min(max(1, limit), 1500), 'f', -1, 64), tags: traceTags(text(target, "tags"))}
}

var (
	tagPair    = regexp.MustCompile(`([^\s="]+)=("(?:[^"\\]|\\.)*"|[^\s"]*)`)
	tagEscaped = regexp.MustCompile(`\\(.)`)
)

// traceTags reads key=value pairs, values also in quotes.
func traceTags(s string) map[string]string {
	out := map[string]string{}
	for _, m := range tagPair.FindAllStringSubmatch(s, -1) {
		value := m[2]
		if strings.HasPrefix(value, `"`) {
			value = tagEscaped.ReplaceAllString(value[1:len(value)-1], "$1")
		}
		out[m[1]] = value
	}
	return out
}

func (a *SharedAsks) annotation(q object) {
	target := child(q, "target")
	ref, _ := q["datasource"].(object)
	uid := text(ref, "uid")
	if name, ok := q["datasource"].(string); ok {
		uid = name
	}
	kind := orText(text(target, "type"), text(q, "type"))
	stored := flag(q, "builtIn") || number(q, "builtIn", 0) > 0 || uid == "-- Grafana --" || uid == "grafana" || text(ref, "type") == "grafana" ||
		(q["datasource"] == nil || text(ref, "type") == "datasource") && (kind == "dashboard" || kind == "tags")
	switch {
	case stored && kind == "tags":
		tags := list(target, "tags")
		if tags == nil {
			tags = list(q, "tags")
		}
		ask := tagAsk{any: flag(target, "matchAny") || target["matchAny"] == nil && flag(q, "matchAny")}
		for _, t := range tags {
			if s, ok := t.(string); ok {
				ask.tags = append(ask.tags, strings.FieldsFunc(strings.Trim(s, "{}"), func(r rune) bool { return r == ',' })...)
			}
		}
		slices.Sort(ask.tags)
		if len(ask.tags) > 0 {
			a.tags = append(a.tags, ask)
		}
	case stored:
		a.own = a.own || q["enable"] != false
	case a.patterns.dialect(q["datasource"]) == "elasticsearch":
		a.bodies = append(a.bodies, a.compiled(elasticAnnotationTemplate(q)))
	}
}

// elasticAnnotationTemplate is the body of the search for an annotation query's documents.
func elasticAnnotationTemplate(q object) object {
	field := orText(text(q, "timeField"), "@timestamp")
	within := func(name string) object {
		return object{"range": object{name: object{"gte": anyTime{}, "lte": anyTime{}, "format": "epoch_millis"}}}
	}
	times := within(field)
	if end := text(q, "timeEndField"); end != "" {
		times = object{"bool": object{"should": []any{within(field), within(end)}, "minimum_should_match": 1}}
	}
	filter := []any{times}
	if lucene := orText(text(child(q, "target"), "query"), text(q, "query")); strings.TrimSpace(lucene) != "" {
		filter = append(filter, object{"query_string": object{"query": lucene}})
	}
	return object{"query": object{"bool": object{"filter": filter}}, "size": 1000, "sort": []any{object{field: "desc"}}}
}

// ElasticSearch reports whether the body is that of one of the dashboard's searches, and
// the times that it asks for.
func (a *SharedAsks) ElasticSearch(body any) (times []time.Time, ok bool) {
	for _, template := range a.bodies {
		times = times[:0]
		if a.fits(template, body, &times) {
			return times, true
		}
	}
	return nil, false
}

// fits reports whether a JSON value is what a template stands for: neither more nor less.
func (a *SharedAsks) fits(template, got any, times *[]time.Time) bool {
	switch want := template.(type) {
	case anyTime:
		ms, ok := got.(float64)
		*times = append(*times, time.UnixMilli(int64(ms)))
		return ok
	case anyInterval:
		s, ok := got.(string)
		return ok && millisText.MatchString(s)
	case object:
		o, ok := got.(object)
		if !ok || len(o) != len(want) {
			return false
		}
		for k, v := range want {
			inner, has := o[k]
			if !has || !a.fits(v, inner, times) {
				return false
			}
		}
		return true
	case []any:
		l, ok := got.([]any)
		return ok && len(l) == len(want) && a.fitsAll(want, l, times)
	case string:
		return got == want
	case *regexp.Regexp:
		s, ok := got.(string)
		return ok && want.MatchString(strings.TrimSpace(s))
	case bool, nil:
		return got == template
	}
	number, isNumber := toNumber(template)
	f, ok := got.(float64)
	return ok && isNumber && f == number
}

func (a *SharedAsks) fitsAll(want, got []any, times *[]time.Time) bool {
	for i := range want {
		if !a.fits(want[i], got[i], times) {
			return false
		}
	}
	return true
}

var millisText = regexp.MustCompile(`^[0-9]{1,13}ms$`)

// compiled is a template in which texts with variables are patterns: variables that follow
// the time stand for anything of theirs. A text that is too large for one fits only itself.
func (a *SharedAsks) compiled(template any) any {
	switch v := template.(type) {
	case object:
		out := make(object, len(v)) // parts may be the dashboard's own
		for k, one := range v {
			out[k] = a.compiled(one)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, one := range v {
			out[i] = a.compiled(one)
		}
		return out
	case string:
		if len(v) > maxPatternQuery || !variable.MatchString(v) {
			return v
		}
		if source, _ := a.patterns.pattern(strings.TrimSpace(v)); len(source) <= maxPatternText {
			if match, err := regexp.Compile(source); err == nil {
				return match
			}
		}
	}
	return template
}

// Trace reports whether the dashboard shows the trace with that id.
func (a *SharedAsks) Trace(id string) bool { return a.traces[strings.ToLower(id)] }

// ServiceGraph reports whether the dashboard shows which services call which.
func (a *SharedAsks) ServiceGraph() bool { return a.graph }

// TraceSearch reports whether the parameters of Jaeger's search are those of one of the
// dashboard's.
func (a *SharedAsks) TraceSearch(v url.Values) bool {
	tags := map[string]string{}
	if s := v.Get("tags"); s != "" && json.Unmarshal([]byte(s), &tags) != nil {
		return false
	}
	return slices.ContainsFunc(a.searches, func(s traceAsk) bool {
		return s.service == v.Get("service") && s.operation == v.Get("operation") && s.minDuration == v.Get("minDuration") &&
			s.maxDuration == v.Get("maxDuration") && s.limit == v.Get("limit") && maps.Equal(s.tags, tags)
	})
}

// Annotations reports whether the parameters of a list of annotations are those of one of
// the dashboard's queries; uid is the dashboard's own.
func (a *SharedAsks) Annotations(v url.Values, uid string) bool {
	if tags := slices.Sorted(slices.Values(v["tags"])); len(tags) > 0 {
		return v.Get("dashboard_uid") == "" && slices.ContainsFunc(a.tags, func(t tagAsk) bool {
			return slices.Equal(t.tags, tags) && t.any == (v.Get("matchAny") == "true")
		})
	}
	return a.own && uid != "" && v.Get("dashboard_uid") == uid
}
