package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestGuessLanguage(t *testing.T) {
	for query, want := range map[string]string{
		`up`: "promql",
		`sum by (job) (rate(http_requests_total[5m]))`: "promql",
		`{__name__="up"}`:                     "promql",
		`{app="web"}`:                         "logql",
		`{app="web"} |= "x" | json`:           "logql",
		`sum(count_over_time({app="x"}[1m]))`: "logql",
		`sum(rate({app="x"}[1m]))`:            "logql",
		`1 + 1`:                               "promql",
		`nonsense(`:                           "logql",
		`{ status = error }`:                  "traceql",
		`{ } | rate() by (name)`:              "traceql",
		`{ .a = 1 } >> { duration > 1s }`:     "traceql",
	} {
		require.Equal(t, want, guess(query), query)
	}
}

func TestRequest(t *testing.T) {
	now := time.Unix(100_000, 0)
	for _, c := range []struct {
		cmd        queryCmd
		path, want string
	}{
		{queryCmd{Query: "up"}, "/api/v1/query", "query=up&time=100000.000"},
		{queryCmd{Query: "up", From: "1h"}, "/api/v1/query_range", "end=100000.000&query=up&start=96400.000&step=60"},
		{queryCmd{Query: `{a="b"}`, Limit: 7}, "/loki/api/v1/query_range", "direction=backward&end=100000.000&limit=7&query=%7Ba%3D%22b%22%7D&start=96400.000&step=60"},
		{queryCmd{Query: `{a="b"}`, Language: "promql"}, "/api/v1/query", "query=%7Ba%3D%22b%22%7D&time=100000.000"},
	} {
		if c.cmd.Language == "" {
			c.cmd.Language = "auto"
		}
		path, q, err := c.cmd.request(now)
		require.NoError(t, err)
		require.Equal(t, c.path+"?"+c.want, path+"?"+q.Encode())
	}
	_, _, err := (&queryCmd{Query: "up", Language: "auto", From: "1h", To: "2h"}).request(now)
	require.ErrorContains(t, err, "--from is not before --to")
}

func show(t *testing.T, data, format string) string {
	t.Helper()
	var d answerData
	require.NoError(t, json.Unmarshal([]byte(data), &d))
	var b bytes.Buffer
	require.NoError(t, d.write(&b, format, false))
	return b.String()
}

func TestAnswers(t *testing.T) {
	const matrix = `{"resultType":"matrix","result":[{"metric":{"__name__":"m","a":"x"},"values":[[10,"1"],[20,"3"],[30,"NaN"],[40,"1234567.5"]]}]}`
	require.Equal(t, "  LEAST       MEAN       MOST       LAST\n      1  4.115e+05  1.235e+06  1.235e+06  ▁▁ █  m{a=\"x\"}\n", show(t, matrix, "table"))
	require.Equal(t, "time,__name__,a,value\n1970-01-01T00:00:10Z,m,x,1\n1970-01-01T00:00:20Z,m,x,3\n1970-01-01T00:00:30Z,m,x,NaN\n1970-01-01T00:00:40Z,m,x,1234567.5\n", show(t, matrix, "csv"))
	require.Equal(t, "  42  up\n", show(t, `{"resultType":"vector","result":[{"metric":{"__name__":"up"},"value":[10,"42"]}]}`, "table"))
	require.Equal(t, "  2  {}\n", show(t, `{"resultType":"scalar","result":[10,"2"]}`, "table"))
	require.Equal(t, "no data\n", show(t, `{"resultType":"vector","result":[]}`, "table"))
}

func TestLinesComeByTimeAndDoNotSteerTheTerminal(t *testing.T) {
	const streams = `{"resultType":"streams","result":[
		{"stream":{"a":"x"},"values":[["3000000000","three\u001b[31m"],["1000000000","one"]]},
		{"stream":{"a":"y"},"values":[["2000000000","two, \"quoted\""]]}]}`
	lines := strings.Split(strings.TrimSpace(show(t, streams, "table")), "\n")
	require.Len(t, lines, 3)
	require.Contains(t, lines[0], `{a="x"} three\x1b[31m`)
	require.Contains(t, lines[1], `{a="y"} two`)
	require.Contains(t, lines[2], `{a="x"} one`)
	require.Contains(t, show(t, streams, "csv"), `1970-01-01T00:00:02Z,y,"two, ""quoted"""`)
}

func TestReadEvents(t *testing.T) {
	var got []event
	err := readEvents(strings.NewReader(": hello\n\nevent: lines\nid: 7\ndata: a\ndata: b\n\nevent: dropped\ndata: {}\n\nevent: cut"), func(e event) error {
		got = append(got, e)
		return nil
	})
	require.ErrorContains(t, err, "closed the connection")
	require.Equal(t, []event{{"lines", "7", "a\nb"}, {"dropped", "", "{}"}}, got)
}

func FuzzReadEvents(f *testing.F) {
	f.Add("event: lines\nid: 7\ndata: {\"streams\":[]}\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		_ = readEvents(strings.NewReader(text), func(e event) error { return (&tailCmd{Output: "text"}).show(&bytes.Buffer{}, e.data) })
	})
}
