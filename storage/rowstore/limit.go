package rowstore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// firstWindow is the time range in which a query with a limit looks first. It
// grows by windowGrowth as long as rows are lacking, and by emptyGrowth when it had none
// at all: each window reads the blocks at its borders again. When it has more rows than
// are worth reading it shrinks, unless it is narrow already, and grows slowly then.
const (
	firstWindow  = int64(time.Second)
	windowGrowth = 8
	emptyGrowth  = 64
	windowShrink = 16
	narrowWindow = int64(100 * time.Microsecond)
)

// worthReading is how many rows of a window are read for a limit. Reading ends soon
// after, so that a window with far more costs little.
func worthReading(limit int) int64 { return int64(max(16_000, 16*limit)) }

// queryLimited answers from the wanted end of the time range on: it reads windows
// next to each other until it has enough rows.
func (s *reads) queryLimited(ctx context.Context, eq engineQuery, q Query, emit func(*Block) error) error {
	var rows []keptRow
	width, shrunk := firstWindow, false
	for start, end := eq.start, eq.end; start <= end && len(rows) < q.Limit; {
		window := eq
		// Unsigned arithmetic cannot overflow: the last window takes the rest.
		last := uint64(end-start) < uint64(width)
		switch {
		case last:
			window.start, window.end = start, end
		case q.OldestFirst:
			window.start, window.end = start, start+width-1
		default:
			window.start, window.end = end-width+1, end
		}
		c := &collector{limit: q.Limit - len(rows), oldest: q.OldestFirst, query: q}
		if window.end-window.start > narrowWindow {
			c.most = worthReading(c.limit)
		}
		err := c.read(ctx, s, window)
		if errors.Is(err, errTooManyRows) {
			width, shrunk = max(1, (window.end-window.start)/windowShrink), true
			continue
		}
		if err != nil {
			return err
		}
		rows = append(rows, c.rows...)
		if last {
			break
		}
		start, end = restOf(start, end, window, q.OldestFirst)
		growth := int64(windowGrowth)
		if len(c.rows) == 0 && !shrunk {
			growth = emptyGrowth
		}
		if width < 1<<62/growth {
			width *= growth
		}
	}
	err := emitRows(rows, emit)
	if errors.Is(err, ErrStop) {
		return nil
	}
	return err
}

var errTooManyRows = errors.New("window has too many rows")

// restOf is what is left of a range when window at its begin or end is done.
func restOf(start, end int64, window engineQuery, fromBegin bool) (int64, int64) {
	if fromBegin {
		return window.end + 1, end
	}
	return start, window.start - 1
}

// keptRow is a row outside the engine's memory.
type keptRow struct {
	time   int64
	number uint64 // its SequenceColumn
	block  *keptBlock
	index  int // in block
}

// keptBlock is a copy of the rows of a block that were kept.
type keptBlock struct {
	stream []Field
	names  []string
	values [][]string // by row, then as names
}

// collector keeps the first limit rows of a window in the order of the query.
type collector struct {
	limit  int
	oldest bool
	query  Query
	// most is how many rows are read, 0 for all; more end the read with an error.
	most int64
	seen atomic.Int64

	mu   sync.Mutex
	rows []keptRow
	// bound is the time of the worst row once there are limit rows.
	bound   int64
	bounded bool
}

func (c *collector) read(ctx context.Context, s *reads, eq engineQuery) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	numbered := c.query
	numbered.Sequence = true
	blocks := s.builders(numbered)
	var failed error
	err := s.runBlocks(ctx, eq, func(worker uint, eb engineBlock) {
		b, err := blocks.of(worker).build(eb)
		if err == nil {
			if b == nil {
				return
			}
			if seen := c.seen.Add(int64(len(b.Times))); c.most == 0 || seen <= c.most {
				c.add(b)
				return
			}
			err = errTooManyRows
		}
		c.mu.Lock()
		failed = err
		c.mu.Unlock()
		stop()
	})
	if failed != nil {
		return failed
	}
	c.trim()
	return err
}

// add copies the rows of b that are not worse than the bound.
func (c *collector) add(b *Block) {
	c.mu.Lock()
	bound, bounded := c.bound, c.bounded
	c.mu.Unlock()
	numbers := b.Column(sequenceField)
	columns := b.Columns
	if !c.query.Sequence {
		columns = slices.DeleteFunc(columns, func(c Column) bool { return c.Name == sequenceField })
	}
	kept := &keptBlock{stream: b.Stream}
	for i := range columns {
		kept.names = append(kept.names, strings.Clone(columns[i].Name))
	}
	var rows []keptRow
	for i, t := range b.Times {
		if bounded && c.worse(t, bound) {
			continue
		}
		values := make([]string, len(columns))
		for j := range columns {
			values[j] = strings.Clone(columns[j].Values[i])
		}
		row := keptRow{time: t, block: kept, index: len(kept.values)}
		if numbers != nil {
			row.number, _ = strconv.ParseUint(numbers[i], 10, 64) // the engine's own
		}
		rows = append(rows, row)
		kept.values = append(kept.values, values)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rows = append(c.rows, rows...)
	if len(c.rows) >= 2*c.limit {
		c.trim()
	}
}

func (c *collector) worse(t, than int64) bool {
	if c.oldest {
		return t > than
	}
	return t < than
}

// trim sorts the rows and drops those over the limit. Rows of one time come in the
// order in which they were appended.
func (c *collector) trim() {
	slices.SortFunc(c.rows, func(a, b keptRow) int {
		byTime := cmp.Compare(a.time, b.time)
		if !c.oldest {
			byTime = -byTime
		}
		return cmp.Or(byTime, cmp.Compare(a.number, b.number))
	})
	if len(c.rows) >= c.limit {
		clear(c.rows[c.limit:])
		c.rows = c.rows[:c.limit]
		c.bound, c.bounded = c.rows[c.limit-1].time, true
	}
}

// emitRows hands out rows in order, neighbours of one stream in one block.
func emitRows(rows []keptRow, emit func(*Block) error) error {
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && slices.Equal(rows[n].block.stream, rows[0].block.stream) {
			n++
		}
		if err := emit(joinRows(rows[:n])); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func joinRows(rows []keptRow) *Block {
	b := &Block{Stream: rows[0].block.stream, Times: make([]int64, len(rows))}
	position := map[string]int{}
	for i, r := range rows {
		b.Times[i] = r.time
		for j, name := range r.block.names {
			v := r.block.values[r.index][j]
			if v == "" {
				continue
			}
			p, ok := position[name]
			if !ok {
				p = len(b.Columns)
				position[name] = p
				b.Columns = append(b.Columns, Column{Name: name, Values: make([]string, len(rows))})
			}
			b.Columns[p].Values[i] = v
		}
	}
	return b
}
