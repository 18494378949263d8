package esquery

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/tenant"
)

// How many documents are looked at to know an index' fields: the newest ones of each.
const (
	sampleAll    = 10_000
	sampleIndex  = 1000
	sampleLeast  = 50
	sampleFields = 10_000
)

// fieldTypes are the types that a field's values have, by index.
type fieldTypes map[string]map[string]bool

// sampled are the fields of some indices.
type sampled struct {
	indices []string
	fields  map[string]fieldTypes
}

func (s *sampled) add(index, name, kind string) {
	types := s.fields[name]
	if types == nil {
		if len(s.fields) >= sampleFields {
			return
		}
		types = fieldTypes{}
		s.fields[strings.Clone(name)] = types
	}
	if types[kind] == nil {
		types[kind] = map[string]bool{}
	}
	types[kind][index] = true
}

// typeOf is the type that a value is given.
func typeOf(v *value) string {
	switch v.kind {
	case numberValue:
		if v.integer {
			return "long"
		}
		return "double"
	case boolValue:
		return "boolean"
	case dateValue:
		return "date"
	}
	return "text"
}

// sample looks at the newest documents of each index.
func (e *Engine) sample(ctx context.Context, t tenant.ID, sel *selection, filter query) (*sampled, error) {
	names := sel.names
	if sel.all {
		var err error
		if names, err = e.Indices(ctx, t); err != nil {
			return nil, err
		}
	}
	out := &sampled{indices: names, fields: map[string]fieldTypes{}}
	r := &run{engine: e, tenant: t}
	limit := max(sampleLeast, min(sampleIndex, sampleAll/max(len(names), 1)))
	own, cancel := context.WithTimeout(ctx, e.cfg.Timeout)
	defer cancel()
	for _, name := range names {
		pre := and((&selection{names: []string{name}}).prefilter(), filter.prefilter())
		start, end := timeRange(pre.filter)
		if start >= end {
			continue
		}
		var rd reader
		err := e.reader.Select(own, t, logs.Query{Start: start, End: end, Where: pre.filter, Limit: limit}, func(b *logs.Block) error {
			rd.begin(b)
			for i := range b.Times {
				if d := rd.read(i); filter.match(d) {
					out.look(name, d)
				}
				if err := r.read(len(b.Lines[i])); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil && !timedOut(ctx, own, err) {
			return nil, err
		}
	}
	return out, nil
}

func (s *sampled) look(index string, d *document) {
	d.each(&path{kind: patternPath}, func(name string, v value) bool {
		s.add(index, name, typeOf(&v))
		return true
	})
}

// kinds are the types of a field with what they are in: a number that is whole in
// some documents and not in others is a double.
func (f fieldTypes) kinds() map[string]map[string]bool {
	out := maps.Clone(f)
	if len(out["double"]) > 0 && len(out["long"]) > 0 {
		for index := range out["long"] {
			out["double"][index] = true
		}
		delete(out, "long")
	}
	if len(out["text"]) > 0 && len(out["date"]) > 0 { // a text may look like a date
		for index := range out["date"] {
			out["text"][index] = true
		}
		delete(out, "date")
	}
	return out
}

// metadataFields are those that each document has.
var metadataFields = map[string]string{"_id": "_id", "_index": "_index", "_source": "_source"}

// FieldCaps answers _field_caps.
func (e *Engine) FieldCaps(ctx context.Context, t tenant.ID, indices string, o IndexOptions, fields []string, body []byte) ([]byte, error) {
	sel, err := e.resolve(ctx, t, indices, o)
	if err != nil {
		return nil, err
	}
	var filter query = matchAll{}
	if len(strings.TrimSpace(view(body))) > 0 {
		if filter, fields, err = e.capsBody(body, fields); err != nil {
			return nil, err
		}
	}
	if len(fields) == 0 {
		return nil, badf("action_request_validation_exception", "Validation Failed: 1: no fields specified;")
	}
	s, err := e.sample(ctx, t, sel, filter)
	if err != nil {
		return nil, err
	}
	b := []byte(`{"indices":`)
	b = appendStrings(b, s.indices)
	b = append(b, `,"fields":{`...)
	n := 0
	for _, c := range s.capabilities() {
		if !anyMatches(fields, c.name) {
			continue
		}
		if n > 0 {
			b = append(b, ',')
		}
		n++
		b = c.append(b, len(s.indices))
	}
	return append(b, '}', '}'), nil
}

func (e *Engine) capsBody(body []byte, fields []string) (query, []string, error) {
	v, err := parseBody(body)
	if err != nil {
		return nil, nil, err
	}
	var filter query = matchAll{}
	err = members(v, "field_caps", func(key string, m *fastjson.Value) error {
		var err error
		switch key {
		case "index_filter":
			filter, err = (&compiler{now: e.now()}).compile(m)
		case "fields":
			fields, err = stringsOf(m, key)
		case "runtime_mappings":
			if m.Type() != fastjson.TypeObject || m.GetObject().Len() > 0 {
				err = unsupportedf("[%s]", key)
			}
		default:
			err = parsingf("[field_caps] unknown field [%s]", clip(key))
		}
		return err
	})
	return filter, fields, err
}

func appendStrings(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, s)
	}
	return append(b, ']')
}

// capability is a field with its types.
type capability struct {
	name  string
	types map[string]map[string]bool
	meta  bool
}

// capabilities are all fields, also those that are made of others: the exact value of
// a text, the object around a field.
func (s *sampled) capabilities() []capability {
	all := map[string]capability{}
	for name, types := range s.fields {
		c := capability{name: name, types: types.kinds()}
		all[name] = c
		if in := c.types["text"]; in != nil {
			all[name+".keyword"] = capability{name: name + ".keyword", types: map[string]map[string]bool{"keyword": in}}
		}
		for parent, _, ok := cutLast(name, "."); ok; parent, _, ok = cutLast(parent, ".") {
			if _, is := s.fields[parent]; is || all[parent].types != nil {
				continue
			}
			all[parent] = capability{name: parent, types: map[string]map[string]bool{"object": nil}}
		}
	}
	if len(s.indices) > 0 {
		for name, kind := range metadataFields {
			all[name] = capability{name: name, types: map[string]map[string]bool{kind: nil}, meta: true}
		}
	}
	out := slices.Collect(maps.Values(all))
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out
}

func (c *capability) append(b []byte, indices int) []byte {
	b = append(appendString(b, c.name), ":{"...)
	for i, kind := range slices.Sorted(maps.Keys(c.types)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, kind)
		b = appendString(append(b, `:{"type":`...), kind)
		usable := kind != "object" && kind != "_source"
		b = append(b, `,"metadata_field":`+boolText(c.meta)+`,"searchable":`+boolText(usable)+`,"aggregatable":`+boolText(usable)...)
		if len(c.types) > 1 && len(c.types[kind]) < indices {
			b = appendStrings(append(b, `,"indices":`...), slices.Sorted(maps.Keys(c.types[kind])))
		}
		b = append(b, '}')
	}
	return append(b, '}')
}

