package logstest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// testParsed wants the fields of lines as the language reads them.
func testParsed(t *testing.T, s *store) {
	cases := []struct {
		line   string
		format logs.Format
		fields model.Labels
	}{
		{`{"level":"error","n":12.50,"ok":true,"none":null,"list":[1],"http":{"status":"500","path":"/x"}}`, logs.JSON,
			labelsOf("level", "error", "n", "12.50", "ok", "true", "http_status", "500", "http_path", "/x")},
		{`{"a":"x\n\u00e9\"","@t":1}`, logs.JSON, labelsOf("a", "x\né\"", "_t", "1")},
		{`{"a":"","b":"x"}`, logs.JSONNonEmpty, labelsOf("b", "x")},
		{`level=warn msg="two words" n=7`, logs.Logfmt, labelsOf("level", "warn", "msg", "two words", "n", "7")},
		{`{"level":"error"`, logs.Raw, nil},
		{`plain text level=error`, logs.Raw, nil},
		{`10.0.0.1 - - "GET /?a=1&b=2 HTTP/1.1" 200`, logs.Raw, nil},
	}
	st := model.LogStream{Labels: labelsOf("app", "web", "level", "of the stream")}
	for i, c := range cases {
		st.Entries = append(st.Entries, model.LogEntry{Time: s.base + int64(i), Line: c.line, Metadata: labelsOf("n", "of the metadata")})
	}
	s.append(st)
	q := s.query()
	q.AllParsed = true
	for _, e := range s.selected(q) {
		c := cases[e.Time-s.base]
		assert.Equal(t, c.line, e.Line)
		assert.Equal(t, c.format, e.Format, c.line)
		assert.Equal(t, c.fields.String(), e.Parsed.String(), c.line)
		assert.Equal(t, `{n="of the metadata"}`, e.Metadata.String())
	}
	level := logs.Field{Kind: logs.Parsed, Name: "level"}
	for filter, want := range map[logs.Filter]int{
		logs.Equals{Field: level, Value: "error"}:                                                1,
		logs.Equals{Field: level, Value: ""}:                                                     5,
		logs.Equals{Field: logs.Field{Kind: logs.Label, Name: "level"}, Value: "of the stream"}:  7,
		logs.Exists{Field: logs.Field{Kind: logs.Parsed, Name: "http_status"}}:                   1,
		logs.NumberRange{Field: logs.Field{Kind: logs.Parsed, Name: "n"}, Min: 7, Max: 12.5}:     2,
		logs.HasFormat{Format: logs.Raw}:                                                         3,
		logs.HasFormat{Format: logs.JSON}:                                                        2,
		logs.HasFormat{Format: logs.Logfmt}:                                                      1,
		logs.HasFormat{Format: logs.JSONNonEmpty}:                                                1,
		logs.Contains{Field: logs.Field{Kind: logs.Parsed, Name: "a"}, Text: "\né"}:              1,
		logs.MatchRegex{Field: logs.Field{Kind: logs.Parsed, Name: "http_path"}, Expr: "^/[xy]"}: 1,
	} {
		q := s.query()
		q.Where = filter
		assert.Len(t, s.lines(q), want, "%#v", filter)
	}
	groups, err := s.r.Count(context.Background(), tenant.Default, s.query(), logs.Grouping{By: []logs.Field{level}, Number: &logs.Field{Kind: logs.Parsed, Name: "n"}})
	require.NoError(t, err)
	require.Len(t, groups, 3)
	assert.Equal(t, logs.Group{By: []string{""}, Entries: 5}, groups[0])
	assert.Equal(t, logs.Group{By: []string{"error"}, Entries: 1, Numbers: 1, Sum: 12.5, Min: 12.5, Max: 12.5}, groups[1])
	assert.Equal(t, logs.Group{By: []string{"warn"}, Entries: 1, Numbers: 1, Sum: 7, Min: 7, Max: 7}, groups[2])
}

// testParsedBounds pushes lines with more and larger fields than are kept: they come
// back, with or without fields.
func testParsedBounds(t *testing.T, s *store) {
	object := func(n int, key, value string) string {
		var fields []string
		for i := range n {
			fields = append(fields, fmt.Sprintf(`"%s%d":"%s"`, key, i, value))
		}
		return "{" + strings.Join(fields, ",") + "}"
	}
	metadata := make([]model.Label, 100)
	for i := range metadata {
		metadata[i] = model.Label{Name: fmt.Sprint("m", i), Value: "x"}
	}
	st := model.LogStream{Labels: labelsOf("app", "web"), Entries: []model.LogEntry{
		{Time: s.base, Line: object(2000, "k", "v")},
		{Time: s.base + 1, Line: object(60, strings.Repeat("k", 110), strings.Repeat("v", 500))},
		{Time: s.base + 2, Line: object(1, strings.Repeat("k", 300), "v")},
		{Time: s.base + 3, Line: object(1, "k", strings.Repeat("v", 900_000)), Metadata: model.NewLabels(metadata...)},
		{Time: s.base + 4, Line: object(60, "k", "v"), Metadata: model.NewLabels(metadata...)},
		{Time: s.base + 5, Line: strings.Repeat(`{"a":`, 5000)},
	}}
	for i := range 60 { // more names than a tenant may have
		st.Entries = append(st.Entries, model.LogEntry{Time: s.base + 10 + int64(i), Line: object(50, fmt.Sprint("n", i, "_"), "v")})
	}
	s.append(st)
	q := s.query()
	q.AllParsed = true
	kept := 0
	got := s.selected(q)
	require.Len(t, got, len(st.Entries))
	for _, e := range got {
		i := int(e.Time - s.base)
		if i >= 10 {
			i -= 4
		}
		require.Equal(t, st.Entries[i].Line, e.Line)
		if e.Format == logs.JSON {
			kept++
			assert.Equal(t, strings.Count(e.Line, `":"`), len(e.Parsed))
		} else {
			assert.Empty(t, e.Parsed)
		}
	}
	assert.Greater(t, kept, 10)
	assert.Less(t, kept, len(st.Entries)-10)
}
