package esquery

import (
	"errors"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"github.com/pharosd/pharos/query/esquery/internal/lucene"
)

// stringQuery compiles Lucene's syntax.
type stringQuery struct {
	matchOptions
	what      string
	now       time.Time
	loc       *time.Location
	noLeading bool
}

func parseQueryString(c *compiler, v *fastjson.Value) (query, error) {
	s := &stringQuery{what: "query_string", now: c.now, loc: utc}
	text, err := s.read(v)
	if err != nil {
		return nil, err
	}
	return s.compile(text)
}

// compileQ compiles the q parameter of a request.
func compileQ(now time.Time, text, defaultField string, and bool) (query, error) {
	s := &stringQuery{what: "query_string", now: now, loc: utc}
	s.and = and
	if defaultField != "" {
		s.fields = []string{defaultField}
	}
	return s.compile(text)
}

func (s *stringQuery) read(v *fastjson.Value) (text string, err error) {
	given, defaultField := false, ""
	err = parameters(v, s.what, func(key string, m *fastjson.Value) (bool, error) {
		var err error
		switch key {
		case "query":
			given = true
			text, err = textOf(m, s.what)
		case "fields":
			if m.Type() != fastjson.TypeArray {
				return true, parsingf("[%s] query does not support [fields]", s.what)
			}
			s.fields, err = stringsOf(m, s.what)
		case "default_field":
			defaultField, err = textOf(m, s.what)
		case "time_zone":
			s.loc, err = zoneOf(m)
		case "allow_leading_wildcard":
			var allowed bool
			allowed, err = boolOf(m, key)
			s.noLeading = !allowed
		case "type":
			_, err = textOf(m, key)
		case "analyze_wildcard", "enable_position_increments", "escape", "rewrite", "quote_field_suffix", "tie_breaker",
			"max_determinized_states", "fuzzy_prefix_length", "flags":
		default:
			return s.parameter(s.what, key, m)
		}
		return true, err
	})
	switch {
	case err != nil:
		return "", err
	case !given:
		return "", parsingf("%s must be provided with a [query]", s.what)
	case defaultField != "" && len(s.fields) > 0:
		return "", parsingf("Validation Failed: 1: cannot use [fields] parameter in conjunction with [default_field];")
	case defaultField != "":
		s.fields = []string{defaultField}
	}
	return text, nil
}

func (s *stringQuery) compile(text string) (query, error) {
	n, err := lucene.Parse(text, lucene.Options{And: s.and, NoLeadingWildcard: s.noLeading})
	var syntax *lucene.SyntaxError
	if errors.As(err, &syntax) {
		return nil, &Error{Status: 400, Type: "query_shard_exception", Reason: "Failed to parse query [" + clip(text) + "]",
			CausedBy: &Error{Type: "parse_exception", Reason: syntax.Error()}}
	}
	if err != nil {
		return nil, err
	}
	return s.node(n, true)
}

func parseSimpleQueryString(c *compiler, v *fastjson.Value) (query, error) {
	s := &stringQuery{what: "simple_query_string", now: c.now, loc: utc}
	s.lenient = true
	text, err := s.read(v)
	if err != nil {
		return nil, err
	}
	return s.node(lucene.ParseSimple(text, s.and), true)
}

// node compiles one node; top: minimum_should_match counts its clauses.
func (s *stringQuery) node(n lucene.Node, top bool) (query, error) {
	switch n := n.(type) {
	case lucene.Bool:
		return s.bool(n, top)
	case lucene.All:
		return matchAll{}, nil
	case lucene.Exists:
		return s.onPaths(n.Field, func(p *path) (query, error) { return &existsQuery{p}, nil })
	case lucene.Text:
		return s.onPaths(n.Field, func(p *path) (query, error) { return s.analysed(p, n.Text, eachWord) })
	case lucene.Phrase:
		return s.onPaths(n.Field, func(p *path) (query, error) {
			o := s.matchOptions
			if n.Slop > 0 {
				o.slop = n.Slop
			}
			return o.analysed(p, n.Text, asPhrase)
		})
	case lucene.Prefix:
		return s.onPaths(n.Field, func(p *path) (query, error) { return &fieldQuery{p, newPrefix(n.Text, false, true)}, nil })
	case lucene.Wildcard:
		return s.onPaths(n.Field, func(p *path) (query, error) {
			t, err := newWildcard(n.Pattern, false, true)
			return &fieldQuery{p, t}, err
		})
	case lucene.Regexp:
		return s.onPaths(n.Field, func(p *path) (query, error) {
			t, err := newRegexp(n.Expr, false)
			return &fieldQuery{p, t}, err
		})
	case lucene.Fuzzy:
		return s.onPaths(n.Field, func(p *path) (query, error) { return &fieldQuery{p, newFuzzy(n.Text, n.Edits, 0)}, nil })
	case lucene.Range:
		return s.onPaths(n.Field, func(p *path) (query, error) { return s.ranged(p, n) })
	}
	panic("BUG: unknown node of Lucene's syntax")
}

func (s *stringQuery) ranged(p *path, n lucene.Range) (query, error) {
	t := &rangeTest{low: n.Low, high: n.High, hasLow: n.Low != "*", hasHigh: n.High != "*", openLow: n.OpenLow, openHigh: n.OpenHigh}
	q, err := t.on(p, rangeOptions{loc: s.loc, now: s.now})
	if err != nil && s.lenient {
		return matchNone{}, nil
	}
	return q, err
}

// onPaths compiles a leaf for the field that it names, or for each of the query's.
func (s *stringQuery) onPaths(field string, f func(*path) (query, error)) (query, error) {
	paths := s.paths()
	if field != "" {
		paths = []*path{newPath(strings.ReplaceAll(field, `\`, ""))}
	}
	var qs []query
	for _, p := range paths {
		q, err := f(p)
		if err != nil {
			return nil, err
		}
		qs = append(qs, q)
	}
	return anyOf(qs...), nil
}

func (s *stringQuery) bool(b lucene.Bool, top bool) (query, error) {
	if len(b.Clauses) == 0 {
		return matchNone{}, nil
	}
	q := &boolQuery{}
	for _, c := range b.Clauses {
		one, err := s.node(c.Query, false)
		if err != nil {
			return nil, err
		}
		switch c.Occur {
		case lucene.Must:
			q.must = append(q.must, one)
		case lucene.MustNot:
			q.mustNot = append(q.mustNot, one)
		default:
			q.should = append(q.should, one)
		}
	}
	spec := ""
	if top {
		spec = s.minimum
	}
	var err error
	q.need, err = minimumShould(spec, len(q.should), len(q.must) == 0)
	return q, err
}
