package isolation

// DoorRows are the further doors for log lines that are on the main port.
func DoorRows() []Row {
	row := func(name, method, path, contentType, body, selector string) Row {
		return Row{Name: "door: " + name, Push: Request{Method: method, Path: path, ContentType: contentType, Body: body},
			Reads: both("/loki/api/v1/query_range", "query", selector)}
	}
	const (
		text    = "text/plain"
		event   = `{"event":"line {marker}","sourcetype":"isolation"}`
		log     = `[{"message":"line {marker}","service":"isolation-dd"}]`
		access  = `10.0.0.1 - - [{now_rfc3339}] "GET /{marker} HTTP/1.1" 200 1`
		splunk  = `{job="splunk"}`
		datadog = `{job="datadog"}`
		line    = "line {marker}"
	)
	rows := []Row{
		row("GELF over HTTP", "POST", "/gelf", jsonType, `{"version":"1.1","host":"h","short_message":"line {marker}"}`, `{job="gelf"}`),
		row("journald", "POST", "/upload", "application/vnd.fdo.journal", "MESSAGE=line {marker}\n\n", `{job="journald"}`),
		row("Splunk raw", "POST", "/services/collector/raw", text, line, splunk),
		row("Splunk raw 1.0", "POST", "/services/collector/raw/1.0", text, line, splunk),
		row("Datadog", "POST", "/api/v2/logs", jsonType, log, datadog),
		row("Datadog, old path", "POST", "/v1/input", jsonType, log, datadog),
		row("Datadog, key in the path", "POST", "/v1/input/key", jsonType, log, datadog),
		row("lines", "POST", "/api/pharos/v1/lines?job=isolation-lines", text, line, `{job="isolation-lines"}`),
		row("lines, put", "PUT", "/api/pharos/v1/lines?job=isolation-lines", text, line, `{job="isolation-lines"}`),
		row("file of lines", "POST", "/api/pharos/v1/lines/a.log?job=isolation-lines", text, line, `{job="isolation-lines"}`),
		row("file of lines, put", "PUT", "/api/pharos/v1/lines/a.log?job=isolation-lines", text, line, `{job="isolation-lines"}`),
	}
	for _, path := range []string{"", "/event", "/event/1.0"} {
		rows = append(rows, row("Splunk events"+path, "POST", "/services/collector"+path, jsonType, event, splunk))
	}
	for _, path := range []string{"/collector", "/log_collector", "/api/pharos/v1/collector"} {
		rows = append(rows, row("collector "+path, "POST", path, text, access, `{job="web"}`))
	}
	lines := &rows[7]
	lines.Push.Path, lines.Narrows = lines.Push.Path+"&marker={marker}", true
	return rows
}

// doorExempt are the doors' routes that show nothing.
func doorExempt() map[string]string {
	const pure = "answers from the request alone"
	return map[string]string{
		"POST /services/collector/ack":          "says of a number whether it was given, whoever asks",
		"OPTIONS /services/collector":           pure,
		"OPTIONS /services/collector/event":     pure,
		"OPTIONS /services/collector/event/1.0": pure,
		"GET /api/v1/validate":                  pure,
	}
}
