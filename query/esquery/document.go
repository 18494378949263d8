package esquery

import (
	"encoding/json"
	"hash/maphash"
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/valyala/fastjson"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/query/esquery/internal/esdate"
)

var utc = time.UTC

// seed is for what never leaves the process.
var seed = maphash.MakeSeed()

// indexLabel names the index of what came through Elasticsearch, serviceLabel that of
// everything else, idField is where a document's id is.
const (
	indexLabel   = "index"
	serviceLabel = "service_name"
	idField      = "_id"
	// restIndex is the index of entries without either.
	restIndex = "logs"
)

// document is an entry while it is looked at.
type document struct {
	time int64 // nanoseconds
	line string
	// root is the line as a JSON object, nil if it is none.
	root *fastjson.Value
	// own: it came through Elasticsearch, its source is the line.
	own   bool
	index string
	block *logs.Block
	i     int
}

// reader decodes the documents of blocks, one after the other; each worker has its
// own.
type reader struct {
	parser fastjson.Parser
	doc    document
	// stream is what index and own were found for.
	stream string
}

// begin prepares for the documents of a block.
func (r *reader) begin(b *logs.Block) {
	r.doc.block = b
	r.doc.index, r.doc.own = indexOf(b)
}

func indexOf(b *logs.Block) (name string, own bool) {
	if name = b.Stream.Get(indexLabel); name != "" {
		return name, true
	}
	if s := b.Stream.Get(serviceLabel); s != "" {
		return restIndex + "-" + s, false
	}
	return restIndex, false
}

// read decodes the i-th document; it is valid until the next call.
func (r *reader) read(i int) *document {
	d := &r.doc
	d.i, d.time, d.line = i, d.block.Times[i], d.block.Lines[i]
	d.root = nil
	if looksLikeObject(d.line) {
		if v, err := r.parser.Parse(d.line); err == nil && v.Type() == fastjson.TypeObject {
			d.root = v
		}
	}
	return d
}

func looksLikeObject(s string) bool {
	for i := range len(s) {
		switch s[i] {
		case ' ', '\t', '\n', '\r':
		default:
			return s[i] == '{'
		}
	}
	return false
}

