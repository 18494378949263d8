package esquery

import (
	"cmp"
	"math"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/pharosd/pharos/query/esquery/internal/esdate"
)

type sortKind uint8

const (
	byField sortKind = iota
	byScore
	byTie  // _doc, _shard_doc
	byTime // newest first, not shown
)

// sortKey is one key of the order of hits.
type sortKey struct {
	kind sortKind
	path *path
	desc bool
	// missing is where documents without a value go: _first, _last, or it is a value.
	missing string
	value   *sortValue
	mode    string
	format  *esdate.Format
	hidden  bool
}

// sortValue is what a document has for a key.
type sortValue struct {
	kind   uint8 // absent, number, text
	number float64
	// whole is a number exactly, if integer.
	integer bool
	whole   int64
	text    string
	// boolean: the number is true or false, and shown so.
	boolean bool
}

const (
	absent uint8 = iota
	number
	text
)

func wholeNumber(i int64) sortValue {
	return sortValue{kind: number, number: float64(i), integer: true, whole: i}
}

func toSortValue(v *value) sortValue {
	if v.kind == textValue {
		return sortValue{kind: text, text: v.text}
	}
	return sortValue{kind: number, number: v.number, integer: v.integer, whole: v.whole, boolean: v.kind == boolValue}
}

func (a *sortValue) compare(b *sortValue) int {
	if a.kind != b.kind {
		return cmp.Compare(a.kind, b.kind)
	}
	switch {
	case a.kind == text:
		return strings.Compare(a.text, b.text)
	case a.integer && b.integer:
		return cmp.Compare(a.whole, b.whole)
	case a.integer:
		return -compareWhole(b.number, a.whole)
	case b.integer:
		return compareWhole(a.number, b.whole)
	}
	return cmp.Compare(a.number, b.number)
}

// compareWhole compares exactly.
func compareWhole(f float64, i int64) int {
	switch {
	case f >= math.MaxInt64:
		return 1
	case f < math.MinInt64:
		return -1
	}
	floor := math.Floor(f)
	if c := cmp.Compare(int64(floor), i); c != 0 || f == floor {
		return c
	}
	return 1
}

// compare orders by this key; absent values go where the key says.
func (k *sortKey) compare(a, b *sortValue) int {
	if a.kind == absent || b.kind == absent {
		switch {
		case a.kind == b.kind:
			return 0
		case (a.kind == absent) == (k.missing == "_first"):
			return -1
		}
		return 1
	}
	c := a.compare(b)
	if k.desc {
		return -c
	}
	return c
}

// of returns a document's value, valid as long as the document.
func (k *sortKey) of(d *document, buf []value) sortValue {
	switch k.kind {
	case byScore:
		return sortValue{kind: number, number: 1}
	case byTie:
		return wholeNumber(d.tie())
	case byTime:
		return wholeNumber(d.time)
	}
	if k.path.kind == timestampPath {
		return wholeNumber(d.millis())
	}
	vs := d.values(buf[:0], k.path)
	if len(vs) == 0 {
		if k.value != nil {
			return *k.value
		}
		return sortValue{}
	}
	if k.mode == "sum" || k.mode == "avg" || k.mode == "median" {
		return k.combined(vs)
	}
	best := toSortValue(&vs[0])
	for i := range vs[1:] {
		v := toSortValue(&vs[i+1])
		if c := v.compare(&best); c < 0 && k.mode == "min" || c > 0 && k.mode == "max" {
			best = v
		}
	}
	return best
}

func (k *sortKey) combined(vs []value) sortValue {
	var sum float64
	var n int
	for i := range vs {
		if f, ok := vs[i].asNumber(); ok {
			sum += f
			n++
		}
	}
	if n == 0 {
		return sortValue{}
	}
	if k.mode != "sum" {
		sum /= float64(n)
	}
	return sortValue{kind: number, number: sum}
}

// append writes the value as a member of "sort".
func (k *sortKey) append(b []byte, v *sortValue) []byte {
	switch {
	case v.kind == absent:
		return append(b, "null"...)
	case v.kind == text:
		return appendString(b, v.text)
	case k.format != nil && v.integer:
		return appendString(b, k.format.Text(esdate.FromMillis(v.whole)))
	case v.boolean:
		return strconv.AppendBool(b, v.whole == 1)
	case v.integer:
		return strconv.AppendInt(b, v.whole, 10)
	}
	return appendFloat(b, v.number)
}

// maxSortKeys bounds the keys of a request.
const maxSortKeys = 32

