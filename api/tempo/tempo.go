// Package tempo serves the HTTP API of Grafana Tempo's query frontend, which Grafana's
// Tempo data source and Traces Drilldown speak, after its public documentation.
//
// Tempo's GET /api/traces/{id} is Jaeger's path too. On the one port Jaeger's clients
// have it, and only a request that accepts protobuf, as every Grafana sends it, is
// answered as Tempo does. Below /tempo, and on a port of its own, all paths are Tempo's.
//
// Tempo's gRPC service for streaming answers is on both ports at the path that gRPC gives
// it (stream.go); it has no prefix.
package tempo

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/internal/version"
	"github.com/pharosd/pharos/traces"
	"github.com/pharosd/pharos/traces/traceql"
)

// compatible is the version of Tempo whose API this is. Grafana asks for it to know what
// it may send.
const compatible = "2.8.0"

// IncompleteHeader says in answers why something may be missing.
const IncompleteHeader = "X-Pharos-Incomplete"

// API answers Tempo's queries.
type API struct {
	engine *traceql.Engine
	reader traces.Reader
	log    *slog.Logger
	now    func() time.Time
}

// New returns an API over an engine and the store that it reads.
func New(engine *traceql.Engine, reader traces.Reader, log *slog.Logger) *API {
	return &API{engine: engine, reader: reader, log: log, now: time.Now}
}

// Routes returns the API's route table for the one port: all but GET /api/traces/{id},
// see Trace, at the root, and everything below /tempo.
func (a *API) Routes() []httpx.Route {
	return append(append(a.shared(""), a.own("/tempo")...), a.streamRoutes()...)
}

// PortRoutes returns the route table of a port of Tempo's own.
func (a *API) PortRoutes() []httpx.Route { return append(a.own(""), a.streamRoutes()...) }

func read(pattern string, h http.HandlerFunc) httpx.Route {
	return httpx.Route{Pattern: pattern, Access: httpx.Read, Handler: h}
}

// own are all routes.
func (a *API) own(prefix string) []httpx.Route {
	return append(a.shared(prefix),
		read("GET "+prefix+"/api/traces/{traceID}", a.trace),
		httpx.Route{Pattern: "GET " + prefix + "/ready", Access: httpx.Public, Handler: http.HandlerFunc(ready)},
	)
}

// shared are the routes whose paths are no other dialect's.
func (a *API) shared(prefix string) []httpx.Route {
	out := []httpx.Route{
		read("GET "+prefix+"/api/echo", echo),
		read("GET "+prefix+"/api/status/buildinfo", buildInfo),
		read("GET "+prefix+"/api/v2/traces/{traceID}", a.traceV2),
		read("GET "+prefix+"/api/search", a.search),
		read("GET "+prefix+"/api/search/tags", a.tags),
		read("GET "+prefix+"/api/search/tag/{tag}/values", a.tagValues),
		read("GET "+prefix+"/api/v2/search/tags", a.tagsV2),
		read("GET "+prefix+"/api/v2/search/tag/{tag}/values", a.tagValuesV2),
		read("GET "+prefix+"/api/metrics/query_range", a.queryRange),
		read("GET "+prefix+"/api/metrics/query", a.query),
	}
	for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
		out = append(out, httpx.Route{Pattern: method + " " + prefix + "/api/overrides", Access: httpx.Admin, Handler: http.HandlerFunc(overrides)})
	}
	return out
}

// Trace serves GET /api/traces/{traceID} to requests that accept protobuf and leaves
// others to next, which is Jaeger's.
func (a *API) Trace(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wantsProtobuf(r) {
			a.trace(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func echo(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "echo") }

func ready(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ready\n") }

func buildInfo(w http.ResponseWriter, _ *http.Request) {
	httpx.WriteJSON(w, http.StatusOK, map[string]string{
		"version": compatible, "revision": "pharos " + version.Version, "branch": "", "buildDate": "", "buildUser": "", "goVersion": runtime.Version(),
	})
}

func overrides(w http.ResponseWriter, _ *http.Request) {
	writeText(w, http.StatusNotImplemented, "overrides are not supported: limits and retention of a tenant are in Pharos' own configuration\n")
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// statusError is an error with its status.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string { return e.text }

func badRequest(text string) error { return &statusError{http.StatusBadRequest, text} }

// statusClientClosed is what is logged for clients that went away.
const statusClientClosed = 499

// fail answers with an error as Tempo does: as plain text, which Grafana shows.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, text, again := a.explain(r, err)
	if again {
		w.Header().Set("Retry-After", "5")
	}
	writeText(w, status, text+"\n")
}

// explain returns the status and the text of an error, and whether to try again may help.
func (a *API) explain(r *http.Request, err error) (status int, text string, again bool) {
	status = http.StatusInternalServerError
	var own *statusError
	var parse *traceql.ParseError
	var limit *traceql.LimitError
	var refusal interface {
		error
		Refusal() (reason string, temporary bool)
	}
	text = err.Error()
	switch {
	case errors.As(err, &own):
		status = own.status
	case errors.As(err, &parse):
		status, text = http.StatusBadRequest, "invalid TraceQL query: "+parse.Error()
	case errors.As(err, &limit):
		status = http.StatusBadRequest
	case errors.As(err, &refusal):
		if _, temporary := refusal.Refusal(); temporary {
			status, again = http.StatusServiceUnavailable, true
		}
	case errors.Is(err, context.Canceled):
		status = statusClientClosed
	case errors.Is(err, context.DeadlineExceeded):
		status = http.StatusGatewayTimeout
	}
	if status == http.StatusInternalServerError {
		a.log.Error("trace query failed", "path", r.URL.Path, "error", err)
	}
	return status, text, again
}

// answer writes v; incomplete says what it lacks.
func answer(w http.ResponseWriter, incomplete string, v any) {
	if incomplete != "" {
		w.Header().Set(IncompleteHeader, strings.ToValidUTF8(incomplete, ""))
	}
	httpx.WriteJSON(w, http.StatusOK, v)
}
