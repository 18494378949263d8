package esquery

import (
	"strings"

	"github.com/valyala/fastjson"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/query/esquery/internal/lucene"
)

// oneField reads {"field": value} or {"field": {key: value...}}; the value, or the
// member called key, is given as text. f reads the other members.
func oneField(v *fastjson.Value, what, key string, f func(key string, v *fastjson.Value) (bool, error)) (field, text string, err error) {
	found := false
	err = members(v, what, func(name string, m *fastjson.Value) error {
		if name == "boost" || name == "_name" {
			return nil
		}
		if found {
			return parsingf("[%s] query doesn't support multiple fields, found [%s] and [%s]", what, field, name)
		}
		field, found = name, true
		if m.Type() != fastjson.TypeObject {
			text, err = textOf(m, what)
			return err
		}
		given := false
		err := parameters(m, what, func(k string, mv *fastjson.Value) (bool, error) {
			if k == key {
				given = true
				text, err = textOf(mv, what)
				return true, err
			}
			if f == nil {
				return false, nil
			}
			return f(k, mv)
		})
		if err == nil && !given {
			err = illegalf("value cannot be null: [%s] query without [%s]", what, key)
		}
		return err
	})
	if err == nil && !found {
		err = illegalf("field name is null or empty")
	}
	return field, text, err
}

// folding reads case_insensitive, and rewrite, which changes no match.
func folding(fold *bool) func(string, *fastjson.Value) (bool, error) {
	return func(key string, v *fastjson.Value) (bool, error) {
		switch key {
		case "case_insensitive":
			var err error
			*fold, err = boolOf(v, key)
			return true, err
		case "rewrite":
			return true, nil
		}
		return false, nil
	}
}

func parseTerm(_ *compiler, v *fastjson.Value) (query, error) {
	fold := false
	field, text, err := oneField(v, "term", "value", folding(&fold))
	if err != nil {
		return nil, err
	}
	p := newPath(field)
	if p.kind == indexPath {
		return newIndexQuery([]string{text}), nil
	}
	if p.kind == idPath {
		return &idsQuery{ids: map[string]bool{text: true}}, nil
	}
	return &fieldQuery{p, newTerm(text, fold)}, nil
}

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

func parsePrefix(_ *compiler, v *fastjson.Value) (query, error) {
	fold := false
	field, text, err := oneField(v, "prefix", "value", folding(&fold))
	if err != nil {
		return nil, err
	}
	return &fieldQuery{newPath(field), newPrefix(text, fold, false)}, nil
}

func parseWildcard(_ *compiler, v *fastjson.Value) (query, error) {
	fold := false
	pattern, given := "", false
	other := folding(&fold)
	field, text, err := oneField(wildcardValue(v), "wildcard", "value", func(key string, m *fastjson.Value) (bool, error) {
		if key == "wildcard" {
			given = true
			var err error
			pattern, err = textOf(m, key)
			return true, err
		}
		return other(key, m)
	})
	if err != nil {
		return nil, err
	}
	if given {
		text = pattern
	}
	t, err := newWildcard(text, fold, false)
	if err != nil {
		return nil, err
	}
	return &fieldQuery{newPath(field), t}, nil
}

// wildcardValue is v: the older key "wildcard" is read beside "value".
func wildcardValue(v *fastjson.Value) *fastjson.Value {
	if v.Type() != fastjson.TypeObject {
		return v
	}
	v.GetObject().Visit(func(_ []byte, m *fastjson.Value) {
		if m.Type() == fastjson.TypeObject && m.Get("value") == nil && m.Get("wildcard") != nil {
			m.Set("value", m.Get("wildcard"))
		}
	})
	return v
}

func parseRegexp(_ *compiler, v *fastjson.Value) (query, error) {
	fold := false
	other := folding(&fold)
	field, text, err := oneField(v, "regexp", "value", func(key string, m *fastjson.Value) (bool, error) {
		switch key {
		case "flags", "flags_value", "max_determinized_states":
			_, err := textOf(m, key)
			return true, err
		}
		return other(key, m)
	})
	if err != nil {
		return nil, err
	}
	t, err := newRegexp(text, fold)
	if err != nil {
		return nil, err
	}
	return &fieldQuery{newPath(field), t}, nil
}

func newRegexp(text string, fold bool) (*patternTest, error) {
	re, err := lucene.TranslateRegexp(text, fold)
	if err != nil {
		return nil, illegalf("failed to create query: %s", err)
	}
	literal, _ := re.LiteralPrefix()
	if fold || strings.HasPrefix(literal, `\A`) {
		literal = ""
	}
	if literal == "" {
		literal = beginOf(text)
	}
	return &patternTest{exact: re, token: re, literal: unescapable(literal)}, nil
}

// beginOf returns the characters that an expression surely begins with: letters and
// digits before anything else, but for the last, which may be repeated.
func beginOf(expr string) string {
	if strings.ContainsRune(expr, '|') {
		return ""
	}
	i := 0
	for i < len(expr) && (classes[expr[i]&127] == letter || classes[expr[i]&127] == digit) && expr[i] < 128 {
		i++
	}
	if i > 0 && i < len(expr) {
		i--
	}
	return expr[:i]
}

func parseFuzzy(_ *compiler, v *fastjson.Value) (query, error) {
	edits, prefix := -1, 0
	field, text, err := oneField(v, "fuzzy", "value", func(key string, m *fastjson.Value) (bool, error) {
		var err error
		switch key {
		case "fuzziness":
			edits, err = fuzziness(m)
		case "prefix_length":
			prefix, err = intOf(m, key)
		case "max_expansions", "transpositions", "rewrite":
		default:
			return false, nil
		}
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return &fieldQuery{newPath(field), newFuzzy(text, edits, prefix)}, nil
}

// fuzziness returns -1 for AUTO.
func fuzziness(v *fastjson.Value) (int, error) {
	text, err := textOf(v, "fuzziness")
	if err != nil {
		return 0, err
	}
	if strings.HasPrefix(strings.ToUpper(text), "AUTO") {
		return -1, nil
	}
	n, err := intOf(v, "fuzziness")
	if err != nil || n < 0 || n > 2 {
		return 0, illegalf("Invalid fuzziness value: %.20s", text)
	}
	return n, nil
}

type existsQuery struct{ path *path }

func (q *existsQuery) match(d *document) bool                    { return d.exists(q.path) }
func (q *existsQuery) prefilter() prefilter                      { return existsFilter(q.path) }
func (q *existsQuery) marks(to []span, _ *path, _ string) []span { return to }

func existsFilter(p *path) prefilter {
	switch p.kind {
	case timestampPath, idPath, indexPath:
		return prefilter{exact: true}
	}
	return existsOn(p)
}

func parseExists(_ *compiler, v *fastjson.Value) (query, error) {
	field := ""
	err := parameters(v, "exists", func(key string, m *fastjson.Value) (bool, error) {
		if key != "field" {
			return false, nil
		}
		var err error
		field, err = textOf(m, "exists")
		return true, err
	})
	if err == nil && field == "" {
		err = parsingf("[exists] must be provided with a [field]")
	}
	return &existsQuery{newPath(field)}, err
}

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
		if matchWildcard(n, d.index) {
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

// matchWildcard matches * alone, as names of indices and fields do.
func matchWildcard(pattern, s string) bool {
	first, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == s
	}
	if !strings.HasPrefix(s, first) {
		return false
	}
	s = s[len(first):]
	for {
		part, after, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(s, part)
		}
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s, rest = s[i+len(part):], after
	}
}
