package tracestore

import (
	"bytes"
	"slices"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/traces"
)

// columns collects the fields of a row. Names of attributes are made unique: an
// attribute of several values (events of one span often have the same attributes)
// becomes one column with all of them.
type columns struct {
	list       []rowstore.Field
	many       []manyValues // columns of list with more than one value
	attributes int          // how many of list are attributes
	more       []byte       // see colMore
}

type manyValues struct {
	place int // in columns.list
	text  []byte
}

// maxDistinct is up to which length, in bytes, a column of several values is
// searched for a value before it is added once more. A bound because a hostile
// span can repeat an attribute many thousand times.
const maxDistinct = 4096

// before returns columns for what stands in a row before those of c, which add
// adds then. list is where they are collected.
func (c *columns) before(list []rowstore.Field) columns {
	return columns{list: list, attributes: c.attributes, more: slices.Clone(c.more)}
}

// add adds the columns of other, none of which c has.
func (c *columns) add(other *columns) {
	for _, m := range other.many {
		c.many = append(c.many, manyValues{len(c.list) + m.place, m.text})
	}
	c.list = append(c.list, other.list...)
}

// fields returns the row's fields.
func (c *columns) fields() []rowstore.Field {
	for _, m := range c.many {
		c.list[m.place].Value = string(m.text)
	}
	return c.list
}

func (c *columns) put(name, value string) {
	if value != "" {
		c.list = append(c.list, rowstore.Field{Name: name, Value: value})
	}
}

func (c *columns) putPacked(name, value string) {
	if value != "" {
		c.put(name, packValue(value))
	}
}

// putAttributes adds attributes and appends to origins from where each is read
// back.
func (c *columns) putAttributes(prefix string, names *columnNames, m pcommon.Map, origins []origin) []origin {
	from, places := len(c.list), names.places[:0]
	for k, v := range m.All() {
		places = append(places, c.addValue(from, names.of(prefix, k), packValue(traces.Text(v))))
	}
	names.places = places
	i := 0
	for _, v := range m.All() {
		origins = append(origins, c.origin(places[i], v))
		i++
	}
	return origins
}

// origin tells whether the column at place, if there is one, has the very value of
// an attribute.
func (c *columns) origin(place int, v pcommon.Value) origin {
	if place < 0 {
		return fromRest
	}
	for i := range c.many {
		if c.many[i].place == place {
			return fromRest
		}
	}
	switch v.Type() {
	case pcommon.ValueTypeStr:
		if s, ok := unpackValue(c.list[place].Value); ok && s != "" && s == v.Str() {
			return fromColumn
		}
	case pcommon.ValueTypeInt:
		if n, err := strconv.ParseInt(c.list[place].Value, 10, 64); err == nil && n == v.Int() {
			return fromColumnInt
		}
	}
	return fromRest
}

// columnNames remembers names of columns, which the spans of a batch share.
type columnNames struct {
	known  map[string]map[string]string // by prefix and key
	places []int                        // scratch of putAttributes
}

func newColumnNames() *columnNames {
	return &columnNames{known: map[string]map[string]string{prefixSpan: {}, prefixResource: {}, prefixEvent: {}}}
}

func (n *columnNames) of(prefix, key string) string {
	known := n.known[prefix]
	name, ok := known[key]
	if !ok {
		name = columnName(prefix, key)
		known[key] = name
	}
	return name
}

func (c *columns) putEvents(names *columnNames, events ptrace.SpanEventSlice) {
	from := len(c.list)
	for i := range events.Len() {
		e := events.At(i)
		if e.Name() != "" {
			c.addValue(from, colEvent, packValue(e.Name()))
		}
		for k, v := range e.Attributes().All() {
			c.addValue(from, names.of(prefixEvent, k), packValue(traces.Text(v)))
		}
	}
}

// addValue adds a value to the named column, which lies at from or later if it is
// there already. It returns the column's place in list; columns beyond the row's
// bound go into colMore and have none, which is -1.
func (c *columns) addValue(from int, column, packed string) int {
	for i := from; i < len(c.list); i++ {
		if c.list[i].Name == column {
			c.addAnother(i, packed)
			return i
		}
	}
	if c.attributes >= maxAttributeColumns {
		c.more = appendDelimited(c.more, packPair(column, packed))
		return -1
	}
	c.attributes++
	c.list = append(c.list, rowstore.Field{Name: column, Value: packed})
	return len(c.list) - 1
}

func (c *columns) addAnother(place int, packed string) {
	packed = withoutMarks(packed)
	for i := range c.many {
		if m := &c.many[i]; m.place == place {
			if len(m.text) > maxDistinct || !bytes.Contains(m.text, []byte(delimited(packed))) {
				m.text = appendDelimited(m.text, packed)
			}
			return
		}
	}
	first := withoutMarks(c.list[place].Value)
	if first == packed {
		return
	}
	text := appendDelimited(appendDelimited(nil, first), packed)
	c.many = append(c.many, manyValues{place, text})
}
