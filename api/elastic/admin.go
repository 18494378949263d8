package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/tenant"
)

// Deps are what the administrative side needs.
type Deps struct {
	Catalog *Catalog
	Reader  logs.Reader
	// DeleteIndex, unless it is nil, asks for everything of an index to be deleted.
	DeleteIndex func(ctx context.Context, t tenant.ID, index string) error
	Log         *slog.Logger
}

// Admin serves the administrative side.
type Admin struct {
	Deps
	started time.Time
	now     func() time.Time
}

// NewAdmin returns the administrative side.
func NewAdmin(d Deps) *Admin { return &Admin{Deps: d, started: time.Now(), now: time.Now} }

type handler = func(w http.ResponseWriter, r *http.Request) error

// routeTable gathers routes.
type routeTable struct{ routes []httpx.Route }

// add adds one handler under several patterns. Bodies are templates at most.
func (t *routeTable) add(access httpx.Access, h handler, patterns ...string) {
	for _, p := range patterns {
		t.routes = append(t.routes, httpx.Route{Pattern: p, Access: access, MaxBody: maxObject + 1<<10, Handler: esapi.Handler(h)})
	}
}

// Routes are the API's, for httpx.Under to put where they belong. What clients ask to
// know what they talk to is public, since a token of a shipper may not read; what
// changes how long entries are kept needs an editor or, for policies, an administrator.
func (a *Admin) Routes() []httpx.Route {
	var t routeTable
	a.clusterRoutes(&t)
	a.catRoutes(&t)
	a.templateRoutes(&t)
	a.lifecycleRoutes(&t)
	a.indexRoutes(&t)
	a.aliasRoutes(&t)
	a.streamRoutes(&t)
	a.pipelineRoutes(&t)
	t.add(httpx.Read, unknown, "/")
	return t.routes
}

// unknown answers paths that nothing serves, as Elasticsearch words it.
func unknown(_ http.ResponseWriter, r *http.Request) error {
	if allowed := httpx.Allowed(r.Context()); len(allowed) > 0 {
		return &esapi.Error{Status: http.StatusMethodNotAllowed, Type: "method_not_allowed",
			Reason: fmt.Sprintf("Incorrect HTTP method for uri [%s] and method [%s], allowed: [%s]", r.URL.Path, r.Method, strings.Join(allowed, ", "))}
	}
	return &esapi.Error{Status: http.StatusBadRequest, Type: "unsupported_operation_exception",
		Reason: fmt.Sprintf("no handler found for uri [%s] and method [%s]: this part of Elasticsearch's API is not served", r.URL.Path, r.Method)}
}

// readBody decodes a body of JSON; an empty one leaves v as it is unless it is needed.
func readBody(r *http.Request, v any, needed bool) error {
	b, err := httpx.Body(r, maxObject, maxObject)
	var e *httpx.Error
	if errors.As(err, &e) {
		return &esapi.Error{Status: e.Status, Type: "illegal_argument_exception", Reason: e.Message}
	}
	if err != nil {
		return err
	}
	if len(strings.TrimSpace(string(b))) == 0 {
		if needed {
			return &esapi.Error{Status: http.StatusBadRequest, Type: "parse_exception", Reason: "request body is required"}
		}
		return nil
	}
	if err := esapi.CheckContentType(r); err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return &esapi.Error{Status: http.StatusBadRequest, Type: "x_content_parse_exception", Reason: err.Error()}
	}
	return nil
}

type acknowledged struct {
	Acknowledged bool `json:"acknowledged"`
}

func acknowledge(w http.ResponseWriter, r *http.Request) error {
	esapi.WriteJSON(w, r, http.StatusOK, acknowledged{true})
	return nil
}

func notFound(kind, reason string) error {
	return &esapi.Error{Status: http.StatusNotFound, Type: kind, Reason: reason}
}

// shardCounts is what operations on indices answer: one shard each, all well.
type shardCounts struct {
	Total      int `json:"total"`
	Successful int `json:"successful"`
	Failed     int `json:"failed"`
}
