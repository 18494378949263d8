package promtail

import (
	"testing"
	"time"

	"github.com/pharosd/pharos/pipeline"
)

type discard struct{}

func (discard) Emit(*pipeline.Event)         {}
func (discard) Drop(*pipeline.Event, string) {}

// BenchmarkStages is what a stage costs for an event, with the event itself: four
// labels, as the agent gives them.
func BenchmarkStages(b *testing.B) {
	const app = `{"level":"info","ts":"2026-07-01T10:00:00.123456789Z","caller":"http/server.go:88","msg":"request served","method":"GET","path":"/api/v1/orders/42","status":200,"duration_ms":12.7,"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}`
	const docker = `{"log":"{\"level\":\"info\",\"ts\":\"2026-07-01T10:00:00.123456789Z\",\"msg\":\"request served\",\"status\":200,\"duration_ms\":12.7}\n","stream":"stdout","time":"2026-07-01T10:00:00.223456789Z"}`
	const nginx = `192.0.2.7 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326 "http://example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"`
	const logfmt = `ts=2026-07-01T10:00:00.123456789Z level=info component=ingester msg="flush done" streams=128 bytes=92811 took=12.7ms`
	const cri = `2026-07-01T10:00:00.223456789Z stdout F ` + app
	for _, c := range []struct{ name, stages, line string }{
		{"none", `[]`, app},
		{"docker", `- docker: {}`, docker},
		{"docker+json+labels+timestamp+output", `
- docker: {}
- json: {expressions: {level: , ts: , msg: , status: }}
- labels: {level: }
- timestamp: {source: ts, format: RFC3339Nano}
- output: {source: msg}
`, docker},
		{"cri", `- cri: {}`, cri},
		{"json", `- json: {expressions: {level: , ts: , status: , trace: trace_id}}`, app},
		{"json-jmespath", `- json: {expressions: {level: "level || severity"}}`, app},
		{"logfmt", `- logfmt: {mapping: {level: , ts: , took: }}`, logfmt},
		{"regex", `- regex: {expression: '^(?P<ip>\S+) \S+ (?P<user>\S+) \[(?P<ts>[^\]]+)\] "(?P<method>\S+) (?P<path>\S+)[^"]*" (?P<status>\d+) (?P<size>\d+)'}`, nginx},
		{"replace", `- replace: {expression: '^(\S+) ', replace: 'hidden'}`, nginx},
		{"template", `- template: {source: x, template: '{{ .job }}-{{ ToUpper .pod }}'}`, nginx},
		{"multiline", `- multiline: {firstline: '^\{', max_lines: 1}`, app},
		{"pack", `- pack: {labels: [pod, container]}`, app},
		{"labels", `- labels: {a: pod, b: job}`, app},
		{"structured_metadata", `- structured_metadata: {pod: }`, app},
		{"timestamp", `- timestamp: {source: at, format: RFC3339Nano}`, app},
		{"match", `- match: {selector: '{job="web"} |= "request" |~ "served|done"', stages: [{static_labels: {a: b}}]}`, app},
		{"drop", `- drop: {expression: "debug|trace_off"}`, app},
		{"limit", `- limit: {rate: 1000000000, burst: 1000000000, drop: true}`, app},
		{"metrics", `- metrics: {lines: {type: counter, config: {match_all: true, action: inc}}}`, app},
		{"decolorize", `- decolorize:`, app},
		{"geoip", `- geoip: {db: testdata/city.mmdb, source: ip, db_type: city}`, app},
	} {
		b.Run(c.name, func(b *testing.B) {
			chain := compile(b, c.stages, Env{})
			var out discard
			at := time.Unix(1, 0)
			b.ReportAllocs()
			for b.Loop() {
				e := &pipeline.Event{Line: c.line, Time: at, Labels: map[string]string{
					"job": "web", "pod": "web-7d9f", "container": "web", "filename": "/var/log/pods/web.log", "at": "2026-07-01T10:00:00Z", "ip": "198.51.100.7"}}
				chain.Process(e, out)
			}
		})
	}
}
