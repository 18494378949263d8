package esquery

import (
	"strings"

	"github.com/valyala/fastjson"

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
