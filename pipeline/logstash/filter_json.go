package logstash

import (
	"strings"

	"github.com/pharosd/pharos/pipeline"
)

// newJSON makes json { source, target, skip_on_invalid_json, tag_on_failure }.
func newJSON(s *Settings, env *Env) (any, error) {
	s.Required("source")
	f := &jsonFilter{source: s.Ref("source", ""), target: s.Ref("target", ""), skip: s.Bool("skip_on_invalid_json", false),
		tags: []string{"_jsonparsefailure"}, env: env}
	if s.Has("tag_on_failure") {
		f.tags = s.Strings("tag_on_failure")
	}
	return Func(f.filter), nil
}

type jsonFilter struct {
	source, target Ref
	skip           bool
	tags           []string
	env            *Env
}

func (f *jsonFilter) filter(e *pipeline.Event) bool {
	v, _ := f.source.Get(e)
	if v == nil || v == false {
		return false
	}
	text, ok := v.(string)
	if !ok {
		return f.fail(e)
	}
	parsed, err := DecodeJSON(text)
	if err != nil {
		if f.skip {
			return false
		}
		return f.fail(e)
	}
	if !f.target.IsZero() {
		return f.target.Set(e, parsed) || f.fail(e)
	}
	object, ok := parsed.(map[string]any)
	if !ok {
		return f.fail(e)
	}
	return f.merge(e, object) || f.fail(e)
}

func (f *jsonFilter) fail(e *pipeline.Event) bool {
	for _, tag := range f.tags {
		Tag(e, tag)
	}
	return false
}

// merge puts the members of an object into the event.
func (f *jsonFilter) merge(e *pipeline.Event, object map[string]any) bool {
	stamp, hasStamp := object[timestampField]
	ok := true
	for k, v := range object {
		if k == timestampField {
			continue
		}
		if k != tagsField && k != metadataField && !strings.ContainsAny(k, "[]") {
			e.Fields[k] = v
			continue
		}
		r, err := ParseRef(k)
		ok = err == nil && r.Set(e, v) && ok
	}
	if hasStamp && stamp != nil && stamp != false && !setTimestamp(e, stamp) {
		e.Time = f.env.Now()
		Tag(e, "_timestampparsefailure")
		e.Fields["_@timestamp"] = Text(stamp)
	}
	return ok
}
