package esquery

import (
	"github.com/valyala/fastjson"

	"github.com/pharosd/pharos/logs"
)

// maxTerms is Elasticsearch's index.max_terms_count, here of a whole request.
const maxTerms = 65_536

func parseTerms(c *compiler, v *fastjson.Value) (query, error) {
	var field string
	var texts []string
	err := parameters(v, "terms", func(key string, m *fastjson.Value) (bool, error) {
		if field != "" {
			return true, parsingf("[terms] query does not support multiple fields")
		}
		if m.Type() == fastjson.TypeObject {
			return true, unsupportedf("[terms] query with a terms lookup")
		}
		if m.Type() != fastjson.TypeArray {
			return true, parsingf("[terms] unknown token [%s] after [%s]", tokenOf(m), key)
		}
		field = key
		var err error
		texts, err = stringsOf(m, "terms")
		return true, err
	})
	if err != nil {
		return nil, err
	}
	if field == "" {
		return nil, parsingf("No field specified for terms query")
	}
	if len(texts) == 0 {
		return matchNone{}, nil
	}
	if c.terms += len(texts); c.terms > maxTerms {
		return nil, illegalf("The number of terms [%d] used in the Terms Query request has exceeded the allowed maximum of [%d]. "+
			"This maximum can be set by changing the [index.max_terms_count] index level setting.", c.terms, maxTerms)
	}
	p := newPath(field)
	switch p.kind {
	case indexPath:
		return newIndexQuery(texts), nil
	case idPath:
		return newIDs(texts), nil
	}
	return newTermsQuery(p, texts), nil
}

// termsQuery is one of several exact values: what termTest is for one.
type termsQuery struct {
	path  *path
	terms []*termTest

	texts, tokens map[string]bool
	numbers       map[float64]bool
	dates         map[int64]bool
}

func newTermsQuery(p *path, texts []string) query {
	q := &termsQuery{path: p, texts: map[string]bool{}, tokens: map[string]bool{}, numbers: map[float64]bool{}, dates: map[int64]bool{}}
	for _, text := range texts {
		t := newTerm(text, false)
		q.terms = append(q.terms, t)
		q.texts[text] = true
		if t.token {
			q.tokens[text] = true
		}
		if t.isNumber {
			q.numbers[t.number] = true
		}
		if t.isDate {
			q.dates[t.millis] = true
		}
	}
	return q
}

func (q *termsQuery) match(d *document) bool {
	var buf [8]value
	for _, v := range d.values(buf[:0], q.path) {
		if q.has(&v) {
			return true
		}
	}
	return false
}

func (q *termsQuery) has(v *value) bool {
	keyword := q.path.keyword
	if q.texts[v.text] && (v.kind != numberValue || keyword) && v.text != "" || v.kind == textValue && q.texts[v.text] {
		return true
	}
	switch {
	case keyword:
		return false
	case v.kind == numberValue:
		return q.numbers[v.number]
	case v.kind == dateValue:
		return q.dates[v.whole]
	case v.kind != textValue || len(q.tokens) == 0:
		return false
	}
	found := false
	eachToken(v.text, func(word string, _ int) bool {
		found = q.tokens[lower(word)]
		return !found
	})
	return found
}

// maxListed is up to how many values the store is asked for one by one.
const maxListed = 64

func (q *termsQuery) prefilter() prefilter {
	if q.path.keyword && q.path.kind == plainPath {
		return q.listed()
	}
	if len(q.terms) > maxListed {
		p := existsFilter(q.path)
		p.exact = false
		return p
	}
	var one []prefilter
	for _, t := range q.terms {
		one = append(one, t.prefilter(q.path))
	}
	return or(one...)
}

// listed asks for exact values at once.
func (q *termsQuery) listed() prefilter {
	var lines logs.Or
	var values []string
	for _, t := range q.terms {
		line := inLine(t.text, false)
		if line == nil {
			return everything
		}
		lines = append(lines, line)
		values = append(values, t.text)
	}
	in := func(f logs.Field) logs.Filter { return logs.In{Field: f, Values: values} }
	if len(values) > maxListed {
		return onPath(q.path, in, nil)
	}
	return onPath(q.path, in, lines)
}

func (q *termsQuery) marks(to []span, p *path, text string) []span {
	if len(q.terms) > maxListed {
		return to
	}
	for _, t := range q.terms {
		to = (&fieldQuery{q.path, t}).marks(to, p, text)
	}
	return to
}
