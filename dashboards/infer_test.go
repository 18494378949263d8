package dashboards

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReferencesGetTheTypeOfTheirQueries(t *testing.T) {
	doc, err := Parse([]byte(`{"title":"d","templating":{"list":[
			{"name":"ds","type":"datasource","query":"prometheus"},
			{"name":"node","type":"query","datasource":"Metrics","query":"label_values(up, node)"},
			{"name":"job","type":"query","datasource":"Only variables","query":"label_values(job)"}]},
		"annotations":{"list":[{"name":"a","enable":true,"datasource":"Lines","expr":"{app=\"x\"} |= \"deploy\""}]},
		"panels":[
		{"id":1,"type":"graph","datasource":"Metrics","targets":[{"refId":"A","expr":"rate(up{a=\"|\"}[5m])"}]},
		{"id":2,"type":"logs","datasource":"Lines","targets":[{"refId":"A","expr":"sum(rate({app=\"x\"}[5m])) by (app)"}]},
		{"id":3,"type":"graph","datasource":"$ds","targets":[{"refId":"A","expr":"up"}]},
		{"id":4,"type":"graph","datasource":"${DS_OTHER}","targets":[{"refId":"A","expr":"{__name__=~\"up|down\"}"}]},
		{"id":5,"type":"graph","targets":[{"refId":"A","expr":"{app=\"x\"} | json"},{"refId":"B","expr":"up"}]},
		{"id":6,"type":"graph","datasource":"-- Mixed --","targets":[{"refId":"A","datasource":"Docs","metrics":[{"type":"count"}],"bucketAggs":[]},{"refId":"B","datasource":"DB","rawSql":"select 1"}]},
		{"id":7,"type":"graph","datasource":"Influx","targets":[{"refId":"A","measurement":"cpu","select":[]}]},
		{"id":8,"type":"graph","datasource":{"uid":"known","type":"loki"},"targets":[{"refId":"A","expr":"up"}]},
		{"id":9,"type":"graph","datasource":"Nobody knows","targets":[{"refId":"A"}]}]}`))
	require.NoError(t, err)
	tree, _ := doc.render()
	panels := objects(tree, "panels")
	ref := func(o object) string { return asJSON(t, o["datasource"]) }
	require.JSONEq(t, `{"uid":"Metrics","type":"prometheus"}`, ref(panels[0]))
	require.JSONEq(t, `{"uid":"Lines","type":"loki"}`, ref(panels[1]))
	require.JSONEq(t, `{"uid":"$ds"}`, ref(panels[2]), "a variable of the dashboard says it")
	require.JSONEq(t, `{"uid":"${DS_OTHER}","type":"prometheus"}`, ref(panels[3]))
	require.JSONEq(t, `{"type":"loki"}`, ref(objects(panels[4], "targets")[0]), "the default cannot answer it")
	require.NotContains(t, objects(panels[4], "targets")[1], "datasource")
	require.JSONEq(t, `{"uid":"Docs","type":"elasticsearch"}`, ref(objects(panels[5], "targets")[0]))
	require.JSONEq(t, `{"uid":"DB","type":"mysql"}`, ref(objects(panels[5], "targets")[1]))
	require.JSONEq(t, `{"uid":"Influx","type":"influxdb"}`, ref(panels[6]))
	require.JSONEq(t, `{"uid":"known","type":"loki"}`, ref(panels[7]))
	require.JSONEq(t, `{"uid":"Nobody knows"}`, ref(panels[8]))
	variables := objects(child(tree, "templating"), "list")
	require.JSONEq(t, `{"uid":"Metrics","type":"prometheus"}`, ref(variables[1]))
	require.JSONEq(t, `{"uid":"Only variables","type":"prometheus"}`, ref(variables[2]))
	require.JSONEq(t, `{"uid":"Lines","type":"loki"}`, ref(objects(child(tree, "annotations"), "list")[0]))
}

func TestLogQLIsToldFromPromQL(t *testing.T) {
	for _, expr := range []string{`{app="x"}`, `{app="x"} |= "a|b"`, `sum by (x) (rate({a="b"} [5m]))`, `count_over_time({a="b"}[5m])`, `topk(5, sum(rate({a="b"}[5m])))`,
		`sum(rate({a="b"}[1m])) / sum(rate({a="c"}[1m]))`} {
		require.True(t, isLogQL(expr), expr)
	}
	for _, expr := range []string{`up`, `up{a="|"}`, `sum by (x) (rate(up{a="b"}[5m]))`, `{__name__="up"}`, `{"up", a="b"}`, `rate({__name__=~"a|b"}[5m])`, `$metric{a="b"}`, `{$labels}`} {
		require.False(t, isLogQL(expr), expr)
	}
}

func TestOneRequiredSourceNamesTheOthers(t *testing.T) {
	panels, _ := render(t, `{"title":"d","__requires":[{"type":"grafana","id":"grafana"},{"type":"datasource","id":"tempo"}],"panels":[{"type":"table","datasource":"T","targets":[{"refId":"A"}]}]}`)
	require.JSONEq(t, `{"uid":"T","type":"tempo"}`, asJSON(t, panels[0]["datasource"]))
}
