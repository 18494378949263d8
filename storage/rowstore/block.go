package rowstore

import (
	"slices"
	"strings"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
)

// blockBuilders holds one builder for each of the engine's workers.
type blockBuilders = perWorker[blockBuilder]

// blockBuilder turns the engine's blocks into ours, reusing its memory.
type blockBuilder struct {
	block   Block
	times   timeParser
	streams map[string][]Field
	keep    []bool
}

// keepFunc is Query.Keep.
type keepFunc = func(*Block, []bool)

// build returns those rows of db as a Block that keep takes, nil if there are none.
// It is valid until the next call.
func (bb *blockBuilder) build(db *logstorage.DataBlock, keep keepFunc) (*Block, error) {
	b, err := bb.all(db)
	if err != nil || keep == nil {
		return b, err
	}
	bb.keep = slices.Grow(bb.keep[:0], len(b.Times))[:len(b.Times)]
	clear(bb.keep)
	keep(b, bb.keep)
	if !bb.drop() {
		return nil, nil
	}
	return b, nil
}

// drop leaves the rows that are to be kept in the block, if there are any. Values
// are the engine's: they are copied, not moved.
func (bb *blockBuilder) drop() bool {
	b, n := &bb.block, 0
	for i, keep := range bb.keep {
		if keep {
			b.Times[n] = b.Times[i]
			n++
		}
	}
	if n == len(b.Times) {
		return n > 0
	}
	b.Times = b.Times[:n]
	for c := range b.Columns {
		values := make([]string, 0, n)
		for i, keep := range bb.keep {
			if keep {
				values = append(values, b.Columns[c].Values[i])
			}
		}
		b.Columns[c].Values = values
	}
	return n > 0
}

// all returns db as a Block.
func (bb *blockBuilder) all(db *logstorage.DataBlock) (*Block, error) {
	b := &bb.block
	b.Times, b.Columns, b.Stream = b.Times[:0], b.Columns[:0], nil
	for i := range db.Columns {
		c := &db.Columns[i]
		switch c.Name {
		case timeColumn:
			for _, v := range c.Values {
				t, err := bb.times.parse(v)
				if err != nil {
					return nil, err
				}
				b.Times = append(b.Times, t)
			}
		case streamColumn:
			// The engine's blocks hold rows of one stream.
			stream, err := bb.stream(c.Values[0])
			if err != nil {
				return nil, err
			}
			b.Stream = stream
		}
	}
	for i := range db.Columns {
		c := &db.Columns[i]
		name := c.Name
		if name == "" {
			name = MessageField
		}
		// The store's own are not read unless they are asked for.
		own := name == sequenceField || name == LateColumn
		if hiddenName(name) && !own || isStreamColumn(b.Stream, name, c.Values) || allEmpty(c.Values) {
			continue
		}
		b.Columns = append(b.Columns, Column{Name: name, Values: c.Values})
	}
	return b, nil
}

func (bb *blockBuilder) stream(s string) ([]Field, error) {
	if fields, ok := bb.streams[s]; ok {
		return fields, nil
	}
	s = strings.Clone(s)
	fields, err := ParseStream(s)
	if err != nil {
		return nil, err
	}
	if bb.streams == nil {
		bb.streams = map[string][]Field{}
	}
	bb.streams[s] = fields
	return fields, nil
}

// hiddenName says whether a column is the engine's or the store's own.
func hiddenName(name string) bool {
	return name == "" || name[0] == '~' || name[0] == '_' && name != MessageField
}

// isStreamColumn says whether the column only repeats a field of the stream. Rows
// may have a field of their own with the same name.
func isStreamColumn(stream []Field, name string, values []string) bool {
	v := streamValue(stream, name)
	if v == "" {
		return false
	}
	for i := range values {
		if values[i] != v {
			return false
		}
	}
	return true
}

func allEmpty(values []string) bool {
	for i := range values {
		if values[i] != "" {
			return false
		}
	}
	return true
}