func parseSort(v *fastjson.Value) ([]sortKey, error) {
	var keys []sortKey
	for _, item := range items(v) {
		if item.Type() != fastjson.TypeObject {
			s, err := textOf(item, "sort")
			if err != nil {
				return nil, err
			}
			field, order, _ := strings.Cut(s, ":")
			k, err := newSortKey(field, order)
			if err != nil {
				return nil, err
			}
			keys = append(keys, k)
			continue
		}
		err := members(item, "sort", func(field string, m *fastjson.Value) error {
			k, err := parseSortKey(field, m)
			keys = append(keys, k)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if len(keys) > maxSortKeys {
		return nil, illegalf("more than %d sort keys", maxSortKeys)
	}
	return keys, nil
}

func newSortKey(field, order string) (sortKey, error) {
	k := sortKey{missing: "_last"}
	switch field {
	case "_score":
		k.kind, k.desc = byScore, true
	case "_doc", "_shard_doc":
		k.kind = byTie
	case "_geo_distance", "_script":
		return k, unsupportedf("sorting by [%s]", field)
	default:
		k.path = newPath(field)
		if k.path.kind == anyPath || k.path.kind == patternPath {
			return k, illegalf("cannot sort by [%s]: name one field", clip(field))
		}
	}
	switch strings.ToLower(order) {
	case "":
	case "asc":
		k.desc = false
	case "desc":
		k.desc = true
	default:
		return k, illegalf("Unknown sort order [%s]", clip(order))
	}
	k.setMode("")
	return k, nil
}

func (k *sortKey) setMode(mode string) {
	if k.mode = mode; mode == "" {
		k.mode = map[bool]string{false: "min", true: "max"}[k.desc]
	}
}

func parseSortKey(field string, v *fastjson.Value) (sortKey, error) {
	if v.Type() != fastjson.TypeObject {
		order, err := textOf(v, "sort")
		if err != nil {
			return sortKey{}, err
		}
		return newSortKey(field, order)
	}
	order, mode := "", ""
	k := sortKey{}
	err := members(v, "field_sort", func(key string, m *fastjson.Value) error {
		var err error
		switch key {
		case "order":
			order, err = textOf(m, key)
		case "mode":
			mode, err = textOf(m, key)
		case "missing":
			k.missing, err = textOf(m, key)
			if k.missing != "_first" && k.missing != "_last" {
				value := jsonSortValue(m)
				k.value, k.missing = &value, "_last"
			}
		case "format":
			k.format, err = formatOf(m)
		case "unmapped_type", "numeric_type":
		case "nested", "nested_path", "nested_filter":
			err = unsupportedf("[%s] in [sort]", key)
		default:
			err = parsingf("[field_sort] unknown field [%s]", clip(key))
		}
		return err
	})
	if err != nil {
		return k, err
	}
	out, err := newSortKey(field, order)
	if k.missing != "" {
		out.missing = k.missing
	}
	out.value, out.format = k.value, k.format
	out.setMode(mode)
	return out, err
}

// jsonSortValue reads a value of search_after or missing.
func jsonSortValue(v *fastjson.Value) sortValue {
	switch v.Type() {
	case fastjson.TypeNull:
		return sortValue{}
	case fastjson.TypeString:
		return sortValue{kind: text, text: string(v.GetStringBytes())}
	case fastjson.TypeTrue:
		return wholeNumber(1)
	case fastjson.TypeFalse:
		return wholeNumber(0)
	}
	n := newNumber(v.String())
	return sortValue{kind: number, number: n.number, integer: n.integer, whole: n.whole}
}

// parseAfter reads search_after for these keys.
func parseAfter(v *fastjson.Value, keys []sortKey) ([]sortValue, error) {
	if v.Type() != fastjson.TypeArray {
		return nil, parsingf("Unknown key for a %s in [search_after].", tokenOf(v))
	}
	vs := v.GetArray()
	if len(keys) == 0 {
		return nil, illegalf("Sort must contain at least one field.")
	}
	if len(vs) != len(keys) {
		return nil, illegalf("search_after has %d value(s) but sort has %d.", len(vs), len(keys))
	}
	out := make([]sortValue, len(vs))
	for i, item := range vs {
		if t := item.Type(); t == fastjson.TypeObject || t == fastjson.TypeArray {
			return nil, parsingf("Expected [VALUE_STRING] or [VALUE_NUMBER] or [VALUE_BOOLEAN] or [VALUE_NULL] but found [%s] inside search_after.", tokenOf(item))
		}
		out[i] = jsonSortValue(item)
		if err := keys[i].readAfter(&out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readAfter makes a number of a text that stands for one: a time, or a number of a
// key that is always one.
func (k *sortKey) readAfter(v *sortValue) error {
	if v.kind != text {
		return nil
	}
	if k.kind != byField || k.path.kind == timestampPath {
		format := k.format
		if format == nil {
			format = esdate.Default
		}
		if i, err := strconv.ParseInt(v.text, 10, 64); err == nil && k.format == nil {
			*v = wholeNumber(i)
			return nil
		}
		at, err := format.Parse(v.text, false, utc)
		if err != nil {
			return illegalf("Failed to parse search_after value for field [%s]: %s", k.name(), err)
		}
		*v = wholeNumber(at.UnixMilli())
		return nil
	}
	if k.format != nil {
		if at, err := k.format.Parse(v.text, false, utc); err == nil {
			*v = wholeNumber(at.UnixMilli())
		}
	}
	return nil
}

func (k *sortKey) name() string {
	if k.path == nil {
		return map[sortKind]string{byScore: "_score", byTie: "_doc"}[k.kind]
	}
	return k.path.name
}

// adapt makes the text of a search_after a number where a document has one: without
// a mapping only the documents say what the field is.
func adaptAfter(after, v *sortValue) *sortValue {
	if after.kind == v.kind || after.kind != text || v.kind != number {
		return after
	}
	if f, err := strconv.ParseFloat(after.text, 64); err == nil {
		n := newNumber(after.text)
		return &sortValue{kind: number, number: f, integer: n.integer, whole: n.whole}
	}
	if at, ok := esdate.LooksLikeDate(after.text); ok {
		w := wholeNumber(at.UnixMilli())
		return &w
	}
	return after
}
