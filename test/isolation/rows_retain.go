package isolation

// RetainRows are deletion requests and the patterns of lines.
func RetainRows() []Row {
	deleted := []Request{{Method: "GET", Path: "/loki/api/v1/delete"}}
	// The query is the text that only its owner may see.
	const query = "/loki/api/v1/delete?query=%7Bapp%3D%22{marker}%22%7D&start=1700000000"
	patterns := both("/loki/api/v1/patterns", "query", `{job="{marker}"}`)
	for i := range patterns {
		patterns[i].Shows = `"pattern":"request`
	}
	return []Row{
		{Name: "log deletion", Push: Request{Method: "POST", Path: query}, Reads: deleted},
		{Name: "log deletion, put", Push: Request{Method: "PUT", Path: query}, Reads: deleted},
		{
			Name: "patterns", Narrows: true,
			Push: Request{Method: "POST", Path: "/loki/api/v1/push", ContentType: jsonType,
				Body: `{"streams":[{"stream":{"job":"{marker}","marker":"{marker}"},"values":[["{now_ns}","request {marker} done"]]}]}`},
			Reads: patterns,
		},
	}
}
