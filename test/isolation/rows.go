package isolation

import (
	"maps"
	"slices"
)

// Rows are all rows, for a whole process.
func Rows() []Row {
	return slices.Concat(
		IdentityRows(), StateRows(), LogRows(), DoorRows(), TailRows(), RetainRows(), ElasticRows(), ElasticSearchRows(),
		MetricRows(), TraceRows(), AssistantRows(),
		LibraryRows(),
		ExploreRows(),
	)
}

// Exempt are the routes without a row, each with the reason why it can show
// nobody's data to another.
func Exempt() map[string]string {
	const (
		own        = "changes the caller's own account, proven in api/v1"
		admin      = "changes what the caller's tenant has, proven in api/v1"
		process    = "tells of the process, proven by TestTheProcessBelongsToTheDefaultTenant"
		scraped    = "tells of prometheus.yml, which is the default tenant's, proven in api/prom"
		pure       = "answers from the request alone"
		rules      = "tells of the caller's own rules of redaction, proven in api/v1"
		none       = "not supported: answers so"
		deletes    = "changes the caller's own TSDB, which is its own folder"
		silence    = "one silence by its id; proven in api/alertmanager"
		everything = "Alertmanager's answer to what does not exist"
		logRules   = "tells of the caller's own log rules, proven in api/loki and rules/logrules"
	)
	exempt := map[string]string{
		"POST /api/pharos/v1/password":           own,
		"PATCH /api/pharos/v1/users/{name}":      admin,
		"DELETE /api/pharos/v1/users/{name}":     admin,
		"DELETE /api/pharos/v1/tokens/{id}":      admin,
		"DELETE /api/pharos/v1/dashboards/{uid}": admin,
		"GET /api/pharos/v1/datasources":         pure,
		"GET /api/pharos/v1/overview":            process,
		"GET /api/pharos/v1/arrivals":            "tells how often the caller's own tokens sent, proven in auth",
		"GET /api/pharos/v1/redaction":           rules,
		"POST /api/pharos/v1/redaction/preview":  rules,
		"GET /metrics":                           process,
		"POST /-/reload":                         process,
		"PUT /-/reload":                          process,
		"DELETE /api/v2/silence/{id}":            silence,
		"/api/v2/":                               everything,
		"GET /loki/api/v1/format_query":          pure,
		"POST /loki/api/v1/format_query":         pure,
		"DELETE /loki/api/v1/delete":             "takes back the caller's own request, proven in query/deletion",
		"GET /loki/api/v1/status/buildinfo":      pure,
		"GET /api/dependencies":                  "adds up the caller's own spans, proven in traces/tracestore",
		"GET /api/metrics/latencies":             none,
		"GET /api/metrics/calls":                 none,
		"GET /api/metrics/errors":                none,
		"GET /api/metrics/minstep":               none,
		"POST /api/archive/{traceID}":            none,
		"POST /api/transform":                    pure,
	}
	for _, path := range []string{
		"metadata", "scrape_pools", "scrape_pools/config", "targets", "targets/metadata", "targets/relabel_steps",
		"alertmanagers", "alerts", "rules", "status/config", "status/flags", "status/buildinfo", "status/runtimeinfo",
		"status/tsdb/blocks", "status/walreplay", "status/self_metrics", "notifications", "notifications/live",
	} {
		exempt["GET /api/v1/"+path] = scraped
	}
	for _, prefix := range []string{"/loki/api/v1/rules", "/api/prom/rules"} {
		for _, path := range []string{"", "/{namespace}", "/{namespace}/{group}"} {
			exempt["GET "+prefix+path] = logRules
		}
	}
	for _, path := range []string{"rules", "alerts"} {
		exempt["GET /prometheus/api/v1/"+path] = logRules
	}
	for _, path := range []string{"", "profile", "trace", "symbol"} {
		exempt["GET /debug/pprof/"+path] = process
	}
	for _, path := range []string{"format_query", "parse_query"} {
		exempt["GET /api/v1/"+path], exempt["POST /api/v1/"+path] = pure, pure
	}
	for _, path := range []string{"features", "openapi.yaml"} {
		exempt["GET /api/v1/"+path] = pure
	}
	elasticSearchExempt(exempt, pure)
	for _, path := range []string{"delete_series", "clean_tombstones", "snapshot"} {
		exempt["POST /api/v1/admin/tsdb/"+path], exempt["PUT /api/v1/admin/tsdb/"+path] = deletes, deletes
	}
	maps.Copy(exempt, archiveExempt())
	maps.Copy(exempt, libraryExempt())
	maps.Copy(exempt, doorExempt())
	maps.Copy(exempt, pipelineExempt())
	maps.Copy(exempt, elasticExempt())
	maps.Copy(exempt, exploreExempt())
	return exempt
}
