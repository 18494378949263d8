package esquery

import (
	"net/url"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/pharosd/pharos/internal/esapi"
	"github.com/pharosd/pharos/query/esquery/internal/esdate"
)

// sourceFilter says which part of _source a hit shows.
type sourceFilter struct {
	off                bool
	given              bool
	includes, excludes []string
}

func (f *sourceFilter) parse(v *fastjson.Value) (err error) {
	f.given, f.off = true, false
	switch v.Type() {
	case fastjson.TypeTrue, fastjson.TypeFalse:
		f.off = v.Type() == fastjson.TypeFalse
	case fastjson.TypeObject:
		err = members(v, "_source", func(key string, m *fastjson.Value) error {
			var err error
			switch key {
			case "includes", "include":
				f.includes, err = stringsOf(m, key)
			case "excludes", "exclude":
				f.excludes, err = stringsOf(m, key)
			default:
				err = parsingf("Unknown key for a %s in [%s].", tokenOf(m), clip(key))
			}
			return err
		})
	default:
		f.includes, err = stringsOf(v, "_source")
		if len(f.includes) == 1 && f.includes[0] == "false" {
			f.off, f.includes = true, nil
		}
	}
	return err
}

// params reads _source, _source_includes and _source_excludes of the address.
func (f *sourceFilter) params(p url.Values) {
	list := func(names ...string) (out []string) {
		for _, name := range names {
			for _, v := range p[name] {
				out = append(out, strings.Split(v, ",")...)
			}
		}
		return out
	}
	if s := list("_source"); len(s) > 0 {
		f.given = true
		switch s[0] {
		case "true":
		case "false":
			f.off = true
		default:
			f.includes = s
		}
	}
	if s := list("_source_includes", "_source_include"); len(s) > 0 {
		f.given, f.includes = true, s
	}
	if s := list("_source_excludes", "_source_exclude"); len(s) > 0 {
		f.given, f.excludes = true, s
	}
}

func (f *sourceFilter) whole() bool { return len(f.includes) == 0 && len(f.excludes) == 0 }

// apply appends the part of a source that is shown.
func (f *sourceFilter) apply(b, source []byte) []byte {
	if f.whole() {
		return append(b, source...)
	}
	var p fastjson.Parser
	v, err := p.ParseBytes(source)
	if err != nil {
		return append(b, "{}"...)
	}
	if out := f.object(b, "", v, len(f.includes) == 0); len(out) > len(b) {
		return out
	}
	return append(b, "{}"...)
}

// object appends an object, or nothing if no member is shown and the object is not
// itself. In: it is included as a whole.
func (f *sourceFilter) object(b []byte, prefix string, v *fastjson.Value, in bool) []byte {
	start := len(b)
	b = append(b, '{')
	n := 0
	v.GetObject().Visit(func(key []byte, m *fastjson.Value) {
		name := prefix + string(key)
		if anyMatches(f.excludes, name) {
			return
		}
		mark := len(b)
		if n > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, string(key)), ':')
		before := len(b)
		b = f.value(b, name, m, in || anyMatches(f.includes, name))
		if len(b) == before {
			b = b[:mark]
			return
		}
		n++
	})
	if n == 0 && !in {
		return b[:start]
	}
	return append(b, '}')
}

func (f *sourceFilter) value(b []byte, name string, v *fastjson.Value, in bool) []byte {
	switch v.Type() {
	case fastjson.TypeObject:
		return f.object(b, name+".", v, in)
	case fastjson.TypeArray:
		start, n := len(b), 0
		b = append(b, '[')
		for _, item := range v.GetArray() {
			mark := len(b)
			if n > 0 {
				b = append(b, ',')
			}
			before := len(b)
			if b = f.value(b, name, item, in); len(b) == before {
				b = b[:mark]
				continue
			}
			n++
		}
		if n == 0 && !in {
			return b[:start]
		}
		return append(b, ']')
	}
	if !in {
		return b
	}
	return v.MarshalTo(b)
}

func anyMatches(patterns []string, name string) bool {
	for _, p := range patterns {
		if esapi.Match(p, name) {
			return true
		}
	}
	return false
}

// fieldSpec is one of fields or docvalue_fields.
type fieldSpec struct {
	path   *path
	format *esdate.Format
}

// maxFields is Elasticsearch's index.max_docvalue_fields_search.
const maxFields = 100

func (r *Request) parseFields(v *fastjson.Value) error {
	for _, item := range items(v) {
		var f fieldSpec
		if item.Type() != fastjson.TypeObject {
			s, err := textOf(item, "fields")
			if err != nil {
				return err
			}
			f.path = newPath(s)
			r.fields = append(r.fields, f)
			continue
		}
		err := members(item, "fields", func(key string, m *fastjson.Value) error {
			switch key {
			case "field":
				s, err := textOf(m, key)
				f.path = newPath(s)
				return err
			case "format":
				s, err := textOf(m, key)
				if err != nil || s == "use_field_mapping" {
					return err
				}
				f.format, err = formatOf(m)
				if err != nil { // a format of numbers
					f.format = nil
				}
				return nil
			case "include_unmapped":
				return nil
			}
			return parsingf("[fields] unknown field [%s]", clip(key))
		})
		if err != nil {
			return err
		}
		if f.path == nil {
			return illegalf("Required [field]")
		}
		r.fields = append(r.fields, f)
	}
	if len(r.fields) > maxFields {
		return illegalf("Trying to retrieve too many docvalue_fields. Must be less than or equal to: [%d] but was [%d].", maxFields, len(r.fields))
	}
	return nil
}

// storedFields has no stored fields to show; it turns the source off, as it does in
// Elasticsearch.
func (r *Request) storedFields(v *fastjson.Value) error {
	names, err := stringsOf(v, "stored_fields")
	if err != nil || r.source.given {
		return err
	}
	r.source.off = true
	for _, n := range names {
		if n == "_source" {
			r.source.off = false
		}
	}
	return nil
}

// fieldValues appends the member "fields" of a hit; nothing if there is no value.
func (r *Request) fieldValues(b []byte, d *document) []byte {
	type column struct {
		name   string
		values [][]byte
	}
	var columns []column
	at := map[string]int{}
	add := func(f *fieldSpec, name string, v value) {
		i, ok := at[name]
		if !ok {
			i = len(columns)
			at[name] = i
			columns = append(columns, column{name: name})
		}
		columns[i].values = append(columns[i].values, f.append(nil, &v))
	}
	for i := range r.fields {
		f := &r.fields[i]
		if f.path.kind == anyPath || f.path.kind == patternPath {
			p, before := *f.path, len(columns)
			p.kind = patternPath
			d.each(&p, func(name string, v value) bool {
				if i, ok := at[name]; !ok || i >= before {
					add(f, name, v)
				}
				return true
			})
			continue
		}
		name := f.path.name
		if f.path.keyword {
			name += ".keyword"
		}
		if _, done := at[name]; done {
			continue
		}
		for _, v := range d.values(nil, f.path) {
			add(f, name, v)
		}
	}
	if len(columns) == 0 {
		return b
	}
	b = append(b, `,"fields":{`...)
	for i, c := range columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, c.name), ":["...)
		for k, v := range c.values {
			if k > 0 {
				b = append(b, ',')
			}
			b = append(b, v...)
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func (f *fieldSpec) append(b []byte, v *value) []byte {
	switch v.kind {
	case dateValue:
		format := f.format
		if format == nil {
			format = esdate.Default
		}
		return appendString(b, format.Text(esdate.FromMillis(v.whole)))
	case textValue:
		return appendString(b, v.text)
	}
	return append(b, v.text...)
}
