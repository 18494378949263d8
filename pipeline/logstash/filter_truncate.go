package logstash

import (
	"unicode/utf8"

	"github.com/pharosd/pharos/pipeline"
)

// newTruncate shortens texts to a number of bytes, not within a character.
func newTruncate(s *Settings, _ *Env) (any, error) {
	s.Required("length_bytes")
	length := int(s.Int("length_bytes", 0))
	if length < 0 {
		s.Errorf("length_bytes", "it must not be negative")
	}
	fields := s.Refs("fields")
	return Func(func(e *pipeline.Event) bool {
		changed := false
		shorten := func(v any) any {
			v, did := truncated(v, length)
			changed = changed || did
			return v
		}
		if len(fields) == 0 {
			for name, v := range e.Fields {
				if name != metadataField {
					e.Fields[name] = shorten(v)
				}
			}
			return changed
		}
		for _, f := range fields {
			if v, ok := f.Get(e); ok {
				f.Set(e, shorten(v))
			}
		}
		return changed
	}), nil
}

// truncated shortens a text, the texts of a list, or everything within a map, which it
// changes in place.
func truncated(v any, length int) (any, bool) {
	changed := false
	switch v := v.(type) {
	case string:
		if len(v) <= length {
			return v, false
		}
		end := length
		for end > 0 && !utf8.RuneStart(v[end]) {
			end--
		}
		return v[:end], true
	case []any:
		for i, x := range v {
			if text, ok := x.(string); ok {
				short, did := truncated(text, length)
				v[i], changed = short, changed || did
			}
		}
	case map[string]any:
		for k, x := range v {
			short, did := truncated(x, length)
			v[k], changed = short, changed || did
		}
	}
	return v, changed
}
