package main

import (
	"fmt"
	"strings"
)

// query is one question in both languages. A log query answers at most limit
// lines; a metric query with a step is asked over the range, one without at its
// end.
type query struct {
	name, logql, logsql string
	limit               int
	step                string
}

// queries are what people ask in an incident. The LogsQL beside each is what a
// VictoriaLogs user would write; there, fields of JSON lines were parsed on arrival.
func queries(c corpus) []query {
	trace, event := c.needle()
	fill := strings.NewReplacer("TRACE", trace, "EVENT", event).Replace
	qs := []query{
		{name: "needle: trace id", limit: 100, logql: `{namespace="shop"} |= "TRACE"`, logsql: `{namespace="shop"} trace_id:="TRACE"`},
		{name: "needle: event id", limit: 100, logql: `{kind="app"} | json | event_id="EVENT"`, logsql: `{kind="app"} event_id:="EVENT"`},
		{name: "tail of a service", limit: 100, logql: `{service="orders-07"}`, logsql: `{service="orders-07"}`},
		{name: "substring", limit: 100, logql: `{kind="access"} |= "/items/4711?"`, logsql: `{kind="access"} "/items/4711?"`},
		{name: "rare phrase", limit: 100, logql: `{kind="syslog"} |= "Out of memory"`, logsql: `{kind="syslog"} "Out of memory"`},
		{name: "errors of an application", limit: 100, logql: `{kind="app"} | json | level="ERROR"`, logsql: `{kind="app"} level:="ERROR"`},
		{name: "regular expression", logql: `sum(count_over_time({kind="access"} |~ "/api/v[12]/items/47[0-9]+" [RANGE]))`, logsql: `{kind="access"} ~"/api/v[12]/items/47[0-9]+" | stats count() n`},
		{name: "status 5xx a minute", step: "60", logql: `sum(count_over_time({kind="access"} |~ "\" 5[0-9][0-9] " [1m]))`, logsql: `{kind="access"} ~"\" 5[0-9][0-9] " | stats by (_time:1m) count() n`},
		{name: "count by service", logql: `sum by (service) (count_over_time({namespace="shop"} [RANGE]))`, logsql: `{namespace="shop"} | stats by (service) count() n`},
		{name: "count by level", logql: `sum by (level) (count_over_time({kind="app"} | json [RANGE]))`, logsql: `{kind="app"} | stats by (level) count() n`},
		{name: "count a minute", step: "60", logql: `sum(count_over_time({namespace="shop"} [1m]))`, logsql: `{namespace="shop"} | stats by (_time:1m) count() n`},
		{name: "level a minute", step: "60", logql: `sum by (level) (count_over_time({kind="app"} | json [1m]))`, logsql: `{kind="app"} | stats by (_time:1m, level) count() n`},
		{name: "errors a minute by service", step: "60", logql: `sum by (service) (rate({kind="app"} |= "ERROR" [1m]))`, logsql: `{kind="app"} ERROR | stats by (_time:1m, service) count() n`},
		{name: "top services", logql: `topk(10, sum by (service) (rate({kind="app"} |= "ERROR" [RANGE])))`, logsql: `{kind="app"} ERROR | top 10 by (service)`},
		{name: "bytes by service", logql: `sum by (service) (bytes_over_time({namespace="shop"} [RANGE]))`, logsql: `{namespace="shop"} | stats by (service) sum_len(_msg) n`},
		{name: "average of a JSON number", logql: `avg_over_time({kind="app"} | json | unwrap duration_ms [RANGE]) by (service)`, logsql: `{kind="app"} | stats by (service) avg(duration_ms) n`},
		{name: "p99 of a JSON number", logql: `quantile_over_time(0.99, {kind="app"} | json | unwrap duration_ms [RANGE]) by (service)`, logsql: `{kind="app"} | stats by (service) quantile(0.99, duration_ms) n`},
		{name: "maximum a minute by service", step: "60", logql: `max_over_time({kind="app"} | json | unwrap duration_ms [1m]) by (service)`, logsql: `{kind="app"} | stats by (_time:1m, service) max(duration_ms) n`},
		{name: "nested JSON field", logql: `sum(count_over_time({kind="app"} | json | metadata_carrier="fedex" [RANGE]))`, logsql: `{kind="app"} metadata.carrier:="fedex" | stats count() n`},
		{name: "negative filter", logql: `sum(count_over_time({kind="app"} != "successfully" [RANGE]))`, logsql: `{kind="app"} -successfully | stats count() n`},
	}
	for i := range qs {
		q := &qs[i]
		q.logql = strings.ReplaceAll(fill(q.logql), "RANGE", fmt.Sprintf("%ds", int(span.Seconds())))
		q.logsql = fill(q.logsql)
	}
	return qs
}