// millis is the time that @timestamp has.
func (d *document) millis() int64 { return floorDiv(d.time, 1e6) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func (d *document) metadata(name string) string {
	for k := range d.block.Metadata {
		if c := &d.block.Metadata[k]; c.Name == name {
			return c.Values[d.i]
		}
	}
	return ""
}

// id is the given one, or made of the entry's time and what it is.
func (d *document) id() string {
	if id := d.metadata(idField); id != "" {
		return id
	}
	return strconv.FormatInt(d.time, 36) + "-" + strconv.FormatUint(d.hash(), 36)
}

// idTime is the time in an id that was made by id.
func idTime(id string) (int64, bool) {
	at, rest, ok := strings.Cut(id, "-")
	if !ok || rest == "" {
		return 0, false
	}
	t, err := strconv.ParseInt(at, 36, 64)
	return t, err == nil
}

// hash is the same for the same entry at any time, in any process.
func (d *document) hash() uint64 {
	var h xxhash.Digest
	h.Reset()
	for _, l := range d.block.Stream {
		_, _ = h.WriteString(l.Name)
		_, _ = h.WriteString("\xff")
		_, _ = h.WriteString(l.Value)
		_, _ = h.WriteString("\xff")
	}
	_, _ = h.WriteString(d.metadata(idField))
	_, _ = h.WriteString("\xff")
	_, _ = h.WriteString(strconv.FormatInt(d.time, 36))
	_, _ = h.WriteString(d.line)
	return h.Sum64()
}

// tie orders documents that are equal in all else; it survives as a JSON number in
// any client.
func (d *document) tie() int64 { return int64(d.hash() >> 11) }

// values appends the values of a field.
func (d *document) values(to []value, p *path) []value {
	switch p.kind {
	case timestampPath:
		return append(to, newDate(d.millis()))
	case idPath:
		return append(to, newText(d.id()))
	case indexPath:
		return append(to, newText(d.index))
	case anyPath, patternPath:
		d.each(p, func(_ string, v value) bool {
			to = append(to, v)
			return true
		})
		return to
	}
	if !d.own {
		if v, ok := d.outer(p.name); ok {
			return append(to, newText(v))
		}
	}
	if d.root != nil {
		d.lookup(d.root, p, 0, func(v *fastjson.Value) {
			leaves(v, func(v value) {
				if p.keyword && v.kind == dateValue {
					v = newText(v.text)
				}
				to = append(to, v)
			})
		})
	}
	return to
}

// outer is a field of an entry that did not come through Elasticsearch, besides those
// of its line.
func (d *document) outer(name string) (string, bool) {
	if name == "message" {
		return d.line, true
	}
	if v := d.block.Stream.Get(name); v != "" {
		return v, true
	}
	v := d.metadata(name)
	return v, v != ""
}

// lookup calls f for each member that the path can mean.
func (d *document) lookup(v *fastjson.Value, p *path, from int, f func(*fastjson.Value)) {
	switch v.Type() {
	case fastjson.TypeArray:
		for _, item := range v.GetArray() {
			if t := item.Type(); t == fastjson.TypeObject || t == fastjson.TypeArray {
				d.lookup(item, p, from, f)
			}
		}
	case fastjson.TypeObject:
		o := v.GetObject()
		for n, key := range p.keys[from] {
			m := o.Get(key)
			if m == nil {
				continue
			}
			if n == len(p.keys[from])-1 {
				f(m)
			} else {
				d.lookup(m, p, from+n+1, f)
			}
		}
	}
}

// exists says whether the field, or one below it, has a value.
func (d *document) exists(p *path) bool {
	switch p.kind {
	case timestampPath, idPath, indexPath:
		return true
	case anyPath, patternPath:
		found := false
		d.each(p, func(string, value) bool { found = true; return false })
		return found
	}
	if !d.own {
		if _, ok := d.outer(p.name); ok {
			return true
		}
	}
	found := false
	if d.root != nil {
		d.lookup(d.root, p, 0, func(v *fastjson.Value) { found = found || hasLeaf(v) })
	}
	return found
}

// each calls f for the values of all fields whose names a path means, with the names,
// until f returns false. All fields of an entry that did not come through
// Elasticsearch are those of its line: labels must be named.
func (d *document) each(p *path, f func(name string, v value) bool) {
	more := true
	emit := func(name string, v value) {
		if more && (p.pattern == nil || p.pattern.MatchString(name)) {
			more = f(name, v)
		}
	}
	if !d.own {
		emit("message", newText(d.line))
		if p.kind == patternPath {
			d.eachOuter(emit)
		}
	}
	if p.kind == patternPath {
		emit("@timestamp", newDate(d.millis()))
	}
	if d.root != nil && more {
		walkLeaves("", d.root, d.own, emit)
	}
}

// eachOuter are the labels and metadata.
func (d *document) eachOuter(emit func(string, value)) {
	for _, l := range d.block.Stream {
		emit(l.Name, newText(l.Value))
	}
	for _, c := range d.block.Metadata {
		if v := c.Values[d.i]; v != "" && d.block.Stream.Get(c.Name) == "" {
			emit(c.Name, newText(v))
		}
	}
}

// walkLeaves calls emit for all values below an object.
func walkLeaves(prefix string, v *fastjson.Value, own bool, emit func(string, value)) {
	v.GetObject().Visit(func(key []byte, m *fastjson.Value) {
		name := string(key)
		if prefix != "" {
			name = prefix + "." + name
		}
		if name == "@timestamp" || !own && name == "message" {
			return
		}
		walkValue(name, m, own, emit)
	})
}

func walkValue(name string, v *fastjson.Value, own bool, emit func(string, value)) {
	switch v.Type() {
	case fastjson.TypeObject:
		walkLeaves(name, v, own, emit)
	case fastjson.TypeArray:
		for _, item := range v.GetArray() {
			walkValue(name, item, own, emit)
		}
	default:
		leaves(v, func(v value) { emit(name, v) })
	}
}

// source appends the document's _source.
func (d *document) source(b []byte) []byte {
	if d.own && d.root != nil && json.Valid([]byte(d.line)) {
		return append(b, d.line...)
	}
	b = append(b, `{"@timestamp":`...)
	b = appendString(b, esdate.Default.Text(esdate.FromMillis(d.millis())))
	b = appendString(append(b, `,"message":`...), d.line)
	if d.own {
		return append(b, '}')
	}
	taken := map[string]bool{"@timestamp": true, "message": true}
	d.eachOuter(func(name string, v value) {
		if taken[name] {
			return
		}
		taken[name] = true
		b = appendString(append(appendString(append(b, ','), name), ':'), v.text)
	})
	if d.root != nil && json.Valid([]byte(d.line)) {
		d.root.GetObject().Visit(func(key []byte, m *fastjson.Value) {
			if !taken[string(key)] {
				taken[string(key)] = true
				b = m.MarshalTo(append(appendString(append(b, ','), string(key)), ':'))
			}
		})
	}
	return append(b, '}')
}
