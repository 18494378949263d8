package archive

import (
	"cmp"
	"slices"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/model"
)

// firstEntries keeps the first entries, in the order of a query with a limit, of
// blocks that come in any order.
type firstEntries struct {
	limit   int
	forward bool
	entries []keptEntry
	// sorted says that there are limit entries and the last one is the worst.
	sorted bool
}

type keptEntry struct {
	time  int64
	block *logs.Block
	index int
}

func (f *firstEntries) add(bs []logs.Block) {
	for i := range bs {
		b := &bs[i]
		for j, at := range b.Times {
			if f.full() && !f.better(at, f.entries[f.limit-1].time) {
				continue
			}
			f.entries = append(f.entries, keptEntry{at, b, j})
		}
		if len(f.entries) >= 2*f.limit {
			f.trim()
		}
	}
	f.trim()
}

func (f *firstEntries) better(a, b int64) bool {
	if f.forward {
		return a < b
	}
	return a > b
}

// full says whether there are as many as the limit wants.
func (f *firstEntries) full() bool { return f.sorted }

// narrow leaves out of a query's range what cannot be better than the worst entry.
func (f *firstEntries) narrow(q logs.Query) logs.Query {
	if !f.full() {
		return q
	}
	if worst := f.entries[f.limit-1].time; f.forward {
		q.End = min(q.End, worst+1)
	} else {
		q.Start = max(q.Start, worst)
	}
	return q
}

// wants says whether a row group may have a better entry than the worst one.
func (f *firstEntries) wants(g group) bool {
	if f.forward {
		return f.better(g.min, f.entries[f.limit-1].time)
	}
	return f.better(g.max, f.entries[f.limit-1].time)
}

func (f *firstEntries) trim() {
	slices.SortStableFunc(f.entries, func(a, b keptEntry) int {
		if f.forward {
			return cmp.Compare(a.time, b.time)
		}
		return cmp.Compare(b.time, a.time)
	})
	if len(f.entries) >= f.limit {
		clear(f.entries[f.limit:])
		f.entries, f.sorted = f.entries[:f.limit], true
	}
}

// blocks returns the entries in order, neighbours of one stream in one block.
func (f *firstEntries) blocks() []logs.Block {
	var out []logs.Block
	for rest := f.entries; len(rest) > 0; {
		n := 1
		for n < len(rest) && sameLabels(rest[n].block.Stream, rest[0].block.Stream) {
			n++
		}
		out = append(out, joinEntries(rest[:n]))
		rest = rest[n:]
	}
	return out
}

func sameLabels(a, b model.Labels) bool { return slices.Equal(a, b) }

func joinEntries(es []keptEntry) logs.Block {
	b := logs.Block{Stream: es[0].block.Stream, Times: make([]int64, len(es))}
	metadata, parsed := columnJoiner{n: len(es)}, columnJoiner{n: len(es)}
	for i, e := range es {
		b.Times[i] = e.time
		if e.block.Lines != nil {
			if b.Lines == nil {
				b.Lines = make([]string, len(es))
			}
			b.Lines[i] = e.block.Lines[e.index]
		}
		metadata.add(i, e.block.Metadata, e.index)
		parsed.add(i, e.block.Parsed, e.index)
		if e.block.Formats != nil {
			if b.Formats == nil {
				b.Formats = make([]logs.Format, len(es)) // Raw
			}
			b.Formats[i] = e.block.Formats[e.index]
		}
		if e.block.MaybeEqual != nil {
			if b.MaybeEqual == nil {
				b.MaybeEqual = slices.Repeat([]bool{true}, len(es))
			}
			b.MaybeEqual[i] = e.block.MaybeEqual[e.index]
		}
	}
	b.Metadata, b.Parsed = metadata.columns, parsed.columns
	return b
}

// columnJoiner makes columns of n entries from those of several blocks.
type columnJoiner struct {
	n        int
	columns  []logs.Column
	position map[string]int
}

// add takes an entry of a block as the i-th.
func (j *columnJoiner) add(i int, cs []logs.Column, index int) {
	for _, c := range cs {
		v := c.Values[index]
		if v == "" {
			continue
		}
		p, ok := j.position[c.Name]
		if !ok {
			if j.position == nil {
				j.position = map[string]int{}
			}
			p = len(j.columns)
			j.position[c.Name] = p
			j.columns = append(j.columns, logs.Column{Name: c.Name, Values: make([]string, j.n)})
		}
		j.columns[p].Values[i] = v
	}
}
