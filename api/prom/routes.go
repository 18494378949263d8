package prom

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/golang/snappy"

	"github.com/pharosd/pharos/internal/httpx"
)

// scoped are the routes whose answers come from the store's queries, which apply the
// request's scope, or from the request alone. All others tell of the whole tenant.
var scoped = map[string]bool{
	"GET /api/v1/query": true, "POST /api/v1/query": true,
	"GET /api/v1/query_range": true, "POST /api/v1/query_range": true,
	"GET /api/v1/query_exemplars": true, "POST /api/v1/query_exemplars": true,
	"GET /api/v1/format_query": true, "POST /api/v1/format_query": true,
	"GET /api/v1/parse_query": true, "POST /api/v1/parse_query": true,
	"GET /api/v1/labels": true, "POST /api/v1/labels": true,
	"GET /api/v1/series": true, "POST /api/v1/series": true,
	"GET /api/v1/label/{name}/values": true, "GET /api/v1/status/buildinfo": true,
	"POST /api/v1/read": true, "GET /federate": true,
}

// Routes is the route table. Paths and methods are Prometheus'; what changes data
// needs an administrator.
func (a *API) Routes() []httpx.Route {
	var routes []httpx.Route
	add := func(access httpx.Access, h http.Handler, patterns ...string) {
		for _, p := range patterns {
			routes = append(routes, httpx.Route{Pattern: p, Access: access, Scoped: scoped[p], Handler: h})
		}
	}
	for _, path := range []string{"query", "query_range", "query_exemplars", "format_query", "parse_query", "labels", "series"} {
		add(httpx.Read, boundedForm(a), "GET /api/v1/"+path, "POST /api/v1/"+path)
	}
	for _, path := range []string{
		"label/{name}/values", "metadata", "scrape_pools", "scrape_pools/config",
		"targets", "targets/metadata", "targets/relabel_steps", "alertmanagers", "alerts", "rules",
		"status/config", "status/flags", "status/buildinfo", "status/runtimeinfo",
		"status/tsdb", "status/tsdb/blocks", "status/walreplay", "status/self_metrics",
		"features", "notifications", "openapi.yaml",
	} {
		add(httpx.Read, a, "GET /api/v1/"+path)
	}
	routes = append(routes, httpx.Route{
		Pattern: "GET /api/v1/notifications/live", Access: httpx.Read, Streaming: true, Handler: a,
	})
	add(httpx.Read, boundedSnappy(a), "POST /api/v1/read")
	for _, path := range []string{"delete_series", "clean_tombstones", "snapshot"} {
		add(httpx.Admin, a, "POST /api/v1/admin/tsdb/"+path, "PUT /api/v1/admin/tsdb/"+path)
	}
	add(httpx.Read, http.HandlerFunc(a.federate), "GET /federate")
	return routes
}

// maxExpression bounds the text of one PromQL expression or selector in bytes. Some
// of the library's walks over an expression take time by the square of its size.
const maxExpression = 32 << 10

// boundedForm refuses expressions that are too long, and a form that is larger than
// the route's body may be, which the library would take for an empty one.
func boundedForm(next http.Handler) http.Handler {
	refuse := func(w http.ResponseWriter, status int, message string) {
		httpx.WriteJSON(w, status, map[string]string{"status": "error", "errorType": "bad_data", "error": message})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := r.ParseForm()
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			refuse(w, http.StatusRequestEntityTooLarge, "error parsing form values: "+err.Error())
			return
		}
		if err != nil {
			refuse(w, http.StatusBadRequest, "error parsing form values: "+err.Error())
			return
		}
		for _, name := range []string{"query", "match[]"} {
			for _, expression := range r.Form[name] {
				if len(expression) > maxExpression {
					refuse(w, http.StatusBadRequest, fmt.Sprintf("invalid parameter %q: the expression has %d bytes, limit %d", name, len(expression), maxExpression))
					return
				}
			}
		}
		next.ServeHTTP(w, r)
	})
}

// maxReadRequest bounds what a remote read request may unpack to. The library
// believes the length that the body claims.
const maxReadRequest = 32 << 20

func boundedSnappy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		if n, err := snappy.DecodedLen(body); err != nil || n > maxReadRequest {
			http.Error(w, fmt.Sprintf("snappy: request claims %d bytes, at most %d are read", n, maxReadRequest), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}
