package logstash

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/pharosd/pharos/pipeline"
)

// dissectFilter cuts texts at delimiters, without regular expressions.
type dissectFilter struct {
	mappings    []dissectMapping
	conversions []dissectConversion
	failTags    []string
	matched     func(*pipeline.Event)
}

type dissectMapping struct {
	source  Ref
	pattern *dissection
}

type dissectConversion struct {
	field Ref
	name  string // as written
	kind  string // as written
	float bool
}

func newDissect(s *Settings, env *Env) (any, error) {
	f := &dissectFilter{failTags: stringsOr(s, "tag_on_failure", "_dissectfailure"), matched: env.Matched}
	for _, p := range s.Hash("mapping") {
		text := Text(p.Value)
		if text == "" {
			continue
		}
		d, why := parseDissection(text)
		if why != "" {
			s.report.errorf(p.Pos, "", "dissect: mapping %q: %s", shorten(text), why)
			continue
		}
		f.mappings = append(f.mappings, dissectMapping{s.ref("mapping", p.Key), d})
	}
	for _, p := range s.Hash("convert_datatype") {
		c := dissectConversion{field: s.ref("convert_datatype", p.Key), name: p.Key, kind: Text(p.Value)}
		switch strings.ToLower(c.kind) {
		case "int":
		case "float":
			c.float = true
		default:
			s.Errorf("convert_datatype", "%q is not known: write int or float", c.kind)
		}
		f.conversions = append(f.conversions, c)
	}
	return f, nil
}

// Process implements pipeline.Stage. The common options apply once for each mapping
// that matched, as in Logstash.
func (f *dissectFilter) Process(e *pipeline.Event, out pipeline.Output) {
	for i := range f.mappings {
		m := &f.mappings[i]
		v, ok := m.source.Get(e)
		if !ok {
			continue
		}
		if v != nil && m.pattern.apply(Text(v), e) {
			f.matched(e)
			continue
		}
		tagAll(e, f.failTags)
	}
	for i := range f.conversions {
		f.conversions[i].apply(e)
	}
	out.Emit(e)
}

func (c *dissectConversion) apply(e *pipeline.Event) {
	v, _ := c.field.Get(e)
	if v == nil {
		Tag(e, "_dataconversionnullvalue_"+c.name+"_"+c.kind)
		return
	}
	// Java's BigDecimal: no white space, no hexadecimal numbers, no infinities.
	text := Text(v)
	number, ok := new(big.Rat), false
	if len(text) <= 400 && !strings.ContainsAny(text, "/xXpPbBoO_ ") {
		number, ok = number.SetString(text)
	}
	if !ok {
		Tag(e, "_dataconversionuncoercible_"+c.name+"_"+c.kind)
		return
	}
	if c.float {
		float, _ := number.Float64()
		c.field.Set(e, float)
		return
	}
	whole := new(big.Int).Quo(number.Num(), number.Denom())
	if whole.IsInt64() {
		c.field.Set(e, whole.Int64())
		return
	}
	float, _ := new(big.Float).SetInt(whole).Float64()
	c.field.Set(e, float)
}

// dissection is a parsed pattern: what stands before the first field, and the fields
// each with the delimiter behind it.
type dissection struct {
	lead   string
	fields []dissectField
	saved  []int // indexes of fields to keep, in the order of keeping
}

type dissectField struct {
	kind  byte // '?', '+', '&' or 0
	name  string
	ref   Ref
	order int
	after string // the delimiter behind, "" for the last
	// before is the delimiter in front; padded lets it occur many times.
	before string
	padded bool
}

// parseDissection reads "%{a} - %{+b/2} %{?c->}"; why says what is wrong.
func parseDissection(s string) (d *dissection, why string) {
	d = &dissection{}
	before, padded := "", false
	rest := s
	for {
		open := strings.Index(rest, "%{")
		closing := -1
		if open >= 0 {
			closing = strings.IndexByte(rest[open:], '}')
		}
		if closing < 0 {
			break
		}
		delimiter := rest[:open]
		if n := len(d.fields); n > 0 {
			d.fields[n-1].after = delimiter
		} else {
			d.lead = delimiter
		}
		before = delimiter
		f, pads, why := parseDissectField(rest[open+2 : open+closing])
		if why != "" {
			return nil, why
		}
		f.before, f.padded = before, padded
		padded = pads
		d.fields = append(d.fields, f)
		rest = rest[open+closing+1:]
	}
	if len(d.fields) == 0 {
		return nil, "it has no field %{...}"
	}
	if rest != "" { // text behind the last field must be there too
		d.fields[len(d.fields)-1].after = rest
		d.fields = append(d.fields, dissectField{kind: '?', before: rest, padded: padded})
	}
	d.order()
	return d, ""
}

