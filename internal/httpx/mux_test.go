package httpx_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/httpx"
)

func TestMuxTree(t *testing.T) {
	var routes []httpx.Route
	for _, pattern := range []string{
		"GET /{$}", "POST /_bulk", "GET /{index}", "PUT /{index}", "GET /{index}/_search", "POST /{index}/_search",
		"GET /_cat/{what}", "GET /_cat/indices/{index}", "GET /_search/scroll", "PUT /_alias/{name}", "PUT /{index}/_doc/{id}", "/",
	} {
		routes = append(routes, httpx.Route{Pattern: pattern})
	}
	for _, prefix := range []string{"", "/elastic"} {
		mux := httpx.NewMux()
		mux.Handle(httpx.Route{Pattern: "GET /other/{x}"}, http.NotFoundHandler())
		for _, r := range httpx.Under(prefix, routes) {
			mux.Handle(r, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				_, _ = fmt.Fprintf(w, "%s|%s|%s|%s|%v", strings.Replace(r.Pattern, prefix+"/", "/", 1),
					q.PathValue("index"), q.PathValue("what"), q.PathValue("id"), httpx.Allowed(q.Context()))
			}))
		}
		for request, want := range map[string]string{
			"GET /":                      "GET /{$}||||[]",
			"HEAD /logs":                 "GET /{index}|logs|||[]",
			"POST /_bulk":                "POST /_bulk||||[]",
			"GET /_bulk":                 "/||||[POST]",
			"DELETE /logs":               "/||||[GET PUT]",
			"GET /a,b-*/_search/":        "GET /{index}/_search|a,b-*|||[]",
			"GET /_cat/_search":          "GET /_cat/{what}||_search||[]",
			"GET /_cat/indices/logs":     "GET /_cat/indices/{index}|logs|||[]",
			"GET /_search/scroll":        "GET /_search/scroll||||[]",
			"PUT /_alias/_doc/x":         "PUT /{index}/_doc/{id}|_alias||x|[]",
			"PUT /%3Cx-%7Bnow%2Fd%7D%3E": "PUT /{index}|<x-{now/d}>|||[]",
			"PUT /i/_doc/a%20b":          "PUT /{index}/_doc/{id}|i||a b|[]",
			"GET /x/y/z":                 "/||||[]",
		} {
			method, path, _ := strings.Cut(request, " ")
			w, r := httptest.NewRecorder(), httptest.NewRequest(method, prefix+path, nil)
			mux.ServeHTTP(w, r)
			require.Equal(t, want, w.Body.String(), "%s below %q", request, prefix)
			require.Equal(t, strings.Split(want, "|")[0], strings.Replace(mux.Pattern(r), prefix+"/", "/", 1))
		}
		require.Equal(t, "GET /other/{x}", mux.Pattern(httptest.NewRequest("GET", "/other/1", nil)))
	}
}

func TestMuxRefusesTwoRoutesOfOnePattern(t *testing.T) {
	mux := httpx.NewMux()
	add := func(pattern string) { mux.Handle(httpx.Route{Pattern: pattern, Tree: "/"}, http.NotFoundHandler()) }
	add("GET /{a}/x")
	require.Panics(t, func() { add("GET /{b}/x") })
}
