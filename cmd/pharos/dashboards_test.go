package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/app"
	"github.com/pharosd/pharos/dashboards"
)

// What comes with Pharos renders whole; the queries are read by the servers' own parsers.
func TestDefaultDashboardsRenderWhole(t *testing.T) {
	files, err := jsonFiles([]string{filepath.Join("..", "..", "dashboards", "defaults")})
	require.NoError(t, err)
	require.Greater(t, len(files), 10)
	checker := dashboards.Checker{Parse: app.QueryParsers()}
	for _, file := range files {
		checked := checkDashboard(&checker, file)
		require.Empty(t, checked.Error, file)
		require.Empty(t, checked.Report.Findings, file)
		require.Equal(t, checked.Report.Panels, checked.Report.Rendered, file)
	}
}

func TestDashboardsCheck(t *testing.T) {
	dir := t.TempDir()
	write := func(name, source string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(source), 0o644))
	}
	write("good.json", `{"title":"Good","panels":[{"id":1,"type":"stat","targets":[{"expr":"sum by (job) (rate(http_requests_total{job=~\"$job\"}[$__rate_interval]))"}]},
		{"id":2,"type":"logs","datasource":{"type":"loki"},"targets":[{"expr":"{app=\"x\"} |= \"$search\" | json | level=\"error\""}]}],"templating":{"list":[{"name":"job","type":"query"},{"name":"search","type":"textbox"}]}}`)
	write("below/bad.json", `{"title":"Bad","panels":[{"id":1,"type":"stat","title":"P","targets":[{"expr":"sum(rate(a[5m])"}]},{"id":2,"type":"logs","title":"L","datasource":{"type":"loki"},"targets":[{"expr":"{app=}"}]},
		{"id":3,"type":"stat","title":"Long","targets":[{"expr":"`+strings.Repeat("a", 32<<10)+`b"}]}]}`)
	write("trace.json", `{"title":"Traces","panels":[{"id":1,"type":"table","title":"T","datasource":{"type":"tempo"},"targets":[{"queryType":"traceql","query":"{ span.foo = }"}]},
		{"id":2,"type":"table","datasource":{"type":"tempo"},"targets":[{"queryType":"traceql","query":"{ span.foo = \"$x\" } | rate()"}]}]}`)
	write("below/broken.json", `{"title": `)
	write("below/notes.txt", `no dashboard`)

	var out bytes.Buffer
	require.ErrorIs(t, (&dashboardsCheckCmd{Files: []string{dir}, Format: "text"}).run(&out), errDashboards)
	text := out.String()
	require.Contains(t, text, `bad.json: panel 1 "P": does not render: query A does not parse: sum(rate(a[5m]): 1:16: parse error: unclosed left parenthesis; correct the query`)
	require.Contains(t, text, `bad.json: panel 2 "L": does not render: query A does not parse: {app=}:`)
	require.Contains(t, text, `bad.json: panel 3 "Long": does not render:`)
	require.Contains(t, text, `it has 32769 bytes, more than 32768`)
	require.Contains(t, text, `broken.json: not a dashboard: invalid dashboard: line 1: the JSON ends too early`)
	require.Contains(t, text, `trace.json: panel 1 "T": does not render: query A does not parse: { span.foo = }:`)
	require.Contains(t, text, "4 dashboards, 1 of them complete; 3 of 7 panels render (42.9 %)\n")
	require.NotContains(t, text, "good.json")
	require.NotContains(t, text, "notes.txt")

	out.Reset()
	require.NoError(t, (&dashboardsCheckCmd{Files: []string{filepath.Join(dir, "good.json")}, Format: "json"}).run(&out))
	var all checkedAll
	require.NoError(t, json.Unmarshal(out.Bytes(), &all))
	require.Equal(t, 2, all.Panels)
	require.EqualValues(t, 100, all.Percent)
	require.Equal(t, "Good", all.Files[0].Title)
}
