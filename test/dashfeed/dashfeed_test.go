package dashfeed

import (
	"context"
	"regexp"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/logs/logql"
)

const shop = `{"title":"Shop","templating":{"list":[
	{"name":"job","type":"query","query":"label_values(http_requests_total, job)"},
	{"name":"node","type":"query","query":"label_values(node_boot_time{job=~\"$job\"}, instance)","regex":"/([^:]+):.*/"},
	{"name":"win","type":"interval","query":"5m,1h"}]},
	"panels":[{"id":1,"type":"timeseries","targets":[
		{"expr":"sum by (code) (rate(http_requests_total{job=~\"$job\",code=~\"5..|404\"}[$win]))","legendFormat":"{{code}}"},
		{"expr":"histogram_quantile(0.99, sum by (le, route) (rate(latency_seconds_bucket{job=\"$job\"}[$__rate_interval])))"},
		{"expr":"mem_total{job=\"$job\"} - mem_free{job=\"$job\",zone=\"a\"}"},
		{"expr":"up{job=\"$job\"} * on (instance) group_left (nodename) node_uname_info"},
		{"expr":"kube_status{phase=\"Failed\"} > 7"},
		{"expr":"label_replace(disk_bytes, \"short\", \"$1\", \"path\", \"/dev/(.+)\")"},
		{"expr":"{__name__=~\"a_total|b_total\"} unless on (x) nothing"},
		{"expr":"node_load1{instance=~\"$node:.*\"}"}]},
	{"id":2,"type":"logs","datasource":{"type":"loki"},"targets":[{"expr":"sum by (method) (rate({app=\"web\"} |= \"timeout\" | json | status >= 500 [1m]))"}]}]}`

// Every query of the dashboard has an answer over the series that were made for it.
func TestSeriesAnswerTheirQueries(t *testing.T) {
	doc, err := dashboards.Parse([]byte(shop))
	require.NoError(t, err)
	f := New(doc)
	require.Empty(t, f.Unread)
	now := time.Now().Truncate(time.Minute)
	store := teststorage.New(t)
	app := store.Appender(t.Context())
	for _, s := range f.series(now.Add(-time.Hour)) {
		var b labels.ScratchBuilder
		for _, l := range s.labels {
			b.Add(l.Name, l.Value)
		}
		b.Sort()
		for at := now.Add(-20 * time.Minute); !at.After(now); at = at.Add(30 * time.Second) {
			_, err := app.Append(0, b.Labels(), at.UnixMilli(), s.at(at))
			require.NoError(t, err)
		}
	}
	require.NoError(t, app.Commit())
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: time.Minute, Parser: parser.NewParser(parser.Options{})})
	for _, q := range f.asks.Queries {
		if q.Dialect != "prometheus" {
			continue
		}
		query, err := engine.NewInstantQuery(context.Background(), store, nil, f.read(q.Text), now)
		require.NoError(t, err, q.Text)
		result := query.Exec(t.Context())
		require.NoError(t, result.Err, q.Text)
		vector, err := result.Vector()
		require.NoError(t, err)
		require.NotEmpty(t, vector, "%s\n%s", q.Text, f.read(q.Text))
		query.Close()
	}
}

func TestLinesPassTheirStages(t *testing.T) {
	doc, err := dashboards.Parse([]byte(shop))
	require.NoError(t, err)
	f := New(doc)
	require.Len(t, f.streams, 1)
	require.Equal(t, map[string]string{"app": "web"}, f.streams[0].labels)
	expr, err := logql.Parse(`{app="web"} |= "timeout" | json | status >= 500 | method="GET"`)
	require.NoError(t, err)
	_, err = logql.NewMatcher(expr.(*logql.LogExpr))
	require.NoError(t, err)
	require.JSONEq(t, `{"level":"error","method":"GET","msg":"request served timeout","status":"500"}`, f.streams[0].line(1))
}

func TestSamplesMatch(t *testing.T) {
	for _, pattern := range []string{`5..|404`, `(a|b)+c?`, `[^:]+:\d{4}`, `^vm(insert|select)-.*$`, `\w+_total`, `(?i)Error`, `.*-(?:tags|heads)-(.*)`} {
		all := samples(pattern)
		require.NotEmpty(t, all)
		for _, s := range all {
			require.Regexp(t, regexp.MustCompile("^(?:"+pattern+")$"), s)
		}
	}
}
