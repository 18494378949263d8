package main

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRequestTraceQL(t *testing.T) {
	now := time.Unix(100_000, 0)
	for _, c := range []struct {
		cmd        queryCmd
		path, want string
	}{
		{queryCmd{Query: "{ }", Limit: 7}, "/tempo/api/search", "end=100001&limit=7&q=%7B+%7D&start=96400"},
		{queryCmd{Query: "{ } | rate()"}, "/tempo/api/metrics/query", "end=100001&q=%7B+%7D+%7C+rate%28%29&start=96400"},
		{queryCmd{Query: "{ } | rate()", From: "1h"}, "/tempo/api/metrics/query_range", "end=100001&q=%7B+%7D+%7C+rate%28%29&start=96400&step=1m0s"},
	} {
		path, q, err := c.cmd.requestTraceQL(now)
		require.NoError(t, err)
		require.Equal(t, c.path+"?"+c.want, path+"?"+q.Encode())
	}
}

func TestTracesInATable(t *testing.T) {
	const text = `{"traces":[{"traceID":"a1","rootServiceName":"web","rootTraceName":"GET /","startTimeUnixNano":"1000000000","durationMs":250,"spanSets":[{"matched":2}],"serviceStats":{"web":{"spanCount":2,"errorCount":1},"db":{"spanCount":1}}}]}`
	var answer tempoAnswer
	require.NoError(t, json.Unmarshal([]byte(text), &answer))
	var b bytes.Buffer
	require.NoError(t, writeTraces(&b, answer.Traces))
	require.Regexp(t, `^START +DURATION +MATCHED +SPANS +ERRORS +TRACE +ROOT\n.* 250ms +2 +3 +1 +a1 +web: GET /\n$`, b.String())
	b.Reset()
	require.NoError(t, writeTracesCSV(&b, answer.Traces))
	require.Equal(t, "start,duration_ms,matched,spans,errors,trace_id,service,name\n1970-01-01T00:00:01Z,250,2,3,1,a1,web,GET /\n", b.String())
	b.Reset()
	require.NoError(t, writeTraces(&b, nil))
	require.Equal(t, "no traces\n", b.String())
}

func TestTraceMetricsInATable(t *testing.T) {
	const text = `{"series":[{"labels":[{"key":"name","value":{"stringValue":"GET /"}}],"value":2.5}]}`
	var answer tempoAnswer
	require.NoError(t, json.Unmarshal([]byte(text), &answer))
	var b bytes.Buffer
	require.NoError(t, writeTable(&b, answer.results()))
	require.Contains(t, b.String(), `2.5  {name="GET /"}`)
}
