package main

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// query is one of the heaviest.
type query struct {
	text string
	// path is of the API, "query_range" if it is empty.
	path  string
	limit int
	step  time.Duration
}

// name is the query on one short line.
func (q query) name() string {
	text := strings.ReplaceAll(q.text, "|", "\\|")
	if len(text) > 100 {
		text = text[:97] + "..."
	}
	if q.path != "" {
		text = q.path + " " + text
	}
	return text
}

func (q query) params(c corpus) url.Values {
	v := url.Values{"query": {q.text}, "start": {fmt.Sprint(c.begin().UnixNano())}, "end": {fmt.Sprint(c.end.UnixNano())},
		"time": {fmt.Sprint(c.end.UnixNano())}}
	if q.limit > 0 {
		v.Set("limit", fmt.Sprint(q.limit))
	}
	if q.step > 0 {
		v.Set("step", q.step.String())
	}
	return v
}

// everything selects all lines.
const everything = `{app=~".+"}`

var queries = []query{
	// Series without bound.
	{text: `sum by (id) (count_over_time(` + everything + ` | json [1h]))`, path: "query"},
	{text: `sum by (id, trace, user, path) (rate(` + everything + ` | json [1m]))`},
	{text: `count_over_time(` + everything + ` | json [1h])`, path: "query"},
	{text: `topk(10, sum by (trace) (count_over_time(` + everything + ` | json [1h])))`, path: "query"},
	{text: `sort_desc(sum by (user, path, status) (bytes_over_time(` + everything + ` | json [1h])))`, path: "query"},
	{text: `count(count by (id) (count_over_time(` + everything + ` | json [1h])))`, path: "query"},
	{text: `sum by (x) (count_over_time(` + everything + ` | json | label_format x="{{.id}}{{.trace}}{{.user}}" [1h]))`},
	{text: `absent_over_time(` + everything + ` | json | id="none" [1h])`},
	// Values that must all be kept.
	{text: `quantile_over_time(0.99, ` + everything + ` | json | unwrap took [1h]) by (app)`, path: "query"},
	{text: `quantile_over_time(0.5, ` + everything + ` | json | unwrap took [30m]) by (user)`, step: 10 * time.Second},
	{text: `stddev_over_time(` + everything + ` | json | unwrap took [1h]) by (path)`, step: 5 * time.Second},
	{text: `sum(rate_counter(` + everything + ` | json | unwrap took [30m]))`, step: time.Second},
	{text: `max_over_time(` + everything + ` | json | unwrap bytes(size) [1h]) by (id)`, path: "query"},
	// Many steps with wide, overlapping ranges.
	{text: `sum(count_over_time(` + everything + `[1h]))`, step: time.Second},
	{text: `sum by (app) (rate(` + everything + ` |~ "[a-f]{4}.*9" [45m]))`, step: time.Second},
	{text: `sum(rate(` + everything + `[1h])) / sum(rate(` + everything + `[30m])) * sum(rate(` + everything + `[15m])) - sum(rate(` + everything + `[5m]))`, step: time.Second},
	{text: strings.Repeat(`sum(rate(`+everything+` | json [1h])) + `, 15) + `vector(1)`, step: 30 * time.Second},
	{text: strings.Repeat(`(count_over_time(`+everything+`[1m]) or `, 30) + `vector(1)` + strings.Repeat(`)`, 30), step: 10 * time.Second},
	// Many and long lines.
	{text: everything, limit: 5000},
	{text: everything + ` | json`, limit: 5000},
	{text: everything + ` | json | line_format "{{ repeat 20000 .id }}"`, limit: 5000},
	{text: everything + ` | json | line_format "{{ repeat 90000 .id }}{{ repeat 90000 .user }}" | json | line_format "{{.path}}"`, limit: 5000},
	{text: everything + ` | json | line_format "{{.user}} {{.path}} {{.trace}}" | regexp "(?P<a>[^ ]+) (?P<b>[^ ]+) (?P<c>.*)" | label_format d="{{.a}}{{.b}}{{.c}}"`, limit: 5000},
	{text: everything + ` |~ "(a|b|c|d|e|f)*(0|1|2|3|4|5|6|7|8|9)*zzz"`, limit: 100},
	{text: everything + ` |~ ".*x.*y.*z.*q.*" != "a" != "b" !~ "c+d+e+"`, limit: 5000},
	{text: everything + ` | pattern "<_>id<_>trace<_>user<rest>" | rest != "" | decolorize`, limit: 5000},
	{text: everything + ` |> "<_>id<_>user<_>path<_>zzz<_>"`, limit: 5000},
	// Other endpoints.
	{text: everything, path: "detected_fields", limit: 5000},
	{text: everything, path: "patterns", step: time.Second},
	{text: everything, path: "index/volume_range", step: time.Second, limit: 5000},
}