func boolText(v bool) string {
	if v {
		return "true"
	}
	return "false"
}

// Mapping answers _mapping: for each index the types of the fields of its newest
// documents; fields: only these, in the form of _mapping/field.
func (e *Engine) Mapping(ctx context.Context, t tenant.ID, indices string, o IndexOptions, fields []string) ([]byte, error) {
	sel, err := e.resolve(ctx, t, indices, o)
	if err != nil {
		return nil, err
	}
	names := sel.names
	if sel.all {
		if names, err = e.Indices(ctx, t); err != nil {
			return nil, err
		}
	}
	b := []byte{'{'}
	for i, name := range names {
		s, err := e.sample(ctx, t, &selection{names: []string{name}}, matchAll{})
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, name), `:{"mappings":{`...)
		if fields == nil {
			if tree := s.tree(); len(tree.children) > 0 {
				b = tree.append(append(b, `"properties":`...))
			}
		} else {
			b = s.appendFields(b, fields)
		}
		b = append(b, '}', '}')
	}
	return append(b, '}'), nil
}

func (s *sampled) appendFields(b []byte, patterns []string) []byte {
	n := 0
	for _, name := range slices.Sorted(maps.Keys(s.fields)) {
		if !anyMatches(patterns, name) {
			continue
		}
		if n > 0 {
			b = append(b, ',')
		}
		n++
		last := (&path{name: name}).key()
		b = appendString(append(appendString(b, name), `:{"full_name":`...), name)
		b = append(appendString(append(b, `,"mapping":{`...), last), ':')
		b = append(appendType(b, s.fields[name]), '}', '}')
	}
	return b
}

