package app

import (
	"net/http"
	"net/http/pprof"

	"github.com/pharosd/pharos/internal/httpx"
)

// debugRoutes are Go's profiles of the running process, where its tools expect
// them: go tool pprof http://127.0.0.1:8400/debug/pprof/profile.
func debugRoutes() []httpx.Route {
	route := func(name string, h http.HandlerFunc) httpx.Route {
		return httpx.Route{Pattern: "GET /debug/pprof/" + name, Access: httpx.Admin, Streaming: true, Handler: ownerOnly(h)}
	}
	return []httpx.Route{
		route("", pprof.Index), route("profile", pprof.Profile), route("trace", pprof.Trace), route("symbol", pprof.Symbol),
	}
}
