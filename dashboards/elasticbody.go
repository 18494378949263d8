package dashboards

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The body of a search that a target of Grafana's Elasticsearch data source stands for, as
// a template: the page builds the same in ui/src/features/dashboards/data/elastic/request.ts,
// and testdata/elastic holds what both must build.

// What of a body is not known before somebody asks.
type (
	anyTime     struct{} // milliseconds since the Unix epoch
	anyInterval struct{} // a whole number of milliseconds, "15000ms"
)

var (
	elasticDocuments = []string{"raw_data", "raw_document", "logs"}
	elasticPipelines = []string{"moving_avg", "moving_fn", "derivative", "serial_diff", "cumulative_sum", "bucket_script"}
	calendarInterval = regexp.MustCompile(`^(1w|1M|1q|1y|week|month|quarter|year)$`)
	wholeOrDecimal   = regexp.MustCompile(`^-?\d+(\.\d+)?$`)
	orderedMetric    = regexp.MustCompile(`^(\w+?)(\[|\.|$)`)
)

// elasticBody is one target while its body is built.
type elasticBody struct {
	timeField string
	metrics   []object
	buckets   []object
}

// elasticTemplate returns the body of a target's search; the error names what is not
// supported. Its query_string is query as it stands, with variables.
func elasticTemplate(target object, query string) (object, error) {
	b := elasticBody{timeField: orText(text(target, "timeField"), "@timestamp"), metrics: objects(target, "metrics"), buckets: objects(target, "bucketAggs")}
	if len(b.metrics) == 0 {
		b.metrics = []object{{"id": "1", "type": "count"}}
	}
	at := slices.IndexFunc(b.metrics, func(m object) bool { return slices.Contains(elasticDocuments, text(m, "type")) })
	if len(b.buckets) == 0 && at < 0 {
		b.buckets = []object{{"id": "2", "type": "date_histogram", "field": b.timeField}}
	}
	filter := []any{object{"range": object{b.timeField: object{"gte": anyTime{}, "lte": anyTime{}, "format": "epoch_millis"}}}}
	if q := strings.TrimSpace(query); q != "" && q != "*" {
		filter = append(filter, object{"query_string": object{"analyze_wildcard": true, "query": query}})
	}
	whole := object{"bool": object{"filter": filter}}
	if at >= 0 {
		return b.documents(b.metrics[at], whole), nil
	}
	aggs, err := b.level(0)
	if err != nil {
		return nil, err
	}
	return object{"size": 0, "query": whole, "aggs": aggs}, nil
}

func (b *elasticBody) documents(metric, query object) object {
	settings := child(metric, "settings")
	asked := settings["size"]
	if asked == nil {
		asked = settings["limit"]
	}
	size, ok := toNumber(asked)
	if !ok || math.IsInf(size, 0) || math.IsNaN(size) {
		size = 500
	}
	order := "desc"
	if text(settings, "sortDirection") == "asc" {
		order = "asc"
	}
	body := object{"size": min(max(1, size), 10_000), "query": query,
		"sort": []any{object{b.timeField: object{"order": order, "unmapped_type": "boolean"}}, object{"_doc": object{"order": order}}}}
	if text(metric, "type") == "logs" {
		body["fields"] = []any{object{"field": b.timeField, "format": "epoch_millis"}}
	}
	return body
}

// level is one level of buckets with the next in it; the metrics are in the innermost.
func (b *elasticBody) level(depth int) (object, error) {
	if depth >= len(b.buckets) {
		return b.metricAggs(b.metrics)
	}
	if depth >= maxDepth {
		return nil, fmt.Errorf("more than %d levels of buckets", maxDepth)
	}
	agg := b.buckets[depth]
	inner, err := b.level(depth + 1)
	if err != nil {
		return nil, err
	}
	if depth < len(b.buckets)-1 {
		own, err := b.orderedBy(agg)
		if err != nil {
			return nil, err
		}
		for k, v := range inner {
			own[k] = v
		}
		inner = own
	}
	out, err := b.bucket(agg)
	if err != nil {
		return nil, err
	}
	if len(inner) > 0 {
		out["aggs"] = inner
	}
	return object{text(agg, "id"): out}, nil
}

