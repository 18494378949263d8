package logstash

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash/internal/onig"
)

// kvFilter finds key=value pairs in a text. Like Logstash it does so with one regular
// expression made of the settings.
type kvFilter struct {
	source      Ref
	target      Ref
	prefix      *Template
	scan, split *onig.Matcher
	limit       time.Duration
	timeoutTag  string
	failTags    []string

	trimmers           kvTrimmers
	caseKey, caseValue string
	include, exclude   []*Template
	defaults           []Pair
	duplicates, empty  bool
	recursive          bool
	scratch            []rawPair // kept between events
}

type kvTrimmers struct{ trimKey, trimValue, removeKey, removeValue *onig.Matcher }

func newKV(s *Settings, _ *Env) (any, error) {
	f := &kvFilter{
		source:     s.Ref("source", "message"),
		target:     s.Ref("target", ""),
		prefix:     s.Template("prefix", ""),
		limit:      time.Duration(s.Float("timeout_millis", 30_000) * float64(time.Millisecond)),
		timeoutTag: s.String("tag_on_timeout", "_kv_filter_timeout"),
		failTags:   stringsOr(s, "tag_on_failure", "_kv_filter_error"),
		caseKey:    s.Enum("transform_key", "", "lowercase", "uppercase", "capitalize"),
		caseValue:  s.Enum("transform_value", "", "lowercase", "uppercase", "capitalize"),
		include:    s.Templates("include_keys"),
		exclude:    s.Templates("exclude_keys"),
		defaults:   s.Hash("default_keys"),
		duplicates: s.Bool("allow_duplicate_values", true),
		empty:      s.Bool("allow_empty_values", false),
		recursive:  s.Bool("recursive", false),
	}
	set := func(name, before, after string) *onig.Matcher {
		chars := s.String(name, "")
		if chars == "" {
			return nil
		}
		return regexOf(s, name, strings.ReplaceAll(before+"SET"+after, "SET", chars))
	}
	f.trimmers = kvTrimmers{
		trimKey: set("trim_key", "^[", "]+|[SET]+$"), trimValue: set("trim_value", "^[", "]+|[SET]+$"),
		removeKey: set("remove_char_key", "[", "]"), removeValue: set("remove_char_value", "[", "]"),
	}
	f.expressions(s)
	return Func(f.filter), nil
}

// expressions builds the two searches from the settings, as the original does.
func (f *kvFilter) expressions(s *Settings) {
	fieldSet, valueSet := s.String("field_split", " "), s.String("value_split", "=")
	fieldPattern, valuePattern := s.String("field_split_pattern", ""), s.String("value_split_pattern", "")
	if valueSet == "" {
		s.Errorf("value_split", "it must not be empty")
	}
	for _, name := range []string{"field_split_pattern", "value_split_pattern"} {
		if s.Has(name) && s.String(name, "") == "" {
			s.Errorf(name, "it must not be empty")
		}
	}
	field, value := "(?-mix:["+fieldSet+"])", "(?-mix:["+valueSet+"])"
	if fieldPattern != "" {
		field = "(?-mix:" + fieldPattern + ")"
	}
	if valuePattern != "" {
		value = "(?-mix:" + valuePattern + ")"
	}
	if s.Enum("whitespace", "lenient", "strict", "lenient") == "lenient" {
		value = "(?: *" + value + " *)"
	}
	key := `((?:\\.|[^` + valueSet + fieldSet + `])+)`
	if fieldPattern != "" || valuePattern != "" {
		key = `((?:(?!` + value + `|` + field + `)(?:\\.|.))+)`
	}
	values := []string{`"((?:\\.|[^"])+)?"`, `'((?:\\.|[^'])+)?'`}
	if s.Bool("include_brackets", true) {
		values = append(values, `\(((?:\\.|[^\)])+)?\)`, `\[((?:\\.|[^\]])+)?\]`, `<((?:\\.|[^>])+)?>`)
	}
	if fieldPattern != "" {
		values = append(values, `((?:(?!`+field+`)(?:\\.|.))+)`)
	} else {
		values = append(values, `((?:\\.|[^`+fieldSet+`])+)`)
	}
	f.scan = regexOf(s, "field_split", key+value+"(?:"+strings.Join(values, "|")+")?(?:"+field+"|$)")
	f.split = regexOf(s, "value_split", value)
}

var errKV = errors.New("a key is no field reference")

func (f *kvFilter) filter(e *pipeline.Event) bool {
	v, _ := f.source.Get(e)
	found := kvPairs{values: map[string]any{}}
	err := f.value(v, e, &found)
	switch {
	case errors.Is(err, onig.ErrDeadline) || errors.Is(err, onig.ErrStack):
		Tag(e, f.timeoutTag)
		return false
	case err == nil:
		for _, d := range f.defaults {
			if _, ok := found.values[d.Key]; !ok {
				found.set(d.Key, GoValue(d.Value))
			}
		}
		if len(found.keys) == 0 {
			return false
		}
		err = f.store(e, &found)
	}
	if err != nil {
		tagAll(e, f.failTags)
	}
	return err == nil
}

