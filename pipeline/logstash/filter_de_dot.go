package logstash

import (
	"maps"
	"slices"
	"strings"

	"github.com/pharosd/pharos/pipeline"
)

// deDotFilter renames fields that have dots in their names.
type deDotFilter struct {
	separator string
	nested    bool
	recursive bool
	fields    []string // nil: all
	failTag   string
}

func newDeDot(s *Settings, _ *Env) (any, error) {
	f := &deDotFilter{
		separator: s.String("separator", "_"),
		nested:    s.Bool("nested", false),
		recursive: s.Bool("recursive", false),
		fields:    s.Strings("fields"),
		failTag:   s.String("tag_on_failure", "_de_dot_error"),
	}
	if strings.Contains(f.separator, ".") {
		s.Errorf("separator", "it must not hold a dot")
	}
	for _, name := range f.fields {
		s.ref("fields", name)
	}
	return Func(f.filter), nil
}

func (f *deDotFilter) filter(e *pipeline.Event) bool {
	if f.fields == nil {
		if !f.within(e.Fields) {
			Tag(e, f.failTag)
			return false
		}
		return true
	}
	for _, name := range f.fields {
		if !f.field(e, name) {
			Tag(e, f.failTag)
			return false
		}
	}
	return true
}

// field renames one field by its reference, every part of which may have dots.
func (f *deDotFilter) field(e *pipeline.Event, name string) bool {
	ref := mustRef(name)
	v, ok := ref.Get(e)
	if !ok {
		return true
	}
	if f.recursive {
		if m, ok := v.(map[string]any); ok && !f.within(m) {
			return false
		}
	}
	if !strings.Contains(name, ".") {
		return true
	}
	ref.Delete(e)
	f.dropEmpty(e, ref)
	to := Ref{key: ref.key}
	var path []string
	for _, part := range append(slices.Clone(ref.path), ref.key) {
		path = append(path, f.parts(part)...)
	}
	to.path, to.key = path[:len(path)-1], path[len(path)-1]
	return to.Set(e, v)
}

// dropEmpty removes maps with dotted names that renaming left empty.
func (f *deDotFilter) dropEmpty(e *pipeline.Event, ref Ref) {
	for i, part := range ref.path {
		if !strings.Contains(part, ".") {
			continue
		}
		parent := Ref{path: ref.path[:i], key: part}
		if m, ok := parent.Get(e); ok && len(asMap(m)) == 0 {
			parent.Delete(e)
		}
		return
	}
}

func asMap(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// parts is a name without dots: one, or several when dots become levels.
func (f *deDotFilter) parts(name string) []string {
	if f.nested {
		return slices.DeleteFunc(strings.Split(name, "."), func(s string) bool { return s == "" })
	}
	return []string{strings.ReplaceAll(name, ".", f.separator)}
}

// within renames the fields of a map, of those within too when recursive.
func (f *deDotFilter) within(m map[string]any) bool {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		v := m[name]
		if name == metadataField {
			continue
		}
		if inner, ok := v.(map[string]any); ok && f.recursive && !f.within(inner) {
			return false
		}
		if !strings.Contains(name, ".") {
			continue
		}
		path := f.parts(name)
		if len(path) == 0 {
			continue
		}
		delete(m, name)
		if _, ok := setIn(m, path[:len(path)-1], path[len(path)-1], v); !ok {
			m[name] = v
			return false
		}
	}
	return true
}
