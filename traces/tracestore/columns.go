package tracestore

import (
	"bytes"
	"slices"

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

// copy returns columns that can be added to without changing c, with room for n.
func (c *columns) copy(n int) columns {
	out := columns{list: make([]rowstore.Field, len(c.list), len(c.list)+n), attributes: c.attributes, more: slices.Clone(c.more)}
	copy(out.list, c.list)
	for _, m := range c.many {
		out.many = append(out.many, manyValues{m.place, slices.Clone(m.text)})
	}
	return out
}

// fields returns the row's fields.
func (c *columns) fields() []rowstore.Field {
	for _, m := range c.many {
		c.list[m.place].Value = string(m.text)
	}
	c.put(colMore, string(c.more))
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

func (c *columns) putAttributes(prefix string, m pcommon.Map) {
	from := len(c.list)
	for k, v := range m.All() {
		c.addValue(from, columnName(prefix, k), packValue(traces.Text(v)))
	}
}

func (c *columns) putEvents(events ptrace.SpanEventSlice) {
	from := len(c.list)
	for i := range events.Len() {
		e := events.At(i)
		if e.Name() != "" {
			c.addValue(from, colEvent, packValue(e.Name()))
		}
		for k, v := range e.Attributes().All() {
			c.addValue(from, columnName(prefixEvent, k), packValue(traces.Text(v)))
		}
	}
}

// addValue adds a value to the named column, which lies at from or later if it is
// there already. Columns beyond the row's bound go into colMore.
func (c *columns) addValue(from int, column, packed string) {
	for i := from; i < len(c.list); i++ {
		if c.list[i].Name == column {
			c.addAnother(i, packed)
			return
		}
	}
	if c.attributes >= maxAttributeColumns {
		c.more = appendDelimited(c.more, packPair(column, packed))
		return
	}
	c.attributes++
	c.list = append(c.list, rowstore.Field{Name: column, Value: packed})
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
