package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// TestElasticBulkFiles sends bulk files from the field as they are, some with Kibana's
// console commands around them, and finds every document byte for byte.
func TestElasticBulkFiles(t *testing.T) {
	read := func(name string) []byte {
		b, err := os.ReadFile(testkit.Shared(t, "fixtures", "elasticsearch", "bulk", name))
		require.NoError(t, err)
		return b
	}
	s := testkit.Start(t, "logs: {retention: 20y}\n", "--auth=off")
	for _, f := range []struct{ file, index string }{
		{"ama-responses.bulk", "amaresponses"}, {"elasticoffee-data.bulk", "elasticoffee"}, {"gharchive-bulk.ndjson", "gharchive"},
	} {
		body := read(f.file)
		if _, rest, ok := bytes.Cut(body, []byte("POST _bulk\n")); ok {
			if _, create, ok := bytes.Cut(body, []byte("PUT "+f.index+"\n")); ok {
				mapping, _, _ := bytes.Cut(create, []byte("\n#"))
				status, answer := s.Do(http.MethodPut, "/elastic/"+f.index, mapping, "Content-Type: application/json")
				require.Equal(t, http.StatusOK, status, answer)
			}
			body = rest
		}
		var want []string
		lines := strings.Split(strings.TrimRight(string(body), "\n"), "\n")
		for i := 1; i < len(lines); i += 2 {
			// Some lines have two documents, which is none: Elasticsearch refuses them too.
			if json.Valid([]byte(lines[i])) {
				want = append(want, strings.TrimSpace(lines[i]))
			}
		}
		body = append(bytes.TrimRight(body, "\n"), '\n')
		bulk(t, s, body, len(want), len(lines)/2-len(want))
		found := documents(t, s, f.index)
		require.ElementsMatch(t, want, found, f.file)
	}
	for _, file := range []string{"amazon_cloudfront_sample.json", "aws-vpc-bulk_data.json"} {
		var docs []json.RawMessage
		require.NoError(t, json.Unmarshal(read(file), &docs))
		index := strings.TrimSuffix(strings.ReplaceAll(file, "_", "-"), ".json")
		var body bytes.Buffer
		var want []string
		for _, d := range docs {
			var line bytes.Buffer
			require.NoError(t, json.Compact(&line, d))
			want = append(want, line.String())
			fmt.Fprintf(&body, "{\"create\":{\"_index\":%q}}\n%s\n", index, line.String())
		}
		bulk(t, s, body.Bytes(), len(want), 0)
		require.ElementsMatch(t, want, documents(t, s, index), file)
	}
}

// bulk sends a body and expects so many items to be created and to be refused.
func bulk(t *testing.T, s *testkit.Server, body []byte, created, refused int) {
	t.Helper()
	status, answer := s.Do(http.MethodPost, "/elastic/_bulk?filter_path=errors,items.*.status", body, "Content-Type: application/x-ndjson")
	require.Equal(t, http.StatusOK, status, answer)
	require.Equal(t, created, strings.Count(answer, `"status":201`))
	require.Equal(t, refused, strings.Count(answer, `"status":400`))
}

// documents reads the lines of an index, newest first.
func documents(t *testing.T, s *testkit.Server, index string) []string {
	t.Helper()
	var out []string
	q := url.Values{"query": {`{index="` + index + `"}`}, "limit": {"5000"}, "since": {"700h"}}
	for _, span := range [][2]string{{"2018-02-20T00:00:00Z", "2018-03-10T00:00:00Z"}, {"2023-07-10T00:00:00Z", "2023-07-30T00:00:00Z"}, {}} {
		if span[0] != "" {
			q.Set("start", span[0])
			q.Set("end", span[1])
		} else {
			q.Del("start")
			q.Del("end")
		}
		status, body := s.Get("/loki/api/v1/query_range?" + q.Encode())
		require.Equal(t, http.StatusOK, status, body)
		var answer struct {
			Data struct {
				Result []struct{ Values [][2]string }
			}
		}
		require.NoError(t, json.Unmarshal([]byte(body), &answer))
		for _, stream := range answer.Data.Result {
			for _, v := range stream.Values {
				out = append(out, v[1])
			}
		}
	}
	return out
}
