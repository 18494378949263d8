package logstash

import (
	"github.com/pharosd/pharos/pipeline"
)

// mutate runs its operations in Logstash's own order, however they are written: coerce,
// rename, update, replace, convert, gsub, uppercase, capitalize, lowercase, strip, split,
// join, merge, copy; then the common options. An operation that fails ends it with a tag.
type mutate struct {
	operations []operation
	failure    string
	env        *Env
}

// operation changes the event; false: it failed.
type operation func(e *pipeline.Event) bool

// newMutate makes mutate.
func newMutate(s *Settings, env *Env) (any, error) {
	m := &mutate{failure: s.String("tag_on_failure", "_mutate_error"), env: env}
	for _, add := range []func(*Settings){
		m.coerce, m.rename, m.update, m.replace, m.convert, m.gsub,
		m.letters("uppercase", upcase), m.letters("capitalize", capitalize), m.letters("lowercase", downcase),
		m.strip, m.split, m.join, m.merge, m.copy,
	} {
		add(s)
	}
	if s.Has("remove") {
		s.Errorf("remove", "Logstash removed it: write remove_field")
	}
	return m, nil
}

// Process implements pipeline.Stage.
func (m *mutate) Process(e *pipeline.Event, out pipeline.Output) {
	ok := true
	for _, op := range m.operations {
		if !op(e) {
			ok = false
			break
		}
	}
	if !ok || !m.env.matched(e) {
		Tag(e, m.failure)
	}
	out.Emit(e)
}

func (m *mutate) add(op operation) { m.operations = append(m.operations, op) }

func (m *mutate) coerce(s *Settings) {
	for _, p := range s.Hash("coerce") {
		field, text := s.ref("coerce", p.Key), s.Compile("coerce", Text(GoValue(p.Value)))
		m.add(func(e *pipeline.Event) bool {
			v, ok := field.Get(e)
			return !ok || v != nil || field.Set(e, text.Expand(e))
		})
	}
}

func (m *mutate) rename(s *Settings) {
	for _, p := range s.Hash("rename") {
		from, to := s.dynamicRef("rename", p.Key), s.dynamicRef("rename", Text(GoValue(p.Value)))
		m.add(func(e *pipeline.Event) bool {
			from, valid := from.get(e)
			to, valid2 := to.get(e)
			if !valid || !valid2 {
				return false
			}
			if _, ok := from.Get(e); !ok {
				return true
			}
			v, _ := from.Delete(e)
			return to.Set(e, v)
		})
	}
}

func (m *mutate) update(s *Settings) {
	for _, p := range s.Hash("update") {
		field, text := s.ref("update", p.Key), s.Compile("update", Text(GoValue(p.Value)))
		m.add(func(e *pipeline.Event) bool {
			_, ok := field.Get(e)
			return !ok || field.Set(e, text.Expand(e))
		})
	}
}

func (m *mutate) replace(s *Settings) {
	for _, p := range s.Hash("replace") {
		field, text := s.ref("replace", p.Key), s.Compile("replace", Text(GoValue(p.Value)))
		m.add(func(e *pipeline.Event) bool { return field.Set(e, text.Expand(e)) })
	}
}

func (m *mutate) convert(s *Settings) {
	for _, p := range s.Hash("convert") {
		field, kind := s.ref("convert", p.Key), Text(GoValue(p.Value))
		convert := converters[kind]
		if convert == nil {
			s.Errorf("convert", "%q is none of string, integer, float, boolean, integer_eu, float_eu", kind)
			continue
		}
		m.add(func(e *pipeline.Event) bool {
			v, _ := field.Get(e)
			switch v := v.(type) {
			case nil, map[string]any:
				return true
			case []any:
				return field.setEach(e, v, func(x any) (any, bool) {
					if x == nil {
						return nil, true
					}
					return convert(x)
				})
			default:
				x, ok := convert(v)
				return ok && field.Set(e, x)
			}
		})
	}
}

// setEach puts a list of what change makes of each element.
func (r Ref) setEach(e *pipeline.Event, list []any, change func(any) (any, bool)) bool {
	changed := make([]any, len(list))
	for i, x := range list {
		var ok bool
		if changed[i], ok = change(x); !ok {
			return false
		}
	}
	return r.Set(e, changed)
}

