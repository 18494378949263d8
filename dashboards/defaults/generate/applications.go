package main

// serviceRED is rate, errors and duration of services that report http_requests_total
// and http_request_duration_seconds, with their logs and traces.
func serviceRED() *board {
	b := newBoard("service-red", "Service: rate, errors, duration", "What each service is asked, how much of it fails and how long it takes.", "application", "service")
	b.linkTo("Applications", "application")
	b.ask("service", "Service", "label_values(http_requests_total, service)")
	const all, failed = `service=~"$service"`, `service=~"$service",code=~"5.."`
	const bucket = `rate(http_request_duration_seconds_bucket{` + all + `}[$__rate_interval])`
	b.stat(6, spec{title: "Requests", unit: "reqps", queries: []query{q(`sum(rate(http_requests_total{`+all+`}[$__rate_interval]))`, "requests")}})
	b.stat(6, spec{title: "Failed", help: "Answers of 500 and above, of all.", unit: "percentunit", limits: above(0.01, 0.05), queries: []query{q(`(sum(rate(http_requests_total{`+failed+`}[$__rate_interval])) or vector(0)) / sum(rate(http_requests_total{`+all+`}[$__rate_interval]))`, "failed")}})
	b.stat(6, spec{title: "Duration p95", unit: "s", limits: above(0.5, 1), queries: []query{q(`histogram_quantile(0.95, sum by (le) (`+bucket+`))`, "p95")}})
	b.stat(6, spec{title: "Against a week ago", help: "Requests now, compared with the same time a week ago.", unit: "percentunit", queries: []query{q(`sum(rate(http_requests_total{`+all+`}[$__rate_interval])) / sum(rate(http_requests_total{`+all+`}[$__rate_interval] offset 1w)) - 1`, "change")}})
	b.lines(12, spec{title: "Requests by service", unit: "reqps", queries: []query{q(`sum by (service) (rate(http_requests_total{`+all+`}[$__rate_interval]))`, "{{service}}")}})
	b.areas(12, spec{title: "Answers by code", unit: "reqps", queries: []query{q(`sum by (code) (rate(http_requests_total{`+all+`}[$__rate_interval]))`, "{{code}}")}})
	b.lines(12, spec{title: "Failed by service", unit: "percentunit", limits: above(0.01, 0.05), queries: []query{q(`sum by (service) (rate(http_requests_total{`+failed+`}[$__rate_interval])) / sum by (service) (rate(http_requests_total{`+all+`}[$__rate_interval]))`, "{{service}}")}})
	b.lines(12, spec{title: "Duration", unit: "s", queries: []query{
		q(`histogram_quantile(0.50, sum by (le) (`+bucket+`))`, "p50"), q(`histogram_quantile(0.95, sum by (le) (`+bucket+`))`, "p95"), q(`histogram_quantile(0.99, sum by (le) (`+bucket+`))`, "p99"),
	}})
	b.lines(12, spec{title: "Duration p95 by service", unit: "s", limits: above(0.5, 1), queries: []query{q(`histogram_quantile(0.95, sum by (le, service) (`+bucket+`))`, "{{service}}")}})
	b.heat(12, spec{title: "Duration, distribution", unit: "s", queries: []query{q(`sum by (le) (`+bucket+`)`, "{{le}}")}})
	b.table(24, 8, "Services", "Now, over five minutes.", []column{{query: q("service", ""), heading: "Service"}}, []column{
		{query: q(`sum by (service) (rate(http_requests_total{`+all+`}[5m]))`, ""), heading: "Requests", unit: "reqps"},
		{query: q(`(sum by (service) (rate(http_requests_total{`+failed+`}[5m])) or 0 * sum by (service) (rate(http_requests_total{`+all+`}[5m]))) / sum by (service) (rate(http_requests_total{`+all+`}[5m]))`, ""), heading: "Failed", unit: "percentunit", limits: above(0.01, 0.05)},
		{query: q(`histogram_quantile(0.95, sum by (le, service) (rate(http_request_duration_seconds_bucket{`+all+`}[5m])))`, ""), heading: "p95", unit: "s", limits: above(0.5, 1)},
	})
	b.row("Logs")
	b.logs(9, "Errors", "Lines of level error and above.", `{service_name=~"$service", service_name=~".+"} | detected_level=~"error|critical|fatal"`+messages)
	return b
}

