package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"

	"github.com/pharosd/pharos/logs"
)

// request is a query in the form in which row groups are asked.
type request struct {
	logs.Query
	matcher *logs.Matcher
	// lines and metadata say what must be decoded: for the answer or the filter.
	lines, metadata bool
	// names are the metadata to decode; nil: all.
	names map[string]bool
	// needles are values that some metadata of an entry must have to match.
	needles []string
}

func newRequest(q logs.Query) (*request, error) {
	f := q.Filter()
	m, err := logs.NewMatcher(f)
	if err != nil {
		return nil, err
	}
	r := &request{Query: q, matcher: m, lines: !q.NoLines, metadata: q.Metadata == nil || len(q.Metadata) > 0}
	if q.Metadata != nil {
		r.names = map[string]bool{}
		for _, name := range q.Metadata {
			r.names[name] = true
		}
	}
	for _, field := range m.Fields() {
		r.lines = r.lines || field.Kind == logs.Line
		if field.Kind == logs.Metadata {
			r.metadata = true
			if r.names != nil {
				r.names[field.Name] = true
			}
		}
	}
	r.needles = needles(f)
	return r, nil
}

// needles returns texts that entries matched by f have as a value of metadata.
func needles(f logs.Filter) []string {
	switch f := f.(type) {
	case logs.And:
		var out []string
		for _, part := range f {
			out = append(out, needles(part)...)
		}
		return out
	case logs.Equals:
		if f.Field.Kind == logs.Metadata && f.Value != "" {
			return []string{f.Value}
		}
	}
	return nil
}

// decode returns what a row group has for a request, in blocks by stream, each
// ordered by time. The blocks' memory is theirs.
func (g group) decode(ctx context.Context, q *request) ([]logs.Block, error) {
	blocks, err := g.decodeColumns(ctx, q)
	if err != nil {
		return nil, g.failed(err)
	}
	return blocks, nil
}

func (g group) decodeColumns(ctx context.Context, q *request) (_ []logs.Block, err error) {
	defer guard(&err)
	r := &ranges{ctx: ctx, file: g.partFile}
	rg := g.file.RowGroups()[g.index]
	chunks := rg.ColumnChunks()
	if skip, err := g.skippedByBloom(r, chunks, q.needles); skip || err != nil {
		return nil, err
	}
	if err := r.load(g.span()); err != nil {
		return nil, err
	}
	n := int(rg.NumRows())
	if n > 4*maxGroupRows {
		return nil, fmt.Errorf("%w: row group of %d rows", ErrDamaged, n)
	}
	d := &decoder{ranges: r, rows: n}
	times, streams := d.numbers(chunks[columnTime]), d.numbers(chunks[columnStream])
	if d.err != nil {
		return nil, d.err
	}
	byStream, err := g.wantedRows(q, times, streams)
	if err != nil || byStream == nil {
		return nil, err
	}
	var all logs.Block
	if q.lines {
		all.Lines = d.lines(chunks[columnLine], chunks[columnLineBytes])
	}
	if q.metadata {
		all.Metadata = d.metadata(chunks[columnMetadataName], chunks[columnMetadataValue], q.names)
	}
	if d.err != nil {
		return nil, d.err
	}
	all.Times = times
	var out []logs.Block
	for s, rows := range byStream {
		if len(rows) == 0 {
			continue
		}
		b := pickRows(&all, rows)
		b.Stream = g.part.Streams[s].Labels
		if q.filter(&b) {
			out = append(out, b)
		}
	}
	return out, nil
}

// wantedRows returns the rows of each stream that are of the wanted time and streams,
// nil if there are none.
func (g group) wantedRows(q *request, times, streams []int64) ([][]int32, error) {
	var out [][]int32
	for i, s := range streams {
		if s < 0 || s >= int64(len(g.streams)) {
			return nil, fmt.Errorf("%w: row %d is of stream %d, there are %d", ErrDamaged, i, s, len(g.streams))
		}
		if g.streams[s] && times[i] >= q.Start && times[i] < q.End {
			if out == nil {
				out = make([][]int32, len(g.streams))
			}
			out[s] = append(out[s], int32(i)) //nolint:gosec // a row group is small
		}
	}
	return out, nil
}

// pickRows returns some entries of a block, without columns that none of them has.
func pickRows(all *logs.Block, rows []int32) logs.Block {
	b := logs.Block{Times: pick(all.Times, rows)}
	if all.Lines != nil {
		b.Lines = pick(all.Lines, rows)
	}
	for _, c := range all.Metadata {
		if values := pick(c.Values, rows); slices.ContainsFunc(values, func(v string) bool { return v != "" }) {
			b.Metadata = append(b.Metadata, logs.Column{Name: c.Name, Values: values})
		}
	}
	return b
}

// skippedByBloom says whether the row group surely lacks a needle.
func (g group) skippedByBloom(r *ranges, chunks []parquet.ColumnChunk, needles []string) (bool, error) {
	chunk, ok := chunks[columnMetadataValue].(*parquet.FileColumnChunk)
	if !ok || len(needles) == 0 {
		return false, nil
	}
	bloom, err := chunk.BloomFilterFrom(r)
	if err != nil {
		if errors.Is(err, parquet.ErrMissingBloomFilter) {
			return false, nil
		}
		return false, err
	}
	for _, s := range needles {
		if has, err := bloom.Check(parquet.ByteArrayValue([]byte(s))); err != nil || !has {
			return !has, err
		}
	}
	return false, nil
}

