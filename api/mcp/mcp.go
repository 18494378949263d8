// Package mcp is an assistant's door: a server of the Model Context Protocol
// (streamable HTTP, without sessions) whose tools read metrics, logs, traces, alerts and
// dashboards. A tool asks the process' own routes with the credentials of the request,
// so that tenants, narrowed tokens, limits and budgets hold as for everybody else.
package mcp

import (
	"log/slog"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pharosd/pharos/internal/httpx"
)

// Path is where assistants connect to.
const Path = "/mcp"

// Door serves the protocol.
type Door struct {
	version string
	api     http.Handler
	schemas *mcp.SchemaCache
	handler http.Handler
}

// New returns a door that says it is of that version. It takes requests after Open.
func New(version string, log *slog.Logger) *Door {
	d := &Door{version: version, schemas: mcp.NewSchemaCache()}
	d.handler = mcp.NewStreamableHTTPHandler(d.server, &mcp.StreamableHTTPOptions{
		Stateless: true, JSONResponse: true, Logger: log,
		// The gate asks for credentials, which a page that was led here has not got.
		DisableLocalhostProtection: true,
	})
	return d
}

// Open hands in the process' routes behind their gate. It is called once, before the
// first request.
func (d *Door) Open(api http.Handler) { d.api = api }

// Routes are the door's. It has no sessions, so there is nothing to GET or DELETE.
func (d *Door) Routes() []httpx.Route {
	return []httpx.Route{{Pattern: "POST " + Path, Access: httpx.Read, Scoped: true, Handler: d.handler}}
}

// server is what answers one request: its tools ask on behalf of r.
func (d *Door) server(r *http.Request) *mcp.Server {
	s := mcp.NewServer(&mcp.Implementation{Name: "pharos", Title: "Pharos", Version: d.version},
		&mcp.ServerOptions{SchemaCache: d.schemas, Instructions: instructions})
	addTools(s, &caller{api: d.api, by: r})
	return s
}

const instructions = `Pharos keeps metrics (PromQL), logs (LogQL), traces, alerts and dashboards of one platform.
Begin with list_services, list_metrics or list_labels to learn names, then query. Times are RFC 3339 or Unix seconds; without them the last hour is meant. Everything is read only.`
