package logstash

import (
	"strings"

	"github.com/pharosd/pharos/pipeline"
)

// ReasonSplitEmpty is why split drops: there was nothing in the list.
const ReasonSplitEmpty = "split_empty"

// newSplit makes split { field, terminator, target }: one event for each part of a text
// or element of a list.
func newSplit(s *Settings, env *Env) (any, error) {
	f := &splitStage{field: s.Ref("field", "message"), terminator: s.String("terminator", "\n"), env: env}
	f.target, f.keep = f.field, s.Has("target")
	if f.keep {
		f.target = s.Ref("target", "")
	}
	if f.terminator == "" {
		s.Errorf("terminator", "is empty")
	}
	return f, nil
}

type splitStage struct {
	field, target Ref
	keep          bool // the field stays: there is a target
	terminator    string
	env           *Env
}

func (f *splitStage) Process(e *pipeline.Event, out pipeline.Output) {
	v, _ := f.field.Get(e)
	var parts []any
	switch v := v.(type) {
	case []any:
		parts = v
		if !f.keep {
			f.field.Delete(e)
		}
	case string:
		texts := strings.Split(v, f.terminator)
		if len(texts) == 1 && v != "" {
			out.Emit(e)
			return
		}
		for _, text := range texts {
			parts = append(parts, text)
		}
	default:
		Tag(e, "_split_type_failure")
		out.Emit(e)
		return
	}
	f.emit(e, parts, out)
}

// emit makes copies for all parts but the last, which keeps the event itself with what
// it was made from.
func (f *splitStage) emit(e *pipeline.Event, parts []any, out pipeline.Output) {
	last := -1
	for i, part := range parts {
		if part != nil && part != "" {
			last = i
		}
	}
	if last < 0 {
		out.Drop(e, ReasonSplitEmpty)
		return
	}
	for _, part := range parts[:last] {
		if part == nil || part == "" {
			continue
		}
		c := e.Clone()
		f.target.Set(c, pipeline.CloneValue(part))
		f.env.Matched(c)
		out.Emit(c)
	}
	f.target.Set(e, parts[last])
	f.env.Matched(e)
	out.Emit(e)
}
