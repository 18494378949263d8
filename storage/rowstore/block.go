package rowstore

import (
	"strings"
	"sync"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
)

// blockBuilders holds one builder for each of the engine's workers.
type blockBuilders struct {
	mu       sync.Mutex
	builders []*blockBuilder
}

func (bs *blockBuilders) get(worker uint) *blockBuilder {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	for uint(len(bs.builders)) <= worker {
		bs.builders = append(bs.builders, &blockBuilder{streams: map[string][]Field{}})
	}
	return bs.builders[worker]
}

// blockBuilder turns the engine's blocks into ours, reusing its memory.
type blockBuilder struct {
	block   Block
	times   timeParser
	streams map[string][]Field
}

// build returns db as a Block that is valid until the next call.
func (bb *blockBuilder) build(db *logstorage.DataBlock) (*Block, error) {
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
		// The number is not read unless it is asked for.
		if hiddenName(name) && name != sequenceField || isStreamColumn(b.Stream, name, c.Values) || allEmpty(c.Values) {
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