func (b *elasticBody) bucket(agg object) (object, error) {
	settings := child(agg, "settings")
	switch kind := text(agg, "type"); kind {
	case "date_histogram":
		return object{kind: b.dateHistogram(agg, settings)}, nil
	case "terms":
		return object{kind: b.terms(agg, settings)}, nil
	case "filters":
		filters := object{}
		for _, f := range objects(settings, "filters") {
			q := orText(text(f, "query"), "*")
			name := orText(text(f, "label"), text(f, "query"))
			if _, has := f["query"]; !has && name == "" {
				name = "*"
			}
			filters[name] = object{"query_string": object{"analyze_wildcard": true, "query": q}}
		}
		return object{kind: object{"filters": filters}}, nil
	case "histogram":
		out := object{"field": agg["field"], "interval": elasticNumber(settings["interval"], 1000), "min_doc_count": elasticNumber(settings["min_doc_count"], 0)}
		if v, has := settings["missing"]; has {
			out["missing"] = elasticNumber(v, 0)
		}
		return object{kind: out}, nil
	case "nested":
		return object{kind: object{"path": agg["field"]}}, nil
	default:
		return nil, fmt.Errorf("grouping by %q", kind)
	}
}

func (b *elasticBody) dateHistogram(agg, settings object) object {
	out := object{"field": orText(text(agg, "field"), b.timeField), "min_doc_count": elasticNumber(settings["min_doc_count"], 0),
		"extended_bounds": object{"min": anyTime{}, "max": anyTime{}}, "format": "epoch_millis"}
	asked := "auto"
	if v, has := settings["interval"]; has && v != nil {
		asked = fmt.Sprint(v)
	}
	switch {
	case asked == "auto" || asked == "":
		out["fixed_interval"] = anyInterval{}
	case calendarInterval.MatchString(asked):
		out["calendar_interval"] = asked
	default:
		out["fixed_interval"] = asked
	}
	setText(out, "offset", text(settings, "offset"))
	if zone := text(settings, "timeZone"); zone != "utc" {
		setText(out, "time_zone", zone)
	}
	if v := settings["missing"]; v != nil && v != "" {
		out["missing"] = v
	}
	return out
}

func (b *elasticBody) terms(agg, settings object) object {
	size := elasticNumber(settings["size"], 500)
	if size <= 0 {
		size = 500
	}
	orderBy := "_term"
	if v, has := settings["orderBy"]; has && v != nil {
		orderBy = fmt.Sprint(v)
	}
	key := orderBy
	if orderBy == "_term" || orderBy == "" {
		key = "_key"
	} else if slices.ContainsFunc(b.metrics, func(m object) bool { return text(m, "id") == orderBy && text(m, "type") == "count" }) {
		key = "_count"
	}
	order := "desc"
	if text(settings, "order") == "asc" {
		order = "asc"
	}
	out := object{"field": agg["field"], "size": size, "order": object{key: order}}
	if v, has := settings["min_doc_count"]; has && v != "" {
		out["min_doc_count"] = elasticNumber(v, 1)
	}
	if v, has := settings["missing"]; has && v != "" {
		out["missing"] = v
	}
	return out
}

// orderedBy is the metric that a level's terms are sorted by, which must be in that level.
func (b *elasticBody) orderedBy(agg object) (object, error) {
	found := orderedMetric.FindStringSubmatch(fmt.Sprint(child(agg, "settings")["orderBy"]))
	if text(agg, "type") == "terms" && found != nil {
		for _, m := range b.metrics {
			if text(m, "id") == found[1] && text(m, "type") != "count" {
				return b.metricAggs([]object{m})
			}
		}
	}
	return object{}, nil
}

