package elastic

import (
	"log/slog"
	"net/http"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/query/esquery"
)

// Search answers questions about documents: _search and what belongs to it.
type Search struct {
	engine *esquery.Engine
	log    *slog.Logger
}

// NewSearch returns the searching side over an engine.
func NewSearch(engine *esquery.Engine, log *slog.Logger) *Search {
	return &Search{engine: engine, log: log}
}

// Bounds of bodies, as sent and unpacked.
const (
	maxSearchBody  = 1 << 20
	maxMsearchBody = 8 << 20
)

// Routes returns the route table below a prefix: "/elastic" on the one port, "" on
// Elasticsearch's own.
func (s *Search) Routes(prefix string) []httpx.Route {
	var out []httpx.Route
	add := func(maxBody int64, h func(*searchRequest) ([]byte, error), methods []string, paths ...string) {
		for _, m := range methods {
			for _, p := range paths {
				out = append(out, httpx.Route{Pattern: m + " " + prefix + p, Access: httpx.Read, Scoped: true, MaxBody: maxBody, Handler: s.handler(maxBody, h)})
			}
		}
	}
	both := []string{http.MethodGet, http.MethodPost}
	get, post, del := []string{http.MethodGet}, []string{http.MethodPost}, []string{http.MethodDelete}
	add(maxSearchBody, s.search, both, "/_search", "/{index}/_search")
	add(maxMsearchBody, s.msearch, both, "/_msearch", "/{index}/_msearch")
	add(maxSearchBody, s.count, both, "/_count", "/{index}/_count")
	add(maxSearchBody, s.validate, both, "/_validate/query", "/{index}/_validate/query")
	add(maxSearchBody, s.fieldCaps, both, "/_field_caps", "/{index}/_field_caps")
	add(maxSearchBody, s.mapping, get, "/_mapping", "/{index}/_mapping", "/_mappings", "/{index}/_mappings")
	add(maxSearchBody, s.fieldMapping, get, "/_mapping/field/{fields}", "/{index}/_mapping/field/{fields}")
	add(maxSearchBody, s.termsEnum, both, "/{index}/_terms_enum")
	add(maxSearchBody, s.scroll, both, "/_search/scroll", "/_search/scroll/{scroll}")
	add(maxSearchBody, s.clearScroll, del, "/_search/scroll", "/_search/scroll/{scroll}")
	add(maxSearchBody, s.openPIT, post, "/{index}/_pit")
	add(maxSearchBody, s.closePIT, del, "/_pit")
	add(maxSearchBody, s.asyncSearch, post, "/_async_search", "/{index}/_async_search")
	add(maxSearchBody, s.searchShards, both, "/_search_shards", "/{index}/_search_shards")
	add(maxSearchBody, s.resolveIndex, get, "/_resolve/index/{index}")
	return out
}
