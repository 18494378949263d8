package logstash

import (
	"slices"

	"github.com/pharosd/pharos/pipeline"
)

// Tag adds a tag unless the event has it.
func Tag(e *pipeline.Event, tag string) {
	old := e.Fields[tagsField]
	var list []any
	switch old := old.(type) {
	case nil:
	case []any:
		if slices.Contains(old, any(tag)) {
			return
		}
		list = old
	case string:
		if old == tag {
			return
		}
		list = []any{old}
	default:
		return // an illegal value, which no filter can set
	}
	setTags(e, append(list, tag))
}

// Untag removes a tag.
func Untag(e *pipeline.Event, tag string) {
	switch old := e.Fields[tagsField].(type) {
	case []any:
		setTags(e, slices.DeleteFunc(old, func(v any) bool { return v == any(tag) }))
	case string:
		if old == tag {
			setTags(e, []any{})
		}
	}
}

// Tags are the event's tags.
func Tags(e *pipeline.Event) []string {
	switch old := e.Fields[tagsField].(type) {
	case string:
		return []string{old}
	case []any:
		tags := make([]string, 0, len(old))
		for _, v := range old {
			if s, ok := v.(string); ok {
				tags = append(tags, s)
			}
		}
		return tags
	}
	return nil
}

func setTags(e *pipeline.Event, tags []any) {
	if e.Fields == nil {
		e.Fields = map[string]any{}
	}
	e.Fields[tagsField] = tags
}
