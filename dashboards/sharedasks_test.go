package dashboards

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// readJSON reads a file of testdata/elastic, which the page's tests write and read too.
func readJSON[T any](t *testing.T, name string) (v T) {
	t.Helper()
	text, err := os.ReadFile("testdata/elastic/" + name)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &v))
	return v
}

func TestSharedSearchesAreWhatThePageSends(t *testing.T) {
	targets := readJSON[[]struct {
		Name, Query string
		Target      object
	}](t, "targets.json")
	bodies := readJSON[[]struct {
		Name string
		Body any
	}](t, "bodies.json")
	for i, one := range targets {
		one.Target["query"] = one.Query
		source, err := json.Marshal(object{"title": "T", "panels": []any{object{"datasource": object{"type": "elasticsearch"}, "targets": []any{one.Target}}}})
		require.NoError(t, err)
		doc, err := Parse(source)
		require.NoError(t, err)
		asks := NewSharedAsks(doc, nil)
		for j, other := range bodies {
			times, ok := asks.ElasticSearch(other.Body)
			require.Equal(t, i == j, ok, "target %q, body %q", one.Name, other.Name)
			if ok {
				require.Contains(t, times, time.UnixMilli(1_700_000_000_000))
			}
		}
		// Whatever is changed anywhere in the body is another question.
		text, err := json.Marshal(bodies[i].Body)
		require.NoError(t, err)
		for _, change := range [][2]string{
			{`"format":"epoch_millis"`, `"format":"yyyy"`}, {`"size":`, `"size":1`}, {`"bool":{`, `"bool":{"must_not":[],`}, {`{"query":`, `{"_source":true,"query":`},
			{`"gte":`, `"gt":`}, {`"@timestamp"`, `"secret"`}, {`"query":{"bool":{"filter":[{"range"`, `"query":{"bool":{"should":[{"range"`}, {`"lte":1700003600000`, `"lte":"now"`},
		} {
			changed := strings.Replace(string(text), change[0], change[1], 1)
			var body any
			if changed == string(text) || json.Unmarshal([]byte(changed), &body) != nil {
				continue
			}
			_, ok := asks.ElasticSearch(body)
			require.False(t, ok, "%s: %s", one.Name, changed)
		}
	}
}

func TestSharedAsksAreTheDashboardsOwn(t *testing.T) {
	doc, err := Parse([]byte(`{"uid":"u","title":"T","panels":[
		{"datasource":{"type":"jaeger"},"targets":[{"queryType":"search","service":"shop","operation":"All","tags":"a=1 b=\"x \\\"y\"","limit":7},{"query":"00abCDef"}]},
		{"datasource":{"type":"zipkin"},"targets":[{"query":"1234"},{"queryType":"upload"}]},
		{"datasource":{"type":"tempo"},"targets":[{"queryType":"serviceMap"}]},
		{"datasource":{"type":"prometheus"},"targets":[{"expr":"deadbeef"}]}],
		"annotations":{"list":[{"builtIn":1,"enable":false,"datasource":{"type":"grafana"}},{"datasource":{"uid":"-- Grafana --"},"target":{"type":"tags","tags":["deploy","b"],"matchAny":true}},
		{"datasource":{"type":"elasticsearch"},"query":"type:$__range","timeField":"t","timeEndField":"e"}]}}`))
	require.NoError(t, err)
	a := NewSharedAsks(doc, nil)
	form := func(s string) url.Values {
		v, err := url.ParseQuery(s)
		require.NoError(t, err)
		return v
	}
	const tags = `&tags=` + `%7B%22b%22%3A%22x%20%5C%22y%22%2C%22a%22%3A%221%22%7D`
	require.True(t, a.TraceSearch(form("service=shop&limit=7"+tags)))
	for _, other := range []string{"service=shop&limit=7", "service=shop&limit=8" + tags, "service=other&limit=7" + tags, "service=shop&limit=7&operation=x" + tags, "service=shop&limit=7&minDuration=1s" + tags, "service=shop&limit=7&tags=%7B%7D"} {
		require.False(t, a.TraceSearch(form(other)), other)
	}
	require.True(t, a.Trace("00abcdef") && a.Trace("1234"))
	require.False(t, a.Trace("deadbeef"), "of a metric's query")
	require.False(t, a.Trace("") || a.Trace("12345"))
	require.True(t, a.ServiceGraph())
	require.True(t, a.Annotations(form("tags=b&tags=deploy&matchAny=true"), "u"))
	for _, other := range []string{"tags=deploy&matchAny=true", "tags=b&tags=deploy", "dashboard_uid=u", "", "dashboard_uid=u&tags=b&tags=deploy&matchAny=true", "matchAny=true"} {
		require.False(t, a.Annotations(form(other), "u"), other)
	}
	var body any
	within := `{"range":{"%s":{"gte":1,"lte":2,"format":"epoch_millis"}}}`
	search := `{"query":{"bool":{"filter":[{"bool":{"should":[` + fmt.Sprintf(within, "t") + `,` + fmt.Sprintf(within, "e") + `],"minimum_should_match":1}},{"query_string":{"query":"type:3600s"}}]}},"size":1000,"sort":[{"t":"desc"}]}`
	require.NoError(t, json.Unmarshal([]byte(search), &body))
	_, ok := a.ElasticSearch(body)
	require.True(t, ok)
	require.NoError(t, json.Unmarshal([]byte(strings.Replace(search, "3600s", "* OR secret", 1)), &body))
	_, ok = a.ElasticSearch(body)
	require.False(t, ok)

	open, err := Parse([]byte(`{"uid":"u","title":"T","annotations":{"list":[]}}`))
	require.NoError(t, err)
	a = NewSharedAsks(open, nil)
	require.True(t, a.Annotations(form("dashboard_uid=u"), "u"))
	require.False(t, a.Annotations(form("dashboard_uid=other"), "u"))
	require.False(t, a.Annotations(form(""), ""))
	old, err := Parse([]byte(`{"uid":"u","title":"T"}`))
	require.NoError(t, err)
	require.False(t, NewSharedAsks(old, nil).Annotations(form("dashboard_uid=u"), "u"), "links made before annotations were shared")
}

func FuzzSharedSearch(f *testing.F) {
	doc, err := Parse([]byte(`{"title":"T","panels":[{"datasource":{"type":"elasticsearch"},"targets":[{"query":"a:$__interval","metrics":[{"id":"1","type":"max","field":"x"}]}]}]}`))
	if err != nil {
		f.Fatal(err)
	}
	a := NewSharedAsks(doc, nil)
	f.Add([]byte(`{"size":0,"query":{"bool":{"filter":[{"range":{"@timestamp":{"gte":1,"lte":2,"format":"epoch_millis"}}}]}},"aggs":{}}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var body any
		if json.Unmarshal(text, &body) != nil {
			return
		}
		if _, ok := a.ElasticSearch(body); ok && !strings.Contains(string(text), "epoch_millis") {
			t.Fatalf("passes: %s", text)
		}
	})
}
