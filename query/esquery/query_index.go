package esquery

import (
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/valyala/fastjson"

	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/logs"
)

// idsQuery matches by _id.
type idsQuery struct{ ids map[string]bool }

func newIDs(ids []string) query {
	if len(ids) == 0 {
		return matchNone{}
	}
	q := &idsQuery{ids: map[string]bool{}}
	for _, id := range ids {
		q.ids[id] = true
	}
	return q
}

func (q *idsQuery) match(d *document) bool { return q.ids[d.id()] }

func (q *idsQuery) prefilter() prefilter {
	in := logs.In{Field: logs.Field{Kind: logs.Metadata, Name: idField}}
	any := logs.Or{}
	for id := range q.ids {
		in.Values = append(in.Values, id)
		if at, ok := idTime(id); ok && at >= minTime && at < maxTime {
			any = append(any, logs.Within{Start: at, End: at + 1})
		}
	}
	return prefilter{filter: append(any, in)}
}

func (q *idsQuery) marks(to []span, _ *path, _ string) []span { return to }

func parseIDs(_ *compiler, v *fastjson.Value) (query, error) {
	var ids []string
	err := parameters(v, "ids", func(key string, m *fastjson.Value) (bool, error) {
		if key != "values" {
			return false, nil
		}
		var err error
		ids, err = stringsOf(m, "ids")
		return true, err
	})
	return newIDs(ids), err
}

// indexQuery matches by _index, whose names may have wildcards.
type indexQuery struct{ names []string }

func newIndexQuery(names []string) query { return &indexQuery{names} }

func (q *indexQuery) match(d *document) bool {
	for _, n := range q.names {
		if esapi.Match(n, d.index) {
			return true
		}
	}
	return false
}

func (q *indexQuery) prefilter() prefilter {
	any := logs.Or{}
	for _, n := range q.names {
		if !onlyPlain(n) {
			return everything
		}
		any = append(any, inIndex(n)...)
	}
	return prefilter{filter: any, exact: true}
}

func (q *indexQuery) marks(to []span, _ *path, _ string) []span { return to }

// inIndex selects the streams of an index.
func inIndex(name string) []logs.Filter {
	equal := func(label, value string) *labels.Matcher {
		return labels.MustNewMatcher(labels.MatchEqual, label, value)
	}
	out := []logs.Filter{logs.InStreams{Matchers: []*labels.Matcher{equal(indexLabel, name)}}}
	if service, ok := strings.CutPrefix(name, restIndex+"-"); ok && service != "" {
		out = append(out, logs.InStreams{Matchers: []*labels.Matcher{equal(indexLabel, ""), equal(serviceLabel, service)}})
	}
	if name == restIndex {
		out = append(out, logs.InStreams{Matchers: []*labels.Matcher{equal(indexLabel, ""), equal(serviceLabel, "")}})
	}
	return out
}
