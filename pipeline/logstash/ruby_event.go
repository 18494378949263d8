package logstash

import (
	"fmt"
	"time"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash/internal/ruby"
)

// rubyEvent lends an event to Ruby code.
type rubyEvent struct {
	event     *pipeline.Event
	cancelled bool
}

// Get implements ruby.Event.
func (r *rubyEvent) Get(ref string) (any, error) {
	field, err := ParseRef(ref)
	if err != nil {
		return nil, err
	}
	v, _ := field.Get(r.event)
	return v, nil
}

// Set implements ruby.Event.
func (r *rubyEvent) Set(ref string, v any) error {
	field, err := ParseRef(ref)
	if err != nil {
		return err
	}
	if !field.Set(r.event, v) {
		return fmt.Errorf("the field %s cannot take this value", ref)
	}
	return nil
}

// Remove implements ruby.Event.
func (r *rubyEvent) Remove(ref string) any {
	field, err := ParseRef(ref)
	if err != nil {
		return nil
	}
	v, _ := field.Delete(r.event)
	return v
}

// Include implements ruby.Event.
func (r *rubyEvent) Include(ref string) bool {
	_, ok := getNamed(r.event, ref)
	return ok
}

// Tag implements ruby.Event.
func (r *rubyEvent) Tag(tag string) { Tag(r.event, tag) }

// Cancel implements ruby.Event.
func (r *rubyEvent) Cancel() { r.cancelled = true }

// Cancelled implements ruby.Event.
func (r *rubyEvent) Cancelled() bool { return r.cancelled }

// Sprintf implements ruby.Event.
func (r *rubyEvent) Sprintf(text string) string {
	t, err := ParseTemplate(text)
	if err != nil {
		return text
	}
	return t.Expand(r.event)
}

// Fields implements ruby.Event.
func (r *rubyEvent) Fields() map[string]any {
	all := make(map[string]any, len(r.event.Fields)+1)
	for k, v := range r.event.Fields {
		if k != metadataField {
			all[k] = v
		}
	}
	if !r.event.Time.IsZero() {
		all[timestampField] = r.event.Time
	}
	return all
}

// Clone implements ruby.Event.
func (r *rubyEvent) Clone() ruby.Event { return &rubyEvent{event: r.event.Clone()} }

// rubyHost is what code of a configuration may ask for.
type rubyHost struct{ env *Env }

// Now implements ruby.Host.
func (h rubyHost) Now() time.Time { return h.env.Now() }

// Lookup implements ruby.Host. Configurations of people who are not administrators see
// no variables.
func (h rubyHost) Lookup(name string) (string, bool) {
	if h.env.Untrusted {
		return "", false
	}
	return h.env.Lookup(name)
}

// NewEvent implements ruby.Host.
func (h rubyHost) NewEvent(fields map[string]any) ruby.Event {
	return &rubyEvent{event: NewEvent(fields, h.env.Now())}
}

// rubyBlock is new_event_block: it collects the events that code makes.
func rubyBlock(made *[]*pipeline.Event) ruby.Func {
	return func(args []any) any {
		const most = 10_000
		for _, v := range args {
			if e, ok := v.(*rubyEvent); ok && !e.cancelled && len(*made) < most {
				*made = append(*made, e.event)
			}
		}
		return nil
	}
}

// compileRuby reads the code of a setting; what is wrong is reported at its line.
func compileRuby(s *Settings, setting, code, advice string, variables ...string) *ruby.Program {
	p, err := ruby.Compile(code, variables...)
	if err == nil {
		return p
	}
	pos := s.Pos(setting)
	message := err.Error()
	if at, ok := err.(*ruby.SyntaxError); ok {
		if at.Line > 1 {
			pos.Line, pos.Column = pos.Line+at.Line-1, 1
		}
		message = at.Reason
	}
	s.report.errorf(pos, "", "%s: %s: Pharos runs a part of Ruby only, without access to anything outside: %s%s", s.plugin.Name, setting, message, advice)
	return nil
}
