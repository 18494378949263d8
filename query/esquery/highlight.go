package esquery

import (
	"cmp"
	"html"
	"slices"

	"github.com/valyala/fastjson"
)

// highlighter marks in texts what a query matches.
type highlighter struct {
	fields []highlightField
	base   highlightOptions
	query  query // nil: the request's
}

type highlightField struct {
	path *path
	highlightOptions
}

type highlightOptions struct {
	pre, post    string
	size, number int
	anyField     bool // require_field_match: false
	noMatch      int
	html         bool
	query        query
}

func parseHighlight(c *compiler, v *fastjson.Value) (*highlighter, error) {
	h := &highlighter{base: highlightOptions{pre: "<em>", post: "</em>", size: 100, number: 5}}
	var fields *fastjson.Value
	err := members(v, "highlight", func(key string, m *fastjson.Value) error {
		if key == "fields" {
			fields = m
			return nil
		}
		return h.base.parameter(c, key, m)
	})
	if err != nil || fields == nil {
		return h, err
	}
	for _, item := range items(fields) {
		err := members(item, "highlight_field", func(name string, m *fastjson.Value) error {
			f := highlightField{path: newPath(name), highlightOptions: h.base}
			err := members(m, "highlight_field", func(key string, m *fastjson.Value) error { return f.parameter(c, key, m) })
			h.fields = append(h.fields, f)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return h, nil
}

func (o *highlightOptions) parameter(c *compiler, key string, v *fastjson.Value) error {
	var err error
	switch key {
	case "pre_tags", "post_tags":
		var tags []string
		if tags, err = stringsOf(v, key); err == nil && len(tags) > 0 {
			if key == "pre_tags" {
				o.pre = tags[0]
			} else {
				o.post = tags[0]
			}
		}
	case "fragment_size":
		o.size, err = intOf(v, key)
	case "number_of_fragments":
		o.number, err = intOf(v, key)
	case "no_match_size":
		o.noMatch, err = intOf(v, key)
	case "require_field_match":
		var must bool
		must, err = boolOf(v, key)
		o.anyField = !must
	case "encoder":
		var s string
		s, err = textOf(v, key)
		o.html = s == "html"
	case "highlight_query":
		o.query, err = c.compile(v)
	case "type", "order", "fragmenter", "boundary_scanner", "boundary_chars", "boundary_max_scan", "boundary_scanner_locale",
		"tags_schema", "force_source", "phrase_limit", "max_analyzed_offset", "matched_fields", "options":
	default:
		err = parsingf("[highlight] unknown field [%s]", clip(key))
	}
	return err
}

// append appends the member "highlight" of a hit; nothing if there is nothing to mark.
func (h *highlighter) append(b []byte, d *document, q query) []byte {
	start, n := len(b), 0
	b = append(b, `,"highlight":{`...)
	done := map[string]bool{}
	for i := range h.fields {
		f := &h.fields[i]
		for _, name := range f.names(d) {
			if done[name] {
				continue
			}
			before := len(b)
			if n > 0 {
				b = append(b, ',')
			}
			var marked bool
			if b, marked = f.append(b, d, name, q); !marked {
				b = b[:before]
				continue
			}
			done[name] = true
			n++
		}
	}
	if n == 0 {
		return b[:start]
	}
	return append(b, '}')
}

// names are the fields of a document that a highlighted one means.
func (f *highlightField) names(d *document) []string {
	if f.path.kind != anyPath && f.path.kind != patternPath {
		name := f.path.name
		if f.path.keyword {
			name += ".keyword"
		}
		return []string{name}
	}
	var names []string
	d.each(f.path, func(name string, v value) bool {
		if v.kind == textValue && !slices.Contains(names, name) {
			names = append(names, name)
		}
		return true
	})
	return names
}

func (f *highlightField) append(b []byte, d *document, name string, q query) ([]byte, bool) {
	if f.query != nil {
		q = f.query
	}
	p := newPath(name)
	about := p
	if f.anyField {
		about = newPath("*")
	}
	b = append(appendString(b, name), ":["...)
	n := 0
	for _, v := range d.values(nil, p) {
		if v.kind != textValue {
			continue
		}
		for _, fragment := range f.fragments(v.text, joined(q.marks(nil, about, v.text))) {
			if f.number > 0 && n >= f.number {
				break
			}
			if n > 0 {
				b = append(b, ',')
			}
			b = appendString(b, fragment)
			n++
		}
	}
	return append(b, ']'), n > 0
}

// joined sorts spans and leaves out those within others.
func joined(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end)) })
	var out []span
	for _, s := range spans {
		if len(out) == 0 || s.start >= out[len(out)-1].end {
			out = append(out, s)
		}
	}
	return out
}

// fragments cuts a text into pieces around what is marked.
func (f *highlightField) fragments(text string, spans []span) []string {
	if len(spans) == 0 {
		if f.noMatch > 0 {
			return []string{f.encode(text[:cut(text, min(f.noMatch, len(text)))])}
		}
		return nil
	}
	if f.number == 0 || f.size <= 0 || len(text) <= f.size {
		return []string{f.mark(text, 0, len(text), spans)}
	}
	var out []string
	for i := 0; i < len(spans); {
		from := cut(text, max(0, spans[i].start-f.size/4))
		to := cut(text, min(len(text), max(from+f.size, spans[i].end)))
		k := i
		for k < len(spans) && spans[k].end <= to {
			k++
		}
		k = max(k, i+1)
		to = max(to, spans[k-1].end)
		out = append(out, f.mark(text, from, to, spans[i:k]))
		i = k
	}
	return out
}

// cut moves a place in a text to the begin of a word, if one is near.
func cut(text string, at int) int {
	for i := at; i > 0 && i > at-20; i-- {
		if i == len(text) || text[i-1] == ' ' {
			return i
		}
	}
	for at > 0 && at < len(text) && text[at]&0xc0 == 0x80 {
		at--
	}
	return at
}

func (f *highlightField) mark(text string, from, to int, spans []span) string {
	var b []byte
	for _, s := range spans {
		if s.start < from {
			continue
		}
		b = append(b, f.encode(text[from:s.start])...)
		b = append(append(append(b, f.pre...), f.encode(text[s.start:s.end])...), f.post...)
		from = s.end
	}
	return string(append(b, f.encode(text[from:to])...))
}

func (o *highlightOptions) encode(s string) string {
	if o.html {
		return html.EscapeString(s)
	}
	return s
}