// order sorts what is kept: fields, then appended ones by their numbers, then those
// whose names are found in others.
func (d *dissection) order() {
	for i, f := range d.fields {
		if f.kind != '?' {
			d.saved = append(d.saved, i)
		}
	}
	rank := func(i int) int {
		switch f := d.fields[i]; f.kind {
		case '+':
			return 100 + f.order
		case '&':
			return 1000
		}
		return 1
	}
	slices.SortStableFunc(d.saved, func(a, b int) int { return rank(a) - rank(b) })
}

// parseDissectField reads what is between the braces; pads says that the delimiter
// behind it may repeat.
func parseDissectField(s string) (f dissectField, pads bool, why string) {
	f.name = s
	if s == "" || s[0] == '?' || s[0] == '+' || s[0] == '&' {
		if s != "" {
			f.kind, f.name = s[0], s[1:]
		} else {
			f.kind = '?'
		}
	}
	if strings.HasPrefix(s, "+&") || strings.HasPrefix(s, "&+") {
		return f, false, "a field cannot be both appended (+) and indirect (&)"
	}
	f.name, f.order, pads = dissectSuffix(f.name)
	if f.name == "" && f.kind == 0 {
		f.kind = '?'
	}
	if f.name == "" && f.kind != '?' {
		return f, false, "a field has a prefix and no name"
	}
	if f.kind == 0 || f.kind == '+' || f.kind == '&' {
		ref, err := ParseRef(f.name)
		if err != nil {
			return f, false, err.Error()
		}
		f.ref = ref
	}
	return f, pads, ""
}

// dissectSuffix cuts /2, ->, /2-> and ->/2 off a name.
func dissectSuffix(name string) (string, int, bool) {
	pads := false
	cut := func(s string) (string, bool) { return strings.CutSuffix(s, "->") }
	if s, ok := cut(name); ok {
		name, pads = s, true
	}
	order := 0
	if i := strings.LastIndexByte(name, '/'); i >= 0 && len(name)-i <= 3 {
		if n, err := strconv.ParseUint(name[i+1:], 10, 8); err == nil {
			name, order = name[:i], int(n)
			if s, ok := cut(name); ok && !pads {
				name, pads = s, true
			}
		}
	}
	return name, order, pads
}

// span is where a field's text is.
type span struct{ from, to int }

// apply cuts s and keeps the fields; if a delimiter is missing nothing changes.
func (d *dissection) apply(s string, e *pipeline.Event) bool {
	var few [24]span
	spans := few[:0]
	if len(d.fields) > len(few) {
		spans = make([]span, 0, len(d.fields))
	}
	if s == "" || !strings.HasPrefix(s, d.lead) {
		return false
	}
	at := len(d.lead)
	last := len(d.fields) - 1
	for i := range d.fields {
		f := &d.fields[i]
		if f.padded && f.before != "" {
			for strings.HasPrefix(s[at:], f.before) {
				at += len(f.before)
			}
		}
		if i == last {
			spans = append(spans, span{at, len(s)})
			break
		}
		n := -1
		if f.after != "" {
			n = strings.Index(s[at:], f.after)
		}
		if n < 0 {
			return false
		}
		spans = append(spans, span{at, at + n})
		if at+n > 0 { // Logstash does not step over a delimiter at the very start
			at += n + len(f.after)
		}
	}
	d.keep(s, spans, e)
	return true
}

func (d *dissection) keep(s string, spans []span, e *pipeline.Event) {
	for _, i := range d.saved {
		f := &d.fields[i]
		text := s[spans[i].from:spans[i].to]
		switch f.kind {
		case '+':
			if old, ok := f.ref.Get(e); ok {
				join := f.before
				if join == "" {
					join = " "
				}
				text = Text(old) + join + text
			}
			f.ref.Set(e, text)
		case '&':
			if name := d.indirect(i, s, spans, e); name != "" {
				setNamed(e, name, text)
			}
		default:
			f.ref.Set(e, text)
		}
	}
}

// indirect is the name under which a %{&name} field is kept.
func (d *dissection) indirect(i int, s string, spans []span, e *pipeline.Event) string {
	if v, ok := d.fields[i].ref.Get(e); ok {
		return Text(v)
	}
	for k, other := range d.fields {
		if k != i && other.name == d.fields[i].name {
			return s[spans[k].from:spans[k].to]
		}
	}
	return ""
}