func (f *kvFilter) value(v any, e *pipeline.Event, found *kvPairs) error {
	switch v := v.(type) {
	case string:
		return f.text(v, e, found, 0)
	case []any:
		for _, x := range v {
			text, ok := x.(string)
			if !ok {
				continue
			}
			if err := f.text(text, e, found, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *kvFilter) store(e *pipeline.Event, found *kvPairs) error {
	if !f.target.IsZero() {
		if !f.target.Set(e, found.values) {
			return errKV
		}
		return nil
	}
	for _, key := range found.keys {
		if !setNamed(e, key, found.values[key]) {
			return errKV
		}
	}
	return nil
}

// kvPairs are pairs in the order in which their keys were found.
type kvPairs struct {
	keys   []string
	values map[string]any
}

func (p *kvPairs) set(key string, v any) {
	if _, ok := p.values[key]; !ok {
		p.keys = append(p.keys, key)
	}
	p.values[key] = v
}

// add joins values of one key in a list.
func (p *kvPairs) add(key string, v any) {
	switch old := p.values[key].(type) {
	case nil:
		p.set(key, v)
	case []any:
		p.values[key] = append(old, v)
	default:
		p.values[key] = []any{old, v}
	}
}

// has is Ruby's include? on what a key holds: an element of a list, a part of a text.
func (p *kvPairs) has(key, value string) bool {
	switch old := p.values[key].(type) {
	case []any:
		return slices.Contains(old, any(value))
	case string:
		return strings.Contains(old, value)
	case map[string]any:
		_, ok := old[value]
		return ok
	}
	return false
}

// maxKVDepth bounds recursion into values.
const maxKVDepth = 50

func (f *kvFilter) text(text string, e *pipeline.Event, found *kvPairs, depth int) error {
	if ok, err := f.split.Find(text, 0, f.limit); !ok || err != nil {
		return err
	}
	include, exclude := expandAll(f.include, e), expandAll(f.exclude, e)
	prefix := f.prefix.Expand(e)
	var pairs []rawPair
	if depth == 0 {
		pairs = f.scratch[:0]
	}
	pairs, err := f.pairs(text, pairs)
	if depth == 0 {
		f.scratch = pairs
	}
	for _, p := range pairs {
		if err := f.pairFound(p.key, p.value, prefix, include, exclude, e, found, depth); err != nil {
			return err
		}
	}
	return err
}

type rawPair struct{ key, value string }

// pairs adds the keys and values as they stand in a text.
func (f *kvFilter) pairs(text string, all []rawPair) ([]rawPair, error) {
	err := f.scan.Each(text, f.limit, func(m *onig.Matcher) bool {
		p := rawPair{}
		p.key, _ = m.Text(1)
		for g := 2; g <= m.Groups(); g++ {
			if v, ok := m.Text(g); ok {
				p.value = v
				break
			}
		}
		all = append(all, p)
		return true
	})
	return all, err
}

func (f *kvFilter) pairFound(key, value, prefix string, include, exclude []string, e *pipeline.Event, found *kvPairs, depth int) error {
	if value == "" && !f.empty {
		return nil
	}
	key = without(f.trimmers.trimKey, key)
	key = without(f.trimmers.removeKey, key)
	key = changeCase(key, f.caseKey)
	if len(include) > 0 && !slices.Contains(include, key) || slices.Contains(exclude, key) {
		return nil
	}
	key = prefix + key
	value = without(f.trimmers.trimValue, value)
	value = without(f.trimmers.removeValue, value)
	value = changeCase(value, f.caseValue)
	if !f.duplicates && found.has(key, value) {
		return nil
	}
	if f.recursive && depth < maxKVDepth {
		inner := kvPairs{values: map[string]any{}}
		if err := f.text(value, e, &inner, depth+1); err != nil {
			return err
		}
		if len(inner.keys) > 0 {
			found.add(key, inner.values)
			return nil
		}
	}
	found.add(key, value)
	return nil
}

func expandAll(all []*Template, e *pipeline.Event) []string {
	if len(all) == 0 {
		return nil
	}
	out := make([]string, len(all))
	for i, t := range all {
		out[i] = t.Expand(e)
	}
	return out
}

// without is a text without what an expression matches; nil matches nothing.
func without(m *onig.Matcher, text string) string {
	if m == nil {
		return text
	}
	out, _ := m.Replace(text, regexLimit, func(*onig.Matcher) string { return "" })
	return out
}

// changeCase is lowercase, uppercase or capitalize.
func changeCase(s, how string) string {
	switch how {
	case "lowercase":
		return strings.ToLower(s)
	case "uppercase":
		return strings.ToUpper(s)
	case "capitalize":
		r, n := utf8.DecodeRuneInString(s)
		if n > 0 {
			return string(unicode.ToUpper(r)) + strings.ToLower(s[n:])
		}
	}
	return s
}
