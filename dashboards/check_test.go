package dashboards

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// parens is a stand-in for the parsers of the languages, which this package does not
// know: the command's own test runs the real ones.
func parens(query string) error {
	if strings.Count(query, "(") != strings.Count(query, ")") || strings.Contains(query, "$") {
		return errors.New("unclosed parenthesis")
	}
	return nil
}

func check(t *testing.T, source string) *Report {
	t.Helper()
	c := Checker{Parse: map[string]func(string) error{"prometheus": parens, "loki": parens, "tempo": parens}}
	r, err := c.Check([]byte(source))
	require.NoError(t, err)
	return r
}

func TestCheckNamesWhatDoesNotRender(t *testing.T) {
	r := check(t, `{"title":"d","schemaVersion":39,"templating":{"list":[
			{"name":"ds","type":"datasource","query":"prometheus"},{"name":"my","type":"datasource","query":"mysql"},
			{"name":"g","type":"groupby","datasource":{"type":"prometheus"}},{"name":"gl","type":"groupby","datasource":{"type":"loki"}},{"name":"s","type":"switch"},{"name":"x","type":"magic"},{"name":"q","type":"query","datasource":{"type":"influxdb","uid":"i"}}]},
		"annotations":{"list":[{"builtIn":1,"enable":true,"datasource":"-- Grafana --"},{"name":"a","enable":true,"datasource":{"type":"graphite","uid":"g"}},{"name":"off","enable":false,"datasource":{"type":"graphite","uid":"g"}}]},
		"panels":[
		{"id":1,"type":"row","panels":[{"id":2,"type":"geomap","title":"Map","targets":[{"expr":"up"}]}]},
		{"id":3,"type":"timeseries","title":"Half","targets":[{"refId":"A","expr":"up","datasource":{"uid":"$ds"}},{"refId":"B","datasource":{"type":"cloudwatch","uid":"c"}}],
			"transformations":[{"id":"spatial"},{"id":"organize"},{"id":"spatial","disabled":true}],"fieldConfig":{"defaults":{},"overrides":[{"matcher":{"id":"byMagic"},"properties":[]}]}},
		{"id":4,"type":"stat","title":"Broken","targets":[{"refId":"A","expr":"sum(up"},{"refId":"B","hide":true,"datasource":{"type":"mysql"}}]},
		{"id":5,"type":"acme-panel","title":"Plugin"},
		{"id":6,"type":"text","options":{"content":"x"},"datasource":{"type":"mysql"}},
		{"id":7,"type":"timeseries","title":"Math","targets":[{"refId":"A","expr":"up"},{"refId":"B","type":"math","expression":"$A*2","datasource":{"type":"__expr__","uid":"__expr__"}},{"refId":"C","type":"sql","datasource":{"uid":"__expr__"}}]},
		{"id":8,"type":"table","title":"Docs","datasource":{"type":"elasticsearch","uid":"es"},"targets":[{"metrics":[{"type":"count"}],"bucketAggs":[{"type":"geohash_grid"}]}]},
		{"id":9,"libraryPanel":{"name":"Shared","uid":"u"}},
		{"id":10,"type":"timeseries","title":"No query"}]}`)
	require.Equal(t, 9, r.Panels)
	require.Equal(t, 4, r.Rendered)
	require.False(t, r.Complete())
	var lines []string
	for _, f := range r.Findings {
		require.NotEmpty(t, f.Why, f.What)
		require.NotEmpty(t, f.Do, f.What)
		lines = append(lines, strings.TrimSpace(string(f.Level)+" "+f.Title+": "+f.What))
	}
	require.Equal(t, []string{
		`feature : variable "my" of type "datasource": data source type "mysql"`,
		`feature : variable "gl" of type "groupby": data source type "loki"`,
		`feature : variable "x" of type "magic"`,
		`feature : variable "q" of type "query": data source type "influxdb"`,
		`feature : annotations "a": data source type "graphite"`,
		`panel Map: panel type "geomap"`,
		`feature Half: query B: data source type "cloudwatch"`,
		`feature Half: transformation "spatial"`,
		`feature Half: field override with matcher "byMagic"`,
		`panel Broken: query A does not parse: sum(up`,
		`panel Plugin: panel type "acme-panel"`,
		`feature Math: query C: __expr__ query of kind "sql"`,
		`panel Docs: query A: aggregation "geohash_grid"`,
		`panel : library panel "Shared" (u)`,
	}, lines)
}