func (b *elasticBody) metricAggs(metrics []object) (object, error) {
	aggs := object{}
	for _, m := range metrics {
		kind := text(m, "type")
		if kind == "count" {
			continue
		}
		var one object
		var err error
		if slices.Contains(elasticPipelines, kind) {
			one, err = b.pipeline(kind, m)
		} else {
			one = metricAgg(kind, m)
		}
		if err != nil {
			return nil, err
		}
		aggs[text(m, "id")] = object{kind: one}
	}
	return aggs, nil
}

// path is how a pipeline names the metric that it reads.
func (b *elasticBody) path(id string) (string, error) {
	for _, m := range b.metrics {
		if text(m, "id") == id {
			if text(m, "type") == "count" {
				return "_count", nil
			}
			return id, nil
		}
	}
	return "", fmt.Errorf("the metric %q is not in the query", id)
}

func (b *elasticBody) pipeline(kind string, m object) (object, error) {
	settings := child(m, "settings")
	if kind == "bucket_script" {
		paths := object{}
		for _, v := range objects(m, "pipelineVariables") {
			path, err := b.path(text(v, "pipelineAgg"))
			if err != nil {
				return nil, err
			}
			paths[text(v, "name")] = path
		}
		out := cleanedSettings(settings)
		if _, set := out["buckets_path"]; !set {
			out["buckets_path"] = paths
		}
		return out, nil
	}
	source, has := m["pipelineAgg"].(string)
	if !has {
		source = text(m, "field")
	}
	path, err := b.path(source)
	if err != nil {
		return nil, err
	}
	out := cleanedSettings(withoutKeys(settings, "minimize", "predict"))
	if _, set := out["buckets_path"]; !set {
		out["buckets_path"] = path
	}
	if kind == "moving_avg" {
		if settings["minimize"] == true || settings["minimize"] == "true" {
			out["minimize"] = true
		}
		if v, has := settings["predict"]; has && v != "" {
			out["predict"] = elasticNumber(v, 0)
		}
	}
	return out, nil
}

func metricAgg(kind string, m object) object {
	settings := child(m, "settings")
	if kind == "top_metrics" {
		metrics := []any{}
		for _, name := range list(settings, "metrics") {
			metrics = append(metrics, object{"field": name})
		}
		order := "desc"
		if text(settings, "order") == "asc" {
			order = "asc"
		}
		by := "@timestamp"
		if v := settings["orderBy"]; v != nil {
			by = fmt.Sprint(v)
		}
		return object{"metrics": metrics, "size": 1, "sort": []any{object{by: order}}}
	}
	out := cleanedSettings(withoutKeys(settings, "script"))
	if v, has := m["field"]; has {
		if _, set := out["field"]; !set {
			out["field"] = v
		}
	}
	script := cmp.Or(text(m, "inlineScript"), text(settings, "script"), text(child(settings, "script"), "inline"))
	if _, set := out["script"]; !set {
		setText(out, "script", script)
	}
	return out
}

func withoutKeys(o object, keys ...string) object {
	out := object{}
	for k, v := range o {
		if !slices.Contains(keys, k) {
			out[k] = v
		}
	}
	return out
}

// cleanedSettings are settings without empty ones, at any depth; the editor keeps numbers
// as texts.
func cleanedSettings(settings object) object {
	out := object{}
	for k, v := range settings {
		switch v := v.(type) {
		case nil:
		case object:
			out[k] = cleanedSettings(v)
		case []any:
			numbers := []any{}
			for _, x := range v {
				numbers = append(numbers, numericText(x))
			}
			out[k] = numbers
		default:
			if v != "" {
				out[k] = numericText(v)
			}
		}
	}
	return out
}

func numericText(v any) any {
	if s, ok := v.(string); ok && wholeOrDecimal.MatchString(s) {
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return f
		}
	}
	return v
}

func elasticNumber(v any, fallback float64) float64 {
	if f, ok := toNumber(v); ok && !math.IsInf(f, 0) && !math.IsNaN(f) {
		return f
	}
	return fallback
}
