package rowstore

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// blockBuilders holds one builder for each of the engine's workers.
type blockBuilders struct {
	perWorker[blockBuilder]
	number  string // see Query
	keep    keepFunc
	restore func(*Block) error
	// numbered and late: the query asks for SequenceColumn and LateColumn.
	numbered, late bool
	// unmarked are rows below this number, which have no LateColumn but are late.
	unmarked uint64
}

func (s *reads) builders(q Query) *blockBuilders {
	bs := &blockBuilders{number: q.Number, keep: q.Keep, restore: q.Restore, numbered: q.Sequence, late: q.Late, unmarked: math.MaxUint64}
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
	query *blockBuilders
	block Block
	// read are the engine's columns but for times, apart those of values kept apart.
	read, apart []Column
	integers    []int64
	numbers     []string
	digits      []byte
	times       timeParser
	streams     map[string][]Field
	keep        []bool
}

// keepFunc is Query.Keep.
type keepFunc = func(*Block, []bool)

// build returns those rows of the engine's block as a Block that the query's Keep takes, nil if there
// are none. It is valid until the next call.
func (bb *blockBuilder) build(eb engineBlock) (*Block, error) {
	b, err := bb.all(eb)
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
		if b.Columns[c].Integers != nil {
			b.Columns[c].Integers = keepOf(b.Columns[c].Integers, bb.keep)
			continue
		}
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

// keepOf moves the numbers that are to be kept to the begin.
func keepOf(numbers []int64, keep []bool) []int64 {
	n := 0
	for i, k := range keep {
		if k {
			numbers[n] = numbers[i]
			n++
		}
	}
	return numbers[:n]
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

// all returns the engine's block as a Block.
func (bb *blockBuilder) all(eb engineBlock) (_ *Block, err error) {
	b := &bb.block
	b.Columns, b.Stream = b.Columns[:0], nil
	if b.Times, err = eb.times(b.Times[:0], &bb.times); err != nil {
		return nil, err
	}
	bb.read, bb.integers = eb.columns(bb.read[:0], bb.query.number, bb.integers)
	bb.apart = bb.apart[:0]
	for _, c := range bb.read {
		if c.Name == "" {
			c.Name = MessageField
		}
		// The store's own are not read unless they are asked for.
		own := c.Name == LateColumn || c.Name == sequenceField
		switch {
		case c.Name == streamColumn:
			// The engine's blocks hold rows of one stream.
			if b.Stream, err = bb.stream(c.Values[0]); err != nil {
				return nil, err
			}
		case c.Integers != nil:
			b.Columns = append(b.Columns, c)
		case c.Name == sequenceLow, c.Name == sequenceHigh, allEmpty(c.Values):
		case strings.HasPrefix(c.Name, apartPrefix):
			bb.apart = append(bb.apart, c)
		case own || !hiddenName(c.Name):
			b.Columns = append(b.Columns, c)
		}
	}
	if bb.query.numbered || bb.query.late {
		if err := bb.joinNumbers(); err != nil {
			return nil, err
		}
	}
	b.Columns = joinApart(b.Columns, bb.apart)
	b.Columns = slices.DeleteFunc(b.Columns, func(c Column) bool { return c.Integers == nil && isStreamColumn(b.Stream, c.Name, c.Values) })
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
