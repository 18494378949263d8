package isolation

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

const ndjsonType = "application/x-ndjson"

// ElasticSearchRows are every way out of Elasticsearch's search API. What another
// dialect took is there, too.
func ElasticSearchRows() []Row {
	const push = `{"streams":[{"stream":{"service_name":"s{marker}","{marker}":"x","marker":"{marker}"},"values":[["{now_ns}","one {marker}"],["{now_ns}","two {marker}"]]}]}`
	const index, query = "/elastic/logs-s{marker}", `{"query":{"match":{"message":"{marker}"}}}`
	var reads []Request
	ask := func(path, body, shows string, methods ...string) {
		for _, m := range methods {
			r := Request{Method: m, Path: path, Body: body, Shows: shows}
			if body != "" {
				r.ContentType = jsonType
			}
			reads = append(reads, r)
		}
	}
	for _, at := range []string{"/elastic", index} {
		ask(at+"/_search", query, `"message":"two {marker}"`, "GET", "POST")
		ask(at+"/_count", query, `"count":2`, "GET", "POST")
		ask(at+"/_field_caps?fields={marker}", "", "", "GET", "POST")
		ask(at+"/_mapping", "", "", "GET")
		ask(at+"/_mappings", "", "", "GET")
		ask(at+"/_mapping/field/{marker}", "", "", "GET")
		ask(at+"/_async_search", query, `"message":"two {marker}"`, "POST")
		ask(at+"/_search_shards", "", "", "GET", "POST")
		for _, m := range []string{"GET", "POST"} {
			reads = append(reads, Request{Method: m, Path: at + "/_msearch", ContentType: ndjsonType, Body: "{}\n" + query + "\n", Shows: `"message":"two {marker}"`})
		}
	}
	ask(index+"/_terms_enum", `{"field":"marker","string":"{marker}"}`, "", "GET", "POST")
	ask("/elastic/_resolve/index/logs-s{marker}*", "", "", "GET")
	for _, m := range []string{"GET", "POST"} {
		reads = append(reads,
			Request{Method: m, Path: "/elastic/_search/scroll?scroll_id=SCROLL", Call: scroll(m), Shows: " {marker}"},
			Request{Method: m, Path: "/elastic/_search/scroll/SCROLL", Call: scroll(m), Shows: " {marker}"})
	}
	reads = append(reads, Request{Method: "POST", Path: index + "/_pit?keep_alive=1m", Call: pointInTime, Shows: `"message":"two {marker}"`})
	return []Row{{Name: "elasticsearch search", Narrows: true, Push: Request{Method: "POST", Path: "/loki/api/v1/push", ContentType: jsonType, Body: push}, Reads: onlyFound(reads)}}
}

// onlyFound takes the 404 of an index that is another tenant's for an answer without
// data: every request may name indices that there are not.
func onlyFound(reads []Request) []Request {
	for i := range reads {
		if reads[i].Call != nil {
			continue
		}
		sep := "?"
		if strings.Contains(reads[i].Path, "?") {
			sep = "&"
		}
		reads[i].Path += sep + "ignore_unavailable=true"
	}
	return reads
}

func elasticSearchExempt(exempt map[string]string, pure string) {
	for _, m := range []string{"GET ", "POST "} {
		for _, p := range []string{"/elastic/_validate/query", "/elastic/{index}/_validate/query"} {
			exempt[m+p] = pure
		}
	}
	const ends = "ends the caller's own cursor, proven in api/elastic"
	exempt["DELETE /elastic/_search/scroll"] = ends
	exempt["DELETE /elastic/_search/scroll/{scroll}"] = ends
	exempt["DELETE /elastic/_pit"] = ends
}

// elastic asks with headers and returns the status and the answer.
func elastic(t testing.TB, method, url string, header map[string]string, body string) (int, string) {
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	if body != "" {
		req.Header.Set("Content-Type", jsonType)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func member(t testing.TB, body, name string) string {
	var v map[string]any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	s, _ := v[name].(string)
	return s
}

// scroll returns the second page of a scroll.
func scroll(method string) func(testing.TB, Target, string, map[string]string, string) (int, string) {
	return func(t testing.TB, target Target, path string, header map[string]string, marker string) (int, string) {
		status, body := elastic(t, "POST", target.URL+"/elastic/_search?scroll=1m&size=1", header, `{"query":{"match":{"message":"`+marker+`"}}}`)
		if status != http.StatusOK {
			return status, body
		}
		return elastic(t, method, target.URL+strings.Replace(path, "SCROLL", member(t, body, "_scroll_id"), 1), header, "")
	}
}

// pointInTime searches in a point in time.
func pointInTime(t testing.TB, target Target, path string, header map[string]string, marker string) (int, string) {
	status, body := elastic(t, "POST", target.URL+path+"&ignore_unavailable=true", header, "")
	if status != http.StatusOK {
		return status, body
	}
	return elastic(t, "POST", target.URL+"/elastic/_search", header,
		`{"pit":{"id":"`+member(t, body, "id")+`"},"query":{"match":{"message":"`+marker+`"}}}`)
}