// filter leaves the matching entries and the wanted columns of a block; false: none.
func (q *request) filter(b *logs.Block) bool {
	keep := q.matcher.Match(b, nil)
	kept := 0
	for _, k := range keep {
		if k {
			kept++
		}
	}
	if kept == 0 {
		return false
	}
	if q.NoLines {
		b.Lines = nil
	}
	if q.Metadata != nil {
		b.Metadata = slices.DeleteFunc(b.Metadata, func(c logs.Column) bool { return !slices.Contains(q.Metadata, c.Name) })
	}
	if kept == len(keep) {
		return true
	}
	// What is left must not keep the whole row group in memory.
	sparse := kept*2 < len(keep)
	b.Times = compact(b.Times, keep, kept)
	texts := func(in []string) []string {
		out := compact(in, keep, kept)
		for i := range out {
			if sparse {
				out[i] = string([]byte(out[i]))
			}
		}
		return out
	}
	if b.Lines != nil {
		b.Lines = texts(b.Lines)
	}
	for i := range b.Metadata {
		b.Metadata[i].Values = texts(b.Metadata[i].Values)
	}
	return true
}

func compact[T any](in []T, keep []bool, kept int) []T {
	out := make([]T, 0, kept)
	for i, k := range keep {
		if k {
			out = append(out, in[i])
		}
	}
	return out
}

func pick[T any](in []T, rows []int32) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = in[r]
	}
	return out
}

// decoder reads columns of a row group. After an error it does nothing.
type decoder struct {
	ranges *ranges
	rows   int
	text   arena
	buffer [1024]parquet.Value
	err    error
}

// each calls fn for each value of a column.
func (d *decoder) each(chunk parquet.ColumnChunk, fn func(v *parquet.Value)) {
	file, ok := chunk.(*parquet.FileColumnChunk)
	if !ok {
		d.err = fmt.Errorf("BUG: column chunk is a %T", chunk)
	}
	if d.err != nil {
		return
	}
	pages := file.PagesFrom(d.ranges)
	defer func() { d.err = errors.Join(d.err, pages.Close()) }()
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			d.err = fmt.Errorf("%w: %w", ErrDamaged, err)
			return
		}
		values := page.Values()
		for {
			n, err := values.ReadValues(d.buffer[:])
			for i := range n {
				fn(&d.buffer[i])
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				d.err = fmt.Errorf("%w: %w", ErrDamaged, err)
				break
			}
		}
		parquet.Release(page)
		if d.err != nil {
			return
		}
	}
}

func (d *decoder) numbers(chunk parquet.ColumnChunk) []int64 {
	out := make([]int64, 0, d.rows)
	d.each(chunk, func(v *parquet.Value) {
		if v.Kind() == parquet.Int32 {
			out = append(out, int64(v.Int32()))
		} else {
			out = append(out, v.Int64())
		}
	})
	d.complete(len(out))
	return out
}

func (d *decoder) complete(n int) {
	if d.err == nil && n != d.rows {
		d.err = fmt.Errorf("%w: column of %d values in %d rows", ErrDamaged, n, d.rows)
	}
}

func (d *decoder) lines(text, raw parquet.ColumnChunk) []string {
	out := make([]string, 0, d.rows)
	d.each(text, func(v *parquet.Value) {
		out = append(out, d.copy(v))
	})
	d.complete(len(out))
	i := 0
	d.each(raw, func(v *parquet.Value) {
		if i < len(out) && !v.IsNull() {
			out[i] = d.copy(v)
		}
		i++
	})
	d.complete(i)
	return out
}

func (d *decoder) copy(v *parquet.Value) string {
	if v.IsNull() {
		return ""
	}
	return d.text.addBytes(v.ByteArray())
}

func (d *decoder) metadata(names, values parquet.ColumnChunk, wanted map[string]bool) []logs.Column {
	type cell struct{ row, column int32 }
	var cells []cell
	var out []logs.Column
	position := map[string]int32{}
	rowIndex := int32(-1)
	d.each(names, func(v *parquet.Value) {
		if v.RepetitionLevel() == 0 {
			rowIndex++
		}
		if v.IsNull() {
			cells = append(cells, cell{rowIndex, -1})
			return
		}
		p, ok := position[string(v.ByteArray())]
		if !ok {
			name := string(v.ByteArray())
			p = -1
			if wanted == nil || wanted[name] {
				p = int32(len(out))
				out = append(out, logs.Column{Name: name})
			}
			position[name] = p
			if d.err == nil && len(position)*d.rows > 2*maxGroupCells && len(position) > 1 {
				d.err = fmt.Errorf("%w: more than %d names of structured metadata in %d rows", ErrDamaged, len(position), d.rows)
			}
		}
		cells = append(cells, cell{rowIndex, p})
	})
	d.complete(int(rowIndex) + 1)
	if d.err != nil {
		return nil
	}
	for i := range out {
		out[i].Values = make([]string, d.rows)
	}
	i := 0
	d.each(values, func(v *parquet.Value) {
		if i < len(cells) && cells[i].column >= 0 && cells[i].row >= 0 {
			out[cells[i].column].Values[cells[i].row] = d.copy(v)
		}
		i++
	})
	if d.err == nil && i != len(cells) {
		d.err = fmt.Errorf("%w: %d values of metadata for %d names", ErrDamaged, i, len(cells))
	}
	return out
}
