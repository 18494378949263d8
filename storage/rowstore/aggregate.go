package rowstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// maxGroups bounds the groups of one Count in memory.
const maxGroups = 1 << 20

// ErrTooManyGroups is what Count returns when the groups do not fit in memory.
var ErrTooManyGroups = errors.New("too many groups")

// countColumns groups rows here, from their columns: what the engine cannot filter
// or count exactly.
func (s *reads) countColumns(ctx context.Context, eq engineQuery, q Query, g Grouping) ([]CountRow, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if q.Keep == nil && q.Restore == nil && !slices.Contains(g.By, g.Number) { // nobody else reads it
		q.Number = g.Number
	}
	blocks := s.builders(q)
	var workers perWorker[aggregator]
	err := s.runBlocks(ctx, eq, func(worker uint, eb engineBlock) {
		if ctx.Err() != nil {
			return
		}
		b, err := blocks.of(worker).build(eb)
		if err == nil && b != nil {
			err = workers.get(worker).add(b, g)
		}
		if err != nil {
			stop(err)
		}
	})
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	if err != nil {
		return nil, err
	}
	return mergeGroups(workers.all)
}

// groupColumns are the columns that countColumns reads.
func groupColumns(g Grouping) []string {
	columns := []string{} // not nil: times only
	for _, name := range g.By {
		if name != StreamField {
			columns = append(columns, name)
		}
	}
	if g.SumLength {
		columns = append(columns, MessageField)
	}
	if g.Number != "" {
		columns = append(columns, g.Number)
	}
	return columns
}

// perWorker holds a value for each of the engine's workers.
type perWorker[T any] struct {
	mu  sync.Mutex
	all []*T
}

func (p *perWorker[T]) get(worker uint) *T {
	p.mu.Lock()
	defer p.mu.Unlock()
	for uint(len(p.all)) <= worker {
		p.all = append(p.all, new(T))
	}
	return p.all[worker]
}

// aggregator groups the rows that one worker sees.
type aggregator struct {
	groups map[string]*CountRow
	key    []byte
	last   *CountRow // the group of the row before, whose key is in lastKey
	// lastKey and by are reused.
	lastKey []byte
	by      []groupValues
	// blockBy says that rows of the block differ in their buckets only, sameBy that
	// last is of a row of the block, if so.
	blockBy, sameBy bool
}

// groupValues are the values of one field of a block: for each row, or one for all.
type groupValues struct {
	values []string
	same   string
}

func (v *groupValues) at(i int) string {
	if v.values == nil {
		return v.same
	}
	return v.values[i]
}

func (a *aggregator) add(b *Block, g Grouping) error {
	if a.groups == nil {
		a.groups = map[string]*CountRow{}
	}
	a.by = a.by[:0]
	for _, name := range g.By {
		a.by = append(a.by, blockValues(b, name))
	}
	a.sameBy, a.blockBy = false, !slices.ContainsFunc(a.by, func(v groupValues) bool { return v.values != nil })
	messages, numbers := groupValues{}, groupValues{}
	var integers []int64
	if g.SumLength {
		messages = blockValues(b, MessageField)
	}
	if g.Number != "" {
		numbers = blockValues(b, g.Number)
		integers = blockIntegers(b, g.Number)
	}
	for i := range b.Times {
		row, err := a.group(b.Times[i], i, g)
		if err != nil {
			return err
		}
		row.Rows++
		row.Bytes += uint64(len(messages.at(i)))
		if integers != nil {
			row.addNumber(float64(integers[i]))
		} else if g.Number != "" {
			if n, ok := g.ParseNumber(numbers.at(i)); ok {
				row.addNumber(n)
			}
		}
	}
	return nil
}

// group returns the group of the i-th row.
func (a *aggregator) group(t int64, i int, g Grouping) (*CountRow, error) {
	bucket := int64(0)
	if g.Step > 0 {
		bucket = bucketOf(t, g)
	}
	if a.last != nil && a.sameBy && a.last.Time == bucket {
		return a.last, nil
	}
	a.key = append(a.key[:0], byte(bucket), byte(bucket>>8), byte(bucket>>16), byte(bucket>>24),
		byte(bucket>>32), byte(bucket>>40), byte(bucket>>48), byte(bucket>>56))
	for j := range a.by {
		a.key = appendText(a.key, a.by[j].at(i))
	}
	if a.last != nil && string(a.key) == string(a.lastKey) {
		a.sameBy = a.blockBy
		return a.last, nil
	}
	row := a.groups[string(a.key)]
	if row == nil {
		if len(a.groups) >= maxGroups {
			return nil, fmt.Errorf("%w: more than %d", ErrTooManyGroups, maxGroups)
		}
		row = &CountRow{Time: bucket}
		for j := range a.by {
			row.By = append(row.By, strings.Clone(a.by[j].at(i)))
		}
		a.groups[string(a.key)] = row
	}
	a.last = row
	a.sameBy = a.blockBy
	a.lastKey = append(a.lastKey[:0], a.key...)
	return row, nil
}

// bucketOf returns the begin of the time bucket that t is in.
func bucketOf(t int64, g Grouping) int64 {
	offset := g.Offset % g.Step
	n := (t - offset) % g.Step
	if n < 0 {
		n += g.Step
	}
	return t - n
}

// blockValues returns the values of a field, which may be the stream's.
func blockValues(b *Block, name string) groupValues {
	if name == StreamField {
		return groupValues{same: formatStream(b.Stream)}
	}
	if values := b.Column(name); values != nil {
		return groupValues{values: values}
	}
	return groupValues{same: streamValue(b.Stream, name)}
}

// blockIntegers are the numbers of a field of which all are integers, else nil.
func blockIntegers(b *Block, name string) []int64 {
	for i := range b.Columns {
		if b.Columns[i].Name == name {
			return b.Columns[i].Integers
		}
	}
	return nil
}

// formatStream is the reverse of ParseStream.
func formatStream(stream []Field) string {
	b := []byte{'{'}
	for i, f := range stream {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, f.Name...), '=')
		b = strconv.AppendQuote(b, f.Value)
	}
	return string(append(b, '}'))
}

func (r *CountRow) addNumber(n float64) {
	if r.Numbers == 0 || n < r.Min {
		r.Min = n
	}
	if r.Numbers == 0 || n > r.Max {
		r.Max = n
	}
	r.Numbers++
	r.Sum += n
}

// merge adds another worker's part of the same group.
func (r *CountRow) merge(o *CountRow) {
	r.Rows += o.Rows
	r.Bytes += o.Bytes
	if o.Numbers == 0 {
		return
	}
	if r.Numbers == 0 {
		r.Min, r.Max = o.Min, o.Max
	}
	r.Min, r.Max = min(r.Min, o.Min), max(r.Max, o.Max)
	r.Numbers += o.Numbers
	r.Sum += o.Sum
}

func mergeGroups(workers []*aggregator) ([]CountRow, error) {
	all := map[string]*CountRow{}
	for _, a := range workers {
		for key, row := range a.groups {
			if first := all[key]; first != nil {
				first.merge(row)
			} else {
				all[key] = row
			}
		}
	}
	if len(all) > maxGroups {
		return nil, fmt.Errorf("%w: more than %d", ErrTooManyGroups, maxGroups)
	}
	out := make([]CountRow, 0, len(all))
	for _, row := range all {
		out = append(out, *row)
	}
	return out, nil
}
