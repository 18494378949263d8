package isolation

import "testing"

// TempoRows are the ways out of Tempo's API, at the root of the one port and below
// /tempo.
func TempoRows() []Row {
	const span = `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc-{marker}"}},{"key":"r{marker}","value":{"stringValue":"x"}}]},"scopeSpans":[{"spans":[` +
		`{"traceId":"{marker}","spanId":"00000000000000a1","name":"op-{marker}","kind":2,"startTimeUnixNano":"{now_ns}","endTimeUnixNano":"{now_ns}"}]}]}]}`
	var reads []Request
	for _, prefix := range []string{"", "/tempo"} {
		get := func(path, shows string) {
			reads = append(reads, Request{Method: "GET", Path: prefix + path, Shows: shows})
		}
		get("/api/search?q=%7Bname%3D~%22op-.*%22%7D&limit=1000", `"rootTraceName":"op-{marker}"`)
		get("/api/search?tags=service.name%3Dsvc-&limit=1000", `"rootServiceName":"svc-{marker}"`)
		get("/api/v2/traces/{marker}", `"op-{marker}"`)
		get("/api/search/tags", "r{marker}")
		get("/api/v2/search/tags", "r{marker}")
		get("/api/search/tag/service.name/values", "svc-{marker}")
		get("/api/v2/search/tag/name/values", "op-{marker}")
		get("/api/metrics/query_range?q=%7B%7D%7Crate()by(name)&since=5m&step=1m", "op-{marker}")
		get("/api/metrics/query?q=%7B%7D%7Ccount_over_time()by(name)&since=5m", "op-{marker}")
	}
	protobuf := map[string]string{"Accept": "application/protobuf"}
	reads = append(reads,
		Request{Method: "GET", Path: "/tempo/api/traces/{marker}", Shows: `"op-{marker}"`},
		Request{Method: "GET", Path: "/tempo/api/traces/{marker}", Header: protobuf, Decode: asText, Shows: "op-{marker}"},
		Request{Method: "GET", Path: "/api/traces/{marker}", Header: protobuf, Decode: asText, Shows: "op-{marker}"},
	)
	reads = append(reads,
		Request{Method: "GET", Path: "/api/v2/services"},
		Request{Method: "GET", Path: "/api/v2/spans?serviceName=svc-{marker}", Shows: `"op-{marker}"`},
		Request{Method: "GET", Path: "/api/v2/traces?serviceName=svc-{marker}", Shows: `"traceId":"{marker}"`},
		Request{Method: "GET", Path: "/api/v2/trace/{marker}", Shows: `"traceId":"{marker}"`},
		Request{Method: "GET", Path: "/api/v2/traceMany?traceIds={marker},1", Shows: `"traceId":"{marker}"`},
	)
	return []Row{{Name: "Tempo and Zipkin", Push: Request{Method: "POST", Path: "/v1/traces", ContentType: jsonType, Body: span}, Reads: reads}}
}

func asText(_ testing.TB, body []byte) string { return string(body) }

func tempoExempt() map[string]string {
	exempt := map[string]string{"GET /loki/api/v1/drilldown-limits": "tells of the caller's own limits, proven in test/e2e"}
	for _, prefix := range []string{"", "/tempo"} {
		exempt["GET "+prefix+"/api/echo"] = "answers from the request alone"
		exempt["GET "+prefix+"/api/status/buildinfo"] = "answers from the request alone"
		for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
			exempt[method+" "+prefix+"/api/overrides"] = "not supported: answers so"
		}
	}
	for _, path := range []string{"dependencies", "remoteServices"} {
		exempt["GET /api/v2/"+path] = "adds up the caller's own spans, proven in traces/tracestore"
	}
	for _, path := range []string{"autocompleteKeys", "autocompleteValues"} {
		exempt["GET /api/v2/"+path] = "answers from the request alone"
	}
	return exempt
}
