package isolation

import "strings"

// ElasticRows are every way in of Elasticsearch's API and what its administrative side
// tells of tenants' data.
func ElasticRows() []Row {
	const (
		document = `{"@timestamp":"{now_rfc3339}","message":"line {marker}"}`
		ndjson   = "application/x-ndjson"
	)
	lines := both("/loki/api/v1/query_range", "query", `{index="isolation"}`)
	get := func(path string) Request { return Request{Method: "GET", Path: "/elastic" + path} }
	bulk := func(action, index string) string {
		return `{"` + action + `":{"_index":"` + index + `"}}` + "\n" + document + "\n"
	}
	way := func(name, method, path, kind, body string) Row {
		return Row{Name: "elastic " + name, Push: Request{Method: method, Path: "/elastic" + path, ContentType: kind, Body: body}, Reads: lines}
	}
	put := func(name, path, body string, reads ...Request) Row {
		return Row{Name: "elastic " + name, Push: Request{Method: "PUT", Path: "/elastic" + path, ContentType: jsonType, Body: body}, Reads: reads}
	}
	status := get("/_cluster/health?level=indices")
	explain := get("/idx-*/_ilm/explain")
	return []Row{
		way("bulk", "POST", "/_bulk", ndjson, bulk("index", "isolation")),
		way("bulk, put", "PUT", "/_bulk", ndjson, bulk("create", "isolation")),
		way("bulk of an index", "POST", "/isolation/_bulk", ndjson, "{\"index\":{}}\n"+document+"\n"),
		way("bulk of an index, put", "PUT", "/isolation/_bulk", ndjson, "{\"index\":{}}\n"+document+"\n"),
		way("document", "POST", "/isolation/_doc", jsonType, document),
		way("document by id", "PUT", "/isolation/_doc/1", jsonType, document),
		way("document by id, post", "POST", "/isolation/_doc/1", jsonType, document),
		way("create", "PUT", "/isolation/_create/{marker}", jsonType, document),
		way("create, post", "POST", "/isolation/_create/{marker}", jsonType, document),
		{Name: "elastic index names", Push: Request{Method: "POST", Path: "/elastic/_bulk", ContentType: ndjson, Body: bulk("index", "idx-{marker}")},
			Reads: []Request{get("/_cat/indices"), get("/_cat/indices/idx-*"), status, get("/_cluster/health/_all?level=indices"), get("/idx-*"), get("/_settings"),
				get("/idx-*/_settings"), explain, get("/_alias"), get("/_aliases"), get("/idx-*/_alias")}},
		put("created index", "/created-{marker}", `{"aliases":{"alias-{marker}":{}}}`, get("/_cat/aliases"), get("/_cat/aliases/alias-*"), get("/_alias/alias-*"), get("/created-*/_alias/alias-*")),
		put("index template", "/_index_template/tpl-{marker}", `{"index_patterns":["ds-{marker}"],"data_stream":{}}`, get("/_index_template"), get("/_index_template/tpl-*"), get("/_cat/templates"), get("/_cat/templates/tpl-*")),
		put("legacy template", "/_template/tpl-{marker}", `{"index_patterns":["{marker}"]}`, get("/_template"), get("/_template/tpl-*")),
		put("component template", "/_component_template/tpl-{marker}", `{"template":{}}`, get("/_component_template"), get("/_component_template/tpl-*")),
		put("lifecycle policy", "/_ilm/policy/ilm-{marker}", `{"policy":{"phases":{}}}`, get("/_ilm/policy"), get("/_ilm/policy/ilm-*")),
	}
}

// elasticExempt are routes of Elasticsearch's API without a row.
func elasticExempt() map[string]string {
	const (
		pure    = "answers from the request alone"
		nothing = "refuses, or answers a number of the caller's own indices"
		changes = "changes what the caller's tenant has, proven in api/elastic"
		refused = "refused always"
		streams = "lists the caller's own data streams, which have names as its indices have, proven in api/elastic"
	)
	out := map[string]string{
		"/elastic/": pure,
	}
	add := func(reason string, patterns ...string) {
		for _, p := range patterns {
			method, path, _ := strings.Cut(p, " ")
			out[method+" /elastic"+path] = reason
		}
	}
	add(pure, "GET /_cluster/settings", "PUT /_cluster/settings", "GET /_nodes", "GET /_nodes/{metric}", "GET /_nodes/{node}/{metric}", "GET /_security/_authenticate",
		"GET /_ilm/status", "GET /_cat", "GET /_ingest/pipeline", "GET /_ingest/pipeline/{name}", "PUT /_ingest/pipeline/{name}", "DELETE /_ingest/pipeline/{name}")
	add(refused, "POST /{index}/_update/{id}", "DELETE /{index}/_doc/{id}")
	add(nothing, "GET /_cat/health", "POST /_refresh", "POST /{index}/_refresh", "POST /_flush", "POST /{index}/_flush", "POST /{index}/_forcemerge",
		"GET /_refresh", "GET /{index}/_refresh", "GET /_flush", "GET /{index}/_flush")
	add(streams, "GET /_data_stream", "GET /_data_stream/{name}", "GET /_data_stream/{name}/_lifecycle")
	add(changes, "PUT /_data_stream/{name}", "DELETE /_data_stream/{name}", "PUT /_data_stream/{name}/_lifecycle", "DELETE /_data_stream/{name}/_lifecycle",
		"DELETE /_ilm/policy/{name}", "DELETE /{index}", "PUT /{index}/_settings", "PUT /{index}/_mapping", "POST /{index}/_mapping", "POST /_aliases",
		"PUT /{index}/_alias/{name}", "POST /{index}/_alias/{name}", "PUT /{index}/_aliases/{name}", "POST /{index}/_aliases/{name}",
		"DELETE /{index}/_alias/{name}", "DELETE /{index}/_aliases/{name}")
	for _, kind := range []string{"_index_template", "_template", "_component_template"} {
		add(changes, "POST /"+kind+"/{name}", "DELETE /"+kind+"/{name}")
	}
	return out
}