func TestReadingsReplaceVariablesByPlace(t *testing.T) {
	doc, err := Parse([]byte(`{"title":"d","templating":{"list":[{"name":"job","type":"query","current":{"value":["$__all"]}},{"name":"step","type":"interval","query":"1m,5m"},
		{"name":"w","type":"query"},{"name":"env","type":"query","current":{"value":"prod"}},{"name":"pair","type":"custom","query":"Text : value,b"}]}}`))
	require.NoError(t, err)
	v := newValues(doc.tree)
	first := func(s string) string { return v.Readings(s)[0] }
	require.Equal(t, `rate(a{job=~"x",env="prod"}[5m])`, first(`rate(a{job=~"$job",env="${env:regex}"}[[[w]]])`))
	require.Equal(t, `rate(a[1m]) / 1h`, first(`rate(a[$step]) / ${__range}`))
	require.Equal(t, `label_replace(up, "a", "$1", "b", "(.*)") > value`, first(`label_replace(up, "a", "$1", "b", "(.*)") > $pair`))
	require.Contains(t, v.Readings(`topk($w, up)`), `topk(1, up)`)
	require.Equal(t, []string{`up`}, v.Readings(`up`))
}

// A variable of many readings must not hide a query that is wrong in all of them.
func TestCheckReadsAQueryInSeveralWays(t *testing.T) {
	r := check(t, `{"title":"d","templating":{"list":[{"name":"v","type":"query"}]},"panels":[{"id":1,"type":"stat","targets":[{"expr":"topk($v, up"}]},{"id":2,"type":"stat","targets":[{"expr":"topk($v, up)"}]}]}`)
	require.Equal(t, 1, r.Rendered)
	require.Equal(t, 1, r.Findings[0].Panel)
}

func TestDefaultsRenderWhole(t *testing.T) {
	files, err := fs.Glob(defaults, "defaults/*/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		source, err := fs.ReadFile(defaults, file)
		require.NoError(t, err)
		r := check(t, string(source))
		require.Empty(t, r.Findings, file)
	}
}

func TestCheckKnowsWhatThePageWorksOut(t *testing.T) {
	r := check(t, `{"title":"d","schemaVersion":39,"templating":{"list":[
			{"name":"instance","type":"query","datasource":{"type":"prometheus"},"query":"label_values(up{instance=~\"$instance\"}, instance)"},
			{"name":"traceId","type":"textbox","query":""},{"name":"tree","type":"query","datasource":{"type":"testdata"},"query":"*"}]},
		"panels":[
		{"id":1,"type":"timeseries","targets":[{"refId":"A","scenarioId":"random_walk","datasource":{"type":"testdata","uid":"x"}}]},
		{"id":2,"type":"timeseries","targets":[{"refId":"A","scenarioId":"usa","datasource":{"type":"grafana-testdata-datasource","uid":"x"}}]},
		{"id":3,"type":"timeseries","datasource":"-- Grafana --","targets":[{"refId":"A"}]},
		{"id":4,"type":"timeseries","datasource":"-- Grafana --","targets":[{"refId":"A","queryType":"snapshot"}]},
		{"id":5,"type":"traces","datasource":{"type":"tempo","uid":"t"},"targets":[{"refId":"A","queryType":"traceql","query":"${traceId}"}]}]}`)
	require.Equal(t, 3, r.Rendered)
	var lines []string
	for _, f := range r.Findings {
		lines = append(lines, string(f.Level)+": "+f.What)
	}
	require.Equal(t, []string{`feature: variable "tree" of type "query": data source type "testdata"`,
		`panel: query A: grafana-testdata-datasource query of kind "usa"`, `panel: query A: data source type "grafana"`}, lines)
}