// mappingTree is a mapping, by the parts of names.
type mappingTree struct {
	children map[string]*mappingTree
	types    fieldTypes
}

func (s *sampled) tree() *mappingTree {
	root := &mappingTree{children: map[string]*mappingTree{}}
	for name, types := range s.fields {
		at := root
		for _, part := range strings.Split(name, ".") {
			next := at.children[part]
			if next == nil {
				next = &mappingTree{children: map[string]*mappingTree{}}
				at.children[part] = next
			}
			at = next
		}
		at.types = types
	}
	return root
}

func (t *mappingTree) append(b []byte) []byte {
	b = append(b, '{')
	for i, name := range slices.Sorted(maps.Keys(t.children)) {
		if i > 0 {
			b = append(b, ',')
		}
		child := t.children[name]
		b = append(appendString(b, name), ':')
		if len(child.children) > 0 {
			b = append(child.append(append(b, `{"properties":`...)), '}')
			continue
		}
		b = appendType(b, child.types)
	}
	return append(b, '}')
}

// appendType writes the mapping of a field: of several types the widest.
func appendType(b []byte, types fieldTypes) []byte {
	kinds := types.kinds()
	for _, kind := range []string{"text", "date", "double", "long", "boolean"} {
		if kinds[kind] == nil {
			continue
		}
		b = appendString(append(b, `{"type":`...), kind)
		if kind == "text" {
			b = append(b, `,"fields":{"keyword":{"type":"keyword"}}`...)
		}
		break
	}
	return append(b, '}')
}

// TermsEnum answers _terms_enum: values of a field that begin with a text, of the
// newest documents.
func (e *Engine) TermsEnum(ctx context.Context, t tenant.ID, indices string, o IndexOptions, body []byte) ([]byte, error) {
	sel, err := e.resolve(ctx, t, indices, o)
	if err != nil {
		return nil, err
	}
	v, err := parseBody(body)
	if err != nil {
		return nil, err
	}
	var field, prefix, after string
	size, fold := 10, false
	err = settings("terms_enum", v, func(key string, m *fastjson.Value) (bool, error) {
		var err error
		switch key {
		case "field":
			field, err = textOf(m, key)
		case "string":
			prefix, err = textOf(m, key)
		case "search_after":
			after, err = textOf(m, key)
		case "size":
			size, err = intOf(m, key)
		case "case_insensitive":
			fold, err = boolOf(m, key)
		case "timeout":
		case "index_filter":
			err = unsupportedf("[index_filter] in [_terms_enum]")
		default:
			return false, nil
		}
		return true, err
	})
	if err != nil {
		return nil, err
	}
	if field == "" || size < 0 || size > e.cfg.MaxWindow {
		return nil, illegalf("[_terms_enum] wants a [field], and a [size] up to %d", e.cfg.MaxWindow)
	}
	terms, err := e.enumerate(ctx, t, sel, newPath(field), newPrefix(prefix, fold, false))
	if err != nil {
		return nil, err
	}
	terms = slices.DeleteFunc(terms, func(s string) bool { return s <= after && after != "" })
	b := append([]byte(`{`+shards+`,"terms":`), appendStrings(nil, terms[:min(len(terms), size)])...)
	return append(b, `,"complete":true}`...), nil
}

func (e *Engine) enumerate(ctx context.Context, t tenant.ID, sel *selection, p *path, test *prefixTest) ([]string, error) {
	pre := and(sel.prefilter(), (&fieldQuery{p, test}).prefilter())
	found := map[string]bool{}
	r := &run{engine: e, tenant: t}
	var rd reader
	start, end := timeRange(pre.filter)
	if start >= end {
		return nil, nil
	}
	err := e.reader.Select(ctx, t, logs.Query{Start: start, End: end, Where: pre.filter, Limit: sampleAll}, func(b *logs.Block) error {
		rd.begin(b)
		for i := range b.Times {
			for _, v := range rd.read(i).values(nil, p) {
				if s := v.string(); test.begins(s) && !found[s] {
					found[strings.Clone(s)] = true
					if err := r.keep(len(s) + 64); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, logs.ErrStop) {
		return nil, err
	}
	return slices.Sorted(maps.Keys(found)), nil
}
