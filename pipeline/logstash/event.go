package logstash

import (
	"time"

	"github.com/pharosd/pharos/pipeline"
)

// NewEvent makes an event of a document, which it takes over: @version is "1" unless
// there is one; @timestamp is the document's when it is a time or ISO 8601 text, else
// now, with the tag _timestampparsefailure and the field _@timestamp when the document
// had another; tags that are no texts move to _tags with the tag _tagsparsefailure.
func NewEvent(fields map[string]any, now time.Time) *pipeline.Event {
	if fields == nil {
		fields = map[string]any{}
	}
	e := &pipeline.Event{Time: now, Fields: fields}
	if _, ok := fields["@version"]; !ok {
		fields["@version"] = "1"
	}
	if m, ok := fields[metadataField]; ok {
		if _, isMap := m.(map[string]any); !isMap {
			delete(fields, metadataField)
		}
	}
	if tags, ok := fields[tagsField]; ok && !legalTags(tags) {
		fields["_tags"] = tags
		fields[tagsField] = []any{"_tagsparsefailure"}
	}
	stamp, ok := fields[timestampField]
	if !ok {
		return e
	}
	delete(fields, timestampField)
	if stamp == nil {
		return e
	}
	if !setTimestamp(e, stamp) {
		Tag(e, "_timestampparsefailure")
		fields["_@timestamp"] = stamp
	}
	return e
}

// setTimestamp takes a time or text.
func setTimestamp(e *pipeline.Event, v any) bool {
	switch v := v.(type) {
	case time.Time:
		e.Time = v
		return true
	case string:
		if t, ok := ParseISO8601(v, time.Local); ok {
			e.Time = t
			return true
		}
	}
	return false
}

// ParseISO8601 reads yyyy-MM-dd, with THH:mm, :ss and a fraction, with Z or an offset;
// without one it is in zone.
func ParseISO8601(s string, zone *time.Location) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t.UTC(), true
	}
	// Go reads a fraction behind the seconds whether or not the layout has one.
	for _, clock := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02", "2006-01-02 15:04:05"} {
		for _, offset := range []string{"", "Z07:00", "Z0700", "Z07"} {
			if t, err := time.ParseInLocation(clock+offset, s, zone); err == nil {
				return t.UTC(), true
			}
		}
	}
	return time.Time{}, false
}
