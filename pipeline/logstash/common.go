package logstash

import (
	"maps"
	"slices"

	"github.com/pharosd/pharos/pipeline"
)

// common are the options that all filters have, applied to an event that matched.
type common struct {
	addField    []addField
	removeField []dynamicRef
	addTag      []*Template
	removeTag   []*Template
}

type addField struct {
	field  dynamicRef
	values []*Template
}

// dynamicRef is a reference that may have references in it: "%{a}_x".
type dynamicRef struct {
	static   Ref
	template *Template // nil: static
}

// get returns false when what the text became is no reference.
func (d *dynamicRef) get(e *pipeline.Event) (Ref, bool) {
	if d.template == nil {
		return d.static, true
	}
	r, err := ParseRef(d.template.Expand(e))
	return r, err == nil
}

// dynamicRef compiles a reference that may be a sprintf text.
func (s *Settings) dynamicRef(name, text string) dynamicRef {
	t := s.Compile(name, text)
	if static, ok := t.Static(); ok {
		return dynamicRef{static: s.ref(name, static)}
	}
	return dynamicRef{template: t}
}

// commonSettings reads them. It returns nil when there is nothing to do.
func commonSettings(s *Settings) *common {
	c := &common{addTag: s.Templates("add_tag"), removeTag: s.Templates("remove_tag")}
	for _, p := range s.Hash("add_field") {
		a := addField{field: s.dynamicRef("add_field", p.Key)}
		for _, v := range asList(p.Value) {
			a.values = append(a.values, s.Compile("add_field", Text(GoValue(v))))
		}
		c.addField = append(c.addField, a)
	}
	for _, text := range s.Strings("remove_field") {
		c.removeField = append(c.removeField, s.dynamicRef("remove_field", text))
	}
	s.Known("id", "enable_metric", "periodic_flush")
	for _, old := range []string{"type", "tags", "exclude_tags"} {
		s.Unsupported(old, "write a condition around the filter")
	}
	if len(c.addField)+len(c.removeField)+len(c.addTag)+len(c.removeTag) == 0 {
		return nil
	}
	return c
}

// apply changes the event and reports whether all of it could be done.
func (c *common) apply(e *pipeline.Event) bool {
	ok := true
	for i := range c.addField {
		ok = c.addField[i].apply(e) && ok
	}
	for i := range c.removeField {
		if r, valid := c.removeField[i].get(e); valid {
			r.Delete(e)
		}
	}
	if len(c.addTag) > 0 {
		tags := rubyArray(e.Fields[tagsField])
		for _, t := range c.addTag {
			tags = append(tags, t.Expand(e))
		}
		setTags(e, tags)
	}
	for _, t := range c.removeTag {
		Untag(e, t.Expand(e))
	}
	return ok
}

// apply sets the field, or appends to what it holds.
func (a *addField) apply(e *pipeline.Event) bool {
	r, ok := a.field.get(e)
	if !ok {
		return false
	}
	for _, t := range a.values {
		text := t.Expand(e)
		old, there := r.Get(e)
		if !there {
			ok = r.Set(e, text) && ok
			continue
		}
		ok = r.Set(e, append(rubyArray(old), text)) && ok
	}
	return ok
}

// rubyArray is Ruby's Array(): nothing of nil, pairs of a map, a list of a scalar.
func rubyArray(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return slices.Clip(v)
	case map[string]any:
		var pairs []any
		for _, k := range slices.Sorted(maps.Keys(v)) {
			pairs = append(pairs, []any{k, v[k]})
		}
		return pairs
	}
	return []any{v}
}
