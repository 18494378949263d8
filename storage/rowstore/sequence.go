package rowstore

import (
	"fmt"
	"strconv"
	"strings"
	"unsafe"

	"github.com/VictoriaMetrics/VictoriaMetrics/lib/logstorage"
)

// A row's number in the write-ahead log is kept with the row; callers see it as
// SequenceColumn. Rows of a block mostly have numbers next to each other. So the number
// is split in two columns of which one hardly changes and the other runs through the
// same few values again and again: both compress to nearly nothing, where whole numbers
// took 4.6 bytes a row, half of it for the engine's filters of words.
const (
	// sequenceField is the whole number: of rows before there were the other two, and of
	// those on other servers.
	sequenceField = "~seq"
	// sequenceLow is the number's remainder by sequenceStep, sequenceHigh the rest.
	sequenceLow  = "~seql"
	sequenceHigh = "~seqh"
	sequenceStep = 256
)

var sequenceFields = []string{sequenceField, sequenceLow, sequenceHigh}

// sequenceText spells numbers; the fields that it appends are valid until the next.
type sequenceText struct {
	high, low [20]byte
	// last is what high spells, in size bytes.
	last uint64
	size int
}

func (s *sequenceText) append(fields []logstorage.Field, number uint64) []logstorage.Field {
	if high := number / sequenceStep; s.size == 0 || s.last != high {
		s.last, s.size = high, len(strconv.AppendUint(s.high[:0], high, 10))
	}
	low := strconv.AppendUint(s.low[:0], number%sequenceStep, 10)
	return append(fields,
		logstorage.Field{Name: sequenceHigh, Value: unsafe.String(&s.high[0], s.size)},
		logstorage.Field{Name: sequenceLow, Value: unsafe.String(&low[0], len(low))})
}

// text is the condition in the engine's language, of a range that is not empty.
func (f Numbered) text() string {
	if f.First >= f.Before {
		return renderNothing
	}
	last := f.Before - 1
	low, high := column(sequenceLow), column(sequenceHigh)
	h1, l1, h2, l2 := f.First/sequenceStep, f.First%sequenceStep, last/sequenceStep, last%sequenceStep
	parts := []string{fmt.Sprintf("%srange[%d,%d]", column(sequenceField), f.First, last)}
	if h1 == h2 {
		parts = append(parts, fmt.Sprintf("(%s=%d %srange[%d,%d])", high, h1, low, l1, l2))
	} else {
		parts = append(parts,
			fmt.Sprintf("(%s=%d %srange[%d,%d])", high, h1, low, l1, sequenceStep-1),
			fmt.Sprintf("(%s=%d %srange[0,%d])", high, h2, low, l2))
	}
	if h2-h1 > 1 {
		parts = append(parts, fmt.Sprintf("%srange[%d,%d]", high, h1+1, h2-1))
	}
	return "(" + strings.Join(parts, " or ") + ")"
}

// renderNothing is a condition that no row fulfils.
const renderNothing = `"~":="~"`

// sequenceColumns are the columns that have numbers.
type sequenceColumns struct{ whole, low, high []string }

func sequencesOf(columns []Column) (cs sequenceColumns) {
	for _, c := range columns {
		switch c.Name {
		case sequenceField:
			cs.whole = c.Values
		case sequenceLow:
			cs.low = c.Values
		case sequenceHigh:
			cs.high = c.Values
		}
	}
	return cs
}

// at is the number of the i-th row, 0 if it has none.
func (cs *sequenceColumns) at(i int) (uint64, error) {
	if cs.whole != nil && cs.whole[i] != "" {
		return rowNumber(cs.whole[i])
	}
	if cs.low == nil || cs.high == nil || cs.low[i] == "" {
		return 0, nil
	}
	high, err := rowNumber(cs.high[i])
	if err != nil {
		return 0, err
	}
	low, err := rowNumber(cs.low[i])
	return high*sequenceStep + low, err
}

func rowNumber(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("BUG: row number: %w", err)
	}
	return n, nil
}

// numbersOf are the numbers of a block's rows.
func numbersOf(db *logstorage.DataBlock) ([]uint64, error) {
	columns, _ := engineBlock{db: db}.columns(nil, "", nil)
	cs := sequencesOf(columns)
	out := make([]uint64, db.RowsCount())
	for i := range out {
		var err error
		if out[i], err = cs.at(i); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// joinNumbers makes sequenceField a column of the block for rows whose number is split.
func (bb *blockBuilder) joinNumbers() error {
	cs := sequencesOf(bb.read)
	if cs.low == nil {
		return nil
	}
	// The digits are valid as long as the block: they must not move.
	bb.numbers = bb.numbers[:0]
	if n := 20 * len(cs.low); cap(bb.digits) < n {
		bb.digits = make([]byte, 0, n)
	}
	bb.digits = bb.digits[:0]
	for i := range cs.low {
		n, err := cs.at(i)
		if err != nil {
			return err
		}
		begin := len(bb.digits)
		bb.digits = strconv.AppendUint(bb.digits, n, 10)
		bb.numbers = append(bb.numbers, unsafe.String(&bb.digits[begin], len(bb.digits)-begin))
	}
	b := &bb.block
	for i := range b.Columns {
		if b.Columns[i].Name == sequenceField {
			b.Columns[i].Values = bb.numbers
			return nil
		}
	}
	b.Columns = append(b.Columns, Column{Name: sequenceField, Values: bb.numbers})
	return nil
}
