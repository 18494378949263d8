package esquery

import (
	"regexp"
	"strings"

	"github.com/valyala/fastjson"
)

// matchOptions are what the clauses that analyse their text have in common.
type matchOptions struct {
	and       bool
	minimum   string
	slop      int
	zeroAll   bool
	fuzzy     bool
	edits     int
	prefixLen int
	lenient   bool
	// kind is multi_match's type.
	kind   string
	fields []string
	given  bool // fields were given
}

// mode is how the tokens of a text must be there.
type mode uint8

const (
	eachWord mode = iota
	asPhrase
	asPhrasePrefix
	asBoolPrefix
)

// analysed returns the query of a text on a field.
func (o *matchOptions) analysed(p *path, text string, m mode) (query, error) {
	if p.keyword || p.kind == timestampPath || p.kind == idPath || p.kind == indexPath {
		return o.exact(p, text, m), nil
	}
	tokens := analyse(text)
	if len(tokens) == 0 {
		if o.zeroAll {
			return matchAll{}, nil
		}
		return matchNone{}, nil
	}
	if m == asPhrase || m == asPhrasePrefix {
		return o.phrase(p, text, tokens, m == asPhrasePrefix), nil
	}
	q := &boolQuery{}
	for i, token := range tokens {
		var t test = newToken(token, text)
		switch {
		case m == asBoolPrefix && i == len(tokens)-1:
			t = newPrefix(token, false, true)
		case o.fuzzy:
			t = newFuzzy(token, o.edits, o.prefixLen)
		}
		q.should = append(q.should, &fieldQuery{p, t})
	}
	if o.and {
		q.must, q.should = q.should, nil
		return q, nil
	}
	var err error
	q.need, err = minimumShould(o.minimum, len(q.should), true)
	return q, err
}

func (o *matchOptions) exact(p *path, text string, m mode) query {
	switch {
	case p.kind == idPath:
		return newIDs([]string{text})
	case p.kind == indexPath:
		return newIndexQuery([]string{text})
	case m == asPhrasePrefix || m == asBoolPrefix:
		return &fieldQuery{p, newPrefix(text, false, false)}
	}
	return &fieldQuery{p, newTerm(text, false)}
}

func (o *matchOptions) phrase(p *path, text string, tokens []string, prefix bool) query {
	if len(tokens) == 1 {
		if prefix {
			return &fieldQuery{p, newPrefix(tokens[0], false, true)}
		}
		return &fieldQuery{p, newToken(tokens[0], text)}
	}
	return &fieldQuery{p, &phraseTest{term: newTerm(text, false), tokens: tokens, slop: o.slop, prefix: prefix}}
}

// phraseTest is tokens that follow each other in one text.
type phraseTest struct {
	// term is for values that are not analysed.
	term   *termTest
	tokens []string
	slop   int
	// prefix: the last token is the begin of one.
	prefix bool
}

func (t *phraseTest) value(v *value, keyword bool) bool {
	if v.kind != textValue || keyword {
		return t.term.value(v, true)
	}
	return len(t.find(v.text, true)) > 0
}

func (t *phraseTest) is(i int, word string) bool {
	if t.prefix && i == len(t.tokens)-1 {
		return hasTokenPrefix(word, t.tokens[i])
	}
	return isToken(word, t.tokens[i])
}

// find returns where the phrase is; one: the first place is enough.
func (t *phraseTest) find(s string, one bool) []span {
	var words []span
	hit := false
	eachToken(s, func(word string, start int) bool {
		words = append(words, span{start, start + len(word)})
		hit = hit || t.is(0, word)
		return true
	})
	if !hit || len(words) < len(t.tokens) && t.slop == 0 {
		return nil
	}
	if t.slop > 0 {
		return t.findNear(s, words)
	}
	var out []span
next:
	for i := 0; i+len(t.tokens) <= len(words); i++ {
		for k := range t.tokens {
			if w := words[i+k]; !t.is(k, s[w.start:w.end]) {
				continue next
			}
		}
		if out = append(out, words[i:i+len(t.tokens)]...); one {
			return out
		}
	}
	return out
}

// findNear allows the tokens to be moved, by slop places in all: as Lucene does, what
// is compared is how far each is from its place.
func (t *phraseTest) findNear(s string, words []span) []span {
	type at struct{ shift, word int }
	places := make([][]at, len(t.tokens))
	for i, w := range words {
		for k := range t.tokens {
			if t.is(k, s[w.start:w.end]) {
				places[k] = append(places[k], at{i - k, i})
			}
		}
	}
	// One of the tokens is the leftmost, by its shift: for each, the others' nearest.
	for k := range places {
	place:
		for _, first := range places[k] {
			used := []int{first.word}
			for other := range places {
				if other == k {
					continue
				}
				found := false
				for _, p := range places[other] {
					if p.shift >= first.shift && p.shift-first.shift <= t.slop && !contains(used, p.word) {
						used, found = append(used, p.word), true
						break
					}
				}
				if !found {
					continue place
				}
			}
			var out []span
			for _, w := range used {
				out = append(out, words[w])
			}
			return out
		}
	}
	return nil
}

func contains(s []int, v int) bool {
	for _, x := range s {
		if x == v {
			return true
		}
	}
	return false
}

func (t *phraseTest) prefilter(p *path) prefilter {
	if t.term.isNumber || t.term.isDate {
		return everything
	}
	var all []prefilter
	for _, token := range t.tokens {
		all = append(all, textOn(p, token, true))
	}
	return and(all...)
}

func (t *phraseTest) spans(to []span, text string) []span { return append(to, t.find(text, false)...) }

