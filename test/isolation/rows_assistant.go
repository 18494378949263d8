package isolation

// AssistantRows are the tools of the Model Context Protocol's door.
func AssistantRows() []Row {
	const push = `{"streams":[{"stream":{"job":"asked","marker":"{marker}"},"values":[["{now_ns}","line {marker}"]]}]}`
	const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"query_logs","arguments":{"query":"{job=\"asked\"}"}}}`
	return []Row{{
		Name: "assistant's tools", Narrows: true,
		Push: Request{Method: "POST", Path: "/loki/api/v1/push", ContentType: jsonType, Body: push},
		Reads: []Request{{Method: "POST", Path: "/mcp", ContentType: jsonType, Body: call,
			Header: map[string]string{"Accept": "application/json, text/event-stream"}}},
	}}
}
