// Package httpx is what every HTTP dialect shares: how a route is declared, how
// a body is bounded and how our own API answers with JSON and errors.
package httpx

import "net/http"

// Access is what the caller must be allowed to do before a route's handler runs.
// The gate enforces it; handlers never check roles themselves.
type Access int

const (
	// Public needs no credentials: health, sign-in, the UI's static files.
	Public Access = iota + 1
	// Read needs a viewer's session or a token that may read.
	Read
	// Write needs a token that may push data (or an editor's session).
	Write
	// Edit needs an editor: silences, dashboards, the simulator.
	Edit
	// Admin needs an administrator: users, tokens, reload, deletion.
	Admin
)

// Route is one entry of a dialect's route table. A package that serves HTTP
// exposes Routes() []httpx.Route and nothing else of net/http's wiring; app puts
// all tables on one mux behind the gate.
type Route struct {
	// Pattern is http.ServeMux's: "POST /loki/api/v1/push", "/api/v1/".
	Pattern string
	// Tree, unless it is empty, is the path below which patterns may overlap: see Mux
	// and Under.
	Tree   string
	Access Access
	// MaxBody bounds the request body in bytes as sent; 0 means DefaultMaxBody.
	// What a body may unpack to is the decoder's own bound.
	MaxBody int64
	// Streaming marks answers without an end (tail, events): they get no write
	// deadline.
	Streaming bool
	// Endless marks bodies without an end (journald's uploads): they may pause for an hour
	// and take as long as they like.
	Endless bool
	// Scoped declares that the handler shows and takes nothing outside of the
	// request's tenant.Scope. The gate refuses narrowed credentials on all others.
	Scoped bool
	// QueryToken lets a token come as the parameter "token" of the URL, for what
	// browsers cannot give a header: EventSource and WebSocket. The gate takes it out
	// of the URL.
	QueryToken bool
	// Token, unless it is nil, returns the token of clients that have a place of their
	// own for it (Datadog's DD-API-KEY), "" if there is none. It may take it out of r,
	// which is a copy. An Authorization header of a kind that the gate knows wins.
	Token func(r *http.Request) string
	// Origins, unless it is nil, says which other sites' pages may call the route. They
	// bring a token: what a browser sends by itself (cookies, Basic credentials) does not
	// count in their requests.
	Origins func(origin string) bool
	Handler http.Handler
}

// DefaultMaxBody is enough for any query and any edit.
const DefaultMaxBody = 1 << 20
