// Package tail is our own door to live tails: server-sent events, which a browser
// resumes by itself, and a small page that shows them, for a platform that shows
// each customer their own logs. Loki's WebSocket is in api/loki.
package tail

import (
	"log/slog"
	"net/http"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/query/tail"
)

// API serves the endpoints.
type API struct {
	reader logs.Reader
	hub    *tail.Hub
	log    *slog.Logger
}

// New returns the API over the store, as requests see it (logs.Scoped), and the hub
// that gets what is pushed.
func New(reader logs.Reader, hub *tail.Hub, log *slog.Logger) *API {
	return &API{reader: reader, hub: hub, log: log}
}

// Routes returns the endpoints.
func (a *API) Routes() []httpx.Route {
	return []httpx.Route{
		{Pattern: "GET /api/pharos/v1/tail", Access: httpx.Read, Streaming: true, Scoped: true, QueryToken: true, Handler: http.HandlerFunc(a.events)},
		// The page holds nothing; its script asks for what its token may see.
		{Pattern: "GET /embed/tail", Access: httpx.Public, QueryToken: true, Handler: a.page()},
	}
}
