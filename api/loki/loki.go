// Package loki is Loki's HTTP API for queries, so that Grafana, logcli and
// promtail's users see a Loki. Pushing is receiver/lokipush.
//
// Errors are plain text with Loki's status codes. What Loki has and we do not
// answers 404.
package loki

import (
	"log/slog"
	"net/http"
	"runtime"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/internal/version"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/query/tail"
)

// API serves the endpoints.
type API struct {
	reader logs.Reader
	engine *logql.Engine
	hub    *tail.Hub
	log    *slog.Logger
}

// New returns the API over a store, an engine over the same store, and the hub
// that gets what is pushed.
func New(reader logs.Reader, engine *logql.Engine, hub *tail.Hub, log *slog.Logger) *API {
	return &API{reader: reader, engine: engine, hub: hub, log: log}
}

// maxForm bounds the body of a POST: queries may be long.
const maxForm = 1 << 20

// Routes returns the endpoints below /loki/api/v1.
func (a *API) Routes() []httpx.Route {
	var rs []httpx.Route
	add := func(path string, h func(w http.ResponseWriter, r *http.Request) error) {
		handler := a.handler(h)
		for _, method := range []string{"GET ", "POST "} {
			rs = append(rs, httpx.Route{Pattern: method + "/loki/api/v1/" + path, Access: httpx.Read, Scoped: true, MaxBody: maxForm, Handler: handler})
		}
	}
	add("query", a.query)
	add("query_range", a.queryRange)
	add("labels", a.labels)
	add("label", a.labels)
	add("label/{name}/values", a.labelValues)
	add("series", a.series)
	add("index/stats", a.indexStats)
	add("index/volume", a.volume)
	add("index/volume_range", a.volumeRange)
	add("detected_labels", a.detectedLabels)
	add("detected_fields", a.detectedFields)
	add("detected_field/{name}/values", a.detectedFieldValues)
	add("format_query", a.formatQuery)
	add("patterns", a.patterns)
	rs = append(rs,
		httpx.Route{Pattern: "GET /loki/api/v1/tail", Access: httpx.Read, Streaming: true, Scoped: true, QueryToken: true, Handler: a.handler(a.tail)},
		httpx.Route{Pattern: "GET /loki/api/v1/status/buildinfo", Access: httpx.Read, Scoped: true, Handler: http.HandlerFunc(buildInfo)},
	)
	return rs
}

// handler writes the error of h.
func (a *API) handler(h func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := r.ParseForm()
		if err == nil {
			err = h(w, r)
		} else {
			err = badRequest(err)
		}
		if err != nil {
			a.writeError(w, r, err)
		}
	})
}

// lokiVersion is the version whose API and language this is; Grafana switches
// features by it.
const lokiVersion = "3.7.8"

func buildInfo(w http.ResponseWriter, _ *http.Request) {
	httpx.WriteJSON(w, http.StatusOK, map[string]string{
		"version": lokiVersion, "revision": version.Version, "branch": "pharos", "buildUser": "", "buildDate": "",
		"goVersion": runtime.Version(),
	})
}
