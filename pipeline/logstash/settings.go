package logstash

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// Settings are the settings of one plugin block. Each getter takes what holds when the
// setting is absent, records a problem with its place when the value is of another
// type, and marks the setting as known: what no getter asked for is reported as
// unknown once the plugin is built.
type Settings struct {
	plugin *Plugin
	values map[string]setting
	order  []string
	known  map[string]bool
	lookup func(string) (string, bool)
	report *report
}

type setting struct {
	value any
	pos   Pos // of the value
}

// newSettings resolves variables and merges repeated settings.
func newSettings(p *Plugin, lookup func(string) (string, bool), r *report) *Settings {
	s := &Settings{plugin: p, values: map[string]setting{}, known: map[string]bool{}, lookup: lookup, report: r}
	for _, a := range p.Settings {
		value := s.resolve(a.Value, a.ValuePos)
		if old, ok := s.values[a.Name]; ok {
			s.values[a.Name] = setting{mergeRepeated(old.value, value), old.pos}
			continue
		}
		s.values[a.Name] = setting{value, a.ValuePos}
		s.order = append(s.order, a.Name)
	}
	return s
}

// NewSettings reads a plugin's settings outside a pipeline, for inputs, codecs and
// outputs. Finish reports what is wrong.
func NewSettings(p *Plugin, lookup func(string) (string, bool)) *Settings {
	return newSettings(p, lookup, &report{})
}

// Finish reports unknown settings and returns all problems and warnings of s and of
// those made by Sub. A plugin's factory is done by then.
func (s *Settings) Finish() (warnings Problems, err error) {
	s.unknown()
	return s.report.warnings, s.report.err()
}

// Sub are the settings of a plugin within a setting, such as a codec; its problems
// are those of s. Call Done when they are read.
func (s *Settings) Sub(p *Plugin) *Settings { return newSettings(p, s.lookup, s.report) }

// Done reports unknown settings of settings made by Sub.
func (s *Settings) Done() { s.unknown() }

func (s *Settings) resolve(v any, pos Pos) any {
	switch v := v.(type) {
	case string:
		text, found, err := substitute(v, s.lookup)
		if err != nil {
			s.report.errorf(pos, "set it, or write ${NAME:default}", "%v", err)
			return v
		}
		if found {
			return refine(text)
		}
		return text
	case []any:
		list := make([]any, len(v))
		for i, x := range v {
			list[i] = s.resolve(x, pos)
		}
		return list
	case []Pair:
		pairs := make([]Pair, len(v))
		for i, p := range v {
			pairs[i] = Pair{p.Key, s.resolve(p.Value, p.Pos), p.Pos}
		}
		return pairs
	}
	return v
}

// mergeRepeated is what Logstash makes of a setting that is written twice: hashes merge,
// lists are joined, scalars become a list.
func mergeRepeated(old, value any) any {
	switch o := old.(type) {
	case []Pair:
		if pairs, ok := value.([]Pair); ok {
			return mergePairs(o, pairs)
		}
		return value
	case []any:
		if list, ok := value.([]any); ok {
			return append(slices.Clip(o), list...)
		}
		return append(slices.Clip(o), value)
	}
	if reflect.DeepEqual(old, value) {
		return old
	}
	return []any{old, value}
}

func mergePairs(old, pairs []Pair) []Pair {
	merged := slices.Clone(old)
	for _, p := range pairs {
		i := slices.IndexFunc(merged, func(m Pair) bool { return m.Key == p.Key })
		if i < 0 {
			merged = append(merged, p)
			continue
		}
		merged[i].Value = mergeEntry(merged[i].Value, p.Value)
	}
	return merged
}

// mergeEntry joins two values of one key to a set.
func mergeEntry(old, value any) any {
	if o, ok := old.([]Pair); ok {
		if v, ok := value.([]Pair); ok {
			return mergePairs(o, v)
		}
	}
	list := slices.Clone(asList(old))
	for _, v := range asList(value) {
		if !slices.ContainsFunc(list, func(x any) bool { return reflect.DeepEqual(x, v) }) {
			list = append(list, v)
		}
	}
	if _, isList := old.([]any); !isList && len(list) == 1 {
		return old
	}
	return list
}

// asList is a list, or one of the scalar.
func asList(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}

// Plugin is the block that the settings are of.
func (s *Settings) Plugin() *Plugin { return s.plugin }

// Names are the settings that are written, in that order.
func (s *Settings) Names() []string { return s.order }

// Pos is where a setting's value is written, or the plugin when it is not.
func (s *Settings) Pos(name string) Pos {
	if v, ok := s.values[name]; ok {
		return v.pos
	}
	return s.plugin.Pos
}

// Errorf records a problem at a setting.
func (s *Settings) Errorf(name, format string, args ...any) {
	s.known[name] = true
	s.report.errorf(s.Pos(name), "", "%s", s.what(name)+": "+fmt.Sprintf(format, args...))
}

// Warnf records what is worth knowing about a setting without being an error.
func (s *Settings) Warnf(name, format string, args ...any) {
	s.known[name] = true
	s.report.warnf(s.Pos(name), "", "%s", s.what(name)+": "+fmt.Sprintf(format, args...))
}

// Unsupported refuses a setting that Logstash has when it is written, and says why.
func (s *Settings) Unsupported(name, why string) {
	s.known[name] = true
	if _, ok := s.values[name]; ok {
		s.report.errorf(s.Pos(name), "", "%s is not supported: %s", s.what(name), why)
	}
}

// Ignored are settings that Logstash has and that mean nothing here: warned of once.
func (s *Settings) Ignored(names ...string) {
	for _, name := range names {
		s.known[name] = true
		if _, ok := s.values[name]; ok {
			s.report.warnf(s.Pos(name), "", "%s has no meaning here and is ignored", s.what(name))
		}
	}
}

// Known marks settings that somebody else reads.
func (s *Settings) Known(names ...string) {
	for _, name := range names {
		s.known[name] = true
	}
}

func (s *Settings) what(name string) string { return s.plugin.Name + ": " + name }

func (s *Settings) unknown() {
	known := make([]string, 0, len(s.known))
	for name := range s.known {
		known = append(known, name)
	}
	slices.Sort(known)
	for _, a := range s.plugin.Settings {
		if !s.known[a.Name] {
			s.report.errorf(a.Pos, strictyaml.Suggest(a.Name, known), "%s has no setting %q", s.plugin.Name, a.Name)
		}
	}
}
