package logstash

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash/internal/onig"
)

// translateFilter replaces values by what a dictionary says.
type translateFilter struct {
	source, target Ref
	iterate        Ref
	fallback       *Template
	override       bool
	dictionary     func() *dictionary
	lookup         dictionaryLookup
}

func newTranslate(s *Settings, env *Env) (any, error) {
	f := &translateFilter{iterate: s.Ref("iterate_on", "")}
	f.fields(s, env)
	if s.Has("fallback") {
		f.fallback = s.Template("fallback", "")
	}
	exact, regex := s.Bool("exact", true), s.Bool("regex", false)
	f.lookup = newDictionaryLookup(exact, regex)
	s.Ignored("yaml_load_strategy")
	behaviour := s.Enum("refresh_behaviour", "merge", "merge", "replace")
	interval := time.Duration(s.Float("refresh_interval", 300) * float64(time.Second))
	limit := s.Int("yaml_dictionary_code_point_limit", 0)
	path := s.String("dictionary_path", "")
	inline := s.Hash("dictionary")
	switch {
	case path != "" && len(inline) > 0:
		s.Errorf("dictionary_path", "write either dictionary or dictionary_path")
	case path != "" && env.Untrusted:
		s.Errorf("dictionary_path", "only an administrator's configuration may read files; write a dictionary")
	case path != "":
		file := &dictionaryFile{path: inDir(env, path), interval: interval, replace: behaviour == "replace", regex: exact && regex, parts: !exact, now: env.Now, logger: env.Logger}
		if limit > 0 {
			file.limit = limit
		}
		if err := file.load(); err != nil {
			s.Errorf("dictionary_path", "%v", err)
			break
		}
		shared := env.Shared("dictionary", func() any { return file }).(*dictionaryFile)
		f.dictionary = shared.current
	default:
		d := &dictionary{}
		for _, p := range inline {
			d.set(p.Key, GoValue(p.Value))
		}
		if err := d.compile(exact && regex, !exact); err != nil {
			s.Errorf("dictionary", "%v", err)
		}
		f.dictionary = func() *dictionary { return d }
	}
	return Func(f.filter), nil
}

func (f *translateFilter) fields(s *Settings, env *Env) {
	source, target := "source", "target"
	if s.Has("field") {
		if s.Has("source") {
			s.Errorf("field", "write source only: field is its old name")
		}
		source = "field"
	}
	if s.Has("destination") {
		if s.Has("target") {
			s.Errorf("destination", "write target only: destination is its old name")
		}
		target = "destination"
	}
	if !s.Has(source) {
		s.Required("source")
	}
	f.source = s.Ref(source, "")
	def := "translation"
	if env.ECS {
		def = s.String(source, "")
	}
	f.target = s.Ref(target, def)
	same := f.source.String() == f.target.String()
	f.override = s.Bool("override", same)
	if same && !f.override {
		s.Errorf("override", "a field that is translated in place is always overridden: remove the setting")
	}
}

func (f *translateFilter) filter(e *pipeline.Event) bool {
	if f.dictionary == nil {
		return false
	}
	d := f.dictionary()
	same := f.source.String() == f.target.String()
	switch {
	case f.iterate.IsZero():
		return f.single(e, d, same)
	case f.iterate.String() == f.source.String():
		return f.values(e, d, same)
	}
	return f.maps(e, d) || same
}

// ready reports whether the target may be set.
func (f *translateFilter) ready(e *pipeline.Event) bool {
	if f.override {
		return true
	}
	_, has := f.target.Get(e)
	return !has
}

func (f *translateFilter) single(e *pipeline.Event, d *dictionary, same bool) bool {
	v, ok := f.source.Get(e)
	if !ok || !f.ready(e) {
		return false
	}
	if list, ok := v.([]any); ok {
		v = nil
		if len(list) > 0 {
			v = list[0]
		}
	}
	if to, ok := f.lookup(d, Text(v)); ok {
		f.target.Set(e, pipeline.CloneValue(to))
		return true
	}
	if f.fallback != nil {
		f.target.Set(e, f.fallback.Expand(e))
		return true
	}
	return same
}

// values translates each element of a list.
func (f *translateFilter) values(e *pipeline.Event, d *dictionary, same bool) bool {
	v, ok := f.iterate.Get(e)
	if !ok || !f.ready(e) {
		return false
	}
	list := asList(v)
	out := make([]any, len(list))
	for i, x := range list {
		if to, ok := f.lookup(d, Text(x)); ok {
			out[i] = pipeline.CloneValue(to)
		} else if f.fallback != nil {
			out[i] = f.fallback.Expand(e)
		}
	}
	f.target.Set(e, out)
	return same || slices.ContainsFunc(out, func(v any) bool { return v != nil && v != false })
}

// maps translates the source field within each map of a list.
func (f *translateFilter) maps(e *pipeline.Event, d *dictionary) bool {
	v, _ := f.iterate.Get(e)
	any := false
	for _, x := range asList(v) {
		m, ok := x.(map[string]interface{})
		if !ok {
			continue
		}
		inner := &pipeline.Event{Fields: m}
		v, _ := f.source.Get(inner)
		if v == nil {
			continue
		}
		if to, ok := f.lookup(d, Text(v)); ok {
			f.target.Set(inner, pipeline.CloneValue(to))
			any = true
		} else if f.fallback != nil {
			f.target.Set(inner, f.fallback.Expand(e))
			any = true
		}
	}
	return any
}

// dictionary is what values become, in the order of its entries.
type dictionary struct {
	keys   []string
	values map[string]any
	exprs  []*onig.Regexp // of the keys, when they are expressions
	any    *regexp.Regexp // one of the keys, when parts of values are replaced
}

func (d *dictionary) set(key string, v any) {
	if d.values == nil {
		d.values = map[string]any{}
	}
	if _, ok := d.values[key]; !ok {
		d.keys = append(d.keys, key)
	}
	d.values[key] = v
}

func (d *dictionary) compile(expressions, parts bool) error {
	d.exprs, d.any = nil, nil
	if expressions {
		for _, k := range d.keys {
			re, err := onig.Compile(k, onig.Options{})
			if err != nil {
				return err
			}
			d.exprs = append(d.exprs, re)
		}
	}
	if parts && len(d.keys) > 0 {
		quoted := make([]string, len(d.keys))
		for i, k := range d.keys {
			quoted[i] = regexp.QuoteMeta(k)
		}
		re, err := regexp.Compile(strings.Join(quoted, "|"))
		if err != nil {
			return err
		}
		d.any = re
	}
	return nil
}

// dictionaryLookup finds what a text becomes.
type dictionaryLookup func(d *dictionary, text string) (any, bool)

func newDictionaryLookup(exact, regex bool) dictionaryLookup {
	switch {
	case exact && regex:
		return func(d *dictionary, text string) (any, bool) {
			for i, re := range d.exprs {
				if ok, err := re.MatchString(text, regexLimit); ok && err == nil {
					return d.values[d.keys[i]], true
				}
			}
			return nil, false
		}
	case exact:
		return func(d *dictionary, text string) (any, bool) {
			v, ok := d.values[text]
			return v, ok
		}
	}
	return func(d *dictionary, text string) (any, bool) {
		if d.any == nil {
			return nil, false
		}
		out := d.any.ReplaceAllStringFunc(text, func(key string) string { return Text(d.values[key]) })
		return out, out != text
	}
}