// userActivity counts people and what they do: from access lines in the Common or
// Combined Log Format, whoever wrote them, and from the counters of the web application.
func userActivity() *board {
	b := newBoard("user-activity", "User activity", "Who uses the application and what they do: active users, requests, pages, operations. Reads access lines (Common or Combined Log Format) and webapp_items_total.", "application", "user")
	b.linkTo("Applications", "application")
	b.ask("service", "Service", `loki:{service_name=~".+"} by service_name`)
	const access = `{service_name=~"$service", service_name=~".+"} |= "HTTP/" | pattern ` + "`" + `<ip> - <user> [<_>] "<method> <path> <_>" <status> <_>` + "`" + ` | status != ""`
	const users = `count(sum by (ip) (count_over_time(` + access + ` [5m])))`
	b.logStat(6, spec{title: "Active users", help: "Different addresses in the last five minutes.", queries: []query{q(users, "users")}})
	b.logStat(6, spec{title: "Requests", unit: "reqps", queries: []query{q(`sum(rate(`+access+` [$__auto]))`, "requests")}})
	b.logStat(6, spec{title: "Failed for users", help: "Answers of 400 and above, of all.", unit: "percentunit", limits: above(0.05, 0.2), queries: []query{q(`(sum(rate(`+access+` | status >= 400 [5m])) or vector(0)) / sum(rate(`+access+` [5m]))`, "failed")}})
	b.stat(6, spec{title: "Items changed", help: "Created, updated and deleted.", unit: "ops", queries: []query{q(`sum(rate(webapp_items_total{operation!="read"}[$__rate_interval]))`, "changes")}})
	b.logAreas(12, spec{title: "Active users", help: "Different addresses in five minutes.", queries: []query{q(users, "users")}})
	b.areas(12, spec{title: "What they do", unit: "ops", queries: []query{q(`sum by (operation) (rate(webapp_items_total[$__rate_interval]))`, "{{operation}}")}})
	b.logAreas(12, spec{title: "Requests by method", unit: "reqps", queries: []query{q(`sum by (method) (rate(`+access+` [$__auto]))`, "{{method}}")}})
	b.logAreas(12, spec{title: "Answers", unit: "reqps", queries: []query{q(`sum by (status) (rate(`+access+` [$__auto]))`, "{{status}}")}})
	b.logAreas(12, spec{title: "Pages", help: "The ten that are asked most; numbers in them are one page.", unit: "reqps", queries: []query{q(`topk(10, sum by (page) (rate(`+access+` | label_format page="{{ regexReplaceAll \"[0-9]+\" .path \":id\" }}" [$__auto])))`, "{{page}}")}})
	b.logAreas(12, spec{title: "Busiest addresses", help: "The ten that ask most.", unit: "reqps", queries: []query{q(`topk(10, sum by (ip) (rate(`+access+` [5m])))`, "{{ip}}")}})
	b.row("Lines")
	b.logs(10, "Access lines", "The newest.", access)
	return b
}

// logVolume shows who writes how much, and what of it is errors.
func logVolume() *board {
	b := newBoard("log-volume", "Logs: volume and errors", "Lines and bytes by service and level, the share of errors, and the errors themselves.", "application", "logs")
	b.linkTo("Applications", "application")
	b.ask("service", "Service", `loki:{service_name=~".+"} by service_name`)
	b.text("search", "Contains", "")
	const lines = `{service_name=~"$service", service_name=~".+"} |= "$search"`
	const errors = lines + ` | detected_level=~"error|critical|fatal"`
	b.logStat(6, spec{title: "Lines", unit: "suffix:lines/s", queries: []query{q(`sum(rate(`+lines+` [$__auto]))`, "lines")}})
	b.logStat(6, spec{title: "Bytes", unit: "binBps", queries: []query{q(`sum(bytes_rate(`+lines+` [$__auto]))`, "bytes")}})
	b.logStat(6, spec{title: "Errors", unit: "suffix:lines/s", limits: above(0.1, 1), queries: []query{q(`sum(rate(`+errors+` [$__auto])) or vector(0)`, "errors")}})
	b.logStat(6, spec{title: "Share of errors", unit: "percentunit", limits: above(0.01, 0.05), queries: []query{q(`sum(rate(`+errors+` [$__auto])) / sum(rate(`+lines+` [$__auto]))`, "share")}})
	b.logAreas(12, spec{title: "Lines by level", unit: "suffix:lines/s", colors: levels, queries: []query{q(`sum by (detected_level) (rate(`+lines+` [$__auto]))`, "{{detected_level}}")}})
	b.logAreas(12, spec{title: "Errors by service", unit: "suffix:lines/s", queries: []query{q(`sum by (service_name) (rate(`+errors+` [$__auto]))`, "{{service_name}}")}})
	b.logAreas(12, spec{title: "Lines by service", help: "The ten that write most.", unit: "suffix:lines/s", queries: []query{q(`topk(10, sum by (service_name) (rate(`+lines+` [$__auto])))`, "{{service_name}}")}})
	b.logAreas(12, spec{title: "Bytes by service", help: "The ten that cost most.", unit: "binBps", queries: []query{q(`topk(10, sum by (service_name) (bytes_rate(`+lines+` [$__auto])))`, "{{service_name}}")}})
	b.row("Lines")
	b.logs(10, "Errors", "Lines of level error and above.", errors+messages)
	b.logs(10, "All lines", "The newest.", lines+messages)
	return b
}
