package rowstore

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"unsafe"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
)

// The engine hands out blocks as text only: it spells times and numbers, for us to read
// them again, which takes most of the time of statistics. So what it spells them from is
// looked at, by functions that are not exported; see enginelink.go. The first block that
// a store reads, and the first with each kind of numbers, is read both ways, and must be
// the same.

// engineBlock is a block of the engine's answer: a result of the storage of this
// process, or what other servers sent.
type engineBlock struct {
	result unsafe.Pointer
	db     *logstorage.DataBlock
}

// engineColumn is the begin of the engine's type blockResultColumn.
type engineColumn struct {
	name            string
	isConst, isTime bool
	kind            columnKind
	min, max        uint64
}

// columnKind is the engine's valueType.
type columnKind uint8

// Columns of integers, which are big endian.
const (
	kindUint8  columnKind = 3
	kindUint16 columnKind = 4
	kindUint32 columnKind = 5
	kindUint64 columnKind = 6
	kindInt64  columnKind = 10
)

// integerWidth is how many bytes an integer of a column takes, 0 if it holds others.
func (k columnKind) integerWidth() int {
	switch k {
	case kindUint8:
		return 1
	case kindUint16:
		return 2
	case kindUint32:
		return 4
	case kindUint64, kindInt64:
		return 8
	}
	return 0
}

// runBlocks is run without texts where it can be.
func (s *reads) runBlocks(ctx context.Context, eq engineQuery, write func(worker uint, b engineBlock)) error {
	local, ok := s.source.(*logstorage.Storage)
	if !ok {
		return s.run(ctx, eq, func(worker uint, db *logstorage.DataBlock) { write(worker, engineBlock{db: db}) })
	}
	if eq.empty {
		return ctx.Err()
	}
	q, err := eq.parse()
	if err != nil {
		return err
	}
	var failed atomic.Pointer[error]
	err = storageRunQuery(local, ctx, eq.tenants, q, func(worker uint, result unsafe.Pointer) {
		b := engineBlock{result: result}
		if kinds := b.kinds(); s.checked.Load()&kinds != kinds {
			if err := b.check(); err != nil {
				failed.Store(&err)
				return
			}
			s.checked.Or(kinds)
		}
		if len(resultTimes(result)) > 0 {
			write(worker, b)
		}
	})
	if err := failed.Load(); err != nil {
		return *err
	}
	if err != nil {
		return err
	}
	return ctx.Err()
}

// kinds has a bit for each kind of columns, and one that is always set.
func (b engineBlock) kinds() uint32 {
	kinds := uint32(1)
	for _, c := range resultColumns(b.result) {
		if !c.isConst && c.kind.integerWidth() > 0 {
			kinds |= 1 << c.kind
		}
	}
	return kinds
}

// check reads the block both ways.
func (b engineBlock) check() error {
	times := resultTimes(b.result)
	for _, c := range resultColumns(b.result) {
		values := columnValues(c, b.result)
		if len(values) != len(times) {
			return fmt.Errorf("BUG: the row engine's column %q has %d values for %d times", c.name, len(values), len(times))
		}
		switch {
		case c.name == timeColumn:
			var p timeParser
			for i, v := range values {
				if t, err := p.parse(v); err != nil || t != times[i] {
					return fmt.Errorf("BUG: the row engine's time %d is %q", times[i], v)
				}
			}
		case !c.isConst && c.kind.integerWidth() > 0:
			numbers, ok := c.integers(b.result, nil)
			for i := range numbers {
				if ok && fmt.Sprint(numbers[i]) != values[i] {
					return fmt.Errorf("BUG: the row engine's number %d is %q", numbers[i], values[i])
				}
			}
		}
	}
	return nil
}

// integers appends the numbers of a column that holds nothing but integers.
func (c *engineColumn) integers(result unsafe.Pointer, to []int64) ([]int64, bool) {
	width := c.kind.integerWidth()
	if c.isConst || c.isTime || width == 0 || c.kind == kindUint64 && int64(c.max) < 0 {
		return to, false
	}
	for _, v := range columnEncoded(c, result) {
		if len(v) != width {
			return to, false
		}
		n := uint64(0)
		for i := range width {
			n = n<<8 | uint64(v[i])
		}
		if c.kind == kindInt64 { // the lowest bit is the sign
			n = n>>1 ^ -(n & 1)
		}
		to = append(to, int64(n))
	}
	return to, true
}

// times appends the rows' times.
func (b engineBlock) times(to []int64, p *timeParser) ([]int64, error) {
	if b.db == nil {
		return append(to, resultTimes(b.result)...), nil
	}
	for i := range b.db.Columns {
		if b.db.Columns[i].Name != timeColumn {
			continue
		}
		for _, v := range b.db.Columns[i].Values {
			t, err := p.parse(v)
			if err != nil {
				return to, err
			}
			to = append(to, t)
		}
	}
	return to, nil
}

// columns appends the other columns, of which the one that is named number has its
// numbers only, if they are integers and no value of it is kept apart. buf is memory
// for these, and returned.
func (b engineBlock) columns(to []Column, number string, buf []int64) ([]Column, []int64) {
	if b.db != nil {
		for _, c := range b.db.Columns {
			if c.Name != timeColumn {
				to = append(to, Column{Name: c.Name, Values: c.Values})
			}
		}
		return to, buf
	}
	columns := resultColumns(b.result)
	for _, c := range columns {
		switch {
		case c.isTime, c.isConst && columnEncoded(c, b.result)[0] == "":
			continue
		case number != "" && c.name == number && !b.has(columns, apartColumn(number)):
			var ok bool
			if buf, ok = c.integers(b.result, buf[:0]); ok {
				to = append(to, Column{Name: c.name, Integers: buf})
				continue
			}
		}
		to = append(to, Column{Name: c.name, Values: columnValues(c, b.result)})
	}
	return to, buf
}

// has says whether a row has a value in a column.
func (b engineBlock) has(columns []*engineColumn, name string) bool {
	return slices.ContainsFunc(columns, func(c *engineColumn) bool {
		return c.name == name && (!c.isConst || columnEncoded(c, b.result)[0] != "")
	})
}
