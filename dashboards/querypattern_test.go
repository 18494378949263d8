package dashboards

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestQueryPatternsMatchWhatTheDashboardAsks(t *testing.T) {
	doc, err := Parse([]byte(`{"title":"T","templating":{"list":[
		{"name":"job","type":"constant","query":"shop"},
		{"name":"pod","type":"query","current":{"value":["a.b","c"]}},
		{"name":"every","type":"custom","current":{"value":"$__all"},"allValue":".*"},
		{"name":"ds","type":"datasource","current":{"value":"loki"}}]},
		"annotations":{"list":[{"datasource":{"type":"prometheus"},"expr":"deploys"}]},
		"panels":[{"datasource":{"type":"prometheus","uid":"x"},"targets":[
			{"expr":" rate(http_total{job=\"$job\", pod=~\"$pod\"}[$__rate_interval]) ","exemplar":true},
			{"expr":"label_replace(x{a=~\"b$\", every=~\"[[every]]\"}, \"$1\", \"${unknown}\", \"\", \"\") offset ${__range_s}s"}]},
		 {"type":"row","panels":[{"datasource":"${ds}","targets":[{"expr":"{app=\"a\"} |= \"x\""}]}]}]}`))
	require.NoError(t, err)
	patterns := QueryPatterns(doc, completeDatasources(nil))
	require.Len(t, patterns, 4)
	matched := func(text string) (dialect string) {
		for _, p := range patterns {
			if p.Matches(text) {
				return p.Dialect
			}
		}
		return "none"
	}
	for text, want := range map[string]string{
		`rate(http_total{job="shop", pod=~"(a\\.b|c)"}[1m30s])`:                           "prometheus",
		`rate(http_total{job="shop", pod=~"c"}[4m])`:                                      "prometheus",
		`rate(http_total{job="shop", pod=~"a.b"}[15s])`:                                   "prometheus",
		`label_replace(x{a=~"b$", every=~".*"}, "$1", "${unknown}", "", "") offset 3600s`: "prometheus",
		`deploys`:           "prometheus",
		`{app="a"} |= "x"`:  "loki",
		`{app="a"} |= "x" `: "loki",
		`{app="a"}`:         "none",
		`{app="a"} |= "xy"`: "none",
		`up`:                "none",
		`rate(http_total{job="shop", pod=~"d"}[1m])`:                                         "none",
		`rate(http_total{job="shop", pod=~"c"}[1m]) or secrets[1m])`:                         "none",
		`rate(http_total{job="shop", pod=~".*"}[1m])`:                                        "none",
		`rate(http_total{job="shop", pod=~"c"}[$__rate_interval])`:                           "none",
		"label_replace(x{a=~\"b$\", every=~\".*\"}, \"$1\", \"evil\", \"\", \"\") offset 1s": "none",
	} {
		require.Equal(t, want, matched(text), text)
	}
	require.True(t, patterns[0].Exemplars)
}

func TestLooseQueryPatterns(t *testing.T) {
	doc, err := Parse([]byte(`{"title":"X","panels":[
		{"title":"Any","targets":[{"expr":"$query"}]},
		{"title":"Rate","targets":[{"expr":"rate(http_total{job=~\"$job\"}[$__rate_interval])"}]},
		{"title":"Up","targets":[{"expr":"up{job=~\"$job\"}"}]}]}`))
	require.NoError(t, err)
	best, literal := "", -1
	for _, p := range LooseQueryPatterns(doc) {
		if p.Matches(`up{job=~"(a|b)"}`) && p.Literal > literal {
			best, literal = p.Panel, p.Literal
		}
	}
	require.Equal(t, "Up", best, "a variable may be anything, and the query that says most is it")
}

func TestParseTime(t *testing.T) {
	now := time.Date(2026, 5, 14, 13, 45, 30, 0, time.UTC) // a Thursday
	for text, want := range map[string]string{
		"now": "2026-05-14T13:45:30Z", "now-6h": "2026-05-14T07:45:30Z", "now/d": "2026-05-14T00:00:00Z", "now-1d/d": "2026-05-13T00:00:00Z",
		"now/w": "2026-05-11T00:00:00Z", "now-1M/M": "2026-04-01T00:00:00Z", "now/y+1h": "2026-01-01T01:00:00Z", "now/Q": "2026-04-01T00:00:00Z",
		"1700000000000": "2023-11-14T22:13:20Z", "2026-01-02T03:04:05+01:00": "2026-01-02T02:04:05Z", "now-90m/h": "2026-05-14T12:00:00Z", "now-1h30m": "2026-05-14T12:15:30Z",
	} {
		got, err := ParseTime(text, now)
		require.NoError(t, err, text)
		require.Equal(t, want, got.Format(time.RFC3339), text)
	}
	for _, text := range []string{"", "yesterday", "now-", "now-6x", "now--6h", "now-6h-6h-6h-6h-6h-6h-6h-6h-6h-6h", "-5", "now-9999999d"} {
		_, err := ParseTime(text, now)
		require.ErrorIs(t, err, ErrBadInput, text)
	}
}

func FuzzQueryPatterns(f *testing.F) {
	f.Add(`sum(rate(x{a="$b"}[$__interval])) by (${c:csv}, [[d]])`, `v`)
	f.Add(`${__from:date:iso} $ ${ [[ ]] $$b`, `$__all`)
	f.Add("\xff${b}", "\\Q\\E")
	f.Fuzz(func(t *testing.T, query, value string) {
		b := &patternBuilder{values: map[string][]string{"b": {value}}}
		b.add("", object{"expr": query}, nil)
		for _, p := range b.out {
			if variable.FindString(query) == "" && !p.Matches(query) {
				t.Fatalf("%q does not match itself", query)
			}
			if p.Matches(query + `"} or secrets`) {
				t.Fatalf("%q lets more pass", query)
			}
		}
	})
}

func TestLookBack(t *testing.T) {
	for panel, want := range map[string]time.Duration{
		`{"timeFrom": "2h", "timeShift": "1d"}`:  26 * time.Hour,
		`{"timeCompare": "1w"}`:                  7 * 24 * time.Hour,
		`{"timeCompare": "__previousPeriod"}`:    6 * time.Hour,
		`{"timeShift": "1d", "timeCompare": ""}`: 24 * time.Hour,
		`{"timeCompare": "soon"}`:                0,
	} {
		doc, err := Parse([]byte(`{"title": "d", "schemaVersion": 41, "time": {"from": "now-6h", "to": "now"}, "panels": [{"id": 1, "type": "timeseries"}, ` + strings.Replace(panel, "{", `{"id": 2, "type": "timeseries", `, 1) + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := LookBack(doc); got != want {
			t.Errorf("LookBack of %s = %s, want %s", panel, got, want)
		}
	}
}
