package logstash

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pharosd/pharos/pipeline"
)

// rangeFilter acts on fields whose number, or length of text, lies within bounds.
type rangeFilter struct {
	rules   []rangeRule
	negate  bool
	matched func(*pipeline.Event)
}

type rangeRule struct {
	field    Ref
	min, max float64
	drop     bool
	tag      *Template
	to       *Template
	value    any // a *Template, int64 or float64
}

func newRange(s *Settings, env *Env) (any, error) {
	f := &rangeFilter{negate: s.Bool("negate", false), matched: env.Matched}
	for _, row := range rows(s, "ranges", 4) {
		lo, err1 := strconv.ParseFloat(row[1], 64)
		hi, err2 := strconv.ParseFloat(row[2], 64)
		if err1 != nil || err2 != nil {
			s.Errorf("ranges", "the bounds of %s have to be numbers", row[0])
		}
		r := rangeRule{field: s.ref("ranges", row[0]), min: lo, max: hi}
		r.action(s, row[3])
		f.rules = append(f.rules, r)
	}
	return f, nil
}

func (r *rangeRule) action(s *Settings, text string) {
	parts := strings.Split(text, ":")
	switch {
	case parts[0] == "drop" && len(parts) == 1:
		r.drop = true
	case parts[0] == "tag" && len(parts) == 2:
		r.tag = s.Compile("ranges", parts[1])
	case parts[0] == "field" && len(parts) == 3:
		r.to, r.value = s.Compile("ranges", parts[1]), rangeValue(s, parts[2])
	default:
		s.Errorf("ranges", "%q is no action: write drop, tag:NAME or field:NAME:VALUE", text)
	}
}

func rangeValue(s *Settings, text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(n, 10) == text {
		return n
	}
	if x, err := strconv.ParseFloat(text, 64); err == nil && Text(x) == text {
		return x
	}
	return s.Compile("ranges", text)
}

// Process implements pipeline.Stage.
func (f *rangeFilter) Process(e *pipeline.Event, out pipeline.Output) {
	for i := range f.rules {
		r := &f.rules[i]
		v, ok := r.field.Get(e)
		if !ok || r.holds(v) == f.negate {
			continue
		}
		if r.drop {
			out.Drop(e, "range")
			return
		}
		r.act(e)
	}
	f.matched(e)
	out.Emit(e)
}

func (r *rangeRule) holds(v any) bool {
	var n float64
	switch v := v.(type) {
	case int64:
		n = float64(v)
	case float64:
		n = v
	case string:
		n = float64(utf8.RuneCountInString(v))
	default:
		return false
	}
	return r.min <= n && n <= r.max
}

func (r *rangeRule) act(e *pipeline.Event) {
	if r.tag != nil {
		Tag(e, r.tag.Expand(e))
	}
	if r.to == nil {
		return
	}
	value := r.value
	if t, ok := value.(*Template); ok {
		value = t.Expand(e)
	}
	name := r.to.Expand(e)
	if old, _ := getNamed(e, name); old != nil && old != false {
		value = append(append([]any{}, asList(old)...), Text(value))
	}
	setNamed(e, name, value)
}
