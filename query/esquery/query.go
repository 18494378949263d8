package esquery

import (
	"time"

	"github.com/valyala/fastjson"
)

// query is one clause of the DSL, compiled. It is used by one worker at a time at
// most if it is cloned for each; queries without state return themselves.
type query interface {
	match(d *document) bool
	prefilter() prefilter
	// marks appends what in a text of this field the query matches, for highlighting.
	marks(to []span, p *path, text string) []span
}

// span is a range of bytes.
type span struct{ start, end int }

// compiler reads queries. It has what they depend on.
type compiler struct {
	now     time.Time
	depth   int
	clauses int
	terms   int
}

// Elasticsearch's indices.query.bool.max_nested_depth and max_clause_count.
const (
	maxQueryDepth   = 30
	maxQueryClauses = 4096
)

type queryParser func(c *compiler, v *fastjson.Value) (query, error)

// queryParsers are the clauses; the table is filled at first use, as clauses hold
// clauses.
func queryParsers(name string) (queryParser, bool) {
	p, ok := map[string]queryParser{
		"match_all": parseMatchAll, "match_none": parseMatchNone, "bool": parseBool, "constant_score": parseConstantScore,
		"nested": parseNested, "dis_max": parseDisMax, "boosting": parseBoosting,
		"term": parseTerm, "terms": parseTerms, "prefix": parsePrefix, "wildcard": parseWildcard, "regexp": parseRegexp,
		"fuzzy": parseFuzzy, "exists": parseExists, "ids": parseIDs, "range": parseRange,
		"match": parseMatch, "match_phrase": parseMatchPhrase, "match_phrase_prefix": parseMatchPhrasePrefix,
		"match_bool_prefix": parseMatchBoolPrefix, "multi_match": parseMultiMatch, "combined_fields": parseCombinedFields,
		"query_string": parseQueryString, "simple_query_string": parseSimpleQueryString,
	}[name]
	return p, ok
}

// refused are clauses that Elasticsearch has and Pharos has not, with the reason.
var refused = map[string]string{
	"function_score":   "matches are not ranked: all score 1",
	"script_score":     "matches are not ranked: all score 1, and there are no scripts",
	"script":           "there are no scripts",
	"rank_feature":     "matches are not ranked: all score 1",
	"distance_feature": "matches are not ranked: all score 1",
	"has_child":        "documents have no parents",
	"has_parent":       "documents have no parents",
	"parent_id":        "documents have no parents",
	"more_like_this":   "matches are not ranked",
	"percolate":        "there are no stored queries",
	"geo_distance":     "there are no geographic fields",
	"geo_bounding_box": "there are no geographic fields",
	"geo_shape":        "there are no geographic fields",
	"knn":              "there are no vectors",
	"semantic":         "there are no vectors",
	"pinned":           "matches are not ranked",
	"intervals":        "use match_phrase with slop",
	"span_term":        "use match_phrase with slop",
	"span_near":        "use match_phrase with slop",
}

// compile reads a query.
func (c *compiler) compile(v *fastjson.Value) (query, error) {
	if v.Type() != fastjson.TypeObject {
		return nil, parsingf("[_na] query malformed, must start with start_object")
	}
	if c.depth++; c.depth > maxQueryDepth {
		return nil, illegalf("The nested depth of the query exceeds the maximum nested depth for queries set in [indices.query.bool.max_nested_depth]")
	}
	defer func() { c.depth-- }()
	if err := c.count(1); err != nil {
		return nil, err
	}
	name, body, err := only(v, "_na")
	if err != nil {
		return nil, err
	}
	parse, ok := queryParsers(name)
	if !ok {
		if why := refused[name]; why != "" {
			return nil, illegalf("the query [%s] is not supported by Pharos: %s", name, why)
		}
		return nil, &Error{Status: 400, Type: "parsing_exception", Reason: "unknown query [" + clip(name) + "]",
			CausedBy: &Error{Type: "named_object_not_found_exception", Reason: "unknown field [" + clip(name) + "]"}}
	}
	return parse(c, body)
}

func (c *compiler) count(n int) error {
	if c.clauses += n; c.clauses > maxQueryClauses {
		return &Error{Status: 400, Type: "too_many_clauses", Reason: "maxClauseCount is set to 4096"}
	}
	return nil
}

func clip(s string) string {
	if len(s) > 100 {
		return s[:100]
	}
	return s
}

type matchAll struct{}

func (matchAll) match(*document) bool                      { return true }
func (matchAll) prefilter() prefilter                      { return prefilter{exact: true} }
func (matchAll) marks(to []span, _ *path, _ string) []span { return to }

type matchNone struct{}

func (matchNone) match(*document) bool                      { return false }
func (matchNone) prefilter() prefilter                      { return none }
func (matchNone) marks(to []span, _ *path, _ string) []span { return to }

func parseMatchAll(_ *compiler, v *fastjson.Value) (query, error) {
	return matchAll{}, parameters(v, "match_all", nil)
}

func parseMatchNone(_ *compiler, v *fastjson.Value) (query, error) {
	return matchNone{}, parameters(v, "match_none", nil)
}

// parameters reads the members of a clause: boost and _name anywhere (they change no
// match), the others by f, which returns false for those that it does not know.
func parameters(v *fastjson.Value, what string, f func(key string, v *fastjson.Value) (bool, error)) error {
	return members(v, what, func(key string, m *fastjson.Value) error {
		switch key {
		case "boost":
			if m.Type() == fastjson.TypeNull {
				return nil
			}
			b, err := floatOf(m, "boost")
			if err == nil && b < 0 {
				err = illegalf("negative [boost] are not allowed in [%s], use a value between 0 and 1 to deboost", what)
			}
			return err
		case "_name":
			_, err := textOf(m, what)
			return err
		}
		if f != nil {
			if known, err := f(key, m); known || err != nil {
				return err
			}
		}
		return unknownKey(what, key)
	})
}
