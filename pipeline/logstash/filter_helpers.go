package logstash

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash/internal/onig"
)

// regexLimit bounds one search with an expression of a configuration outside of grok
// and kv, which have settings for that.
const regexLimit = time.Second

// setNamed puts a value into a field whose name came from data. It reports whether that
// name is a reference to which the value can be given.
func setNamed(e *pipeline.Event, name string, v any) bool {
	if name != "" && name[0] != '@' && name != tagsField && strings.IndexByte(name, '[') < 0 && strings.IndexByte(name, ']') < 0 {
		if e.Fields == nil {
			e.Fields = map[string]any{}
		}
		e.Fields[name] = v
		return true
	}
	r, err := ParseRef(name)
	return err == nil && r.Set(e, v)
}

// getNamed is a field whose name came from data.
func getNamed(e *pipeline.Event, name string) (any, bool) {
	r, err := ParseRef(name)
	if err != nil {
		return nil, false
	}
	return r.Get(e)
}

// fieldNames are the names that Logstash's event.to_hash has: all but @metadata, in
// alphabetical order.
func fieldNames(e *pipeline.Event) []string {
	names := slices.Sorted(maps.Keys(e.Fields))
	names = slices.DeleteFunc(names, func(n string) bool { return n == metadataField })
	if !e.Time.IsZero() {
		i, _ := slices.BinarySearch(names, timestampField)
		names = slices.Insert(names, i, timestampField)
	}
	return names
}

// fieldOf is a top-level field by its plain name, which may hold brackets.
func fieldOf(e *pipeline.Event, name string) (any, bool) {
	if name == timestampField {
		return e.Time, !e.Time.IsZero()
	}
	v, ok := e.Fields[name]
	return v, ok
}

// regexOf compiles an expression of a setting; nil and a problem if it is none.
func regexOf(s *Settings, name, pattern string) *onig.Matcher {
	re, err := onig.Compile(pattern, onig.Options{})
	if err != nil {
		s.Errorf(name, "%v", err)
		return nil
	}
	return re.Matcher()
}

// found reports a match; a search that takes too long counts as none.
func found(m *onig.Matcher, text string) bool {
	if m == nil {
		return false
	}
	ok, err := m.Find(text, 0, regexLimit)
	return ok && err == nil
}

// tagAll adds several tags.
func tagAll(e *pipeline.Event, tags []string) {
	for _, tag := range tags {
		Tag(e, tag)
	}
}

// targetPrefix is how a target setting begins a reference: "" without one, and in
// brackets otherwise.
func targetPrefix(target string) string {
	if target == "" || strings.HasPrefix(target, "[") {
		return target
	}
	return "[" + target + "]"
}
