package isolation

import "net/url"

// ExploreRows are what Explore asks beside the dialects.
func ExploreRows() []Row {
	const lines = `{"streams":[{"stream":{"job":"exported","marker":"{marker}"},"values":[["{now_ns}","line {marker}"]]}]}`
	const named = `{"resourceMetrics":[{"resource":{},"scopeMetrics":[{"metrics":[` +
		`{"name":"m{marker}","gauge":{"dataPoints":[{"timeUnixNano":"{now_ns}","asDouble":1}]}}]}]}]}`
	export := "/api/pharos/v1/logs/export?query=" + url.QueryEscape(`{job="exported"}`)
	return []Row{
		{Name: "log export", Narrows: true, Push: Request{Method: "POST", Path: "/loki/api/v1/push", ContentType: jsonType, Body: lines},
			Reads: []Request{{Method: "GET", Path: export + "&format=ndjson"}, {Method: "GET", Path: export + "&format=csv"}}},
		{Name: "cardinality", Narrows: true, Push: Request{Method: "POST", Path: "/api/v1/write", ContentType: protobufType, Body: "{marker} {now_ms}", Encode: remoteWriteV1},
			Reads: []Request{{Method: "GET", Path: "/api/pharos/v1/metrics/cardinality?match=isolation_total"}}},
		{Name: "metric usage", Push: Request{Method: "POST", Path: "/v1/metrics", ContentType: jsonType, Body: named},
			Reads: []Request{{Method: "GET", Path: "/api/pharos/v1/metrics/usage"}}},
	}
}

func exploreExempt() map[string]string {
	return map[string]string{
		"GET /api/pharos/v1/explain": "answers from the request, and how many series of a name the caller's own store has, through the store of queries",
	}
}
