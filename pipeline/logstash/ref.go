package logstash

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pharosd/pharos/pipeline"
)

const (
	timestampField = "@timestamp"
	metadataField  = "@metadata"
	tagsField      = "tags"
)

// maxIndex bounds the lists that setting [a][N] can make: Logstash fills up with nil.
const maxIndex = 10_000

// Ref is a compiled field reference: name, [name], [a][b], [a][0], [a][-1],
// [@metadata][x]. [@timestamp] is pipeline.Event.Time.
type Ref struct {
	path []string // all but the last
	key  string   // the last
	time bool     // @timestamp itself
}

// ParseRef compiles a reference by Logstash's strict rules: without brackets the whole
// text is one name; with brackets nothing may stand outside them.
func ParseRef(s string) (Ref, error) {
	if s == "" {
		return Ref{}, fmt.Errorf("a field reference is empty")
	}
	names, ok := splitRef(s)
	if !ok {
		return Ref{}, fmt.Errorf("%q is no field reference: write name or [outer][inner]", s)
	}
	r := Ref{path: names[:len(names)-1], key: names[len(names)-1]}
	r.time = len(r.path) == 0 && r.key == timestampField
	return r, nil
}

// splitRef follows Logstash's tokenizer, which lets references nest: [[a][b]] is [a][b].
func splitRef(s string) (names []string, ok bool) {
	if !strings.ContainsAny(s, "[]") {
		return []string{s}, true
	}
	depth, start := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '[':
			if start != i {
				return nil, false
			}
			depth++
			start = i + 1
		case ']':
			if depth == 0 || start == i && s[i-1] != ']' {
				return nil, false
			}
			if start < i {
				names = append(names, s[start:i])
			}
			depth--
			start = i + 1
		default:
			if i > 0 && s[i-1] == ']' {
				return nil, false
			}
		}
	}
	return names, depth == 0 && len(names) > 0
}

// mustRef is for references written in this package.
func mustRef(s string) Ref {
	r, err := ParseRef(s)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return r
}

// IsZero says that r is not a reference at all.
func (r Ref) IsZero() bool { return r.key == "" }

// String is the reference in brackets, but for a plain name.
func (r Ref) String() string {
	if len(r.path) == 0 {
		return r.key
	}
	var b strings.Builder
	for _, p := range r.path {
		b.WriteString("[" + p + "]")
	}
	b.WriteString("[" + r.key + "]")
	return b.String()
}

// Get returns the value and whether there is one. A field that holds nil is there.
func (r Ref) Get(e *pipeline.Event) (any, bool) {
	if r.time {
		if e.Time.IsZero() {
			return nil, false
		}
		return e.Time, true
	}
	if len(r.path) == 0 {
		v, ok := e.Fields[r.key]
		if !ok && r.key == metadataField {
			return map[string]any{}, true
		}
		return v, ok
	}
	parent, ok := r.parent(e)
	if !ok {
		return nil, false
	}
	return child(parent, r.key)
}

// parent is the map or list that holds the field.
func (r Ref) parent(e *pipeline.Event) (any, bool) {
	v, ok := e.Fields[r.path[0]]
	for _, name := range r.path[1:] {
		if !ok {
			return nil, false
		}
		v, ok = child(v, name)
	}
	return v, ok
}

func child(v any, name string) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		x, ok := v[name]
		return x, ok
	case []any:
		if i, ok := listIndex(name, len(v)); ok && i < len(v) {
			return v[i], true
		}
	}
	return nil, false
}

// listIndex reads an index; negative ones count from the end.
func listIndex(name string, size int) (int, bool) {
	i, err := strconv.Atoi(name)
	if err != nil {
		return 0, false
	}
	if i < 0 {
		i += size
	}
	return i, i >= 0
}

// Set puts a value and reports whether it could. It makes the maps on the way; it
// refuses what Logstash refuses: a scalar on the way, @timestamp that is no time, tags
// that are no strings.
func (r Ref) Set(e *pipeline.Event, v any) bool {
	if r.time {
		t, ok := v.(time.Time)
		if ok {
			e.Time = t
		}
		return ok
	}
	if e.Fields == nil {
		e.Fields = map[string]any{}
	}
	if len(r.path) == 0 {
		switch {
		case r.key == tagsField && !legalTags(v):
			return false
		case r.key == metadataField:
			if _, ok := v.(map[string]any); !ok {
				return false
			}
		}
		e.Fields[r.key] = v
		return true
	}
	if r.path[0] == tagsField {
		return false
	}
	if r.path[0] == timestampField {
		return false
	}
	_, ok := setIn(e.Fields, r.path, r.key, v)
	return ok
}

// setIn puts a value below v, which it returns as it is afterwards: a list may grow.
func setIn(v any, path []string, key string, value any) (any, bool) {
	name := key
	if len(path) > 0 {
		name = path[0]
	}
	switch v := v.(type) {
	case map[string]any:
		if len(path) == 0 {
			v[key] = value
			return v, true
		}
		below := v[name]
		if below == nil {
			below = map[string]any{}
		}
		below, ok := setIn(below, path[1:], key, value)
		if ok {
			v[name] = below
		}
		return v, ok
	case []any:
		i, ok := listIndex(name, len(v))
		if !ok || i > maxIndex {
			return v, false
		}
		for len(v) <= i {
			v = append(v, nil)
		}
		if len(path) == 0 {
			v[i] = value
			return v, true
		}
		below := v[i]
		if below == nil {
			below = map[string]any{}
		}
		v[i], ok = setIn(below, path[1:], key, value)
		return v, ok
	}
	return v, false
}

func legalTags(v any) bool {
	switch v := v.(type) {
	case nil, string:
		return true
	case []any:
		for _, tag := range v {
			if _, ok := tag.(string); !ok {
				return false
			}
		}
		return true
	}
	return false
}

// Delete removes the field and returns what it held. @metadata is emptied.
func (r Ref) Delete(e *pipeline.Event) (any, bool) {
	if r.time {
		old := e.Time
		e.Time = time.Time{}
		return old, !old.IsZero()
	}
	if len(r.path) == 0 {
		v, ok := e.Fields[r.key]
		delete(e.Fields, r.key)
		return v, ok
	}
	parent, ok := r.parent(e)
	if !ok {
		return nil, false
	}
	switch p := parent.(type) {
	case map[string]any:
		v, ok := p[r.key]
		delete(p, r.key)
		return v, ok
	case []any:
		i, ok := listIndex(r.key, len(p))
		if !ok || i >= len(p) {
			return nil, false
		}
		v := p[i]
		holder := Ref{path: r.path[:len(r.path)-1], key: r.path[len(r.path)-1]}
		rest := append(p[:i:i], p[i+1:]...)
		if len(holder.path) == 0 {
			e.Fields[holder.key] = rest // tags may lose one
		} else {
			holder.Set(e, rest)
		}
		return v, true
	}
	return nil, false
}