func (m *mutate) gsub(s *Settings) {
	parts := s.Strings("gsub")
	if len(parts)%3 != 0 {
		s.Errorf("gsub", "takes three values each time: field, regular expression, replacement")
		return
	}
	for i := 0; i < len(parts); i += 3 {
		field, with := s.ref("gsub", parts[i]), s.Compile("gsub", parts[i+2])
		pattern := s.Compile("gsub", parts[i+1])
		var fixed *Regexp
		if text, ok := pattern.Static(); ok {
			var err error
			if fixed, err = CompileRegexp(text); err != nil {
				s.Errorf("gsub", "%v", err)
				continue
			}
		}
		m.add(func(e *pipeline.Event) bool {
			v, _ := field.Get(e)
			switch v.(type) {
			case string, []any:
			default:
				return true
			}
			re := fixed
			if re == nil {
				var err error
				if re, err = CompileRegexp(pattern.Expand(e)); err != nil {
					return false
				}
			}
			replacement := with.Expand(e)
			return field.changeTexts(e, v, func(s string) string { return re.ReplaceAll(s, replacement) })
		})
	}
}

// changeTexts changes a text, or those in a list.
func (r Ref) changeTexts(e *pipeline.Event, v any, change func(string) string) bool {
	switch v := v.(type) {
	case string:
		return r.Set(e, change(v))
	case []any:
		return r.setEach(e, v, func(x any) (any, bool) {
			if s, ok := x.(string); ok {
				return change(s), true
			}
			return x, true
		})
	}
	return true
}

// letters makes one of the three operations that change letters.
func (m *mutate) letters(name string, change func(string) string) func(*Settings) {
	return func(s *Settings) {
		for _, field := range s.Refs(name) {
			m.add(func(e *pipeline.Event) bool {
				v, _ := field.Get(e)
				return field.changeTexts(e, v, change)
			})
		}
	}
}

func (m *mutate) strip(s *Settings) {
	for _, field := range s.Refs("strip") {
		m.add(func(e *pipeline.Event) bool {
			v, _ := field.Get(e)
			switch v := v.(type) {
			case string:
				return field.Set(e, strip(v))
			case []any:
				return field.setEach(e, v, func(x any) (any, bool) {
					s, ok := x.(string)
					return strip(s), ok
				})
			}
			return true
		})
	}
}

func (m *mutate) split(s *Settings) {
	for _, p := range s.Hash("split") {
		field, separator := s.ref("split", p.Key), Text(GoValue(p.Value))
		m.add(func(e *pipeline.Event) bool {
			v, _ := field.Get(e)
			text, ok := v.(string)
			return !ok || field.Set(e, rubySplit(text, separator))
		})
	}
}

func (m *mutate) join(s *Settings) {
	for _, p := range s.Hash("join") {
		field, separator := s.ref("join", p.Key), Text(GoValue(p.Value))
		m.add(func(e *pipeline.Event) bool {
			v, _ := field.Get(e)
			list, ok := v.([]any)
			return !ok || field.Set(e, string(rubyJoin(nil, list, separator)))
		})
	}
}

func (m *mutate) merge(s *Settings) {
	for _, p := range s.Hash("merge") {
		into := s.ref("merge", p.Key)
		for _, v := range asList(p.Value) {
			from := s.ref("merge", Text(GoValue(v)))
			m.add(func(e *pipeline.Event) bool {
				a, _ := into.Get(e)
				b, _ := from.Get(e)
				merged, ok := mergeValues(a, b)
				return !ok || into.Set(e, merged)
			})
		}
	}
}

// mergeValues joins two maps, or two values of another kind as lists; a map and
// something else is nothing: Logstash leaves both.
func mergeValues(a, b any) (any, bool) {
	m, isMap := a.(map[string]any)
	n, isMap2 := b.(map[string]any)
	if isMap != isMap2 {
		return nil, false
	}
	if isMap {
		for k, v := range n {
			m[k] = pipeline.CloneValue(v)
		}
		return m, true
	}
	list := append(rubyArray(a), pipeline.CloneValue(rubyArray(b)).([]any)...)
	if list == nil {
		list = []any{}
	}
	return list, true
}

func (m *mutate) copy(s *Settings) {
	for _, p := range s.Hash("copy") {
		from, to := s.ref("copy", p.Key), s.ref("copy", Text(GoValue(p.Value)))
		m.add(func(e *pipeline.Event) bool {
			v, _ := from.Get(e)
			return v == nil || to.Set(e, pipeline.CloneValue(v))
		})
	}
}
