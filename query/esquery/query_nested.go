package esquery

import (
	"strings"

	"github.com/valyala/fastjson"
)

// nestedQuery matches when one object at a path does by itself: of an array, one of
// its elements. There is no mapping that says which objects are nested; this clause
// takes any.
type nestedQuery struct {
	path     *path
	segments []string
	query    query
}

func parseNested(c *compiler, v *fastjson.Value) (query, error) {
	q := &nestedQuery{}
	err := parameters(v, "nested", func(key string, m *fastjson.Value) (bool, error) {
		var err error
		switch key {
		case "path":
			var s string
			if s, err = textOf(m, key); err == nil {
				q.path, q.segments = newPath(s), strings.SplitN(s, ".", maxSegments)
				if q.path.kind != plainPath {
					err = illegalf("[nested] wants the [path] of objects, not [%s]", clip(s))
				}
			}
		case "query":
			q.query, err = c.compile(m)
		case "score_mode", "ignore_unmapped":
			_, err = textOf(m, key)
		case "inner_hits":
			err = unsupportedf("[inner_hits]")
		default:
			return false, nil
		}
		return true, err
	})
	if err == nil && (q.path == nil || q.query == nil) {
		err = parsingf("[nested] requires 'path' and 'query' fields")
	}
	return q, err
}

func (q *nestedQuery) match(d *document) bool {
	if d.root == nil {
		return false
	}
	found := false
	d.lookup(d.root, q.path, 0, func(v *fastjson.Value) { found = found || q.matchIn(d, v) })
	return found
}

func (q *nestedQuery) matchIn(d *document, v *fastjson.Value) bool {
	if v.Type() == fastjson.TypeArray {
		for _, item := range v.GetArray() {
			if q.matchIn(d, item) {
				return true
			}
		}
		return false
	}
	if v.Type() != fastjson.TypeObject {
		return false
	}
	// The object as a document of its own, at the same place.
	var arena fastjson.Arena
	for i := len(q.segments) - 1; i >= 0; i-- {
		around := arena.NewObject()
		around.Set(q.segments[i], v)
		v = around
	}
	one := *d
	one.root, one.own = v, true
	return q.query.match(&one)
}

func (q *nestedQuery) prefilter() prefilter {
	p := q.query.prefilter()
	p.exact = false
	return p
}

func (q *nestedQuery) marks(to []span, p *path, text string) []span {
	return q.query.marks(to, p, text)
}