// parameter reads what the clauses have in common.
func (o *matchOptions) parameter(what, key string, v *fastjson.Value) (bool, error) {
	var err error
	var text string
	switch key {
	case "operator", "default_operator":
		if text, err = textOf(v, key); err != nil {
			return true, err
		}
		switch strings.ToLower(text) {
		case "and":
			o.and = true
		case "or":
		default:
			return true, illegalf("operator needs to be either OR or AND, but not [%.20s]", text)
		}
	case "minimum_should_match":
		o.minimum, err = textOf(v, key)
	case "slop", "phrase_slop":
		o.slop, err = intOf(v, key)
		if err == nil && o.slop < 0 {
			err = illegalf("No negative slop allowed.")
		}
	case "zero_terms_query":
		text, err = textOf(v, key)
		o.zeroAll = strings.EqualFold(text, "all")
	case "fuzziness":
		o.fuzzy = true
		o.edits, err = fuzziness(v)
	case "prefix_length":
		o.prefixLen, err = intOf(v, key)
	case "analyzer", "quote_analyzer":
		if text, err = textOf(v, key); err == nil && text != "standard" && text != "default" {
			err = shardf("[%s] analyzer [%s] not found: Pharos has the analyzer [standard] only", what, clip(text))
		}
	case "lenient":
		o.lenient, err = boolOf(v, key)
	case "auto_generate_synonyms_phrase_query", "fuzzy_transpositions", "fuzzy_rewrite", "max_expansions", "cutoff_frequency", "fuzzy_max_expansions":
	default:
		return false, nil
	}
	return true, err
}

func parseMatchAs(v *fastjson.Value, what string, m mode) (query, error) {
	o := &matchOptions{}
	field, text, err := oneField(v, what, "query", func(key string, m *fastjson.Value) (bool, error) {
		return o.parameter(what, key, m)
	})
	if err != nil {
		return nil, err
	}
	return o.analysed(newPath(field), text, m)
}

func parseMatch(_ *compiler, v *fastjson.Value) (query, error) {
	return parseMatchAs(v, "match", eachWord)
}

func parseMatchPhrase(_ *compiler, v *fastjson.Value) (query, error) {
	return parseMatchAs(v, "match_phrase", asPhrase)
}

func parseMatchPhrasePrefix(_ *compiler, v *fastjson.Value) (query, error) {
	return parseMatchAs(v, "match_phrase_prefix", asPhrasePrefix)
}

func parseMatchBoolPrefix(_ *compiler, v *fastjson.Value) (query, error) {
	return parseMatchAs(v, "match_bool_prefix", asBoolPrefix)
}

func parseMultiMatch(c *compiler, v *fastjson.Value) (query, error) {
	return parseMulti(c, v, "multi_match")
}

func parseCombinedFields(c *compiler, v *fastjson.Value) (query, error) {
	return parseMulti(c, v, "combined_fields")
}

func parseMulti(c *compiler, v *fastjson.Value, what string) (query, error) {
	o := &matchOptions{kind: "best_fields"}
	text, given := "", false
	err := parameters(v, what, func(key string, m *fastjson.Value) (bool, error) {
		var err error
		switch key {
		case "query":
			given = true
			text, err = textOf(m, what)
		case "fields":
			o.given = true
			o.fields, err = stringsOf(m, what)
		case "type":
			o.kind, err = textOf(m, what)
		case "tie_breaker":
			_, err = floatOf(m, key)
		default:
			return o.parameter(what, key, m)
		}
		return true, err
	})
	if err != nil {
		return nil, err
	}
	if !given {
		return nil, parsingf("No text specified for %s query", what)
	}
	if o.given && len(o.fields) == 0 {
		return nil, illegalf("%s requires at least one field", what)
	}
	if err := c.count(len(o.fields)); err != nil {
		return nil, err
	}
	if what == "combined_fields" {
		o.kind = "cross_fields"
	}
	return o.multi(text)
}

// paths are the fields, all if none was named.
func (o *matchOptions) paths() []*path {
	var out []*path
	for _, f := range o.fields {
		out = append(out, newPath(boosted.ReplaceAllString(f, "")))
	}
	if len(out) == 0 {
		out = append(out, newPath("*"))
	}
	return out
}

var boosted = regexp.MustCompile(`\^[0-9.]+$`)

func (o *matchOptions) multi(text string) (query, error) {
	m := eachWord
	switch o.kind {
	case "best_fields", "most_fields":
	case "phrase":
		m = asPhrase
	case "phrase_prefix":
		m = asPhrasePrefix
	case "bool_prefix":
		m = asBoolPrefix
	case "cross_fields":
		return o.cross(text)
	default:
		return nil, parsingf("[multi_match] query does not support type [%s]", clip(o.kind))
	}
	return o.onEach(text, m)
}

// onEach matches when one of the fields does.
func (o *matchOptions) onEach(text string, m mode) (query, error) {
	var qs []query
	for _, p := range o.paths() {
		q, err := o.analysed(p, text, m)
		if err != nil {
			return nil, err
		}
		qs = append(qs, q)
	}
	return anyOf(qs...), nil
}

// cross takes all fields for one: each word may be in any of them.
func (o *matchOptions) cross(text string) (query, error) {
	paths := o.paths()
	q := &boolQuery{}
	for _, token := range analyse(text) {
		var one []query
		for _, p := range paths {
			one = append(one, &fieldQuery{p, newToken(token, text)})
		}
		q.should = append(q.should, anyOf(one...))
	}
	if len(q.should) == 0 {
		return matchNone{}, nil
	}
	if o.and {
		q.must, q.should = q.should, nil
		return q, nil
	}
	var err error
	q.need, err = minimumShould(o.minimum, len(q.should), true)
	return q, err
}
