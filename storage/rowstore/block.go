package rowstore

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
)

// blockBuilders holds one builder for each of the engine's workers.
type blockBuilders struct {
	perWorker[blockBuilder]
	keep    keepFunc
	restore func(*Block) error
	// numbered and late: the query asks for SequenceColumn and LateColumn.
	numbered, late bool
	// unmarked are rows below this number, which have no LateColumn but are late.
	unmarked uint64
}

func (s *reads) builders(q Query) *blockBuilders {
	bs := &blockBuilders{keep: q.Keep, restore: q.Restore, numbered: q.Sequence, late: q.Late, unmarked: math.MaxUint64}
	if distinct, since := s.distinct(); distinct {
		bs.unmarked = since
	}
	return bs
}

func (bs *blockBuilders) of(worker uint) *blockBuilder {
	bb := bs.get(worker)
	bb.query = bs
	return bb
}

// blockBuilder turns the engine's blocks into ours, reusing its memory.
type blockBuilder struct {
	query   *blockBuilders
	block   Block
	apart   []Column
	numbers []string
	digits  []byte
	times   timeParser
	streams map[string][]Field
	keep    []bool
}

// keepFunc is Query.Keep.
type keepFunc = func(*Block, []bool)

// build returns those rows of db as a Block that the query's Keep takes, nil if there
// are none. It is valid until the next call.
func (bb *blockBuilder) build(db *logstorage.DataBlock) (*Block, error) {
	b, err := bb.all(db)
	if err == nil && bb.query.late {
		err = bb.markLate()
	}
	if restore := bb.query.restore; err == nil && restore != nil {
		err = restore(b)
	}
	keep := bb.query.keep
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

// markLate completes LateColumn and drops the numbers that this needed.
func (bb *blockBuilder) markLate() error {
	b := &bb.block
	late := make([]string, len(b.Times))
	copy(late, b.Column(LateColumn))
	for i, v := range b.Column(sequenceField) {
		number, err := strconv.ParseUint(v, 10, 64)
		if err != nil {
			return fmt.Errorf("BUG: row number: %w", err)
		}
		if number < bb.query.unmarked {
			late[i] = "1"
		}
	}
	b.Columns = slices.DeleteFunc(b.Columns, func(c Column) bool {
		return c.Name == LateColumn || c.Name == sequenceField && !bb.query.numbered
	})
	b.Columns = append(b.Columns, Column{Name: LateColumn, Values: late})
	return nil
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
	bb.apart = bb.apart[:0]
	for i := range db.Columns {
		c := Column{Name: db.Columns[i].Name, Values: db.Columns[i].Values}
		if c.Name == "" {
			c.Name = MessageField
		}
		// The store's own are not read unless they are asked for.
		own := c.Name == LateColumn || c.Name == sequenceField
		switch {
		case c.Name == sequenceLow, c.Name == sequenceHigh, allEmpty(c.Values):
		case strings.HasPrefix(c.Name, apartPrefix):
			bb.apart = append(bb.apart, c)
		case own || !hiddenName(c.Name):
			b.Columns = append(b.Columns, c)
		}
	}
	if bb.query.numbered || bb.query.late {
		if err := bb.joinNumbers(db); err != nil {
			return nil, err
		}
	}
	b.Columns = joinApart(b.Columns, bb.apart)
	b.Columns = slices.DeleteFunc(b.Columns, func(c Column) bool { return isStreamColumn(b.Stream, c.Name, c.Values) })
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
