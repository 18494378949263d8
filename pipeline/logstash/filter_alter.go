package logstash

import "github.com/pharosd/pharos/pipeline"

// alterFilter changes fields by what they hold.
type alterFilter struct {
	rewrite  []alterRule
	other    []alterRule
	coalesce Ref
	choices  []*Template
}

// alterRule sets to when field equals expected.
type alterRule struct {
	field, to       Ref
	expected, value *Template
}

func newAlter(s *Settings, _ *Env) (any, error) {
	f := &alterFilter{}
	for _, row := range rows(s, "condrewrite", 3) {
		field := s.ref("condrewrite", row[0])
		f.rewrite = append(f.rewrite, alterRule{field, field, s.Compile("condrewrite", row[1]), s.Compile("condrewrite", row[2])})
	}
	for _, row := range rows(s, "condrewriteother", 4) {
		f.other = append(f.other, alterRule{s.ref("condrewriteother", row[0]), s.ref("condrewriteother", row[2]),
			s.Compile("condrewriteother", row[1]), s.Compile("condrewriteother", row[3])})
	}
	if list := s.Strings("coalesce"); len(list) > 0 {
		if len(list) < 2 {
			s.Errorf("coalesce", "write a field and at least one value")
		}
		f.coalesce = s.ref("coalesce", list[0])
		for _, text := range list[1:] {
			f.choices = append(f.choices, s.Compile("coalesce", text))
		}
	}
	return Func(f.filter), nil
}

// rows cuts a list into rows of n.
func rows(s *Settings, name string, n int) [][]string {
	list := s.Strings(name)
	if len(list)%n != 0 {
		s.Errorf(name, "write %d values for each rule; there are %d", n, len(list))
		return nil
	}
	var out [][]string
	for ; len(list) > 0; list = list[n:] {
		out = append(out, list[:n])
	}
	return out
}

func (f *alterFilter) filter(e *pipeline.Event) bool {
	for _, r := range f.rewrite {
		v, _ := r.field.Get(e)
		if list, ok := v.([]any); ok {
			for i, x := range list {
				if x == any(r.expected.Expand(e)) {
					list[i] = r.value.Expand(e)
				}
			}
		} else if v == any(r.expected.Expand(e)) {
			r.to.Set(e, r.value.Expand(e))
		}
	}
	for _, r := range f.other {
		v, _ := r.field.Get(e)
		for _, x := range asList(v) {
			if x == any(r.expected.Expand(e)) {
				r.to.Set(e, r.value.Expand(e))
			}
		}
	}
	for _, c := range f.choices {
		if text := c.Expand(e); text != "nil" && !unresolved(text) {
			f.coalesce.Set(e, text)
			break
		}
	}
	return true
}

// unresolved reports whether a reference without a value is left in a text.
func unresolved(text string) bool {
	t, err := ParseTemplate(text)
	if err != nil {
		return false
	}
	_, static := t.Static()
	return !static
}
